/** Local dates (`2027-01-12`) and wall-clock times (`2027-01-12T20:00:00`), both without a time zone. */

import { dayMillis, toInstant } from "./instant.ts";

/** Weekdays as iCalendar abbreviates them. */
export const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof weekdays)[number];

/** The years that a series may use. */
export const firstYear = 1900;
export const lastYear = 2200;

const millisOf = (wall: string): number => Date.parse(`${wall.length === 10 ? `${wall}T00:00:00` : wall}Z`);

/** Adds days to a date; negative to subtract. */
export const addDays = (date: string, days: number): string =>
  toInstant(millisOf(date) + days * dayMillis).slice(0, 10);

/** Returns the days from one date to another. */
export const daysBetween = (from: string, to: string): number => (millisOf(to) - millisOf(from)) / dayMillis;

/** Returns the weekday of a date, counted from 1 January 1970, a Thursday. */
export const weekdayOf = (date: string): Weekday =>
  weekdays[(((millisOf(date) / dayMillis + 3) % 7) + 7) % 7] as Weekday;

/** Yields each date from the first to the last, inclusive. */
export function* datesBetween(first: string, last: string): Iterable<string> {
  for (let date = first; date <= last; date = addDays(date, 1)) yield date;
}

/** Whether the year is in the range that a series may use. */
export function isPlannable(wall: string): boolean {
  const year = Number(wall.slice(0, 4));
  return year >= firstYear && year <= lastYear;
}

/** Converts a wall-clock time to milliseconds since 1970, as if it were UTC. */
export const wallMillis = (wall: string): number => millisOf(wall);

/** The inverse of `wallMillis`: `2027-01-12T20:00:00`. */
export const wallOf = (millis: number): string => toInstant(millis).slice(0, -1);
