/** Local dates (`2027-01-12`) and wall-clock times (`2027-01-12T20:00:00`), both without a time zone. */

import { dayMillis, toInstant } from "./instant.ts";

/** Weekdays as iCalendar abbreviates them. */
export const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof weekdays)[number];

/** The years that a series may use. */
export const firstYear = 1900;
export const lastYear = 2200;

/** Converts a date or a wall-clock time to milliseconds since 1970, as if it were UTC. */
export const wallMillis = (wall: string): number => Date.parse(`${wall.length === 10 ? `${wall}T00:00:00` : wall}Z`);

/** Adds days to a date; negative to subtract. */
export const addDays = (date: string, days: number): string =>
  toInstant(wallMillis(date) + days * dayMillis).slice(0, 10);

/** Returns the days from one date to another. */
export const daysBetween = (from: string, to: string): number => (wallMillis(to) - wallMillis(from)) / dayMillis;

/** Returns the weekday of a date, counted from 1 January 1970, a Thursday. */
export const weekdayOf = (date: string): Weekday =>
  weekdays[(((wallMillis(date) / dayMillis + 3) % 7) + 7) % 7] as Weekday;

/** Yields each date from the first to the last, inclusive. */
export function* datesBetween(first: string, last: string): Iterable<string> {
  for (let date = first; date <= last; date = addDays(date, 1)) yield date;
}

/** Whether the year is in the range that a series may use. */
export function isPlannable(wall: string): boolean {
  const year = Number(wall.slice(0, 4));
  return year >= firstYear && year <= lastYear;
}

/** The inverse of `wallMillis`: `2027-01-12T20:00:00`. */
export const wallOf = (millis: number): string => toInstant(millis).slice(0, -1);

export const weekdayNames: Readonly<Record<Weekday, string>> = {
  MO: "Mon",
  TU: "Tue",
  WE: "Wed",
  TH: "Thu",
  FR: "Fri",
  SA: "Sat",
  SU: "Sun",
};
export const monthNames = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `Tue–Fri`, `Mon, Wed`: joins three or more in a row. */
export function spellWeekdays(days: readonly Weekday[]): string {
  const runs: Weekday[][] = [];
  for (const day of weekdays.filter((one) => days.includes(one))) {
    const last = runs.at(-1)?.at(-1);
    if (last && weekdays.indexOf(last) === weekdays.indexOf(day) - 1) runs.at(-1)?.push(day);
    else runs.push([day]);
  }
  const names = runs.map((run) => run.map((day) => weekdayNames[day]));
  return names.flatMap((run) => (run.length > 2 ? `${run[0]}–${run.at(-1)}` : run)).join(", ");
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
