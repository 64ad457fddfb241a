/** Tolerant reading: takes what fits a schema from a value, and leaves out the least that doesn't. */

import type { TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/** A value that can't be read, with the path of what is wrong in it. */
export class Unreadable {
  constructor(readonly path: string) {}
}

/**
 * Reads a value by a schema of objects, arrays, texts, numbers and booleans. An entry of an array that can't be read is
 * left out, and so is an optional property; null counts as absent, and a number may be written as a text.
 * @param leaveOut is told the path of each part that is left out, and the path of what is wrong in it
 */
export function readTolerantly(
  schema: TSchema,
  value: unknown,
  leaveOut: (part: string, cause: string) => void,
  path = "",
): unknown {
  if (schema.anyOf) return readTolerantly(schema.anyOf[0], value, leaveOut, path);
  if (schema.type === "array") {
    if (!Array.isArray(value)) return new Unreadable(path);
    return value.flatMap((entry, index) => {
      const read = readTolerantly(schema.items, entry, leaveOut, `${path}/${nameOf(entry) ?? index}`);
      if (!(read instanceof Unreadable)) return [read];
      leaveOut(`${path}/${nameOf(entry) ?? index}`, read.path);
      return [];
    });
  }
  if (schema.type === "object") {
    if (!isRecord(value)) return new Unreadable(path);
    const known: Record<string, unknown> = { ...value };
    for (const [name, property] of Object.entries<TSchema>(schema.properties)) {
      const isOptional = !schema.required?.includes(name);
      if (isOptional && (value[name] ?? undefined) === undefined) continue;
      const read = readTolerantly(property, value[name], leaveOut, `${path}/${name}`);
      if (!(read instanceof Unreadable)) known[name] = read;
      else if (!isOptional) return read;
      else {
        delete known[name];
        leaveOut(`${path}/${name}`, read.path);
      }
    }
    return known;
  }
  const read = schema.type === "number" && typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return Value.Check(schema, read) ? read : new Unreadable(path);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What people call an entry. */
const nameOf = (entry: unknown): string | undefined =>
  isRecord(entry) && typeof entry.code === "string" && entry.code !== "" ? entry.code : undefined;
