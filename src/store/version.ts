/** The version of the data: moves whenever a downtime is created, changed or deleted, by whichever process. */

import { type Database, sql } from "../database/sql.ts";
import { type Instant, instantOf } from "../domain/instant.ts";

export interface DataVersion {
  /** The newest entry of the history; 0 before the first one. */
  readonly number: number;
  /** When it was made; undefined before the first one. */
  readonly at: Instant | undefined;
}

/** Tells the version at the moment of the question, or at a later one. */
export type AskVersion = () => Promise<DataVersion>;

/**
 * Every write leaves an entry in the history, in its own transaction, so the newest entry tells whether anything changed.
 * Requests that arrive together share a question: it is sent once all of them have come, so what was written before any of
 * them came is in its answer. Whoever comes while it is under way shares the next one.
 */
export function createVersion(database: Database): AskVersion {
  let last: DataVersion = { number: 0, at: undefined };
  let lastMark: number | undefined;
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<DataVersion> | undefined;

  const ask = async (): Promise<DataVersion> => {
    // SQLite tells for little that nothing at all was written; then the history needn't be looked at.
    const mark = database.mark();
    if (mark !== undefined && mark === lastMark) return last;
    const row = await database.first<{ number: number; at: string }>(
      sql`SELECT id AS number, "at" FROM downtime_history ORDER BY id DESC LIMIT 1`,
    );
    if (row?.number !== last.number) last = { number: row?.number ?? 0, at: row && instantOf(row.at) };
    lastMark = mark;
    return last;
  };

  const askTogether = async (): Promise<DataVersion> => {
    try {
      // Whoever waits for a question that fails isn't kept waiting for another one.
      await underWay;
      // All requests whose bytes are there by now are handled before this goes on.
      await new Promise(setImmediate);
    } finally {
      next = undefined;
      underWay = Promise.resolve();
    }
    const asked = ask();
    underWay = asked;
    return asked;
  };

  return () => {
    next ??= askTogether();
    return next;
  };
}
