/** The stored downtimes, and every version they ever had. */

import { LRUCache } from "lru-cache";
import { type Author, type Kind, openChangeSet } from "../auth/change-set-store.ts";
import { type Database, isAmong, list, type Reader, sql } from "../database/sql.ts";
import type { Place } from "../facility/facility.ts";
import { NotFound } from "../input/problem.ts";
import { type Instant, instantOf } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { chunksOf, insertAll, insertion } from "./bulk-insert.ts";
import { createVersions } from "./data-version.ts";
import type { CheckedDraft, Downtime, Draft } from "./downtime.ts";
import { bySoonest, type Filter, type Listing, narrowed } from "./filter.ts";
import { counted, matching } from "./filter-sql.ts";
import { listQuery, part, select } from "./list-sql.ts";
import {
  columnNames,
  columns,
  type DraftRow,
  draftColumns,
  draftValues,
  keyOf,
  type Row,
  record,
  toDowntime,
  type Version,
} from "./rows.ts";
import { createChanges } from "./store-write.ts";
import { readUntilNotice } from "./until-notice-store.ts";

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

/** The same id with the same version is always the very same downtime. */
export interface Key {
  readonly id: number;
  readonly version: number;
}

/** A downtime with what tells its versions apart. */
export interface Versioned extends Key {
  readonly downtime: Downtime;
}

export type Downtimes = ReturnType<typeof createDowntimes>;

/** Counts that are kept; few questions are asked by many. */
const mostCounts = 500;

export function createDowntimes(database: Database) {
  const { newestChange, knownChange } = createVersions(database);
  const counts = new LRUCache<string, number>({ max: mostCounts });
  let countsAreFor = -1;
  let newest = { isFor: -1, id: 0 };

  const store = {
    /** The part of the list that is asked for. */
    async list(listing: Listing): Promise<Page> {
      const found = await database.all<Row>(part(columnNames, listing));
      return { count: await countOf(listing, found.length), results: found.map(toDowntime) };
    },

    /** How many there are. */
    count: (filter: Filter): Promise<number> => countWhere(filter),

    /** What changed last, and when. */
    newestChange,

    /** The same at once, where it can be told at once. */
    knownChange,

    /** Moves whenever a downtime is created, changed or deleted, by whichever process. */
    version: async (): Promise<number> => (await newestChange()).number,

    /** The greatest id that is stored: there are no more rows than that. */
    async newestId(): Promise<number> {
      const { number } = await newestChange();
      if (newest.isFor !== number) {
        const row = await database.first<{ id: number | null }>(sql`SELECT max(id) AS id FROM downtime`);
        newest = { isFor: number, id: row?.id ?? 0 };
      }
      return newest.id;
    },

    /** Reads the last row and the newest change. @throws when the database can't be read */
    check: (): Promise<void> =>
      database.check(
        sql`SELECT (SELECT max(id) FROM downtime) AS last, (SELECT reason FROM downtime_history ORDER BY id DESC LIMIT 1) AS newest`,
      ),

    /** The part of the list that is asked for, as keys alone. */
    async listKeys(listing: Listing): Promise<{ readonly count: number; readonly keys: readonly Key[] }> {
      const keys = await database.all<Key>(listQuery(listing));
      return { count: await countOf(listing, keys.length), keys };
    },

    /** The same, whole. */
    async listVersioned(listing: Listing): Promise<{ readonly count: number; readonly rows: readonly Versioned[] }> {
      const found = await database.all<Row & Key>(part([...columnNames, "version"], listing));
      return { count: await countOf(listing, found.length), rows: found.map(toVersioned) };
    },

    /** Those of some downtimes that are stored, in no order. */
    async findAll(ids: readonly number[]): Promise<readonly Versioned[]> {
      const found = await database.all<Row & Key>(
        sql`SELECT ${columns}, version FROM downtime WHERE ${isAmong("id", ids)}`,
      );
      return found.map(toVersioned);
    },

    /** The part of the list that is asked for, a batch at a time. */
    async *streamPart(listing: Listing): AsyncIterable<readonly Downtime[]> {
      for await (const rows of database.stream<Row>(part(columnNames, listing))) yield rows.map(toDowntime);
    },

    /** The whole list, a batch at a time. */
    async *stream(listing: Omit<Listing, "limit" | "offset">): AsyncIterable<readonly Downtime[]> {
      for await (const batch of database.stream<Row>(select(columnNames, listing))) yield batch.map(toDowntime);
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

    /**
     * The downtimes that share time with a window on a telescope, the first ones first. One of a single instrument type
     * overlaps those of the whole telescope and of the same type.
     * @param exceptId a downtime that doesn't count: the one that is being changed
     */
    async overlapping(place: Place, start: Instant, end: Instant, exceptId = 0): Promise<Downtime[]> {
      const filter: Filter = {
        ends_after: start,
        starts_before: end,
        site: [place.site],
        enclosure: [place.enclosure],
        telescope: [place.telescope],
        ...(place.instrument_type !== "" && { instrument_type: ["", place.instrument_type] }),
      };
      // Filters include their bounds; downtimes that only touch share no time.
      const rows = await database.all<Row>(
        sql`SELECT ${columns} FROM ${matching(filter)}
          AND "start" < ${end} AND "end" > ${start} AND id <> ${exceptId} ORDER BY "start", id`,
      );
      return rows.map(toDowntime);
    },

    /** Every downtime that shares time with a window, however many there are, the first ones first. */
    async during(filter: Filter, { start, end }: Interval): Promise<Downtime[]> {
      const listing = { filter: narrowed(filter, { from: start, to: end }), order: bySoonest };
      return (await database.all<Row>(select(columnNames, listing))).map(toDowntime);
    },

    /** Those that last until further notice. */
    untilNotice: (now: Instant) => readUntilNotice(database, now),

    /** Another downtime that is the very same in every field. */
    async findSame(draft: Draft, exceptId = 0): Promise<Downtime | undefined> {
      const row = await database.first<Row>(
        sql`SELECT ${columns} FROM downtime WHERE (${draftColumns}) = (${list(draftValues(draft))}) AND id <> ${exceptId} ORDER BY id LIMIT 1`,
      );
      return row && toDowntime(row);
    },

    /** Every version of a downtime, the first one first; it may be deleted by now. */
    async history(id: number): Promise<Version[]> {
      const rows = await database.all<Omit<Version, "category"> & Pick<DraftRow, "category">>(
        sql`SELECT id, downtime_id, action, version, "at", "by", unconfirmed, ${draftColumns}, series, by_hand
          FROM downtime_history WHERE downtime_id = ${id} ORDER BY id`,
      );
      return rows.map(({ category, ...row }) => ({
        ...row,
        ...(category !== "" && { category }),
        at: instantOf(row.at),
        unconfirmed: Boolean(row.unconfirmed),
        by_hand: Boolean(row.by_hand),
      }));
    },

    /**
     * Stores a downtime.
     * @param kind what this is called in its change set
     */
    async add(draft: CheckedDraft, author: Author, kind: Kind = "create"): Promise<Downtime> {
      const [row] = await database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, kind, author);
        const stored = await tx.all<Row>(sql`${insertion([{ draft }], author)} RETURNING ${columns}`);
        await record(tx, "create", 1, stored, changeSet);
        return stored;
      });
      return toDowntime(row as Row);
    },

    /**
     * Stores all of them, or none. The very same downtime is never stored twice.
     * @param tell is told after each chunk how many of the drafts were dealt with
     */
    addAll: (
      drafts: readonly CheckedDraft[],
      author: Omit<Author, "unconfirmed">,
      tell: (done: number) => void = () => {},
    ): Promise<Added> =>
      database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, "import", author);
        let added = 0;
        for await (const { fresh, done } of freshIn(tx, drafts)) {
          await insertAll(tx, fresh, changeSet);
          added += fresh.length;
          tell(done);
        }
        return { added, duplicates: drafts.length - added };
      }),

    /** What `addAll` would do, without doing it. */
    async tryAll(drafts: readonly CheckedDraft[]): Promise<Added> {
      let added = 0;
      for await (const { fresh } of freshIn(database, drafts)) added += fresh.length;
      return { added, duplicates: drafts.length - added };
    },
  };

  /** The number of all rows of a list; when the part that was read shows its end, nothing needs counting. */
  async function countOf({ filter, limit, offset }: Listing, found: number): Promise<number> {
    if (found < limit && (found > 0 || offset === 0)) return offset + found;
    return countWhere(filter);
  }

  /**
   * Counting takes as long as there are rows, so a number is kept for as long as nothing changes. It may be that of a
   * change which came between the two questions; then the next question for the version drops it.
   */
  async function countWhere(filter: Filter): Promise<number> {
    const { number } = await newestChange();
    if (countsAreFor !== number) counts.clear();
    countsAreFor = number;
    const key = JSON.stringify(filter);
    const known = counts.get(key);
    if (known !== undefined) return known;
    const row = await database.first<{ count: number }>(sql`SELECT count(*) AS count FROM ${counted(filter)}`);
    const count = row?.count ?? 0;
    if (countsAreFor === number) counts.set(key, count);
    return count;
  }

  return { ...store, ...createChanges(database) };
}

const toVersioned = (row: Row & Key): Versioned => ({ id: row.id, version: row.version, downtime: toDowntime(row) });

/** The stored downtimes that start when one of the drafts does. Where none starts near them, nothing needs comparing. */
async function startingWith(reader: Reader, drafts: readonly Draft[]): Promise<Draft[]> {
  const starts = [...new Set(drafts.map(({ start }) => start))].sort();
  const [first = "", last = ""] = [starts[0], starts.at(-1)];
  const near = await reader.first(
    sql`SELECT id FROM downtime WHERE "start" >= ${first} AND "start" <= ${last} LIMIT 1`,
  );
  return near ? reader.all<Draft>(sql`SELECT ${draftColumns} FROM downtime WHERE "start" IN (${list(starts)})`) : [];
}

/** The drafts a chunk at a time, without those that are stored already or came before. */
async function* freshIn(reader: Reader, drafts: readonly CheckedDraft[]) {
  const seen = new Set<string>();
  let done = 0;
  for (const chunk of chunksOf(drafts)) {
    for (const row of await startingWith(reader, chunk)) seen.add(keyOf(row));
    const fresh = chunk.flatMap((draft) => {
      const key = keyOf(draft);
      return !seen.has(key) && seen.add(key) ? { draft } : [];
    });
    done += chunk.length;
    yield { fresh, done };
  }
}
