/** Filters: which downtimes somebody asks for, in what order, and which part of them. */

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { type Facility, type Place, type PlaceField, placeFields } from "../facility/facility.ts";
import { type FieldErrors, Invalid } from "../input/problem.ts";
import { Refusal, readText } from "../input/text.ts";
import { type Instant, moved, parseFilterInstant } from "../time/instant.ts";
import type { Span } from "../time/window.ts";
import { draftFields, longestReason } from "./downtime.ts";

const instant = (description: string) =>
  Type.Optional(
    Type.Unsafe<Instant>({ type: "string", format: "date-time", description, examples: ["2026-11-22 00:00:00"] }),
  );
const codes = (description: string, example: string) =>
  Type.Optional(
    Type.Array(Type.String(), { description: `${description} Repeat it for any of several.`, examples: [[example]] }),
  );
const text = (description: string, example: string) =>
  Type.Optional(Type.String({ description, maxLength: longestReason, examples: [example] }));

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

type Read<T> = (texts: readonly string[], facility: Facility | undefined) => T | Refusal | undefined;

const last = (texts: readonly string[]) => (texts.at(-1) ?? "").trim();

const readInstant: Read<Instant> = (texts) =>
  last(texts) === "" ? undefined : (parseFilterInstant(last(texts)) ?? new Refusal("Enter a valid date/time."));

const readWords: Read<string> = (texts) => {
  const words = readText(last(texts));
  return words === "" ? undefined : words;
};

const readCodes =
  (field: PlaceField): Read<string[]> =>
  (texts, facility) => {
    const codes = texts.map((text) => text.trim());
    // As long as ConfigDB has never answered, nobody can say that a code is wrong.
    const bad = codes.find((code) => (facility ? !facility.knows(field, code) : code === "" || code.includes("\0")));
    return bad === undefined ? codes : notAChoice(bad);
  };

const readId: Read<number> = (texts) => {
  const text = last(texts);
  if (text === "") return undefined;
  const id = /^\d+$/.test(text) ? Number(text) : 0;
  return Number.isSafeInteger(id) && id > 0 ? id : new Refusal("Enter a whole number.");
};

/** Why a choice isn't taken. */
export const notAChoice = (text: string) =>
  new Refusal(`Select a valid choice. ${text} is not one of the available choices.`);

const readers: { readonly [Field in FilterField]-?: Read<NonNullable<Filter[Field]>> } = {
  starts_after: readInstant,
  starts_before: readInstant,
  ends_after: readInstant,
  ends_before: readInstant,
  created_after: readInstant,
  created_before: readInstant,
  modified_after: readInstant,
  modified_before: readInstant,
  site: readCodes("site"),
  enclosure: readCodes("enclosure"),
  telescope: readCodes("telescope"),
  instrument_type: readCodes("instrument_type"),
  reason: readWords,
  reason_exact: readWords,
  series: readId,
};

const byCreation: readonly OrderTerm[] = [{ field: "created", descending: false }];

function readTerm(text: string, fields: readonly OrderTerm["field"][]): OrderTerm | undefined {
  const descending = text.startsWith("-");
  const field = fields.find((name) => name === text.slice(descending ? 1 : 0));
  return field && { field, descending };
}

const splitTerms = (texts: readonly string[]) =>
  last(texts)
    .split(",")
    .map((text) => text.trim())
    .filter(Boolean);

function readOrder(parameters: URLSearchParams): readonly OrderTerm[] | Refusal {
  const strict = splitTerms(parameters.getAll("order"));
  const wrong = strict.find((text) => !readTerm(text, orderFields));
  if (wrong !== undefined) return notAChoice(wrong);
  const chosen = strict.length > 0 ? strict : splitTerms(parameters.getAll("ordering"));
  const terms = chosen.flatMap((text) => readTerm(text, orderingFields) ?? []);
  return terms.length > 0 ? terms : byCreation;
}

/** A bad count is no error: whoever sends one gets the default, as they always did. */
function readCount(parameters: URLSearchParams, name: "limit" | "offset", least: number, otherwise: number): number {
  const text = last(parameters.getAll(name));
  const count = /^\+?\d+$/.test(text) ? Math.min(Number(text), Number.MAX_SAFE_INTEGER) : -1;
  return count >= least ? count : otherwise;
}

/** Reads how many rows an answer shall hold; more than `most` are refused, never cut to what looks whole. */
function readLimit(parameters: URLSearchParams, most: number): number | Refusal {
  const limit = readCount(parameters, "limit", 1, Math.min(defaultLimit, most));
  return limit > most ? new Refusal(`Ensure this value is less than or equal to ${most}.`) : limit;
}

/**
 * Reads which part of a list is asked for, where that is all that can be asked.
 * @throws Invalid for more than `most`
 */
export function readPart(parameters: URLSearchParams, most: number): Pick<Listing, "limit" | "offset"> {
  const limit = readLimit(parameters, most);
  if (limit instanceof Refusal) throw new Invalid({ limit: [limit.text] });
  return { limit, offset: readCount(parameters, "offset", 0, 0) };
}

/**
 * Reads a question from a query string's parameters. Unknown parameters are ignored, and so are empty instants and
 * texts; of a parameter that takes one value the last counts.
 * @param facility undefined as long as ConfigDB has never answered: then any code may be asked for
 * @param mostRows a greater `limit` is refused
 * @throws Invalid naming every bad parameter at once
 */
export function readListing(
  parameters: URLSearchParams,
  facility: Facility | undefined,
  mostRows = Number.MAX_SAFE_INTEGER,
): Listing {
  const { listing, errors } = tryListing(parameters, facility);
  const limit = readLimit(parameters, mostRows);
  if (limit instanceof Refusal) throw new Invalid({ ...errors, limit: [limit.text] });
  if (Object.keys(errors).length > 0) throw new Invalid(errors);
  return { ...listing, limit };
}

/** As `readListing`, but leaves out what is bad, and says so. */
export function tryListing(
  parameters: URLSearchParams,
  facility: Facility | undefined,
): { readonly listing: Listing; readonly errors: FieldErrors } {
  const filter: Record<string, unknown> = {};
  const errors: Record<string, string[]> = {};
  const keep = (name: string, value: unknown, into: Record<string, unknown>) => {
    if (value instanceof Refusal) errors[name] = [value.text];
    else if (value !== undefined) into[name] = value;
  };
  for (const field of filterFields)
    if (parameters.has(field)) keep(field, readers[field](parameters.getAll(field), facility), filter);
  const order = readOrder(parameters);
  keep("order", order, {});
  const listing = {
    filter: filter as Filter,
    order: order instanceof Refusal ? byCreation : order,
    limit: readCount(parameters, "limit", 1, defaultLimit),
    offset: readCount(parameters, "offset", 0, 0),
  };
  return { listing, errors };
}

/** Whether the filter takes any one of several codes. */
export const isPlaceField = (field: string): field is PlaceField => (placeFields as readonly string[]).includes(field);

/** The schema of a filter, for documents and the command line's help. */
export const schemaOf = (field: FilterField): TSchema => FilterSchema.properties[field];

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
