/** Finds the days that match a recurrence rule (RFC 5545, section 3.3.10). */

import { Refusal } from "../input/text.ts";
import { dayMillis } from "../time/instant.ts";
import { weekdays } from "../time/zone.ts";
import type { RuleParts } from "./recurrence.ts";

/** Days are counted from 1 January 1970. A month counts from 0 and may overflow its year. */
export const dayOf = (year: number, month: number): number => Date.UTC(year, month) / dayMillis;

export const mod = (number: number, size: number): number => ((number % size) + size) % size;

export const numbersIn = (parts: RuleParts, name: string): readonly number[] | undefined =>
  parts.get(name)?.split(",").map(Number);

/** 0 is a Monday; 1 January 1970 was a Thursday. */
const weekdayOf = (day: number): number => mod(day + 3, 7);
const weekdayIn = (code: string): number => weekdays.findIndex((day) => code.endsWith(day));

/** Days since the first day of the week, which `WKST` sets. */
export const daysIntoWeek = (day: number, parts: RuleParts): number =>
  weekdayOf(day - weekdayIn(parts.get("WKST") ?? "MO"));

/** The place of an index among `length`, counted from 1 at the start and from -1 at the end; by days, or by weeks of seven. */
const placesOf = (index: number, length: number, size = 1): readonly number[] => [
  Math.floor(index / size) + 1,
  -Math.floor((length - 1 - index) / size) - 1,
];

const fits = (wanted: readonly number[] | undefined, found: readonly number[]): boolean =>
  !wanted || found.some((number) => wanted.includes(number));

/**
 * Returns a test: whether a day matches every BYxxx part; refused where programs disagree. Whether a part expands or limits
 * by the standard makes no difference here: the days of a period that match all are the same.
 * @param start the day on which the rule starts: the default for parts that the rule doesn't have
 */
export function dayFilter(parts: RuleParts, start: number): (day: number) => boolean | Refusal {
  const freq = parts.get("FREQ");
  let months = numbersIn(parts, "BYMONTH");
  let monthDays = numbersIn(parts, "BYMONTHDAY");
  const codes = parts.get("BYDAY")?.split(",");
  let days = codes?.map((code) => ({ weekday: weekdayIn(code), place: Number(code.slice(0, -2)) }));
  const [yearDays, weeks] = [numbersIn(parts, "BYYEARDAY"), numbersIn(parts, "BYWEEKNO")];
  const countsInMonth = freq === "MONTHLY" || months !== undefined;
  if (!monthDays && !days && !yearDays && !weeks) {
    const first = new Date(start * dayMillis);
    if (freq === "YEARLY") months ??= [first.getUTCMonth() + 1];
    if (freq === "YEARLY" || freq === "MONTHLY") monthDays = [first.getUTCDate()];
    if (freq === "WEEKLY") days = [{ weekday: weekdayOf(start), place: 0 }];
  }

  return (day) => {
    const date = new Date(day * dayMillis);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    const inYear = [day - dayOf(year, 0), dayOf(year + 1, 0) - dayOf(year, 0)] as const;
    const inMonth = [day - dayOf(year, month), dayOf(year, month + 1) - dayOf(year, month)] as const;
    const places = placesOf(...(countsInMonth ? inMonth : inYear), 7);
    const isDay =
      fits(months, [month + 1]) &&
      fits(monthDays, placesOf(...inMonth)) &&
      fits(yearDays, placesOf(...inYear)) &&
      (!days || days.some(({ weekday, place }) => weekday === weekdayOf(day) && fits([place], [0, ...places])));
    return isDay && (!weeks || isInWeeks(day, year, weeks, parts));
  };
}

/** Whether a day is in one of the weeks. A week belongs to the year of its fourth day. */
function isInWeeks(day: number, year: number, weeks: readonly number[], parts: RuleParts): boolean | Refusal {
  const fourth = day - daysIntoWeek(day, parts) + 3;
  const weekYear = new Date(fourth * dayMillis).getUTCFullYear();
  if (weekYear === year) return fits(weeks, placesOf(fourth - dayOf(year, 0), dayOf(year + 1, 0) - dayOf(year, 0), 7));
  // A week of another year: python-dateutil and rrule.js agree about it only as 1 or -1.
  const [agreed, disputed] = weekYear > year ? [1, [-52, -53]] : [-1, [52, 53]];
  if (weeks.includes(agreed)) return true;
  return fits(weeks, disputed) ? new Refusal(disputedWeek) : false;
}

const disputedWeek =
  "BYWEEKNO includes a week that is in two years, about which programs disagree. Use 1 for the first week, -1 for the last.";
