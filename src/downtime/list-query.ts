/** Reads a list query from the parameters of a URL. */

import type { Facility, PlaceField } from "../facility/facility.ts";
import { type FieldErrors, Invalid } from "../input/problem.ts";
import { Refusal, readText } from "../input/text.ts";
import { type Instant, parseFilterInstant } from "../time/instant.ts";
import { findCategory } from "./category.ts";
import {
  defaultLimit,
  type Filter,
  type FilterField,
  filterFields,
  type Listing,
  type OrderTerm,
  orderFields,
  orderingFields,
} from "./filter.ts";

type Read<T> = (texts: readonly string[], facility: Facility | undefined) => T | Refusal | undefined;

const last = (texts: readonly string[]) => (texts.at(-1) ?? "").trim();

const readInstant: Read<Instant> = (texts) =>
  last(texts) === "" ? undefined : (parseFilterInstant(last(texts)) ?? new Refusal("Enter a valid date/time."));

const readWords: Read<string> = (texts) => {
  const words = readText(last(texts));
  return words === "" ? undefined : words;
};

const readCodes =
  (isKnown: (code: string, facility: Facility | undefined) => boolean): Read<string[]> =>
  (texts, facility) => {
    const codes = texts.map((text) => text.trim());
    const bad = codes.find((code) => !isKnown(code, facility));
    return bad === undefined ? codes : notAChoice(bad);
  };

// Any code is accepted until ConfigDB has been reached.
const readPlaceCodes = (field: PlaceField) =>
  readCodes((code, facility) => (facility ? facility.knows(field, code) : code !== "" && !code.includes("\0")));

const readId: Read<number> = (texts) => {
  const text = last(texts);
  if (text === "") return undefined;
  const id = /^\d+$/.test(text) ? Number(text) : 0;
  return Number.isSafeInteger(id) && id > 0 ? id : new Refusal("Enter a whole number.");
};

/** Returns the error for an invalid choice. */
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
  site: readPlaceCodes("site"),
  enclosure: readPlaceCodes("enclosure"),
  telescope: readPlaceCodes("telescope"),
  instrument_type: readPlaceCodes("instrument_type"),
  category: readCodes((code) => findCategory(code) !== undefined),
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

/** A bad count falls back to the default instead of failing, as in OCS Downtime. */
function readCount(parameters: URLSearchParams, name: "limit" | "offset", least: number, otherwise: number): number {
  const text = last(parameters.getAll(name));
  const count = /^\+?\d+$/.test(text) ? Math.min(Number(text), Number.MAX_SAFE_INTEGER) : -1;
  return count >= least ? count : otherwise;
}

/** Reads `limit`. A larger one than `most` is an error, because a truncated list would look complete. */
function readLimit(parameters: URLSearchParams, most: number): number | Refusal {
  const limit = readCount(parameters, "limit", 1, Math.min(defaultLimit, most));
  return limit > most ? new Refusal(`Ensure this value is less than or equal to ${most}.`) : limit;
}

/** The names of the parameters without effect: unknown or empty ones, and counts and sort fields that can't be read. */
function ignoredIn(parameters: URLSearchParams, { filter }: Listing): string[] {
  const isOrdered = splitTerms(parameters.getAll("order")).length > 0;
  const sorts = splitTerms(parameters.getAll("ordering")).some((text) => readTerm(text, orderingFields));
  const isUsed = (name: string) => {
    if (name === "limit" || name === "offset") return readCount(parameters, name, name === "limit" ? 1 : 0, -1) >= 0;
    if (name === "order") return isOrdered;
    return name === "ordering" ? sorts && !isOrdered : Object.hasOwn(filter, name);
  };
  return [...new Set(parameters.keys())].filter((name) => !isUsed(name));
}

/** Proxies reject responses with long headers. */
const maxHeaderLength = 1000;

/** The headers of a list: the link to its next page, and the parameters that it ignored. */
export function listHeaders(url: string, listing: Listing, next: string | null): Record<string, string> {
  const ignored = ignoredIn(new URL(url).searchParams, listing).map(encodeURIComponent).join(", ");
  return {
    ...(next !== null && { link: `<${next}>; rel="next"` }),
    ...(ignored !== "" && { "x-ignored-parameters": ignored.slice(0, maxHeaderLength) }),
  };
}

/**
 * Reads the page of a list without filters.
 * @throws Invalid if `limit` is larger than `most`
 */
export function readPart(parameters: URLSearchParams, most: number): Pick<Listing, "limit" | "offset"> {
  const limit = readLimit(parameters, most);
  if (limit instanceof Refusal) throw new Invalid({ limit: [limit.text] });
  return { limit, offset: readCount(parameters, "offset", 0, 0) };
}

/**
 * Reads a list query. Ignores unknown parameters, and empty times and texts; the last value of a repeated single-value
 * parameter counts.
 * @param facility undefined until ConfigDB has been reached: then any code is accepted
 * @param mostRows the largest `limit`
 * @throws Invalid with the errors of all parameters
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

/** Like `readListing`, but ignores invalid parameters and returns their errors. */
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
