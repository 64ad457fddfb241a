/** The version of the data, which changes whenever any process creates, edits, deletes or restores a downtime. */

import { type Database, sql } from "../database/sql.ts";
import { type Instant, instantOf } from "../time/instant.ts";

interface DataVersion {
  /** The ID of the newest history entry; 0 if there is none. */
  readonly number: number;
  /** The time of that entry; undefined if there is none. */
  readonly at: Instant | undefined;
}

/** A request that waited longer than this for a failed query doesn't retry. */
const patienceMillis = 1000;

/**
 * Every write adds a history entry in its transaction, so the newest entry shows whether anything changed.
 * SQLite: a cheap synchronous check, so that the response is sent in the same turn of the event loop, which is several
 * times faster. PostgreSQL: concurrent requests share the next query, which starts after they arrived and therefore sees
 * everything written before.
 */
export function createVersions(database: Database) {
  let last: DataVersion = { number: 0, at: undefined };
  let lastMark: number | undefined;
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<DataVersion> | undefined;

  const ask = async (): Promise<DataVersion> => {
    const mark = database.mark();
    const row = await database.first<{ number: number; at: string }>(
      sql`SELECT id AS number, "at" FROM downtime_history ORDER BY id DESC LIMIT 1`,
    );
    if (row?.number !== last.number) last = { number: row?.number ?? 0, at: row && instantOf(row.at) };
    lastMark = mark;
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
    // The error goes to the requests that waited. Later ones query again.
    asked.catch(() => {
      if (underWay === asked) underWay = Promise.resolve();
    });
    return asked;
  };

  /** Returns the version synchronously; undefined if that needs a database query. */
  const knownChange = (): DataVersion | undefined => {
    const mark = database.mark();
    return mark !== undefined && mark === lastMark ? last : undefined;
  };

  return {
    knownChange,
    /** Returns the version at the time of the call, or a later one. */
    newestChange: async (): Promise<DataVersion> => {
      const known = knownChange();
      if (known) return known;
      next ??= askTogether();
      return next;
    },
  };
}
