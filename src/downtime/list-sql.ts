/** Lists as SQL: the rows that a filter lets through, in an order, whole or in part. */

import { column, columnList, join, perEngine, type Sql, sql } from "../database/sql.ts";
import type { PlaceField } from "../facility/facility.ts";
import { completeOrder, type FilterField, type Listing, type OrderTerm } from "./filter.ts";
import { fieldsOf, matching, meaningOf } from "./filter-sql.ts";

/** The question for the keys of a part of a list. */
export const listQuery = (listing: Listing): Sql => part(["id", "version"], listing);

/** A part of a list, in its order. @param names the columns that are asked for */
export function part(names: readonly string[], listing: Listing): Sql {
  const { filter, order, limit, offset } = listing;
  const { ends_after: from, ...rest } = filter;
  const isOpen = from !== undefined && filter.starts_before === undefined && !order[0]?.descending;
  if (!isOpen || !isWalk({ filter: { ...rest, starts_after: from }, order }))
    return sql`${select(names, listing)} ${partOf(listing)}`;
  // What isn't over yet, the first ones first, may be half of all there is. What has begun by then comes before whatever
  // hasn't, and is little; of the rest an index in the same order gives as many as are asked for.
  const found = withOrder(names, order);
  return sql`SELECT ${columnList(names)} FROM (
      SELECT ${found} FROM ${matching({ ...filter, starts_before: from })}
      UNION ALL SELECT * FROM (
        SELECT ${found} FROM downtime WHERE "start" > ${from} AND "end" >= ${from} AND ${meaningOf(rest)}
        ORDER BY ${orderOf(order)} LIMIT ${limit + offset}
      ) AS coming
    ) AS open ORDER BY ${orderOf(order)} ${partOf(listing)}`;
}

/** The rows of a list, in its order. @param names the columns that are asked for */
export function select(names: readonly string[], { filter, order }: Pick<Listing, "filter" | "order">): Sql {
  const sorted = sql`ORDER BY ${orderOf(order)}`;
  if (isWalk({ filter, order }))
    return sql`SELECT ${columnList(names)} FROM downtime WHERE ${meaningOf(filter)} ${sorted}`;
  return perEngine({
    sqlite: () => sql`SELECT ${columnList(names)} FROM ${matching(filter)} ${sorted}`,
    // OFFSET 0 makes PostgreSQL find the rows first and sort them then: it would otherwise often rather walk through the
    // whole table in the order that is asked for, and look each row up.
    postgres: () => sql`SELECT ${columnList(names)} FROM (
        SELECT ${withOrder(names, order)} FROM ${matching(filter)} OFFSET 0
      ) AS found ${sorted}`,
  });
}

/** An index whose rows follow one another by a column, for each place apart. */
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
 * Whether an index has exactly the rows that are asked for, in their order: then no more are looked up than are asked for.
 * With any further condition a walk along an index may look up every row that is stored.
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

/** Columns, and those that must be there to sort by them. */
const withOrder = (names: readonly string[], order: readonly OrderTerm[]): Sql =>
  columnList([...new Set([...names, ...sortedBy(order)])]);

/** The order as SQL. */
const orderOf = (order: readonly OrderTerm[]): Sql =>
  join(
    completeOrder(order).map(({ field, descending }) => (descending ? sql`${column(field)} DESC` : column(field))),
    ", ",
  );

/** The columns that must be there to sort by it. */
const sortedBy = (order: readonly OrderTerm[]): readonly string[] => completeOrder(order).map(({ field }) => field);

/** The part of a sorted list that is asked for. */
const partOf = ({ limit, offset }: Pick<Listing, "limit" | "offset">): Sql => sql`LIMIT ${limit} OFFSET ${offset}`;
