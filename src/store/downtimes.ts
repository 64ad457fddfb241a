/** The stored downtimes, and every version they ever had. */

import { type Database, list, type Reader, rows, type Sql, sql, type Transaction } from "../database/sql.ts";
import { type CheckedDraft, type Downtime, type Draft, draftFields } from "../domain/downtime.ts";
import type { Listing } from "../domain/filter.ts";
import { type Instant, instantOf, toStamp } from "../domain/instant.ts";
import { NotFound } from "../domain/problem.ts";
import { foldCase } from "../domain/text.ts";
import { orderOf, partOf, whereOf } from "./conditions.ts";

/** Who writes, and when. */
export interface Author {
  /** A user's name, or the words for a command. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A part of a list, with the number of rows of the whole. */
export interface Page {
  readonly count: number;
  readonly results: readonly Downtime[];
}

/** What an import did. */
export interface Added {
  readonly added: number;
  /** Rows left out because the very same downtime was there already, or came twice. */
  readonly duplicates: number;
}

/** One version of a downtime: as it became, or as it was when it was deleted. */
export type Version = Draft & {
  readonly id: number;
  readonly downtime_id: number;
  readonly action: "create" | "change" | "delete";
  readonly at: Instant;
  readonly by: string;
};

export type Downtimes = ReturnType<typeof createDowntimes>;

const draftColumns = sql`"start", "end", site, enclosure, telescope, instrument_type, reason`;
const columns = sql`id, ${draftColumns}, created, modified`;

type Row = Omit<Downtime, "created" | "modified"> & { readonly created: string; readonly modified: string };
const toDowntime = (row: Row): Downtime => ({
  ...row,
  created: instantOf(row.created),
  modified: instantOf(row.modified),
});
const draftValues = (draft: Draft) => draftFields.map((field) => draft[field]);

/** Rows in one statement: with a dozen values each, well below what either engine takes. */
const chunkSize = 1000;

export function createDowntimes(database: Database) {
  const select = ({ filter, order }: Omit<Listing, "limit" | "offset">): Sql =>
    sql`SELECT ${columns} FROM downtime WHERE ${whereOf(filter)} ORDER BY ${orderOf(order)}`;

  const store = {
    /** The part of the list that is asked for. */
    async list(listing: Listing): Promise<Page> {
      const found = await database.all<Row>(sql`${select(listing)} ${partOf(listing)}`);
      return { count: await countOf(listing, found.length), results: found.map(toDowntime) };
    },

    /** The whole list, a batch at a time. */
    async *stream(listing: Omit<Listing, "limit" | "offset">): AsyncIterable<readonly Downtime[]> {
      for await (const rows of database.stream<Row>(select(listing))) yield rows.map(toDowntime);
    },

    async find(id: number): Promise<Downtime | undefined> {
      const row = await database.first<Row>(sql`SELECT ${columns} FROM downtime WHERE id = ${id}`);
      return row && toDowntime(row);
    },

    /** @throws NotFound */
    async get(id: number): Promise<Downtime> {
      const downtime = await store.find(id);
      if (!downtime) throw new NotFound();
      return downtime;
    },

    /** Stores a downtime. */
    async add(draft: CheckedDraft, author: Author): Promise<Downtime> {
      const [downtime] = await database.transaction((tx) => insert(tx, [draft], author));
      return downtime as Downtime;
    },

    /**
     * Stores all of them, or none. The very same downtime is never stored twice.
     * @param tell is told after each chunk how many of the drafts were dealt with
     */
    addAll: (
      drafts: readonly CheckedDraft[],
      author: Author,
      tell: (done: number) => void = () => {},
    ): Promise<Added> =>
      database.transaction(async (tx) => {
        let added = 0;
        for await (const { fresh, done } of chunksOf(tx, drafts)) {
          added += (await insert(tx, fresh, author)).length;
          tell(done);
        }
        return { added, duplicates: drafts.length - added };
      }),

    /** What `addAll` would do, without doing it. */
    async tryAll(drafts: readonly CheckedDraft[]): Promise<Added> {
      let added = 0;
      for await (const { fresh } of chunksOf(database, drafts)) added += fresh.length;
      return { added, duplicates: drafts.length - added };
    },

    /** Deletes a downtime; its history stays.
     * @param mayDelete is asked with the name of the user who made it, and throws when that is not allowed
     * @throws NotFound */
    async remove(id: number, author: Author, mayDelete: (createdBy: string | null) => void = () => {}): Promise<void> {
      await database.transaction(async (tx) => {
        const row = await tx.first<Row & { created_by: string | null }>(
          sql`SELECT ${columns}, created_by FROM downtime WHERE id = ${id}`,
        );
        if (!row) throw new NotFound();
        mayDelete(row.created_by);
        await tx.all(sql`DELETE FROM downtime WHERE id = ${id}`);
        await record(tx, "delete", [row], author);
      });
    },

    /** Every version of a downtime, the first one first; it may be deleted by now. */
    async history(id: number): Promise<Version[]> {
      const rows = await database.all<Version>(
        sql`SELECT id, downtime_id, action, "at", "by", ${draftColumns} FROM downtime_history WHERE downtime_id = ${id} ORDER BY id`,
      );
      return rows.map((row) => ({ ...row, at: instantOf(row.at) }));
    },
  };

  /** The number of all rows of a list; when the part that was read shows its end, nothing needs counting. */
  async function countOf({ filter, limit, offset }: Listing, rows: number): Promise<number> {
    if (rows < limit && (rows > 0 || offset === 0)) return offset + rows;
    const row = await database.first<{ count: number }>(
      sql`SELECT count(*) AS count FROM downtime WHERE ${whereOf(filter)}`,
    );
    return row?.count ?? 0;
  }

  return store;
}

/** Two downtimes with the same key are the very same. */
const keyOf = (draft: Draft) => draftValues(draft).join("\0");

/** The drafts a chunk at a time, without those that are stored already or came before. */
async function* chunksOf(reader: Reader, drafts: readonly CheckedDraft[]) {
  const seen = new Set<string>();
  for (let from = 0; from < drafts.length; from += chunkSize) {
    const chunk = drafts.slice(from, from + chunkSize);
    const starts = list([...new Set(chunk.map(({ start }) => start))]);
    for (const row of await reader.all<Draft>(sql`SELECT ${draftColumns} FROM downtime WHERE "start" IN (${starts})`))
      seen.add(keyOf(row));
    const fresh = chunk.filter((draft) => {
      const key = keyOf(draft);
      return !seen.has(key) && seen.add(key);
    });
    yield { fresh, done: from + chunk.length };
  }
}

async function insert(tx: Transaction, drafts: readonly CheckedDraft[], { by, at }: Author): Promise<Downtime[]> {
  if (drafts.length === 0) return [];
  const stamp = toStamp(at);
  const values = drafts.map((draft) => [...draftValues(draft), foldCase(draft.reason), stamp, stamp, by]);
  const stored = await tx.all<Row>(
    sql`INSERT INTO downtime (${draftColumns}, reason_folded, created, modified, created_by)
      VALUES ${rows(values)} RETURNING ${columns}`,
  );
  await record(tx, "create", stored, { by, at });
  return stored.map(toDowntime);
}

/** Writes down who did what and when, in the transaction that does it. */
async function record(
  tx: Transaction,
  action: Version["action"],
  downtimes: readonly Row[],
  { by, at }: Author,
): Promise<void> {
  const stamp = toStamp(at);
  const versions = downtimes.map((row) => [row.id, action, stamp, by, ...draftValues(row)]);
  await tx.all(
    sql`INSERT INTO downtime_history (downtime_id, action, "at", "by", ${draftColumns}) VALUES ${rows(versions)}`,
  );
}
