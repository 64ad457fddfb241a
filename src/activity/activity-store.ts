/** Lists change sets: who did what, when and where. */

import type { Kind } from "../auth/change-set-store.ts";
import { type Database, isAmong, join, type Sql, sql } from "../database/sql.ts";
import type { Draft } from "../downtime/downtime.ts";
import { draftColumns, type Version } from "../downtime/rows.ts";
import type { Plan } from "../series/plan.ts";
import type { SeriesVersion } from "../series/rows.ts";
import { instantOf, toStamp } from "../time/instant.ts";
import { canUndo } from "./undo.ts";

interface ActivityFilter {
  /** A username, or `command line` or `moved in`. */
  readonly by?: string;
  /** Milliseconds since 1970, inclusive and exclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly site?: string;
  readonly telescope?: string;
}

/** The downtimes of a change set with the same action. */
export interface DowntimeActivity extends Draft, Pick<Version, "action"> {
  readonly changeSet: number;
  readonly count: number;
  /** The first one: its id, and whether nobody has edited it since. Its other fields are those after the change. */
  readonly id: number;
  readonly isNewest: boolean;
}

interface SeriesActivity extends Pick<SeriesVersion, "action" | "created" | "changed" | "deleted" | "warning"> {
  readonly changeSet: number;
  readonly id: number;
  /** As it is after the change; as it was, if it was deleted. */
  readonly plan: Plan;
  readonly isNewest: boolean | number;
}

/** The most downtimes of a change set that are counted. Only imports may have more. */
export const maxCounted = 10_000;

export type Activity = Awaited<ReturnType<Activities["list"]>>["results"][number];

/** Whether an undo may succeed: nobody has edited the series, or the first downtimes, since. */
export const mayBeUndone = ({ kind, downtimes, series }: Activity): boolean =>
  canUndo(kind) && (series ? Boolean(series.isNewest) : downtimes.every(({ isNewest }) => isNewest));

/** The change sets that are searched at most, the newest ones in a time range, so that no filter scans all of them. */
const maxSearched = 20_000;

export type Activities = ReturnType<typeof createActivities>;

export const createActivities = (database: Database) => ({
  /** Returns change sets, newest first, and whether there may be older ones that weren't searched. */
  async list(filter: ActivityFilter, { limit, offset }: { readonly limit: number; readonly offset: number }) {
    const all = await database.first<{ searched: number; count: number | null }>(countQuery(filter));
    const found = await database.all<{ id: number; kind: Kind; at: string; by: string }>(
      activityQuery(filter, limit, offset),
    );
    const ids = found.map(({ id }) => id);
    const series = new Map((await readSeries(database, ids)).map((one) => [one.changeSet, one]));
    const others = ids.filter((id) => !series.has(id));
    const downtimes = Map.groupBy(await readDowntimes(database, others), (one) => one.changeSet);
    const results = found.map(({ id, at, ...one }) => {
      return { ...one, id, at: instantOf(at), downtimes: downtimes.get(id) ?? [], series: series.get(id) };
    });
    return { count: all?.count ?? 0, isCut: all?.searched === maxSearched, results };
  },
});

export const activityQuery = (filter: ActivityFilter, limit: number, offset: number): Sql =>
  sql`SELECT id, kind, "at", "by" FROM ${searched(filter)} WHERE ${isAt(filter)}
    ORDER BY "at" DESC, id DESC LIMIT ${limit} OFFSET ${offset}`;

export const countQuery = (filter: ActivityFilter): Sql =>
  sql`SELECT count(*) AS searched, sum(CASE WHEN ${isAt(filter)} THEN 1 ELSE 0 END) AS count FROM ${searched(filter)}`;

function searched({ by, from, to }: ActivityFilter): Sql {
  const conditions = [
    sql`1 = 1`,
    ...(by ? [sql`"by" = ${by}`] : []),
    ...(from === undefined ? [] : [sql`"at" >= ${toStamp(from)}`]),
    ...(to === undefined ? [] : [sql`"at" < ${toStamp(to)}`]),
  ];
  return sql`(SELECT id, kind, "at", "by" FROM downtime_change_set WHERE ${join(conditions, " AND ")}
    ORDER BY "at" DESC, id DESC LIMIT ${maxSearched}) AS one`;
}

/** A condition: a change set has a downtime at the place. Not EXISTS, which PostgreSQL may turn into a scan of the history. */
function isAt({ site, telescope }: ActivityFilter): Sql {
  const place = [...(site ? [sql`site = ${site}`] : []), ...(telescope ? [sql`telescope = ${telescope}`] : [])];
  if (place.length === 0) return sql`1 = 1`;
  return sql`(SELECT 1 FROM downtime_history WHERE change_set = one.id AND ${join(place, " AND ")} LIMIT 1) = 1`;
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
  return entries.map(({ entry, newest, ...one }) => {
    return { ...one, count: countOf.get(entry) ?? 0, isNewest: entry === newest };
  });
}

async function readSeries(database: Database, ids: readonly number[]): Promise<SeriesActivity[]> {
  const rows = await database.all<Omit<SeriesActivity, "plan"> & { readonly plan: string }>(
    sql`SELECT change_set AS "changeSet", series_id AS id, action, plan, created, changed, deleted, warning,
        id = (SELECT max(id) FROM downtime_series_history WHERE series_id = entry.series_id) AS "isNewest"
      FROM downtime_series_history AS entry WHERE ${isAmong("change_set", ids)}`,
  );
  return rows.map(({ plan, ...row }) => ({ ...row, plan: JSON.parse(plan) }));
}
