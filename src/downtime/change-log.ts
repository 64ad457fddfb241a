/** The change log: every change in order, for mirroring and event-driven clients. */

import { LRUCache } from "lru-cache";
import { type Database, type Sql, sql } from "../database/sql.ts";
import { Gone, Invalid } from "../input/problem.ts";
import { instantOf } from "../time/instant.ts";
import type { Downtime } from "./downtime.ts";
import { createdColumn, draftColumns, type Row, toDowntime, type Version } from "./rows.ts";

/**
 * The position after an entry of the history: its ID and a checksum, which distinguishes the entry from one with the same ID
 * in another history, such as after restoring a backup.
 */
export type Cursor = string;

const beginning: Cursor = "0";

export const invalidCursor = () =>
  new Invalid({ since: ["Invalid cursor. Send the last `next` you received, unchanged."] });
export const unknownCursor = () =>
  new Gone("Unknown cursor; the database may have been restored. Discard your copy and start without `since`.");

/** Reads a cursor that a client has sent back; an empty text is the beginning. @throws Invalid */
export function readCursor(text: string): Cursor {
  if (/^(?:|0|[1-9]\d{0,14}-[0-9a-f]{8})$/.test(text)) return text || beginning;
  throw invalidCursor();
}

/** The ID of the entry before a cursor; 0 for the beginning. */
export const idBefore = (cursor: Cursor): number => Number.parseInt(cursor, 10);

/** A change: the downtime after it, or before it was deleted; and the cursor after it. */
export type Change = Pick<Version, "action" | "at" | "by" | "version" | "change_set"> & {
  readonly cursor: Cursor;
  readonly downtime: Downtime;
};

/** A page of changes, with the cursor after the last one. */
export interface Changes {
  readonly changes: readonly Change[];
  readonly next: Cursor;
  readonly more: boolean;
}

const changesAtATime = 100;

export type ChangeLog = ReturnType<typeof createChangeLog>;

/**
 * No change is ever missed, because entries become visible in the order of their IDs. SQLite has one writer at a time, and
 * IDs only increase. On PostgreSQL, every writing transaction first takes an advisory lock (`database/postgres.ts`), gets
 * its IDs from the sequence while holding it, and releases it only after its commit is visible. So the next transaction
 * gets larger IDs and becomes visible later.
 */
export function createChangeLog(database: Database) {
  // Clients at the end of the log all request the same page. A new client that doesn't read stops after about fifty pages,
  // when its socket buffer is full; a thousand such clients share these pages.
  const pages = new LRUCache<string, Promise<Changes>>({ max: 64 });

  /** Returns the changes after a cursor, the first one first. @throws Gone if the cursor isn't in this history */
  const since = async (cursor: Cursor, limit: number): Promise<Changes> => {
    // Also reads the cursor's own entry, to verify it, and one more, to know whether there is a next page.
    const rows = await database.all<EntryRow>(changeLogQuery(idBefore(cursor), limit + (cursor === beginning ? 1 : 2)));
    if (cursor !== beginning) {
      const before = rows.shift();
      if (!before || cursorOf(before) !== cursor) throw unknownCursor();
    }
    const changes = rows.slice(0, limit).map(toChange);
    return { changes, next: changes.at(-1)?.cursor ?? cursor, more: rows.length > limit };
  };

  return {
    since,

    async latest(): Promise<Cursor> {
      const row = await database.first<EntryRow>(sql`${entries} ORDER BY id DESC LIMIT 1`);
      return row ? cursorOf(row) : beginning;
    },

    /**
     * Returns a page that is read once for all clients. Changes after `version` may be missing; clients request again when
     * it increases.
     * @param version the number of the newest known change
     * @throws Gone if the cursor isn't in this history
     */
    page(cursor: Cursor, version: number): Promise<Changes> {
      const key = `${version} ${cursor}`;
      const known = pages.get(key);
      if (known) return known;
      const page = since(cursor, changesAtATime);
      pages.set(key, page);
      page.catch(() => pages.delete(key));
      return page;
    },
  };
}

type EntryRow = Omit<Row, "modified"> &
  Pick<Version, "downtime_id" | "action" | "version" | "by" | "change_set"> & {
    readonly at: string;
    /** `modified` of this version; null if it isn't the current one. */
    readonly modified: string | null;
    /** `modified` of the version that was deleted. */
    readonly became: string;
  };

const entries = sql`SELECT id, downtime_id, action, version, "at", "by", change_set, ${draftColumns}, series,
    ${createdColumn},
    (SELECT stored.modified FROM downtime AS stored
      WHERE stored.id = entry.downtime_id AND stored.version = entry.version) AS modified,
    (SELECT last."at" FROM downtime_history AS last
      WHERE last.downtime_id = entry.downtime_id AND last.id <= entry.id AND last.action <> 'delete'
      ORDER BY last.id DESC LIMIT 1) AS became
  FROM downtime_history AS entry`;

/** The query for the entries from an ID on. */
export const changeLogQuery = (id: number, limit: number): Sql =>
  sql`${entries} WHERE entry.id >= ${id} ORDER BY entry.id LIMIT ${limit}`;

/** The fields in the order of the API. */
function toChange(entry: EntryRow): Change {
  const { downtime_id, action, version, at, by, change_set, modified, became, ...row } = entry;
  // For migrated downtimes, only the stored row has the time of the last edit.
  const downtime = toDowntime({ ...row, id: downtime_id, modified: modified ?? became });
  return { cursor: cursorOf(entry), action, at: instantOf(at), by, version, downtime, change_set };
}

function cursorOf({ id, downtime_id, action, version, at, by }: EntryRow): Cursor {
  const text = JSON.stringify([downtime_id, action, version, instantOf(at), by]);
  return `${id}-${new Bun.CryptoHasher("sha256").update(text).digest("hex").slice(0, 8)}`;
}
