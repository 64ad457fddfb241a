/** Computes the times of HOURLY, MINUTELY and SECONDLY rules, in real time across clock changes. */

import { dayMillis } from "../time/instant.ts";
import { indicesOf, numbersIn, type RuleParts, sorted } from "./recurrence.ts";
import { dayFilter } from "./recurrence-days.ts";

const minuteMillis = 60_000;
const hourMillis = 60 * minuteMillis;
const units: ReadonlyMap<string | undefined, number> = new Map([
  ["HOURLY", hourMillis],
  ["MINUTELY", minuteMillis],
  ["SECONDLY", 1000],
]);

/** Whether a rule is HOURLY, MINUTELY or SECONDLY. */
export const isFine = (parts: RuleParts): boolean => units.has(parts.get("FREQ"));

/** The limit of times that are tested; each takes about a microsecond. */
const mostSteps = 500_000;

const mod = (number: number, size: number): number => ((number % size) + size) % size;
const numbered = (count: number): number[] => [...Array(count).keys()];

/**
 * Yields the times in milliseconds since 1970; after too many steps, undefined.
 * @param clockAt returns the local time at a time, as the milliseconds of the same time in UTC
 * @param end exclusive
 */
export function* fineTimes(
  parts: RuleParts,
  begin: number,
  clockAt: (at: number) => number,
  end: number,
): Iterable<number | undefined> {
  const unit = units.get(parts.get("FREQ")) ?? hourMillis;
  const step = unit * Number(parts.get("INTERVAL") ?? 1);
  const first = begin - mod(clockAt(begin), unit);
  const align = (at: number) => first + Math.ceil((at - first) / step) * step;
  const fits = filterOf(parts, begin);
  // Without BYMINUTE or BYSECOND, the minute and second are those of the start.
  const own = Math.floor((begin - first) / 1000);
  const minutes = unit < hourMillis ? [0] : parts.has("BYMINUTE") ? numbered(60) : [Math.floor(own / 60)];
  const seconds = unit < minuteMillis ? [0] : sorted(numbersIn(parts, "BYSECOND") ?? [own % 60]);
  const within = minutes.flatMap((minute) => seconds.map((second) => minute * minuteMillis + second * 1000));
  let steps = 0;
  for (let at = first; at < end; ) {
    if (steps > mostSteps) return yield undefined;
    steps++;
    const clock = clockAt(at);
    // Skip to the next local hour or minute when this one doesn't match.
    if (!fits.hour(clock) && (unit < hourMillis || !fits.hour(clockAt(at + unit - 1))))
      at = align(at + hourMillis - mod(clock, hourMillis));
    else if (unit < hourMillis && !fits.minute(clock)) at = align(at + minuteMillis - mod(clock, minuteMillis));
    else {
      steps += within.length;
      const all = within.map((millis) => at + millis).filter((time) => fits.all(clockAt(time)));
      for (const index of indicesOf(all.length, parts)) {
        const time = all[index] ?? at;
        if (time >= begin) yield time;
      }
      at += step;
    }
  }
}

/** Returns tests of a local time: whether its day and hour match, its minute, and all of it. */
function filterOf(parts: RuleParts, begin: number) {
  const isDay = dayFilter(parts, Math.floor(begin / dayMillis));
  const has = (name: string) => {
    const wanted = numbersIn(parts, name);
    return (value: number) => !wanted || wanted.includes(value);
  };
  const [isHour, isMinute, isSecond] = [has("BYHOUR"), has("BYMINUTE"), has("BYSECOND")];
  // Cache the last hour: of hundreds of thousands of steps, most have the hour of the one before.
  let [last, known] = [Number.NaN, false];
  const hour = (clock: number) => {
    const count = Math.floor(clock / hourMillis);
    if (count !== last) [last, known] = [count, isHour(mod(count, 24)) && isDay(Math.floor(count / 24)) === true];
    return known;
  };
  const minute = (clock: number) => isMinute(mod(Math.floor(clock / minuteMillis), 60));
  const all = (clock: number) => hour(clock) && minute(clock) && isSecond(mod(Math.floor(clock / 1000), 60));
  return { hour, minute, all };
}
