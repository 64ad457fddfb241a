/** Time zones: converts between UTC and a site's local time. */

import { dayMillis, type Instant, isNear, parseInstant, toInstant, toMillis } from "./instant.ts";
import { wallMillis } from "./local-date.ts";

/** A local date and time, and its offset. */
interface LocalTime {
  /** `2026-11-22` */
  readonly date: string;
  /** `19:15`, with seconds only if they aren't zero */
  readonly time: string;
  /** The difference to UTC: `+11:00` */
  readonly offset: string;
}

/** What is used here of Temporal, whose types TypeScript 5.9 lacks. */
declare const Temporal: {
  readonly Instant: {
    from(at: Instant): { toString(options: { readonly timeZone: string }): string };
    fromEpochMilliseconds(millis: number): { toZonedDateTimeISO(zone: string): { readonly offsetNanoseconds: number } };
  };
};

/** Converts an instant to local time. @param zone an IANA time zone for which `isZone` is true */
export function localTime(at: Instant, zone: string): LocalTime {
  const local = Temporal.Instant.from(at).toString({ timeZone: zone });
  return {
    date: local.slice(0, 10),
    time: local.slice(11, local.slice(17, 19) === "00" ? 16 : 19),
    offset: local.slice(-6),
  };
}

/** Whether this runtime knows the time zone; formatting a time in any other one throws. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

/** When a wall-clock time occurs. `oddity`: a clock change skips the time, or it occurs twice. */
export interface Showing {
  readonly at: Instant;
  readonly oddity?: "skipped" | "doubled";
}

/**
 * Converts a wall-clock time, `2027-01-12T20:00:00`, to UTC. A time skipped by a clock change moves forward by the length
 * of the change; of a time that occurs twice, the first counts (RFC 5545, section 3.3.5).
 */
export function whenShown(wall: string, zone: string): Showing {
  const millis = wallMillis(wall);
  const [before, after] = [offsetMillis(millis - dayMillis, zone), offsetMillis(millis + dayMillis, zone)];
  const [early, late] = [before, after].map((offset) => millis - offset) as [number, number];
  if (early === late) return { at: toInstant(early) };
  const [isEarly, isLate] = [early, late].map((at) => at + offsetMillis(at, zone) === millis);
  if (isEarly && isLate) return { at: toInstant(Math.min(early, late)), oddity: "doubled" };
  if (!isEarly && !isLate) return { at: toInstant(early), oddity: "skipped" };
  return { at: toInstant(isEarly ? early : late) };
}

const sitePattern = /^(?:(\d{4}-\d\d-\d\d)[T ]+)?(\d?\d:\d\d(?::\d\d)?) *(?:site|local)(?: time)?$/i;

/**
 * Parses a site's local time, `2026-11-26 09:00 site`; without a date it is the first one at or after `from`.
 * @returns undefined if it is anything else, or the site's time zone is unknown
 */
export function parseSiteTime(text: string, zone: string | undefined, from: Instant): Instant | undefined {
  const [, date, time = ""] = sitePattern.exec(text.trim()) ?? [];
  if (!zone || time === "") return undefined;
  const at = (day: string) => {
    const wall = parseInstant(`${day}T${time.padStart(5, "0")}`);
    return wall && isNear(wall) ? whenShown(wall.slice(0, -1), zone).at : undefined;
  };
  if (date) return at(date);
  const today = localTime(from, zone).date;
  const first = at(today);
  return first && first < from ? at(toInstant(wallMillis(today) + dayMillis).slice(0, 10)) : first;
}

/** Converts UTC to a zone's wall-clock time, both in milliseconds since 1970 (see `wallMillis`). */
export const clockMillis = (millis: number, zone: string): number => millis + offsetMillis(millis, zone);

/** A zone's offset from UTC at an instant, in milliseconds; positive east of Greenwich. */
export const offsetAt = (at: Instant, zone: string): number => offsetMillis(toMillis(at), zone);

/** A zone's offset from UTC without daylight saving time, in the year of a date, in milliseconds. */
export const standardOffset = (date: string, zone: string): number =>
  Math.min(...["01", "07"].map((month) => offsetMillis(wallMillis(`${date.slice(0, 4)}-${month}-01`), zone)));

const offsetMillis = (millis: number, zone: string): number =>
  Temporal.Instant.fromEpochMilliseconds(millis).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;
