/** The journal: every change in the order in which it happened, for those who follow it. */

import { type Database, type Sql, sql } from "../database/sql.ts";
import { Gone } from "../input/problem.ts";
import { type Instant, instantOf } from "../time/instant.ts";
import { beginning, type Cursor } from "./cursor.ts";
import type { Downtime } from "./downtime.ts";
import { draftColumns, type Row, toDowntime, type Version } from "./rows.ts";

/** One change. */
export interface Change {
  /** The place behind it. */
  readonly cursor: Cursor;
  readonly action: Version["action"];
  readonly at: Instant;
  /** A user's name, or the words for a command. */
  readonly by: string;
  /** Counts the downtime's versions from 1; a delete has the number of what it deleted. */
  readonly version: number;
  /** As it became, or as it was when it was deleted. */
  readonly downtime: Downtime;
}

/** Some changes, with the place behind the last of them. */
export interface Changes {
  readonly changes: readonly Change[];
  readonly next: Cursor;
  readonly more: boolean;
}

export type ChangeLog = ReturnType<typeof createChangeLog>;

/**
 * Nothing is ever missed, because entries become visible in the order of their ids: whoever sees one sees all before it.
 * On SQLite there is one writer at a time, and ids only grow. On PostgreSQL each transaction that writes first takes the
 * lock that stands for its turn (`BEGIN; SELECT pg_advisory_xact_lock(…)` in `database/postgres.ts`, for `transaction` and
 * `exclusively` alike, and there is no other way to write), draws its ids from the sequence while it holds the lock, and
 * gives it back only after its commit can be seen. So the next one draws greater ids, and is seen later.
 */
export function createChangeLog(database: Database) {
  return {
    /**
     * What happened behind a place, the first change first.
     * @throws Gone when the place isn't in this history
     */
    async since(cursor: Cursor, limit: number): Promise<Changes> {
      // The entry of the cursor itself comes along, to compare; and one more, to know whether there are more.
      const rows = await database.all<EntryRow>(changeLogQuery(cursor.id, limit + (cursor.id > 0 ? 2 : 1)));
      const before = cursor.id > 0 ? rows.shift() : undefined;
      if (cursor.id > 0 && (!before || before.id !== cursor.id || checksumOf(before) !== cursor.checksum)) throw gone();
      const changes = rows.slice(0, limit).map(toChange);
      return { changes, next: changes.at(-1)?.cursor ?? cursor, more: rows.length > limit };
    },

    /** The place behind the newest change. */
    async latest(): Promise<Cursor> {
      const row = await database.first<EntryRow>(sql`${entries} ORDER BY id DESC LIMIT 1`);
      return row ? cursorOf(row) : beginning;
    },
  };
}

const gone = () =>
  new Gone(
    "This cursor isn't of this history; was a backup brought back? Throw your copy away and begin without a cursor.",
  );

type EntryRow = Omit<Row, "modified"> &
  Pick<Version, "downtime_id" | "action" | "version" | "by"> & {
    readonly at: string;
    /** When this version was last changed; null when it isn't the one that is stored now. */
    readonly modified: string | null;
    /** When it became what was deleted. */
    readonly became: string;
  };

const entries = sql`SELECT id, downtime_id, action, version, "at", "by", ${draftColumns}, series,
    (SELECT first."at" FROM downtime_history AS first
      WHERE first.downtime_id = entry.downtime_id ORDER BY first.id LIMIT 1) AS created,
    (SELECT stored.modified FROM downtime AS stored
      WHERE stored.id = entry.downtime_id AND stored.version = entry.version) AS modified,
    (SELECT last."at" FROM downtime_history AS last
      WHERE last.downtime_id = entry.downtime_id AND last.id <= entry.id AND last.action <> 'delete'
      ORDER BY last.id DESC LIMIT 1) AS became
  FROM downtime_history AS entry`;

/** The question for the entries from an id on. */
export const changeLogQuery = (id: number, limit: number): Sql =>
  sql`${entries} WHERE entry.id >= ${id} ORDER BY entry.id LIMIT ${limit}`;

function toChange({ id, downtime_id, action, version, at, by, modified, became, ...row }: EntryRow): Change {
  return {
    cursor: cursorOf({ id, downtime_id, action, version, at, by }),
    action,
    at: instantOf(at),
    by,
    version,
    // Of what was moved in only the stored row tells when it was last changed.
    downtime: toDowntime({ ...row, id: downtime_id, modified: modified ?? became }),
  };
}

type Marked = Pick<EntryRow, "id" | "downtime_id" | "action" | "version" | "at" | "by">;

const cursorOf = (row: Marked): Cursor => ({ id: row.id, checksum: checksumOf(row) });

function checksumOf({ downtime_id, action, version, at, by }: Marked): string {
  const text = JSON.stringify([downtime_id, action, version, instantOf(at), by]);
  return new Bun.CryptoHasher("sha256").update(text).digest("hex").slice(0, 8);
}
