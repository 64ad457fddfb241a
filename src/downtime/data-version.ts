/** The version of the data: moves whenever a downtime is created, changed or deleted, by whichever process. */

import { type Database, sql } from "../database/sql.ts";
import { type Instant, instantOf } from "../time/instant.ts";

interface DataVersion {
  /** The newest entry of the history; 0 before the first one. */
  readonly number: number;
  /** When it was made; undefined before the first one. */
  readonly at: Instant | undefined;
}

interface Versions {
  /** The version at the moment of the question, or at a later one. */
  newestChange(): Promise<DataVersion>;
  /** The same at once, where that can be told without a question to the database. */
  knownChange(): DataVersion | undefined;
}

/** How long a request may wait for a question that fails, and then still ask one of its own. */
const patienceMillis = 1000;

/**
 * Every write leaves an entry in the history, in its own transaction, so the newest entry tells whether anything changed.
 * SQLite tells at each request, for little and at once, that nothing at all was written; then the history needn't be looked
 * at, and the answer is sent in the same turn as the request came, which is several times faster than later. Of a server,
 * requests that come while a question is under way share the next one: it is sent after they came, so what was written
 * before they came is in its answer.
 */
export function createVersions(database: Database): Versions {
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
      // After a long wait for a question that failed, requests don't wait for another one.
      if (performance.now() - begunAt > patienceMillis) throw error;
    } finally {
      next = undefined;
    }
    const asked = ask();
    underWay = asked;
    // A failure is for those who waited for it. Later requests ask again.
    asked.catch(() => {
      if (underWay === asked) underWay = Promise.resolve();
    });
    return asked;
  };

  const knownChange = () => {
    const mark = database.mark();
    return mark !== undefined && mark === lastMark ? last : undefined;
  };

  return {
    knownChange,
    newestChange: async () => {
      const known = knownChange();
      if (known) return known;
      next ??= askTogether();
      return next;
    },
  };
}
