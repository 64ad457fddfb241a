/** Computes the times of a recurrence rule in a time zone (RFC 5545, section 3.3.10). */

import { Refusal } from "../input/text.ts";
import { dayMillis, hourMillis, type Instant, minuteMillis, toInstant, toMillis } from "../time/instant.ts";
import { clockMillis, wallMillis, wallOf, whenShown } from "../time/zone.ts";
import { endOf, partsOf, type RuleParts, untilOf } from "./recurrence.ts";
import { dayFilter, dayOf, daysIntoWeek, mod, numbersIn } from "./recurrence-days.ts";

export interface RecurrenceTime {
  /** Local time: `2027-01-12T20:00:00`. */
  readonly wall: string;
  /** Set where the rule counts real time; otherwise it follows from `wall`. */
  readonly at?: Instant;
}

type Recurrence = Readonly<Record<"rrule" | "start" | "zone", string>>;

const realUnits: Readonly<Record<string, number>> = { HOURLY: hourMillis, MINUTELY: minuteMillis, SECONDLY: 1000 };
const unitOf = (parts: RuleParts) => realUnits[parts.get("FREQ") ?? ""];

/** Whether a rule counts real hours, minutes or seconds, also across clock changes. */
export const countsRealTime = (rrule: string): boolean => unitOf(partsOf(rrule)) !== undefined;

const dayAt = (millis: number): number => Math.floor(millis / dayMillis);

/** The end of the search without UNTIL. */
const lastDay = dayOf(2201, 0);
/** How far past the last date the search goes on: one more time is enough to tell how far the rule reaches. */
const daysBeyond = 366;
/** The limit of times that are tested; each takes about a microsecond. */
const mostSteps = 500_000;

const tooRare = "The rule matches too rarely. Use a larger FREQ, or UNTIL instead of COUNT.";

/**
 * Returns the times of a rule in order, up to the first one past the last date. Refused when the rule matches so rarely that
 * the search takes too long.
 * @param most the limit of times
 * @param last local time, as the start
 */
export function recurrenceTimes(recurrence: Recurrence, most: number, last: string): RecurrenceTime[] | Refusal {
  const { rrule, zone } = recurrence;
  const parts = partsOf(rrule);
  const start = wallMillis(recurrence.start);
  if (parts.get("FREQ") === "WEEKLY" && parts.has("BYSETPOS") && daysIntoWeek(dayAt(start), parts) > 0)
    return new Refusal(
      "BYSETPOS with FREQ=WEEKLY needs a start on the first day of a week, since programs disagree about days before the start.",
    );
  const [end = "", until] = [endOf(rrule), untilOf(rrule, zone)];
  const isPast = ({ wall, at }: RecurrenceTime) =>
    until !== undefined && (at && end.endsWith("Z") ? at > end : wall > until);
  const limit = Math.min(most, Number(parts.get("COUNT") ?? most));
  const ending = until === undefined ? lastDay : dayAt(wallMillis(until)) + 1;
  const unit = unitOf(parts);
  const reach = unit ? Math.min(ending, dayAt(wallMillis(last)) + daysBeyond) : ending;
  const found: RecurrenceTime[] = [];
  for (const time of unit ? realTimes(recurrence, parts, unit, reach) : wallTimes(start, parts, reach)) {
    if (time instanceof Refusal) return time;
    if (isPast(time)) return found;
    found.push(time);
    if (found.length >= limit || time.wall > last) return found;
  }
  return until === undefined || reach < ending ? new Refusal(tooRare) : found;
}

/** Yields the local times of a rule that counts days or longer, also those that daylight saving skips. @param end exclusive */
function* wallTimes(start: number, parts: RuleParts, end: number): Iterable<RecurrenceTime | Refusal> {
  const first = dayAt(start);
  const fits = dayFilter(parts, first);
  const times = timesOfDay(parts, start);
  const interval = Number(parts.get("INTERVAL") ?? 1);
  for (let count = 0; ; count += interval) {
    const [from, to] = [periodStart(parts, first, count), periodStart(parts, first, count + 1)];
    if (from >= end) return;
    const days: number[] = [];
    for (let day = parts.has("BYSETPOS") ? from : Math.max(from, first); day < to; day++) {
      const isFit = fits(day);
      if (isFit instanceof Refusal) return yield isFit;
      if (isFit) days.push(day);
    }
    // Computed from the index, not listed: a year may have 31 million seconds.
    for (const index of indicesOf(days.length * times.length, parts)) {
      const at = (days[Math.floor(index / times.length)] ?? 0) * dayMillis + (times[index % times.length] ?? 0);
      if (at >= start) yield { wall: wallOf(at) };
    }
  }
}

/** Returns the first day of the period that is `count` periods after that of a day. */
function periodStart(parts: RuleParts, day: number, count: number): number {
  const date = new Date(day * dayMillis);
  switch (parts.get("FREQ")) {
    case "YEARLY":
      return dayOf(date.getUTCFullYear() + count, 0);
    case "MONTHLY":
      return dayOf(date.getUTCFullYear(), date.getUTCMonth() + count);
    case "WEEKLY":
      return day - daysIntoWeek(day, parts) + 7 * count;
    default:
      return day + count;
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

/** Yields the times of a rule that counts real time. @param end a day, exclusive */
function* realTimes(
  { start, zone }: Recurrence,
  parts: RuleParts,
  unit: number,
  end: number,
): Iterable<RecurrenceTime | Refusal> {
  const clockAt = (at: number) => clockMillis(at, zone);
  const begin = toMillis(whenShown(start, zone).at);
  const first = begin - mod(clockAt(begin), unit);
  const step = unit * Number(parts.get("INTERVAL") ?? 1);
  const within = timesWithin(unit, parts, Math.floor((begin - first) / 1000));
  const misfit = misfitFinder(parts, dayAt(begin));
  for (let at = first, steps = 0; at < end * dayMillis; ) {
    if (steps++ > mostSteps) return yield new Refusal(tooRare);
    const clock = clockAt(at);
    // After a clock change, a unit may lie in two local hours or days.
    const size = misfit(clock) && Math.min(misfit(clock), misfit(clockAt(at + unit - 1)));
    if (size >= unit) {
      at = first + Math.ceil((at + size - mod(clock, size) - first) / step) * step;
      continue;
    }
    steps += within.length;
    const times = within.map((millis) => at + millis).filter((time) => misfit(clockAt(time)) === 0);
    for (const index of indicesOf(times.length, parts)) {
      const time = times[index] ?? at;
      if (time >= begin) yield { wall: wallOf(clockAt(time)), at: toInstant(time) };
    }
    at += step;
  }
}

/** Returns the milliseconds from the start of a unit at which times may be. @param own the second of the start in its unit */
function timesWithin(unit: number, parts: RuleParts, own: number): readonly number[] {
  const minutes = unit < hourMillis ? [0] : parts.has("BYMINUTE") ? Array(60).keys() : [Math.floor(own / 60)];
  const seconds = unit < minuteMillis ? [0] : sorted(numbersIn(parts, "BYSECOND") ?? [own % 60]);
  return [...minutes].flatMap((minute) => seconds.map((second) => minute * minuteMillis + second * 1000));
}

/** Returns a function: the milliseconds of the local day, hour, minute or second that the rule excludes at a local time, or 0. */
function misfitFinder(parts: RuleParts, begin: number): (clock: number) => number {
  const isDay = dayFilter(parts, begin);
  const levels = [
    ["BYHOUR", hourMillis, 24] as const,
    ["BYMINUTE", minuteMillis, 60] as const,
    ["BYSECOND", 1000, 60] as const,
  ];
  const limits = levels.flatMap(([name, size, count]) => {
    const wanted = numbersIn(parts, name);
    return wanted ? [{ size, count, wanted: new Set(wanted) }] : [];
  });
  // Cache the last day: of hundreds of thousands of steps, most are on the day of the one before.
  let [last, isFit] = [Number.NaN, false];
  return (clock) => {
    const day = dayAt(clock);
    if (day !== last) [last, isFit] = [day, isDay(day) === true];
    if (!isFit) return dayMillis;
    return limits.find(({ size, count, wanted }) => !wanted.has(mod(Math.floor(clock / size), count)))?.size ?? 0;
  };
}

const sorted = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);

/** Returns the indices below a size; with BYSETPOS, only its own: 1 is the first, -1 the last. */
function indicesOf(size: number, parts: RuleParts): Iterable<number> {
  const indices = numbersIn(parts, "BYSETPOS")?.map((position) => (position > 0 ? position - 1 : size + position));
  return indices ? sorted(indices).filter((index) => index >= 0 && index < size) : Array(size).keys();
}
