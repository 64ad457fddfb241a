/** Reads lists of downtimes by filter, order and page, and counts them. */

import { LRUCache } from "lru-cache";
import { column, columnList, type Database, join, perEngine, type Sql, sql } from "../database/sql.ts";
import type { Place, PlaceField } from "../facility/facility.ts";
import type { Instant } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import type { Downtime } from "./downtime.ts";
import { bySoonest, completeOrder, type Filter, type Listing, narrowed, type OrderTerm } from "./filter.ts";
import { counted, fieldsOf, matching, meaningOf } from "./filter-sql.ts";
import { columnNames, columns, type Row, toDowntime } from "./rows.ts";

/** A page of a list, with the number of rows of the whole list. */
export interface Page<Result = Downtime> {
  readonly count: number;
  readonly results: readonly Result[];
}

/** Identifies a version of a downtime: rows with the same ID and version are equal. */
export type Key = Pick<Row, "id"> & { readonly version: number };

/** @param newestVersion returns the number of the newest change */
export function createLists(database: Database, newestVersion: () => Promise<number>) {
  // Counting takes time proportional to the rows, and many clients send the same few queries.
  const counts = new LRUCache<string, number>({ max: 500 });

  async function read<Result>(names: readonly string[], listing: Listing): Promise<Page<Result>> {
    const results = await database.all<Result>(part(names, listing));
    const { filter, limit, offset } = listing;
    // No count is needed if the rows reach the end of the list.
    const isEnd = results.length < limit && (results.length > 0 || offset === 0);
    return { count: isEnd ? offset + results.length : await count(filter), results };
  }

  /** Counts the downtimes that match a filter. The count may be one write newer than the version. */
  async function count(filter: Filter): Promise<number> {
    const key = `${await newestVersion()} ${JSON.stringify(filter)}`;
    const known = counts.get(key);
    if (known !== undefined) return known;
    const row = await database.first<{ count: number }>(sql`SELECT count(*) AS count FROM ${counted(filter)}`);
    counts.set(key, row?.count ?? 0);
    return row?.count ?? 0;
  }

  const downtimesOf = async (query: Sql): Promise<Downtime[]> => (await database.all<Row>(query)).map(toDowntime);

  async function* batches(query: Sql): AsyncIterable<readonly Downtime[]> {
    for await (const rows of database.stream<Row>(query)) yield rows.map(toDowntime);
  }

  return {
    async list(listing: Listing): Promise<Page> {
      const { count, results } = await read<Row>(columnNames, listing);
      return { count, results: results.map(toDowntime) };
    },

    listKeys: (listing: Listing) => read<Key>(["id", "version"], listing),

    listVersioned: (listing: Listing) => read<Row & Key>([...columnNames, "version"], listing),

    count,

    /** Streams a page of a list in batches. */
    streamPart: (listing: Listing) => batches(part(columnNames, listing)),

    /** Streams a whole list in batches. */
    stream: (listing: Pick<Listing, "filter" | "order">) => batches(select(columnNames, listing)),

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
      return downtimesOf(
        sql`SELECT ${columns} FROM ${matching(filter)}
          AND "start" < ${end} AND "end" > ${start} AND id <> ${exceptId} ORDER BY "start", id`,
      );
    },

    /** Returns all downtimes that overlap a window, by start time, without a limit. */
    during: (filter: Filter, { start, end }: Interval): Promise<Downtime[]> =>
      downtimesOf(select(columnNames, { filter: narrowed(filter, { from: start, to: end }), order: bySoonest })),
  };
}

/** Returns the query for a page of a list. @param names the columns to select */
export function part(names: readonly string[], listing: Listing): Sql {
  const { filter, order, limit, offset } = listing;
  const { ends_after: from, ...rest } = filter;
  const isOpen = from !== undefined && filter.starts_before === undefined && !order[0]?.descending;
  if (!isOpen || !isWalk({ filter: { ...rest, starts_after: from }, order }))
    return sql`${select(names, listing)} ${partOf(listing)}`;
  // Active and upcoming downtimes may be half of all rows. The active ones are few and come first; an index in the same
  // order provides as many of the upcoming ones as needed.
  const found = withOrder(names, order);
  return sql`SELECT ${columnList(names)} FROM (
      SELECT ${found} FROM ${matching({ ...filter, starts_before: from })}
      UNION ALL SELECT * FROM (
        SELECT ${found} FROM downtime WHERE "start" > ${from} AND "end" >= ${from} AND ${meaningOf(rest)}
        ORDER BY ${orderOf(order)} LIMIT ${limit + offset}
      ) AS coming
    ) AS open ORDER BY ${orderOf(order)} ${partOf(listing)}`;
}

function select(names: readonly string[], { filter, order }: Pick<Listing, "filter" | "order">): Sql {
  const sorted = sql`ORDER BY ${orderOf(order)}`;
  if (isWalk({ filter, order }))
    return sql`SELECT ${columnList(names)} FROM downtime WHERE ${meaningOf(filter)} ${sorted}`;
  return perEngine({
    sqlite: () => sql`SELECT ${columnList(names)} FROM ${matching(filter)} ${sorted}`,
    // OFFSET 0 makes PostgreSQL filter first and sort afterwards. Otherwise it often scans the whole table in sort order.
    postgres: () => sql`SELECT ${columnList(names)} FROM (
        SELECT ${withOrder(names, order)} FROM ${matching(filter)} OFFSET 0
      ) AS found ${sorted}`,
  });
}

/** Indexes by place and then by a column. */
const walks: readonly { readonly along: "start" | "created"; readonly places: readonly PlaceField[] }[] = [
  { along: "start", places: [] },
  { along: "start", places: ["site", "telescope"] },
  { along: "created", places: [] },
];

/**
 * Whether an index contains exactly the matching rows in the requested order, so that only one page is read. With any
 * other condition, an index scan may read every stored row.
 */
const isWalk = ({ filter, order }: Pick<Listing, "filter" | "order">): boolean =>
  walks.some(
    ({ along, places }) =>
      order[0]?.field === along &&
      places.every((field) => filter[field]?.length === 1) &&
      // The filters on the column begin with its name.
      fieldsOf(filter).every((field) => field.startsWith(along) || places.some((place) => place === field)),
  );

const withOrder = (names: readonly string[], order: readonly OrderTerm[]): Sql =>
  columnList([...new Set([...names, ...completeOrder(order).map(({ field }) => field)])]);

const orderOf = (order: readonly OrderTerm[]): Sql =>
  join(
    completeOrder(order).map(({ field, descending }) => (descending ? sql`${column(field)} DESC` : column(field))),
    ", ",
  );

const partOf = ({ limit, offset }: Pick<Listing, "limit" | "offset">): Sql => sql`LIMIT ${limit} OFFSET ${offset}`;
