/** Validates nested request bodies. Errors name each invalid field by its path: `rule.from.event`. */

import type { TObject, TSchema } from "@sinclair/typebox";
import { parseInstant } from "../time/instant.ts";
import { firstYear, isPlannable, lastYear } from "../time/zone.ts";
import type { FieldErrors } from "./problem.ts";
import { isRecord, Refusal, readText } from "./text.ts";

/** Why an object or a list is invalid: path within it → texts. The empty path is the object or list itself. */
export class Refusals {
  constructor(readonly errors: FieldErrors) {}
}

/** Validates a value and returns it in its canonical form. */
export type Reader<T> = (value: unknown) => T | Refusal | Refusals;

export const isRefused = (read: unknown): read is Refusal | Refusals =>
  read instanceof Refusal || read instanceof Refusals;

/** The errors of a field, with the field's name before their paths. */
const below = (field: string, refused: Refusal | Refusals): [string, readonly string[]][] =>
  refused instanceof Refusal
    ? [[field, [refused.text]]]
    : Object.entries(refused.errors).map(([path, texts]) => [path === "" ? field : `${field}.${path}`, texts]);

const isLeftOut = (value: unknown) => value === undefined || value === null || value === "";

function missing(value: unknown): Refusal | undefined {
  if (value === undefined) return new Refusal("This field is required.");
  return value === null ? new Refusal("This field may not be null.") : undefined;
}

/**
 * Returns the reader of a schema: that of its option `read`, or else what follows from its type. JSON leaves the option out,
 * so that the OpenAPI document doesn't have it.
 */
function readerOf(schema: TSchema): Reader<unknown> {
  if (schema.read) return schema.read;
  const words = schema.anyOf?.map((one: TSchema) => one.const) ?? schema.enum ?? (schema.const && [schema.const]);
  if (words) return readChoice(words);
  if (schema.properties) return readObject(schema as TObject);
  if (schema.items) return readList(readerOf(schema.items), schema.maxItems, schema.minItems);
  return schema.format === "date" ? readDate : (value) => readText(value, schema.maxLength);
}

/**
 * Reads an object by its schema, which has the fields, their readers, which are required, and the defaults of the others. An
 * optional field may also be null or empty, as forms send it.
 * @param own readers that depend on more than the schema
 * @param ignored unknown fields to ignore; any other unknown field is an error, since it may be misspelt
 */
export function readObject<T>(
  { properties, required = [] }: Pick<TObject, "properties" | "required">,
  own: { readonly [Field in keyof T]?: Reader<T[Field]> } = {},
  ignored: readonly string[] = [],
): Reader<T> {
  const schemas = Object.entries(properties);
  const readers = { ...Object.fromEntries(schemas.map(([field, schema]) => [field, readerOf(schema)])), ...own };
  return (value) => {
    if (!isRecord(value)) return new Refusal("Not an object.");
    const errors: [string, readonly string[]][] = [];
    const parts: [string, unknown][] = [];
    for (const [field, { default: standard }] of schemas) {
      const part = Object.hasOwn(value, field) ? value[field] : undefined;
      const isOptional = !required.includes(field) && isLeftOut(part);
      const read = isOptional ? standard : (missing(part) ?? readers[field]?.(part));
      if (isRefused(read)) errors.push(...below(field, read));
      else if (read !== undefined) parts.push([field, read]);
    }
    for (const field of Object.keys(value))
      if (!Object.hasOwn(properties, field) && !ignored.includes(field)) errors.push([field, ["Unknown field."]]);
    // Cast: the schema has each field of T.
    return errors.length > 0 ? new Refusals(Object.fromEntries(errors)) : (Object.fromEntries(parts) as T);
  };
}

/** Reads a list; the path of an item is its index. */
export const readList =
  <T>(reader: Reader<T>, max: number, min = 0): Reader<T[]> =>
  (value) => {
    if (!Array.isArray(value)) return new Refusal("Not a list.");
    if (value.length < min) return new Refusal("This list may not be empty.");
    if (value.length > max) return new Refusal(`Maximum ${max} entries (you sent ${value.length}).`);
    const read = value.map((entry) => reader(entry));
    const errors = read.flatMap((entry, index) => (isRefused(entry) ? below(String(index), entry) : []));
    return errors.length > 0 ? new Refusals(Object.fromEntries(errors)) : (read as T[]);
  };

/** Reads one of some words. */
export const readChoice =
  <T extends string>(words: readonly T[]) =>
  (value: unknown): T | Refusal =>
    words.find((word) => word === value) ??
    new Refusal(`"${String(value)}" is not a valid choice. Choose one of ${words.join(", ")}.`);

/** Reads a whole number; also as text, as forms send it. */
export const readWhole =
  (min: number, max: number): Reader<number> =>
  (value) => {
    const number = typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
    if (typeof number !== "number" || !Number.isInteger(number)) return new Refusal("Enter a whole number.");
    return number >= min && number <= max ? number : new Refusal(`Enter a number from ${min} to ${max}.`);
  };

const textOf = (value: unknown) => (typeof value === "string" ? value.trim() : "");
const plannable = (text: string) =>
  isPlannable(text) ? text : new Refusal(`The year must be from ${firstYear} to ${lastYear}.`);

/** Reads a date, `2027-01-12`, in a year that a series may use. */
export function readDate(value: unknown): string | Refusal {
  const text = textOf(value);
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && parseInstant(`${text}T00:00:00Z`);
  return isDate ? plannable(text) : new Refusal("Enter a date such as 2027-01-12.");
}

/** Reads a wall-clock time, `2027-01-12T20:00` with or without seconds; returns it with seconds. */
export function readWallTime(value: unknown): string | Refusal {
  const text = textOf(value);
  const isWall = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?$/.test(text);
  const wall = isWall && parseInstant(`${text}Z`)?.slice(0, -1).replace(" ", "T");
  if (wall) return plannable(wall);
  return new Refusal("Enter a local date and time such as 2027-01-12T20:00:00, without an offset.");
}

/** Reads a local time of day, `12:00` with or without seconds. */
export function readTimeOfDay(value: unknown): string | Refusal {
  const found = /^(\d{1,2}):([0-5]\d)(?::([0-5]\d))?$/.exec(textOf(value));
  if (!found || Number(found[1]) > 23) return new Refusal("Enter a time of day, such as 12:00.");
  const [, hour = "", minute, second = "00"] = found;
  return `${hour.padStart(2, "0")}:${minute}${second === "00" ? "" : `:${second}`}`;
}
