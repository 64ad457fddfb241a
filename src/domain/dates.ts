/** Dates: days of the calendar, and times on a wall's clock, both without a zone. */

import { dayMillis, parseInstant, toInstant } from "./instant.ts";
import { Refusal } from "./text.ts";

/** As iCalendar spells them. */
export const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof weekdays)[number];

const firstYear = 1900;
const lastYear = 2200;

const millisOf = (wall: string): number => Date.parse(`${wall.length === 10 ? `${wall}T00:00:00` : wall}Z`);

/** The date so many days later; negative: earlier. */
export const addDays = (date: string, days: number): string =>
  toInstant(millisOf(date) + days * dayMillis).slice(0, 10);

/** Days from one date to another. */
export const daysBetween = (from: string, to: string): number => (millisOf(to) - millisOf(from)) / dayMillis;

/** 1 January 1970 was a Thursday. */
export const weekdayOf = (date: string): Weekday =>
  weekdays[(((millisOf(date) / dayMillis + 3) % 7) + 7) % 7] as Weekday;

/** Each date from the first to the last. */
export function* datesBetween(first: string, last: string): Iterable<string> {
  for (let date = first; date <= last; date = addDays(date, 1)) yield date;
}

/** Whether a date is of a year in which an observatory plans. */
export function isPlannable(wall: string): boolean {
  const year = Number(wall.slice(0, 4));
  return year >= firstYear && year <= lastYear;
}

/** Reads a date, `2027-01-12`. */
export function readDate(value: unknown): string | Refusal {
  const text = typeof value === "string" ? value.trim() : "";
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && parseInstant(`${text}T00:00:00Z`);
  if (!isDate) return new Refusal("That is no date. Write it as 2027-01-12.");
  return isPlannable(text) ? text : new Refusal(`The year must be from ${firstYear} to ${lastYear}.`);
}

/** Reads a time on a wall's clock, `2027-01-12T20:00` with or without seconds; it is spelt with them. */
export function readWallTime(value: unknown): string | Refusal {
  const text = typeof value === "string" ? value.trim() : "";
  const isWall = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?$/.test(text);
  const wall = isWall && parseInstant(`${text}Z`)?.slice(0, -1).replace(" ", "T");
  if (!wall) return new Refusal("That is no time on a clock. Write it as 2027-01-12T20:00:00, without an offset.");
  return isPlannable(wall) ? wall : new Refusal(`The year must be from ${firstYear} to ${lastYear}.`);
}

/** Reads a time of the day on a wall's clock, `12:00` with or without seconds. */
export function readTimeOfDay(value: unknown): string | Refusal {
  const found = typeof value === "string" && /^(\d{1,2}):([0-5]\d)(?::([0-5]\d))?$/.exec(value.trim());
  if (!found || Number(found[1]) > 23) return new Refusal("Enter a time of day, such as 12:00.");
  const [, hour = "", minute, second = "00"] = found;
  return `${hour.padStart(2, "0")}:${minute}${second === "00" ? "" : `:${second}`}`;
}

/** Milliseconds since 1970 on a clock that shows this, as if it stood in UTC. */
export const wallMillis = (wall: string): number => millisOf(wall);

/** What such a clock shows then: `2027-01-12T20:00:00`. */
export const wallOf = (millis: number): string => toInstant(millis).slice(0, -1);
