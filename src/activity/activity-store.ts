/** Lists change sets: who did what, when and where. */

import type { Kind } from "../auth/change-set-store.ts";
import { type Database, isAmong, join, type Sql, sql } from "../database/sql.ts";
import { draftColumns } from "../downtime/rows.ts";
import { instantOf, toStamp } from "../time/instant.ts";
import type { Activity, ActivityFilter, DowntimeActivity, SeriesActivity } from "./activity.ts";

/** The most downtimes of a change set that are counted. Only imports may have more. */
const maxCounted = 20_000;

export type Activities = ReturnType<typeof createActivities>;

export const createActivities = (database: Database) => ({
  /** Returns change sets, newest first. */
  async list(filter: ActivityFilter, { limit, offset }: { readonly limit: number; readonly offset: number }) {
    const all = await database.first<{ count: number }>(countQuery(filter));
    const found = await database.all<{ id: number; kind: Kind; at: string; by: string }>(
      activityQuery(filter, limit, offset),
    );
    const ids = found.map(({ id }) => id);
    const downtimes = Map.groupBy(await readDowntimes(database, ids), (one) => one.changeSet);
    const series = new Map((await readSeries(database, ids)).map((one) => [one.changeSet, one]));
    const results = found.map(
      (one): Activity => ({
        ...one,
        at: instantOf(one.at),
        downtimes: downtimes.get(one.id) ?? [],
        series: series.get(one.id),
      }),
    );
    return { count: all?.count ?? 0, results };
  },
});

export const activityQuery = (filter: ActivityFilter, limit: number, offset: number): Sql =>
  sql`SELECT id, kind, "at", "by" FROM downtime_change_set AS one WHERE ${conditionOf(filter)}
    ORDER BY "at" DESC, id DESC LIMIT ${limit} OFFSET ${offset}`;

export const countQuery = (filter: ActivityFilter): Sql =>
  sql`SELECT count(*) AS count FROM downtime_change_set AS one WHERE ${conditionOf(filter)}`;

function conditionOf({ by, from, to, site, telescope }: ActivityFilter): Sql {
  const place = [...(site ? [sql`site = ${site}`] : []), ...(telescope ? [sql`telescope = ${telescope}`] : [])];
  const conditions = [
    ...(by ? [sql`"by" = ${by}`] : []),
    ...(from === undefined ? [] : [sql`"at" >= ${toStamp(from)}`]),
    ...(to === undefined ? [] : [sql`"at" < ${toStamp(to)}`]),
    // Not EXISTS, which PostgreSQL may turn into a scan of the whole history.
    ...(place.length > 0
      ? [sql`(SELECT 1 FROM downtime_history WHERE change_set = one.id AND ${join(place, " AND ")} LIMIT 1) = 1`]
      : []),
  ];
  return conditions.length > 0 ? join(conditions, " AND ") : sql`1 = 1`;
}

/** Reads, for each change set and action, the number of downtimes and the first one. */
async function readDowntimes(database: Database, ids: readonly number[]): Promise<DowntimeActivity[]> {
  if (ids.length === 0) return [];
  const counts = ids.map(
    (id) => sql`SELECT action, count(*) AS count, min(id) AS entry FROM
      (SELECT id, action FROM downtime_history WHERE change_set = ${id} LIMIT ${maxCounted}) AS counted GROUP BY action`,
  );
  const counted = await database.all<{ count: number; entry: number }>(join(counts, " UNION ALL "));
  const countOf = new Map(counted.map(({ entry, count }) => [entry, count]));
  const entries = await database.all<Omit<DowntimeActivity, "count" | "isNewest"> & { entry: number; newest: number }>(
    sql`SELECT id AS entry, downtime_id AS id, change_set AS "changeSet", action, ${draftColumns},
        (SELECT max(id) FROM downtime_history WHERE downtime_id = entry.downtime_id) AS newest
      FROM downtime_history AS entry WHERE ${isAmong("id", [...countOf.keys()])} ORDER BY id`,
  );
  return entries.map(({ entry, newest, ...one }) => ({
    ...one,
    count: countOf.get(entry) ?? 0,
    isNewest: entry === newest,
  }));
}

async function readSeries(database: Database, ids: readonly number[]): Promise<SeriesActivity[]> {
  return database.all(
    sql`SELECT change_set AS "changeSet", series_id AS id, action, created, changed, deleted, warning,
        id = (SELECT max(id) FROM downtime_series_history WHERE series_id = entry.series_id) AS "isNewest"
      FROM downtime_series_history AS entry WHERE ${isAmong("change_set", ids)}`,
  );
}
