/** Recurrence days: which days of the calendar fit the parts of a recurrence rule (RFC 5545, section 3.3.10). */

import { Refusal } from "../input/text.ts";
import { dayMillis } from "../time/instant.ts";
import { weekdays } from "../time/local-date.ts";
import { numbersIn, type RuleParts } from "./recurrence-parts.ts";

/** The day, counted from 1 January 1970, on which a month begins; `month` counts from 0 and may be beyond its year. */
export const dayOf = (year: number, month: number): number => Date.UTC(year, month) / dayMillis;

/** 0 is a Monday; 1 January 1970 was a Thursday. */
const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;

/** How many days of its week come before a day, when weeks begin as the rule says. */
export const daysIntoWeek = (day: number, parts: RuleParts): number =>
  weekdayOf(day - indexOf(parts.get("WKST") ?? "MO"));

const codes: readonly string[] = weekdays;
const indexOf = (code: string): number => codes.indexOf(code.slice(-2));

/** An index among so many as it is counted from 1 at the beginning, and from -1 at the end. */
const bothWays = (index: number, length: number): readonly number[] => [index + 1, index - length];
/** The same for every seventh one. */
const seventhsBothWays = (index: number, length: number): readonly number[] => [
  Math.floor(index / 7) + 1,
  -Math.floor((length - 1 - index) / 7) - 1,
];

/**
 * Tells whether a day fits every part of a rule that limits days; refused where programs disagree about it. Which of these
 * parts the standard says expand and which limit makes no difference here: the days of a period that fit all are the same.
 * @param start the day on which the rule starts: it gives what the rule leaves open
 */
export function dayFilter(parts: RuleParts, start: number): (day: number) => boolean | Refusal {
  const freq = parts.get("FREQ");
  let months = numbersIn(parts, "BYMONTH");
  let monthDays = numbersIn(parts, "BYMONTHDAY");
  let days = parts
    .get("BYDAY")
    ?.split(",")
    .map((code) => ({ weekday: indexOf(code), place: Number(code.slice(0, -2)) }));
  const yearDays = numbersIn(parts, "BYYEARDAY");
  const weeks = numbersIn(parts, "BYWEEKNO");
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
    const places = days ? seventhsBothWays(...(countsInMonth ? inMonth : inYear)) : [];
    const isDay =
      fits(months, [month + 1]) &&
      fits(monthDays, bothWays(...inMonth)) &&
      fits(yearDays, bothWays(...inYear)) &&
      (!days || days.some(({ weekday, place }) => weekday === weekdayOf(day) && fits([place], [0, ...places])));
    return isDay && (!weeks || isInWeeks(day, year, weeks, parts));
  };
}

const fits = (wanted: readonly number[] | undefined, found: readonly number[]): boolean =>
  !wanted || found.some((number) => wanted.includes(number));

/** Whether a day is in one of the weeks. A week belongs to the year in which its fourth day lies. */
function isInWeeks(day: number, year: number, weeks: readonly number[], parts: RuleParts): boolean | Refusal {
  const fourth = day - daysIntoWeek(day, parts) + 3;
  const weekYear = new Date(fourth * dayMillis).getUTCFullYear();
  if (weekYear === year)
    return fits(weeks, seventhsBothWays(fourth - dayOf(year, 0), dayOf(year + 1, 0) - dayOf(year, 0)));
  // The week of another year: python-dateutil and rrule.js agree about it only as the first one or as the last.
  const [agreed, disputed] = weekYear > year ? [1, [-52, -53]] : [-1, [52, 53]];
  if (weeks.includes(agreed)) return true;
  return fits(weeks, disputed) ? new Refusal(disputedWeek) : false;
}

const disputedWeek =
  "BYWEEKNO reaches a week that lies in two years, of which programs disagree. Write 1 for the first week, -1 for the last.";
