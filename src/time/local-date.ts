/** Dates: days of the calendar, and times on a wall's clock, both without a zone. */

import { dayMillis, toInstant } from "./instant.ts";

/** As iCalendar spells them. */
export const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof weekdays)[number];

export const firstYear = 1900;
export const lastYear = 2200;

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

/** Milliseconds since 1970 on a clock that shows this, as if it stood in UTC. */
export const wallMillis = (wall: string): number => millisOf(wall);

/** What such a clock shows then: `2027-01-12T20:00:00`. */
export const wallOf = (millis: number): string => toInstant(millis).slice(0, -1);
