/** Downtimes and users of another downtime service, imported unchanged where possible. */

import type { NewToken } from "../auth/token-store.ts";
import { type Downtime, type Draft, draftFields, findCategory } from "../downtime/downtime.ts";
import { Conflict } from "../input/problem.ts";
import { instantOf, parseStamp, type Stamp } from "../time/instant.ts";

/** A downtime of another service, without a series. It may break the rules for new downtimes. */
export interface ImportedDowntime extends Omit<Downtime, "created" | "modified" | "series"> {
  readonly created: Stamp;
  readonly modified: Stamp;
  /** What had to be changed, for people. */
  readonly adjustments: readonly string[];
}

export interface ImportedUser {
  readonly name: string;
  readonly staff: boolean;
  readonly active: boolean;
  /** A hash that `auth/secrets.ts` can verify; null if the user needs a new password. */
  readonly passwordHash: string | null;
  readonly tokens: readonly NewToken[];
  /** Whether the Observation Portal manages this user. */
  readonly isFromPortal: boolean;
}

export interface ImportedData {
  readonly downtimes: AsyncIterable<readonly ImportedDowntime[]>;
  /** The largest ID ever assigned by the other service, even if that downtime was deleted. */
  readonly lastId: number;
  readonly users: readonly ImportedUser[];
}

/** A row of another service, with times as text. Older versions have fewer fields. */
export type SourceRow = Readonly<
  Record<"id" | "created" | "modified", unknown> & Partial<Record<keyof Draft, unknown>>
>;

/** Converts a row of another service. @throws Conflict if a time can't be read */
export function toImportedDowntime(row: SourceRow): ImportedDowntime {
  const stamp = (field: keyof SourceRow): Stamp => {
    // Python's strftime doesn't pad years: it writes the year 1 as `1`.
    const found = parseStamp(String(row[field]).replace(/^\d{1,3}(?=-)/, (year) => year.padStart(4, "0")));
    if (found) return found;
    throw new Conflict(`Downtime ${row.id} can't be imported: invalid ${field} ${JSON.stringify(row[field])}.`);
  };
  const [start, end] = [stamp("start"), stamp("end")];
  const given = draftFields.map((field) => [field, String(row[field] ?? "")] as const);
  // PostgreSQL can't store null characters.
  const fields = given.map(([field, text]) => [field, text.replaceAll("\0", "\uFFFD")]);
  const { category: named, ...texts } = Object.fromEntries(fields) as Record<keyof Draft, string>;
  const category = findCategory(named);
  const adjustments = {
    "Null characters replaced": given.some(([, text]) => text.includes("\0")),
    "Fractional seconds removed": ![start, end].every((stamp) => stamp.endsWith(".000000Z")),
    "Unknown categories removed": named !== "" && !category,
  };
  return {
    ...texts,
    id: Number(row.id),
    start: instantOf(start),
    end: instantOf(end),
    created: stamp("created"),
    modified: stamp("modified"),
    ...(category && { category }),
    adjustments: Object.entries(adjustments).flatMap(([text, applies]) => (applies ? [text] : [])),
  };
}
