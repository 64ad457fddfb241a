/** Zones: what the clock on a site's wall shows. */

import { dayMillis, type Instant, toInstant, toMillis } from "./instant.ts";
import { wallMillis } from "./local-date.ts";

/** A moment as it is told at a site. */
export interface LocalTime {
  /** `2026-11-22` */
  readonly date: string;
  /** `19:15`, with the seconds where there are any */
  readonly time: string;
  /** The difference to UTC: `+11:00` */
  readonly offset: string;
}

// Making a formatter takes a hundred times as long as using one; there are as many as a facility's sites have zones.
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const formatter = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  formatters.set(zone, formatter);
  return formatter;
}

/** The local time in an IANA zone that this runtime knows. */
export function localTime(at: Instant, zone: string): LocalTime {
  const millis = toMillis(at);
  const offset = offsetMillis(millis, zone);
  const local = new Date(millis + offset).toISOString();
  return {
    date: local.slice(0, 10),
    time: local.slice(11, local.slice(17, 19) === "00" ? 16 : 19),
    offset: spellOffset(Math.round(offset / 60_000)),
  };
}

/** Whether this runtime knows the zone; any other one breaks whatever shows a time in it. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

/** When a clock shows a time, and what is odd about it: it leaps over it, or shows it twice. */
export interface Showing {
  readonly at: Instant;
  readonly oddity?: "skipped" | "doubled";
}

/**
 * When the clock of a zone shows `2027-01-12T20:00:00`. A time that it leaps over is moved on by the leap; of one that it
 * shows twice, the first counts (RFC 5545, section 3.3.5).
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

/** What the clock of a zone shows, as milliseconds since 1970 on a clock that stands in UTC and shows the same. */
export const clockMillis = (millis: number, zone: string): number => millis + offsetMillis(millis, zone);

/** How far the clock of a zone is ahead of UTC, in milliseconds. */
export const offsetAt = (at: Instant, zone: string): number => offsetMillis(toMillis(at), zone);

/** How far a zone's clock is ahead of UTC in the year of a date while it isn't put forward for the summer, in milliseconds. */
export const standardOffset = (date: string, zone: string): number =>
  Math.min(...["01", "07"].map((month) => offsetMillis(wallMillis(`${date.slice(0, 4)}-${month}-01`), zone)));

// A page tells a hundred local times, and on most days a zone keeps its offset from one midnight to the next.
const offsets = new Map<string, number | undefined>();
const mostOffsets = 10_000;

function offsetMillis(millis: number, zone: string): number {
  const day = Math.floor(millis / dayMillis);
  const key = `${zone} ${day}`;
  if (!offsets.has(key)) {
    if (offsets.size >= mostOffsets) offsets.clear();
    const [first, last] = [askOffset(day * dayMillis, zone), askOffset((day + 1) * dayMillis, zone)];
    offsets.set(key, first === last ? first : undefined);
  }
  return offsets.get(key) ?? askOffset(millis, zone);
}

function askOffset(millis: number, zone: string): number {
  const parts: Record<string, string> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(millis)) parts[type] = value;
  const { year = "", month, day, hour, minute, second } = parts;
  return Date.parse(`${year.padStart(4, "0")}-${month}-${day}T${hour}:${minute}:${second}Z`) - millis;
}

function spellOffset(minutes: number): string {
  const pad = (number: number) => String(number).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}
