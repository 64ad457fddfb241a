/** The store of downtimes and all their versions. */

import { type Database, list, type Sql, sql } from "../database/sql.ts";
import type { Configdb } from "../facility/configdb.ts";
import { type Clock, type Instant, instantOf } from "../time/instant.ts";
import { createAdditions } from "./add-store.ts";
import type { Downtime, Draft } from "./downtime.ts";
import { createLists } from "./list-store.ts";
import { columns, draftColumns, draftValues, type Row, readVersions, toDowntime, type Version } from "./rows.ts";
import type { UntilNotice } from "./state.ts";
import { createChanges } from "./store-write.ts";

export type Downtimes = ReturnType<typeof createDowntimes>;

/** The services that most pages and commands use. */
export interface CoreServices {
  readonly downtimes: Downtimes;
  readonly configdb: Configdb;
  readonly clock: Clock;
}

export function createDowntimes(database: Database) {
  const versions = createVersions(database);

  const versionsOf = async (which: Sql): Promise<Version[]> =>
    (await readVersions(database, which)).map(({ category, occurrence: _, ...row }) => ({
      ...row,
      ...(category !== "" && { category }),
      at: instantOf(row.at),
      unconfirmed: Boolean(row.unconfirmed),
      by_hand: Boolean(row.by_hand),
    }));

  return {
    ...versions,
    ...createLists(database, versions.version),
    ...createAdditions(database),
    ...createChanges(database),

    /** Reads a downtime and the newest change set. @throws if the database can't be read */
    check: (): Promise<void> =>
      database.check(sql`SELECT (SELECT reason FROM downtime ORDER BY id LIMIT 1) AS first, (${newestSet}) AS newest`),

    /**
     * Returns the downtimes until further notice that end after a time: those whose current end was written by such a change
     * set. Editing the end makes one an ordinary downtime.
     */
    async untilNotice(now: Instant): Promise<UntilNotice> {
      const rows = await database.all<{ id: number; at: string }>(
        sql`SELECT downtime.id, max(said."at") AS "at" FROM downtime_change_set AS said
          JOIN downtime_history AS wrote ON wrote.change_set = said.id
          JOIN downtime ON downtime.id = wrote.downtime_id AND downtime."end" = wrote."end"
          WHERE said.kind = 'until_notice' AND downtime."end" > ${now} GROUP BY downtime.id`,
      );
      return new Map(rows.map(({ id, at }) => [id, instantOf(at)]));
    },

    async findSame(draft: Draft, exceptId = 0): Promise<Downtime | undefined> {
      const row = await database.first<Row>(
        sql`SELECT ${columns} FROM downtime WHERE (${draftColumns}) = (${list(draftValues(draft))}) AND id <> ${exceptId} ORDER BY id LIMIT 1`,
      );
      return row && toDowntime(row);
    },

    /** Returns the reasons used last, of the newest 2,000 downtimes. */
    async recentReasons(limit: number): Promise<readonly string[]> {
      const rows = await database.all<Pick<Row, "reason">>(
        sql`SELECT reason, max(id) AS last
          FROM (SELECT id, reason FROM downtime ORDER BY id DESC LIMIT 2000) AS recent
          WHERE reason <> '' GROUP BY reason ORDER BY last DESC LIMIT ${limit}`,
      );
      return rows.map(({ reason }) => reason);
    },

    /** Returns all versions of a downtime, oldest first, even if it was deleted. */
    history: (id: number): Promise<Version[]> => versionsOf(sql`downtime_id = ${id}`),

    /** Returns what a change set wrote, except where there are newer versions by now. */
    writtenBy: (changeSet: number): Promise<Version[]> =>
      versionsOf(sql`change_set = ${changeSet}
        AND id = (SELECT max(id) FROM downtime_history WHERE downtime_id = version.downtime_id)`),
  };
}

/**
 * Every transaction that changes downtimes stores one change set. Looking for the newest downtime or history entry instead,
 * PostgreSQL would walk through all those that an import hasn't committed yet.
 */
const newestSet = sql`SELECT coalesce(max(id), 0) AS newest FROM downtime_change_set`;

/** The ID of the newest history entry, or 0, and its time. */
type DataVersion = { readonly number: number; readonly at: Instant | undefined };

/** A request that waited longer than this for a failed query doesn't retry. */
const patienceMillis = 1000;

/**
 * The newest change set shows whether anything changed.
 * SQLite: a cheap synchronous check, so that the response is sent in the same turn of the event loop, which is several
 * times faster. PostgreSQL: concurrent requests share the next query, which starts after they arrived and therefore sees
 * everything written before.
 */
function createVersions(database: Database) {
  let last: DataVersion = { number: 0, at: undefined };
  let lastSet: number | undefined;
  let lastVersion: number | undefined;
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<DataVersion> | undefined;

  const ask = async (): Promise<DataVersion> => {
    const version = database.fileVersion();
    const set = (await database.first<{ newest: number }>(newestSet))?.newest;
    if (set !== lastSet) {
      const row = await database.first<{ number: number; at: string }>(
        sql`SELECT id AS number, "at" FROM downtime_history ORDER BY id DESC LIMIT 1`,
      );
      last = { number: row?.number ?? 0, at: row && instantOf(row.at) };
      lastSet = set;
    }
    lastVersion = version;
    return last;
  };

  const askTogether = async (): Promise<DataVersion> => {
    const begunAt = performance.now();
    try {
      await underWay;
    } catch (error) {
      // Don't wait for a second query after a long wait.
      if (performance.now() - begunAt > patienceMillis) throw error;
    } finally {
      next = undefined;
    }
    const asked = ask();
    underWay = asked;
    return asked;
  };

  /** Returns the newest change synchronously; undefined if that needs a database query. */
  const knownChange = (): DataVersion | undefined => {
    const version = database.fileVersion();
    return version !== undefined && version === lastVersion ? last : undefined;
  };

  /** Returns the number and time of the newest change, at the time of the call or later. */
  const newestChange = async (): Promise<DataVersion> => {
    const known = knownChange();
    if (known) return known;
    next ??= askTogether();
    return next;
  };

  /** Returns the version of the data, which changes whenever any process changes a downtime. */
  const version = async (): Promise<number> => (await newestChange()).number;

  return { knownChange, newestChange, version };
}
