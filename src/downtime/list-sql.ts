/** Builds the SQL of lists: filter, order and page. */

import { column, columnList, join, perEngine, type Sql, sql } from "../database/sql.ts";
import type { PlaceField } from "../facility/facility.ts";
import { completeOrder, type FilterField, type Listing, type OrderTerm } from "./filter.ts";
import { fieldsOf, matching, meaningOf } from "./filter-sql.ts";

/** Returns the query for the keys of a page. */
export const listQuery = (listing: Listing): Sql => part(["id", "version"], listing);

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

/** Returns the query for all rows of a list. @param names the columns to select */
export function select(names: readonly string[], { filter, order }: Pick<Listing, "filter" | "order">): Sql {
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

/** An index by place and then by a column. */
interface Walk {
  readonly along: OrderTerm["field"];
  readonly places: readonly PlaceField[];
  /** The filters on the column. */
  readonly bounds: readonly FilterField[];
}
const walks: readonly Walk[] = [
  { along: "start", places: [], bounds: ["starts_after", "starts_before"] },
  { along: "start", places: ["site", "telescope"], bounds: ["starts_after", "starts_before"] },
  { along: "created", places: [], bounds: ["created_after", "created_before"] },
];

/**
 * Whether an index contains exactly the matching rows in the requested order, so that only one page is read. With any
 * other condition, an index scan may read every stored row.
 */
const isWalk = ({ filter, order }: Pick<Listing, "filter" | "order">): boolean =>
  walks.some(({ along, places, bounds }) => {
    const held = [...places, ...bounds];
    return (
      order[0]?.field === along &&
      places.every((field) => filter[field]?.length === 1) &&
      fieldsOf(filter).every((field) => held.includes(field))
    );
  });

/** Columns, and those needed for sorting. */
const withOrder = (names: readonly string[], order: readonly OrderTerm[]): Sql =>
  columnList([...new Set([...names, ...completeOrder(order).map(({ field }) => field)])]);

const orderOf = (order: readonly OrderTerm[]): Sql =>
  join(
    completeOrder(order).map(({ field, descending }) => (descending ? sql`${column(field)} DESC` : column(field))),
    ", ",
  );

const partOf = ({ limit, offset }: Pick<Listing, "limit" | "offset">): Sql => sql`LIMIT ${limit} OFFSET ${offset}`;
