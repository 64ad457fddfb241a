/** Filters, orders and pages of lists of downtimes, and the same lists of downtimes in memory. */

import { type Static, type StringOptions, type TSchema, Type } from "@sinclair/typebox";
import type { Place, PlaceField } from "../facility/facility.ts";
import { containsWords } from "../input/text.ts";
import { type Instant, moved } from "../time/instant.ts";
import type { Span } from "../time/interval.ts";
import { categories, type Downtime, draftFields, maxReasonLength } from "./downtime.ts";

const instant = (description: string) =>
  Type.Optional(
    Type.Unsafe<Instant>({ type: "string", format: "date-time", description, examples: ["2026-11-22 00:00:00"] }),
  );
const codes = (description: string, example: string, options?: StringOptions) =>
  Type.Optional(
    Type.Array(Type.String(options), { description: `${description} Repeat for OR.`, examples: [[example]] }),
  );
const text = (description: string, example: string) =>
  Type.Optional(Type.String({ description, maxLength: maxReasonLength, examples: [example] }));

/** All filters. They combine with AND; bounds are inclusive. The API, pages, calendars and exports use the same. */
export const FilterSchema = Type.Object({
  starts_after: instant("Starts at or after this time."),
  starts_before: instant("Starts at or before this time."),
  ends_after: instant("Ends at or after this time."),
  ends_before: instant("Ends at or before this time."),
  created_after: instant("Created at or after this time."),
  created_before: instant("Created at or before this time."),
  modified_after: instant("Modified at or after this time."),
  modified_before: instant("Modified at or before this time."),
  site: codes("Site code, as in ConfigDB.", "sud"),
  enclosure: codes("Enclosure code, as in ConfigDB.", "doma"),
  telescope: codes("Telescope code, as in ConfigDB.", "1m0a"),
  instrument_type: codes("Instrument type code; excludes downtimes of the whole telescope.", "1M0-CAMERA"),
  category: codes("Category.", "maintenance", { enum: [...categories] }),
  reason: text("Text that the reason contains; not case-sensitive.", "wash"),
  reason_exact: text("The exact reason.", "Mirror wash"),
  series: Type.Optional(Type.Integer({ minimum: 1, description: "ID of the series.", examples: [1] })),
});
export type Filter = Readonly<Static<typeof FilterSchema>>;
export type FilterField = keyof Filter;
export const filterFields = Object.keys(FilterSchema.properties) as FilterField[];

/** The fields of `order`. */
export const orderFields = ["start", "end", "created", "modified"] as const;
/** The fields of `ordering`: all fields of OCS Downtime. */
export const orderingFields = ["id", ...draftFields, "created", "modified"] as const;
export interface OrderTerm {
  /** A column of the table; pages also sort by the duration, and by reasons without regard to case. */
  readonly field: (typeof orderingFields)[number] | "length_seconds" | "reason_folded";
  readonly descending: boolean;
}

/** Earliest start first. */
export const bySoonest: readonly OrderTerm[] = [{ field: "start", descending: false }];

/** Makes an order unambiguous: equal rows are sorted by id, descending if the newest come first. */
export const completeOrder = (order: readonly OrderTerm[]): readonly OrderTerm[] => [
  ...order,
  { field: "id", descending: order.some(({ field, descending }) => descending && /^(created|modified)$/.test(field)) },
];

/** The default `limit`. */
export const defaultLimit = 1000;

const named = (fields: readonly string[]) => fields.map((field) => `\`${field}\``).join(", ");
const orderDescription = `Sort by ${named(orderFields)}. Prefix with \`-\` for descending; separate several with commas.`;

/** The other parameters of a list. */
export const PageSchema = Type.Object({
  order: Type.Optional(Type.String({ description: `${orderDescription} Default: by creation.`, examples: ["-start"] })),
  ordering: Type.Optional(
    Type.String({
      description: `Like \`order\`, for ${named(orderingFields)}; unknown fields are ignored.`,
      examples: ["start"],
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ description: "Rows per page.", default: defaultLimit, minimum: 1, examples: [100] }),
  ),
  offset: Type.Optional(Type.Integer({ description: "Rows to skip.", default: 0, minimum: 0, examples: [0] })),
});

/** A list query: filters, order and page. */
export interface Listing {
  readonly filter: Filter;
  readonly order: readonly OrderTerm[];
  readonly limit: number;
  readonly offset: number;
}

/** Returns the schema of a filter. */
export const schemaOf = (field: FilterField): TSchema => FilterSchema.properties[field];

/** The filters with a list of values to select from. */
export type ChoiceField = PlaceField | "category";
export const choiceFields = filterFields.filter((field): field is ChoiceField => schemaOf(field).type === "array");
export const isChoiceField = (field: string): field is ChoiceField => choiceFields.some((name) => name === field);

/** Whether a filter sets a time. */
export const hasInstants = (filter: Filter) => Object.keys(filter).some((field) => /_(after|before)$/.test(field));

/** Limits the filter to downtimes that overlap the span. Filter bounds are inclusive, but the span's end isn't. */
export function narrowed(filter: Filter, { from, to }: Partial<Span>): Filter {
  const later = (a: Instant | undefined, b: Instant) => (a && a > b ? a : b);
  const earlier = (a: Instant | undefined, b: Instant) => (a && a < b ? a : b);
  return {
    ...filter,
    ...(from && { ends_after: later(filter.ends_after, moved(from, 1000)) }),
    ...(to && { starts_before: earlier(filter.starts_before, moved(to, -1000)) }),
  };
}

/** Whether a place matches the filter in these fields. */
export const fits = (place: Place, filter: Filter, fields: readonly PlaceField[]): boolean =>
  fields.every((field) => !filter[field]?.length || filter[field].includes(place[field]));

/** The times of creation and modification have a precision of one second here, which is too coarse for filters. */
type Selectable = Exclude<FilterField, `${"created" | "modified"}_${"after" | "before"}`>;

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
 * @param listing its filter must satisfy `canSelect`; it may be ordered by any field of a downtime
 */
export function selectFrom(downtimes: Iterable<Downtime>, { filter, order, limit, offset }: Listing) {
  const terms = completeOrder(order) as readonly { readonly field: keyof Downtime; readonly descending: boolean }[];
  const compare = (a: Downtime, b: Downtime) => {
    for (const { field, descending } of terms) {
      const [first, second] = [a[field] ?? "", b[field] ?? ""];
      if (first !== second) return first < second === descending ? 1 : -1;
    }
    return 0;
  };
  const found = [...downtimes].filter(selecting(filter)).sort(compare);
  return { count: found.length, results: found.slice(offset, offset + limit) };
}
