/** Lists of downtimes: the rows that a filter lets through, in an order, whole or in part, and how many there are. */

import { LRUCache } from "lru-cache";
import { type Database, isAmong, sql } from "../database/sql.ts";
import type { Place } from "../facility/facility.ts";
import type { Instant } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import type { Downtime } from "./downtime.ts";
import { bySoonest, type Filter, type Listing, narrowed } from "./filter.ts";
import { counted, matching } from "./filter-sql.ts";
import { listQuery, part, select } from "./list-sql.ts";
import { columnNames, columns, type Row, toDowntime } from "./rows.ts";

/** A part of a list, with the number of rows of the whole. */
export interface Page {
  readonly count: number;
  readonly results: readonly Downtime[];
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

/** The most counts that are cached: many clients ask the same few queries. */
const mostCounts = 500;

/** @param newestVersion tells the number of the newest change */
export function createLists(database: Database, newestVersion: () => Promise<number>) {
  const counts = new LRUCache<string, number>({ max: mostCounts });
  let countsAreFor = -1;

  const lists = {
    /** The part of the list that is asked for. */
    async list(listing: Listing): Promise<Page> {
      const found = await database.all<Row>(part(columnNames, listing));
      return { count: await countOf(listing, found.length), results: found.map(toDowntime) };
    },

    /** How many there are. */
    count: (filter: Filter): Promise<number> => countWhere(filter),

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
    const number = await newestVersion();
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

  return lists;
}

const toVersioned = (row: Row & Key): Versioned => ({ id: row.id, version: row.version, downtime: toDowntime(row) });
