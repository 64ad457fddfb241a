/** Computes the times of a recurrence rule in a time zone (RFC 5545, section 3.3.10). */

import { Refusal } from "../input/text.ts";
import { dayMillis, hourMillis, type Instant, minuteMillis, toInstant, toMillis } from "../time/instant.ts";
import { clockMillis, wallMillis, wallOf, weekdays, whenShown } from "../time/zone.ts";
import { endOf, partsOf, type RuleParts, untilOf } from "./recurrence.ts";

export interface RecurrenceTime {
  /** Local time: `2027-01-12T20:00:00`. */
  readonly wall: string;
  /** Set where the rule counts real time; otherwise it follows from `wall`. */
  readonly at?: Instant;
}

const realUnits: Readonly<Record<string, number>> = { HOURLY: hourMillis, MINUTELY: minuteMillis, SECONDLY: 1000 };
const unitOf = (parts: RuleParts) => realUnits[parts.get("FREQ") ?? ""];

/** Whether a rule counts real hours, minutes or seconds, also across clock changes. */
export const countsRealTime = (rrule: string): boolean => unitOf(partsOf(rrule)) !== undefined;

/** Days are counted from 1 January 1970. A month counts from 0 and may overflow its year. */
const dayOf = (year: number, month: number): number => Date.UTC(year, month) / dayMillis;
const dayAt = (millis: number): number => Math.floor(millis / dayMillis);

/** The end of the search without UNTIL. */
const lastDay = dayOf(2201, 0);

const tooRare = "The rule matches too rarely. Use a larger FREQ, or UNTIL instead of COUNT.";

/**
 * Returns the times of a rule in order, up to the first one past the last date. Refused when the rule matches so rarely that
 * the search takes too long.
 * @param most the limit of times
 * @param last local time, as the start
 */
export function recurrenceTimes(
  { rrule, start, zone }: Readonly<Record<"rrule" | "start" | "zone", string>>,
  most: number,
  last: string,
): RecurrenceTime[] | Refusal {
  const parts = partsOf(rrule);
  const begin = wallMillis(start);
  if (parts.get("FREQ") === "WEEKLY" && parts.has("BYSETPOS") && daysIntoWeek(dayAt(begin), parts) > 0)
    return new Refusal(
      "BYSETPOS with FREQ=WEEKLY needs a start on the first day of a week, since programs disagree about days before the start.",
    );
  const [end = "", until] = [endOf(rrule), untilOf(rrule, zone)];
  const isPast = ({ wall, at }: RecurrenceTime) =>
    until !== undefined && (at && end.endsWith("Z") ? at > end : wall > until);
  const limit = Math.min(most, Number(parts.get("COUNT") ?? most));
  const step = (unitOf(parts) ?? 0) * intervalOf(parts);
  const ending = until === undefined ? lastDay : dayAt(wallMillis(until)) + 1;
  const found: RecurrenceTime[] = [];
  for (const time of step > 0 ? realTimes(start, zone, step) : wallTimes(begin, parts, ending)) {
    if (isPast(time)) return found;
    found.push(time);
    if (found.length >= limit || time.wall > last) return found;
  }
  return until === undefined ? new Refusal(tooRare) : found;
}

const intervalOf = (parts: RuleParts) => Number(parts.get("INTERVAL") ?? 1);

/** Yields times in equal steps, for ever. @param step in milliseconds */
function* realTimes(start: string, zone: string, step: number): Iterable<RecurrenceTime> {
  for (let at = toMillis(whenShown(start, zone).at); ; at += step)
    yield { wall: wallOf(clockMillis(at, zone)), at: toInstant(at) };
}

/** Yields the local times of a rule that counts days or longer, also those that daylight saving skips. @param end exclusive */
function* wallTimes(start: number, parts: RuleParts, end: number): Iterable<RecurrenceTime> {
  const first = dayAt(start);
  const fits = dayFilter(parts, first);
  const times = timesOfDay(parts, start);
  for (let turn = 0; ; turn += intervalOf(parts)) {
    const [from, to] = [periodStart(parts, first, turn), periodStart(parts, first, turn + 1)];
    if (from >= end) return;
    const days: number[] = [];
    for (let day = parts.has("BYSETPOS") ? from : Math.max(from, first); day < to; day++) if (fits(day)) days.push(day);
    // Computed from the index, not listed: a year may have 31 million seconds.
    for (const index of indicesOf(days.length * times.length, parts)) {
      const at = (days[Math.floor(index / times.length)] ?? 0) * dayMillis + (times[index % times.length] ?? 0);
      if (at >= start) yield { wall: wallOf(at) };
    }
  }
}

/** Returns the first day of the period that is `turn` periods after that of a day. */
function periodStart(parts: RuleParts, day: number, turn: number): number {
  const date = new Date(day * dayMillis);
  switch (parts.get("FREQ")) {
    case "YEARLY":
      return dayOf(date.getUTCFullYear() + turn, 0);
    case "MONTHLY":
      return dayOf(date.getUTCFullYear(), date.getUTCMonth() + turn);
    case "WEEKLY":
      return day - daysIntoWeek(day, parts) + 7 * turn;
    default:
      return day + turn;
  }
}

/** Returns the times of each day in milliseconds; without BYHOUR, BYMINUTE or BYSECOND, those of the start. */
function timesOfDay(parts: RuleParts, start: number): readonly number[] {
  const own = wallOf(start).slice(11).split(":").map(Number);
  const [hours = [], minutes = [], seconds = []] = ["BYHOUR", "BYMINUTE", "BYSECOND"].map((name, index) =>
    sorted(numbersIn(parts, name) ?? own.slice(index, index + 1)),
  );
  return hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => hour * hourMillis + minute * minuteMillis + second * 1000)),
  );
}

const sorted = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);

/** Returns the indices below a size; with BYSETPOS, only its own: 1 is the first, -1 the last. */
function indicesOf(size: number, parts: RuleParts): Iterable<number> {
  const indices = numbersIn(parts, "BYSETPOS")?.map((position) => (position > 0 ? position - 1 : size + position));
  return indices ? sorted(indices).filter((index) => index >= 0 && index < size) : Array(size).keys();
}

const mod = (number: number, size: number): number => ((number % size) + size) % size;

const numbersIn = (parts: RuleParts, name: string): readonly number[] | undefined =>
  parts.get(name)?.split(",").map(Number);

/** 0 is a Monday; 1 January 1970 was a Thursday. */
const weekdayOf = (day: number): number => mod(day + 3, 7);
const weekdayIn = (code: string): number => weekdays.findIndex((day) => code.endsWith(day));

const daysIntoWeek = (day: number, parts: RuleParts): number => weekdayOf(day - weekdayIn(parts.get("WKST") ?? "MO"));

/** The place of an index among `length`, counted from 1 at the start and from -1 at the end; by days, or by weeks of seven. */
const placesOf = (index: number, length: number, size = 1): readonly number[] => [
  Math.floor(index / size) + 1,
  -Math.floor((length - 1 - index) / size) - 1,
];

const fits = (wanted: readonly number[] | undefined, found: readonly number[]): boolean =>
  !wanted || found.some((number) => wanted.includes(number));

/**
 * Returns a test: whether a day matches every BYxxx part. Whether a part expands or limits by the standard makes no difference
 * here: the days of a period that match all are the same.
 * @param start the day on which the rule starts: the default for parts that the rule doesn't have
 */
function dayFilter(parts: RuleParts, start: number): (day: number) => boolean {
  const freq = parts.get("FREQ");
  let months = numbersIn(parts, "BYMONTH");
  let monthDays = numbersIn(parts, "BYMONTHDAY");
  const codes = parts.get("BYDAY")?.split(",");
  let days = codes?.map((code) => ({ weekday: weekdayIn(code), place: Number(code.slice(0, -2)) }));
  const yearDays = numbersIn(parts, "BYYEARDAY");
  const countsInMonth = freq === "MONTHLY" || months !== undefined;
  if (!monthDays && !days && !yearDays) {
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
    return (
      fits(months, [month + 1]) &&
      fits(monthDays, placesOf(...inMonth)) &&
      fits(yearDays, placesOf(...inYear)) &&
      (!days || days.some(({ weekday, place }) => weekday === weekdayOf(day) && fits([place], [0, ...places])))
    );
  };
}
