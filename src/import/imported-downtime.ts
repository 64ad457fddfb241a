/** Arrivals: what another program has stored, to be moved in and kept as it was. */

import { type Downtime, type Draft, draftFields, longestReason } from "../downtime/downtime.ts";
import { Conflict } from "../input/problem.ts";
import { type Instant, parseStamp, type Stamp } from "../time/instant.ts";

/** A downtime of another program, of no series here. It may break the rules of today. */
export interface ImportedDowntime extends Omit<Downtime, "created" | "modified" | "series"> {
  readonly created: Stamp;
  readonly modified: Stamp;
  /** What could not be kept to the letter, in words. */
  readonly changed: readonly string[];
}

/** A user of another program. */
export interface ImportedUser {
  readonly name: string;
  readonly staff: boolean;
  readonly active: boolean;
  /** A hash that `auth/secrets.ts` understands; null: the user has to be given a new password. */
  readonly passwordHash: string | null;
  readonly tokens: readonly ArrivingToken[];
  /** The Observation Portal has the last word about them. */
  readonly isFromPortal: boolean;
}

/** A downtime as another program shows it; it may leave out what a draft may leave out. */
type ArrivingRow = Readonly<Record<"id" | "created" | "modified", unknown> & Partial<Record<keyof Draft, unknown>>>;

/** An API token of such a user. */
export interface ArrivingToken {
  readonly name: string;
  readonly token: string;
  /** Null: unknown. */
  readonly created: Stamp | null;
}

/**
 * A downtime from the fields that another program shows.
 * @param row the fields of a draft, `id`, `created` and `modified`; instants as texts
 * @throws Conflict when an instant is none that can be kept: nothing is dropped, so nothing is moved in
 */
export function toImportedDowntime(row: ArrivingRow): ImportedDowntime {
  const changed = new Set<string>();
  const stamp = (field: keyof typeof row): Stamp => {
    // Python's strftime writes the year 1 as `1`.
    const found = parseStamp(String(row[field]).replace(/^\d{1,3}(?=-)/, (year) => year.padStart(4, "0")));
    if (found) return found;
    throw new Conflict(`Downtime ${row.id} can't be kept: its ${field} is ${JSON.stringify(row[field])}.`);
  };
  const instant = (field: "start" | "end"): Instant => {
    const found = stamp(field);
    if (!found.endsWith(".000000Z")) changed.add("fraction of a second cut off");
    return `${found.slice(0, 19)}Z` as Instant;
  };
  const text = (value: unknown): string => {
    const found = String(value ?? "");
    if (!found.includes("\0")) return found;
    changed.add("null character replaced");
    return found.replaceAll("\0", "\uFFFD");
  };
  const {
    start: _start,
    end: _end,
    ...texts
  } = Object.fromEntries(draftFields.map((field) => [field, text(row[field])])) as unknown as Draft;
  return {
    id: Number(row.id),
    start: instant("start"),
    end: instant("end"),
    ...texts,
    created: stamp("created"),
    modified: stamp("modified"),
    changed: [...changed],
  };
}

/** As `toArrival`, but hands back what keeps the row from being kept. */
export function tryArrival(row: ArrivingRow): ImportedDowntime | Conflict {
  try {
    return toImportedDowntime(row);
  } catch (error) {
    if (error instanceof Conflict) return error;
    throw error;
  }
}

/** Whether the reason is one that nobody could store today. */
export const isTooLong = ({ reason }: Draft): boolean => [...reason].length > longestReason;
