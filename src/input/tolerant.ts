/** Reads and validates what other services send. Tolerant validation drops the smallest parts that don't match a schema. */

import { type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { isRecord } from "./text.ts";

/** A schema for an optional property that may also be null. */
export const maybe = <T extends TSchema>(type: T) => Type.Optional(Type.Union([type, Type.Null()]));

/** Describes where a value doesn't match a schema, without the value: it may contain a token. */
export function mismatchOf(schema: TSchema, value: unknown): string | undefined {
  const error = Value.Errors(schema, value).First();
  return error && `${error.message} at ${error.path || "the top"}`;
}

/**
 * Reads a value by a schema of objects, arrays, strings, numbers and booleans. Drops array items and optional properties
 * that don't match. Null counts as absent, and a number may be a string.
 * @param onDrop gets the path of each mismatch
 * @returns undefined if the whole value doesn't match
 */
export function readTolerantly(schema: TSchema, value: unknown, onDrop: (path: string) => void, path = ""): unknown {
  if (schema.anyOf) return readTolerantly(schema.anyOf[0], value, onDrop, path);
  if (schema.type === "array" && Array.isArray(value))
    return value.flatMap((entry, index) => {
      const read = readTolerantly(schema.items, entry, onDrop, `${path}/${nameOf(entry) ?? index}`);
      return read === undefined ? [] : [read];
    });
  if (schema.type === "object" && isRecord(value)) {
    const known: Record<string, unknown> = { ...value };
    for (const [name, property] of Object.entries<TSchema>(schema.properties)) {
      const isOptional = !schema.required?.includes(name);
      const isAbsent = isOptional && (value[name] ?? undefined) === undefined;
      known[name] = isAbsent ? undefined : readTolerantly(property, value[name], onDrop, `${path}/${name}`);
      if (known[name] === undefined && !isOptional) return undefined;
    }
    return known;
  }
  const read = schema.type === "number" && typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (Value.Check(schema, read)) return read;
  onDrop(path);
  return undefined;
}

const nameOf = (entry: unknown): string | undefined =>
  isRecord(entry) && typeof entry.code === "string" && entry.code !== "" ? entry.code : undefined;

export const megabyte = 1_000_000;

/** Reads a response body as text. @param maxBytes after decompression @throws Error if the body is larger */
export async function readLimited(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  // Leaving the loop cancels the download. Cast: the DOM's stream type lacks the async iterator that Bun's has.
  for await (const piece of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) throw new Error(`the response is larger than ${maxBytes / megabyte} MB`);
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
