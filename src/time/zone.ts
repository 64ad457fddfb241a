/** Local dates (`2027-01-12`), wall-clock times (`2027-01-12T20:00:00`), and the time zones that turn them into UTC. */

import { dayMillis, type Instant, isNear, parseInstant, toInstant, toMillis } from "./instant.ts";

/** Weekdays as iCalendar abbreviates them. */
export const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof weekdays)[number];

/** The years that a series may use. */
export const firstYear = 1900;
export const lastYear = 2200;

/** Converts a date or a wall-clock time to milliseconds since 1970, as if it were UTC. */
export const wallMillis = (wall: string): number => Date.parse(`${wall.length === 10 ? `${wall}T00:00:00` : wall}Z`);

export const addDays = (date: string, days: number): string =>
  toInstant(wallMillis(date) + days * dayMillis).slice(0, 10);

export const daysBetween = (from: string, to: string): number => (wallMillis(to) - wallMillis(from)) / dayMillis;

/** Returns the weekday of a date, counted from 1 January 1970, a Thursday. */
export const weekdayOf = (date: string): Weekday =>
  weekdays[(((wallMillis(date) / dayMillis + 3) % 7) + 7) % 7] as Weekday;

/** Yields each date from the first to the last, inclusive. */
export function* datesBetween(first: string, last: string): Iterable<string> {
  for (let date = first; date <= last; date = addDays(date, 1)) yield date;
}

/** Whether the year is in the range that a series may use. */
export const isPlannable = (wall: string): boolean => wall >= `${firstYear}` && wall < `${lastYear + 1}`;

/** The inverse of `wallMillis`: `2027-01-12T20:00:00`. */
export const wallOf = (millis: number): string => toInstant(millis).slice(0, -1);

export const weekdayNames = Object.fromEntries(
  "Mon Tue Wed Thu Fri Sat Sun".split(" ").map((name) => [name.slice(0, 2).toUpperCase(), name]),
) as Readonly<Record<Weekday, string>>;
export const monthNames = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `Tue–Fri`, `Mon, Wed`: joins three or more in a row. */
export function spellWeekdays(days: readonly Weekday[]): string {
  const week = weekdays.map((day) => (days.includes(day) ? weekdayNames[day] : "-")).join(" ");
  return (week.match(/\w+( \w+){2,}|\w+/g) ?? []).map((run) => run.replace(/ .* /, "–")).join(", ");
}

/** `12 Jan`, of a date or an instant. */
export const dayAndMonth = (date: string): string =>
  `${Number(date.slice(8, 10))} ${monthNames[Number(date.slice(5, 7)) - 1]}`;

/** `12 Jan 2027` */
export const spellDate = (date: string): string => `${dayAndMonth(date)} ${date.slice(0, 4)}`;

/** `12 Jan – 1 Jun 2027` */
export function spellDates(first: string, last: string): string {
  if (first === last) return spellDate(first);
  const isSameYear = first.slice(0, 4) === last.slice(0, 4);
  return `${isSameYear ? dayAndMonth(first) : spellDate(first)} – ${spellDate(last)}`;
}

/** The parts of Temporal used here; TypeScript 5.9 has no types for it. */
declare const Temporal: {
  readonly Instant: {
    from(at: Instant): { toString(options: { readonly timeZone: string }): string };
    fromEpochMilliseconds(millis: number): { toZonedDateTimeISO(zone: string): { readonly offsetNanoseconds: number } };
  };
};

/** Converts to a local date, a time (`19:15`, with seconds only if they aren't zero) and its offset from UTC, `+11:00`. */
export function localTime(at: Instant, zone: string) {
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

/** When a wall-clock time occurs. `clockChange`: a clock change skips the time, or it occurs twice. */
export interface Showing {
  readonly at: Instant;
  readonly clockChange?: "skipped" | "doubled";
}

/**
 * Converts a wall-clock time, `2027-01-12T20:00:00`, to UTC. A time skipped by a clock change moves forward by the length
 * of the change; of a time that occurs twice, the first counts (RFC 5545, section 3.3.5).
 */
export function whenShown(wall: string, zone: string): Showing {
  const millis = wallMillis(wall);
  const [before, after] = [offsetMillis(millis - dayMillis, zone), offsetMillis(millis + dayMillis, zone)];
  const [early, late] = [millis - before, millis - after];
  if (early === late) return { at: toInstant(early) };
  const [isEarly, isLate] = [early, late].map((at) => at + offsetMillis(at, zone) === millis);
  if (isEarly && isLate) return { at: toInstant(Math.min(early, late)), clockChange: "doubled" };
  if (!isEarly && !isLate) return { at: toInstant(early), clockChange: "skipped" };
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
  return first && first < from ? at(addDays(today, 1)) : first;
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
