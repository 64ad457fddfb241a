/** Zones: what the clock on a site's wall shows. */

import { type Instant, toMillis } from "./instant.ts";

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
  const parts: Record<string, string> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(millis)) parts[type] = value;
  const { year = "", month, day, hour, minute, second } = parts;
  const date = `${year.padStart(4, "0")}-${month}-${day}`;
  const offsetMinutes = Math.round((Date.parse(`${date}T${hour}:${minute}:${second}Z`) - millis) / 60_000);
  return {
    date,
    time: `${hour}:${minute}${second === "00" ? "" : `:${second}`}`,
    offset: spellOffset(offsetMinutes),
  };
}

function spellOffset(minutes: number): string {
  const pad = (number: number) => String(number).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}
