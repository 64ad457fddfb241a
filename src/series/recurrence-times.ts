/** Computes the times of a recurrence rule in a time zone (RFC 5545, section 3.3.10). */

import { Refusal } from "../input/text.ts";
import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import { clockMillis, wallMillis, wallOf, whenShown } from "../time/zone.ts";
import { endOf, indicesOf, numbersIn, partsOf, type RuleParts, sorted, untilOf } from "./recurrence.ts";
import { dayFilter, dayOf, daysIntoWeek } from "./recurrence-days.ts";
import { fineTimes, isFine } from "./recurrence-steps.ts";

/** One time of a rule. */
export interface RecurrenceTime {
  /** Local time: `2027-01-12T20:00:00`. */
  readonly wall: string;
  /** Set where the rule counts real time; otherwise it follows from `wall`. */
  readonly at?: Instant;
}

interface Recurrence {
  readonly rrule: string;
  /** Local time. */
  readonly start: string;
  readonly zone: string;
}

/** Whether a rule counts real hours, minutes or seconds, also across clock changes. */
export const countsRealTime = (rrule: string): boolean => isFine(new Map(partsOf(rrule)));

const minuteMillis = 60_000;
const hourMillis = 60 * minuteMillis;
/** The end of the search without UNTIL. */
const lastDay = dayOf(2201, 0);
/** How far past the last date the search goes on: one more time is enough to tell how far the rule reaches. */
const daysBeyond = 366;

const tooRare = "The rule matches too rarely. Use a larger FREQ, or UNTIL instead of COUNT.";
const disputedWeek =
  "BYSETPOS with FREQ=WEEKLY needs a start on the first day of a week, since programs disagree about days before the start.";

/**
 * Returns the times of a rule in order, up to the first one past the last date. Refused when the rule matches so rarely that
 * the search takes too long.
 * @param most the limit of times
 * @param last local time
 */
export function recurrenceTimes(
  recurrence: Recurrence,
  most: number,
  last: string,
): readonly RecurrenceTime[] | Refusal {
  const parts = new Map(partsOf(recurrence.rrule));
  const start = wallMillis(recurrence.start);
  if (parts.get("FREQ") === "WEEKLY" && parts.has("BYSETPOS") && daysIntoWeek(dayAt(start), parts) > 0)
    return new Refusal(disputedWeek);
  const until = untilOf(recurrence.rrule, recurrence.zone);
  const end = until === undefined ? lastDay : dayAt(wallMillis(until)) + 1;
  const isPast = pastEnd(recurrence, until);
  const count = Number(parts.get("COUNT") ?? Number.POSITIVE_INFINITY);
  const found: RecurrenceTime[] = [];
  const reach = isFine(parts) ? Math.min(end, dayAt(wallMillis(last)) + daysBeyond) : end;
  const times = isFine(parts) ? realTimes(recurrence, parts, reach) : wallTimes(start, parts, reach);
  for (const time of times) {
    if (time instanceof Refusal) return time;
    if (time === undefined) return new Refusal(tooRare);
    if (isPast(time)) return found;
    found.push(time);
    if (found.length >= Math.min(most, count) || time.wall > last) return found;
  }
  return until === undefined || reach < end ? new Refusal(tooRare) : found;
}

const dayAt = (millis: number): number => Math.floor(millis / dayMillis);

/** Returns a test: whether a time is past UNTIL, in UTC or local time. */
function pastEnd({ rrule }: Recurrence, until: string | undefined): (time: RecurrenceTime) => boolean {
  const end = endOf(rrule);
  if (end === undefined || until === undefined) return () => false;
  return ({ wall, at }) => (at && end.endsWith("Z") ? at > end : wall > until);
}

/**
 * Yields the local times of a rule that counts days or longer, also those that daylight saving skips.
 * @param end the day after the last
 */
function* wallTimes(start: number, parts: RuleParts, end: number): Iterable<RecurrenceTime | Refusal> {
  const first = dayAt(start);
  const fits = dayFilter(parts, first);
  const times = timesOfDay(parts, start);
  const isPicked = parts.has("BYSETPOS");
  const interval = Number(parts.get("INTERVAL") ?? 1);
  for (let turn = 0; ; turn += interval) {
    const [from, to] = periodOf(parts, first, turn);
    if (from >= end) return;
    const days: number[] = [];
    for (let day = isPicked ? from : Math.max(from, first); day < to; day++) {
      const isFit = fits(day);
      if (isFit instanceof Refusal) return yield isFit;
      if (isFit) days.push(day);
    }
    const size = days.length * times.length;
    // Computed from the index, not listed: a year may have 31 million seconds.
    for (const index of indicesOf(size, parts)) {
      const at = (days[Math.floor(index / times.length)] ?? 0) * dayMillis + (times[index % times.length] ?? 0);
      if (at >= start) yield { wall: wallOf(at) };
    }
  }
}

/** Returns the first day (and the one after the last) of the period `turn` periods after that of the first day. */
function periodOf(parts: RuleParts, first: number, turn: number): readonly [from: number, to: number] {
  const date = new Date(first * dayMillis);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (parts.get("FREQ")) {
    case "YEARLY":
      return [dayOf(year + turn, 0), dayOf(year + turn + 1, 0)];
    case "MONTHLY":
      return [dayOf(year, month + turn), dayOf(year, month + turn + 1)];
    case "WEEKLY": {
      const monday = first - daysIntoWeek(first, parts) + 7 * turn;
      return [monday, monday + 7];
    }
    default:
      return [first + turn, first + turn + 1];
  }
}

/** Returns the times of each day in milliseconds; without BYHOUR, BYMINUTE or BYSECOND, those of the start. */
function timesOfDay(parts: RuleParts, start: number): readonly number[] {
  const date = new Date(start);
  const hours = sorted(numbersIn(parts, "BYHOUR") ?? [date.getUTCHours()]);
  const minutes = sorted(numbersIn(parts, "BYMINUTE") ?? [date.getUTCMinutes()]);
  const seconds = sorted(numbersIn(parts, "BYSECOND") ?? [date.getUTCSeconds()]);
  return hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => hour * hourMillis + minute * minuteMillis + second * 1000)),
  );
}

/** Yields the times of a rule that counts real time; undefined where the search takes too long. */
function* realTimes({ start, zone }: Recurrence, parts: RuleParts, end: number): Iterable<RecurrenceTime | undefined> {
  const clockAt = (at: number) => clockMillis(at, zone);
  for (const at of fineTimes(parts, toMillis(whenShown(start, zone).at), clockAt, end * dayMillis))
    yield at === undefined ? undefined : { wall: wallOf(clockAt(at)), at: toInstant(at) };
}
