/** Reads a list query from the parameters of a URL. */

import type { Facility } from "../facility/facility.ts";
import { type FieldErrors, Invalid } from "../input/problem.ts";
import { Refusal, readText } from "../input/text.ts";
import { parseFilterInstant } from "../time/instant.ts";
import { findCategory } from "./downtime.ts";
import {
  type ChoiceField,
  defaultLimit,
  type Filter,
  type FilterField,
  filterFields,
  isChoiceField,
  type Listing,
  type OrderTerm,
  orderFields,
  orderingFields,
  schemaOf,
} from "./filter.ts";

const last = (parameters: URLSearchParams, name: string) => (parameters.getAll(name).at(-1) ?? "").trim();

/** Returns the error for an invalid choice. */
export const notAChoice = (text: string) =>
  new Refusal(`Select a valid choice. ${text} is not one of the available choices.`);

/** Reads a filter as its schema says; undefined for an empty time, text or ID. */
function readFilter(field: FilterField, parameters: URLSearchParams, facility: Facility | undefined) {
  if (isChoiceField(field)) return readCodes(field, parameters, facility);
  const { type, format } = schemaOf(field);
  const text = last(parameters, field);
  if (text === "") return undefined;
  if (format === "date-time") return parseFilterInstant(text) ?? new Refusal("Enter a valid date/time.");
  return type === "integer" ? readId(text) : readText(text);
}

function readCodes(field: ChoiceField, parameters: URLSearchParams, facility: Facility | undefined) {
  const isKnown = (code: string) => {
    if (field === "category") return findCategory(code) !== undefined;
    // Any code is accepted until ConfigDB has been reached.
    return facility ? facility.knows(field, code) : code !== "" && !code.includes("\0");
  };
  const codes = parameters.getAll(field).map((text) => text.trim());
  const bad = codes.find((code) => !isKnown(code));
  return bad === undefined ? codes : notAChoice(bad);
}

function readId(text: string): number | Refusal {
  const id = /^\d+$/.test(text) ? Number(text) : 0;
  return Number.isSafeInteger(id) && id > 0 ? id : new Refusal("Enter a whole number.");
}

const byCreation: readonly OrderTerm[] = [{ field: "created", descending: false }];

function readTerm(text: string, fields: readonly OrderTerm["field"][]): OrderTerm | undefined {
  const descending = text.startsWith("-");
  const field = fields.find((name) => name === text.slice(descending ? 1 : 0));
  return field && { field, descending };
}

const termsOf = (parameters: URLSearchParams, name: "order" | "ordering") =>
  last(parameters, name)
    .split(",")
    .map((text) => text.trim())
    .filter(Boolean);

/** `order` must be valid; of `ordering`, which counts without `order`, unknown fields are ignored. */
function readOrder(parameters: URLSearchParams): readonly OrderTerm[] | Refusal {
  const strict = termsOf(parameters, "order");
  const wrong = strict.find((text) => !readTerm(text, orderFields));
  if (wrong !== undefined) return notAChoice(wrong);
  const chosen = strict.length > 0 ? strict : termsOf(parameters, "ordering");
  const terms = chosen.flatMap((text) => readTerm(text, orderingFields) ?? []);
  return terms.length > 0 ? terms : byCreation;
}

/** Reads `limit` or `offset`. A bad one falls back to the default instead of failing, as in OCS Downtime. */
function readCount(parameters: URLSearchParams, name: "limit" | "offset", otherwise: number): number {
  const text = last(parameters, name);
  const count = /^\+?\d+$/.test(text) ? Math.min(Number(text), Number.MAX_SAFE_INTEGER) : -1;
  return count >= (name === "limit" ? 1 : 0) ? count : otherwise;
}

/** The names of the parameters without effect: unknown or empty ones, and counts and sort fields that can't be read. */
function ignoredIn(parameters: URLSearchParams, { filter }: Listing): string[] {
  const isOrdered = termsOf(parameters, "order").length > 0;
  const isUsed = (name: string) => {
    if (name === "limit" || name === "offset") return readCount(parameters, name, -1) >= 0;
    if (name === "order") return isOrdered;
    if (name !== "ordering") return Object.hasOwn(filter, name);
    return !isOrdered && termsOf(parameters, name).some((text) => readTerm(text, orderingFields));
  };
  return [...new Set(parameters.keys())].filter((name) => !isUsed(name));
}

/** The headers of a list: the link to its next page, and the parameters that it ignored. */
export function listHeaders(url: string, listing: Listing, next: string | null): Record<string, string> {
  const ignored = ignoredIn(new URL(url).searchParams, listing).map(encodeURIComponent).join(", ");
  // Proxies reject responses with long headers.
  return {
    ...(next !== null && { link: `<${next}>; rel="next"` }),
    ...(ignored !== "" && { "x-ignored-parameters": ignored.slice(0, 1000) }),
  };
}

/** Reads the page of a list without filters. @throws Invalid if `limit` is larger than `most` */
export function readPart(parameters: URLSearchParams, most: number): Pick<Listing, "limit" | "offset"> {
  const part = [...parameters].filter(([name]) => name === "limit" || name === "offset");
  return readListing(new URLSearchParams(part), undefined, most);
}

/**
 * Reads a list query. Ignores unknown parameters, and empty times and texts; the last value of a repeated single-value
 * parameter counts.
 * @param facility undefined until ConfigDB has been reached: then any code is accepted
 * @param mostRows the largest `limit`
 * @throws Invalid with the errors of all parameters
 */
export function readListing(parameters: URLSearchParams, facility: Facility | undefined, mostRows?: number): Listing {
  const { listing, errors } = tryListing(parameters, facility, mostRows);
  if (Object.keys(errors).length > 0) throw new Invalid(errors);
  return listing;
}

/** Like `readListing`, but ignores invalid parameters and returns their errors. */
export function tryListing(
  parameters: URLSearchParams,
  facility: Facility | undefined,
  mostRows = Number.MAX_SAFE_INTEGER,
): { readonly listing: Listing; readonly errors: FieldErrors } {
  const errors: Record<string, string[]> = {};
  const accept = <Value>(name: string, value: Value | Refusal): Value | undefined => {
    if (!(value instanceof Refusal)) return value;
    errors[name] = [value.text];
    return undefined;
  };
  const given = filterFields.filter((field) => parameters.has(field));
  const values = given.map((field) => [field, accept(field, readFilter(field, parameters, facility))]);
  // Cast: the schema that says the values' types also says how they are read.
  const filter = Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Filter;
  const order = accept("order", readOrder(parameters)) ?? byCreation;
  const limit = readCount(parameters, "limit", Math.min(defaultLimit, mostRows));
  // A truncated list would look complete.
  if (limit > mostRows) errors.limit = [`Ensure this value is less than or equal to ${mostRows}.`];
  return { listing: { filter, order, limit, offset: readCount(parameters, "offset", 0) }, errors };
}
