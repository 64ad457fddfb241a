/** Reads lists of downtimes by filter, order and page, and counts them. */

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

/** A page of a list, with the number of rows of the whole list. */
export interface Page {
  readonly count: number;
  readonly results: readonly Downtime[];
}

/** Identifies a version of a downtime: rows with the same ID and version are equal. */
export interface Key {
  readonly id: number;
  readonly version: number;
}

/** A downtime with its version number. */
export interface Versioned extends Key {
  readonly downtime: Downtime;
}

/** Cached counts. Many clients send the same few queries. */
const mostCounts = 500;

/** @param newestVersion returns the number of the newest change */
export function createLists(database: Database, newestVersion: () => Promise<number>) {
  const counts = new LRUCache<string, number>({ max: mostCounts });
  let countsAreFor = -1;

  const lists = {
    /** Returns a page of a list. */
    async list(listing: Listing): Promise<Page> {
      const found = await database.all<Row>(part(columnNames, listing));
      return { count: await countOf(listing, found.length), results: found.map(toDowntime) };
    },

    /** Counts the downtimes that match a filter. */
    count: countWhere,

    /** Returns a page of a list as keys only. */
    async listKeys(listing: Listing): Promise<{ readonly count: number; readonly keys: readonly Key[] }> {
      const keys = await database.all<Key>(listQuery(listing));
      return { count: await countOf(listing, keys.length), keys };
    },

    /** Returns a page of a list with complete rows. */
    async listVersioned(listing: Listing): Promise<{ readonly count: number; readonly rows: readonly Versioned[] }> {
      const found = await database.all<Row & Key>(part([...columnNames, "version"], listing));
      return { count: await countOf(listing, found.length), rows: found.map(toVersioned) };
    },

    /** Returns the stored downtimes with these IDs, unordered. */
    async findAll(ids: readonly number[]): Promise<readonly Versioned[]> {
      const found = await database.all<Row & Key>(
        sql`SELECT ${columns}, version FROM downtime WHERE ${isAmong("id", ids)}`,
      );
      return found.map(toVersioned);
    },

    /** Streams a page of a list in batches. */
    async *streamPart(listing: Listing): AsyncIterable<readonly Downtime[]> {
      for await (const rows of database.stream<Row>(part(columnNames, listing))) yield rows.map(toDowntime);
    },

    /** Streams a whole list in batches. */
    async *stream(listing: Omit<Listing, "limit" | "offset">): AsyncIterable<readonly Downtime[]> {
      for await (const batch of database.stream<Row>(select(columnNames, listing))) yield batch.map(toDowntime);
    },

    /**
     * Returns the downtimes that overlap a window on a telescope, by start time. A downtime of a single instrument type
     * overlaps those of the whole telescope and of the same type.
     * @param exceptId a downtime to exclude: the one being edited
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
      // Filter bounds are inclusive, but adjacent downtimes don't overlap.
      const rows = await database.all<Row>(
        sql`SELECT ${columns} FROM ${matching(filter)}
          AND "start" < ${end} AND "end" > ${start} AND id <> ${exceptId} ORDER BY "start", id`,
      );
      return rows.map(toDowntime);
    },

    /** Returns all downtimes that overlap a window, by start time, without a limit. */
    async during(filter: Filter, { start, end }: Interval): Promise<Downtime[]> {
      const listing = { filter: narrowed(filter, { from: start, to: end }), order: bySoonest };
      return (await database.all<Row>(select(columnNames, listing))).map(toDowntime);
    },
  };

  /** Returns the number of rows of a list. Needs no query if the page reached the end. */
  async function countOf({ filter, limit, offset }: Listing, found: number): Promise<number> {
    if (found < limit && (found > 0 || offset === 0)) return offset + found;
    return countWhere(filter);
  }

  /**
   * Counting takes time proportional to the rows, so counts are cached until something changes. A count may be one write
   * newer than the version; the next call clears it.
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
