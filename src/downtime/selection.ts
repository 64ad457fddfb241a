/** Filters, sorts and pages downtimes in memory, with the same results as the database. */

import { containsWords, foldCase } from "../input/text.ts";
import { toMillis } from "../time/instant.ts";
import type { Downtime } from "./downtime.ts";
import { completeOrder, type Filter, type FilterField, filterFields, type Listing, type OrderTerm } from "./filter.ts";

/** The times of creation and modification have a precision of one second here, which is too coarse for filters. */
type Coarse = `${"created" | "modified"}_${"after" | "before"}`;
type Selectable = Exclude<FilterField, Coarse>;

const tests: { readonly [Field in Selectable]: (downtime: Downtime, value: NonNullable<Filter[Field]>) => boolean } = {
  starts_after: ({ start }, at) => start >= at,
  starts_before: ({ start }, at) => start <= at,
  ends_after: ({ end }, at) => end >= at,
  ends_before: ({ end }, at) => end <= at,
  site: ({ site }, codes) => codes.includes(site),
  enclosure: ({ enclosure }, codes) => codes.includes(enclosure),
  telescope: ({ telescope }, codes) => codes.includes(telescope),
  instrument_type: ({ instrument_type }, codes) => codes.includes(instrument_type),
  category: ({ category = "" }, names) => names.includes(category),
  reason: ({ reason }, words) => containsWords(reason, words),
  reason_exact: ({ reason }, text) => reason === text,
  series: ({ series }, id) => series === id,
};

const isSelectable = (field: FilterField): field is Selectable => Object.hasOwn(tests, field);

/** Whether the filter can be applied in memory. */
export const canSelect = (filter: Filter): boolean =>
  filterFields.every((field) => filter[field] === undefined || isSelectable(field));

/** Returns the filter as a function. @param filter must satisfy `canSelect` */
export function selecting(filter: Filter): (downtime: Downtime) => boolean {
  const given = filterFields.filter(isSelectable).filter((field) => filter[field] !== undefined);
  // The table's type ties each filter to its value's type, which TypeScript can't follow through a loop.
  return (downtime) =>
    given.every((field) => (tests[field] as (downtime: Downtime, value: unknown) => boolean)(downtime, filter[field]));
}

/**
 * Returns a page of the list, and the number of all matching rows.
 * @param filter must satisfy `canSelect`
 */
export function selectFrom(downtimes: Iterable<Downtime>, { filter, order, limit, offset }: Listing) {
  const found = [...downtimes].filter(selecting(filter)).sort(comparing(completeOrder(order)));
  return { count: found.length, results: found.slice(offset, offset + limit) };
}

const comparing = (order: readonly OrderTerm[]) => (a: Downtime, b: Downtime) => {
  for (const { field, descending } of order) {
    const [first, second] = [keyOf(a, field), keyOf(b, field)];
    if (first !== second) return first < second === descending ? 1 : -1;
  }
  return 0;
};

function keyOf(downtime: Downtime, field: OrderTerm["field"]): string | number {
  switch (field) {
    case "length_seconds":
      return toMillis(downtime.end) - toMillis(downtime.start);
    case "reason_folded":
      return foldCase(downtime.reason);
    default:
      return downtime[field] ?? "";
  }
}
