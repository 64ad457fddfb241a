/** Filters: which downtimes somebody asks for, in what order, and which part of them. */

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import type { Place, PlaceField } from "../facility/facility.ts";
import { type Instant, moved } from "../time/instant.ts";
import type { Span } from "../time/window.ts";
import { categories } from "./category.ts";
import { draftFields, maxReasonLength } from "./downtime.ts";

const instant = (description: string) =>
  Type.Optional(
    Type.Unsafe<Instant>({ type: "string", format: "date-time", description, examples: ["2026-11-22 00:00:00"] }),
  );
const codes = (description: string, example: string) =>
  Type.Optional(
    Type.Array(Type.String(), { description: `${description} Repeat it for any of several.`, examples: [[example]] }),
  );
const text = (description: string, example: string) =>
  Type.Optional(Type.String({ description, maxLength: maxReasonLength, examples: [example] }));

/** Every filter: all that are given must hold, bounds included. The API, pages, calendars and exports take the same. */
export const FilterSchema = Type.Object({
  starts_after: instant("Starts at this instant or later."),
  starts_before: instant("Starts at this instant or earlier."),
  ends_after: instant("Ends at this instant or later."),
  ends_before: instant("Ends at this instant or earlier."),
  created_after: instant("Was stored at this instant or later."),
  created_before: instant("Was stored at this instant or earlier."),
  modified_after: instant("Was last changed at this instant or later."),
  modified_before: instant("Was last changed at this instant or earlier."),
  site: codes("At this site.", "sud"),
  enclosure: codes("In an enclosure with this code.", "doma"),
  telescope: codes("On a telescope with this code.", "1m0a"),
  instrument_type: codes("For this instrument type alone.", "1M0-CAMERA"),
  category: Type.Optional(
    Type.Array(Type.String({ enum: [...categories] }), {
      description: "Of this category. Repeat it for any of several.",
      examples: [["maintenance"]],
    }),
  ),
  reason: text("The reason contains this, in upper or lower case.", "wash"),
  reason_exact: text("The reason is exactly this.", "Mirror wash"),
  series: Type.Optional(
    Type.Integer({ minimum: 1, description: "Belongs to the series with this id.", examples: [1] }),
  ),
});
export type Filter = Readonly<Static<typeof FilterSchema>>;
export type FilterField = keyof Filter;
export const filterFields = Object.keys(FilterSchema.properties) as FilterField[];

/** The fields that `order` sorts by. */
export const orderFields = ["start", "end", "created", "modified"] as const;
/** The fields that `ordering` sorts by: every field that the original shows. */
export const orderingFields = ["id", ...draftFields, "created", "modified"] as const;
export interface OrderTerm {
  /** A column of the table; pages also sort by the duration, and by reasons without regard to case. */
  readonly field: (typeof orderingFields)[number] | "length_seconds" | "reason_folded";
  readonly descending: boolean;
}

/** The first to start comes first. */
export const bySoonest: readonly OrderTerm[] = [{ field: "start", descending: false }];

/** The order down to single rows. Rows that are equal in it follow by id: backwards where the newest come first. */
export function completeOrder(order: readonly OrderTerm[]): readonly OrderTerm[] {
  const newestFirst = order.some(
    ({ field, descending }) => descending && (field === "created" || field === "modified"),
  );
  return [...order, { field: "id", descending: newestFirst }];
}

/** The rows that an answer holds when nobody says how many. */
export const defaultLimit = 1000;

const named = (fields: readonly string[]) => fields.map((field) => `\`${field}\``).join(", ");
const orderDescription = `Sorted by ${named(orderFields)}; \`-\` for descending; several with commas.`;

/** What else a list takes, beside the filters. */
export const PageSchema = Type.Object({
  order: Type.Optional(
    Type.String({ description: `${orderDescription} Default: as they were created.`, examples: ["-start"] }),
  ),
  ordering: Type.Optional(
    Type.String({
      description: `As \`order\`, by any of ${named(orderingFields)}; unknown fields are ignored.`,
      examples: ["start"],
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ description: "Rows in the answer.", default: defaultLimit, minimum: 1, examples: [100] }),
  ),
  offset: Type.Optional(
    Type.Integer({ description: "Rows to leave out first.", default: 0, minimum: 0, examples: [0] }),
  ),
});

/** A whole question: which rows, in what order, and which part of them. */
export interface Listing {
  readonly filter: Filter;
  readonly order: readonly OrderTerm[];
  readonly limit: number;
  readonly offset: number;
}

/** The schema of a filter, for documents and the command line's help. */
export function schemaOf(field: FilterField): TSchema {
  return FilterSchema.properties[field];
}

/** The filters that take any of several values from a list. */
export type ChoiceField = PlaceField | "category";
export const choiceFields = filterFields.filter((field): field is ChoiceField => schemaOf(field).type === "array");
export const isChoiceField = (field: string): field is ChoiceField =>
  (choiceFields as readonly string[]).includes(field);

/** Whether the filters themselves say a time. */
export const hasInstants = (filter: Filter) => Object.keys(filter).some((field) => /_(after|before)$/.test(field));

/** Everything that overlaps the span: filters include their bounds, and a span doesn't include its end. */
export function narrowed(filter: Filter, { from, to }: Partial<Span>): Filter {
  const later = (a: Instant | undefined, b: Instant) => (a && a > b ? a : b);
  const earlier = (a: Instant | undefined, b: Instant) => (a && a < b ? a : b);
  return {
    ...filter,
    ...(from && { ends_after: later(filter.ends_after, moved(from, 1000)) }),
    ...(to && { starts_before: earlier(filter.starts_before, moved(to, -1000)) }),
  };
}

/** Whether a place is what these fields of the filter ask for. */
export const fits = (place: Place, filter: Filter, fields: readonly PlaceField[]): boolean =>
  fields.every((field) => !filter[field]?.length || filter[field].includes(place[field]));
