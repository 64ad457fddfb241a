/** Recurrence steps: the times of a rule that counts hours, minutes or seconds, also while the clock is changed. */

import { dayMillis } from "../time/instant.ts";
import { dayFilter } from "./recurrence-days.ts";
import { indicesOf, numbersIn, type RuleParts, sorted } from "./recurrence-parts.ts";

const minuteMillis = 60_000;
const hourMillis = 60 * minuteMillis;
const units: ReadonlyMap<string | undefined, number> = new Map([
  ["HOURLY", hourMillis],
  ["MINUTELY", minuteMillis],
  ["SECONDLY", 1000],
]);

/** Whether a rule counts hours, minutes or seconds. */
export const isFine = (parts: RuleParts): boolean => units.has(parts.get("FREQ"));

/** Times that are looked at; each costs about a microsecond. */
const mostSteps = 500_000;

const mod = (number: number, size: number): number => ((number % size) + size) % size;
const numbered = (count: number): number[] => [...Array(count).keys()];

/**
 * The times of such a rule from the first on, in milliseconds since 1970; undefined, and nothing more, after too many steps.
 * @param clockAt what the clock shows then, as milliseconds of a clock that stands in UTC
 * @param end from here on none is looked for
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
  // Within an hour or a minute, what the rule leaves open is as at the beginning.
  const own = Math.floor((begin - first) / 1000);
  const minutes = unit < hourMillis ? [0] : parts.has("BYMINUTE") ? numbered(60) : [Math.floor(own / 60)];
  const seconds = unit < minuteMillis ? [0] : sorted(numbersIn(parts, "BYSECOND") ?? [own % 60]);
  const within = minutes.flatMap((minute) => seconds.map((second) => minute * minuteMillis + second * 1000));
  let steps = 0;
  for (let at = first; at < end; ) {
    if (steps > mostSteps) return yield undefined;
    steps++;
    const clock = clockAt(at);
    // What doesn't fit is skipped up to where the clock shows the next hour or minute.
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

/** Tells whether what the clock shows fits the rule, up to its hour, in its minute, and all of it. */
function filterOf(parts: RuleParts, begin: number) {
  const isDay = dayFilter(parts, Math.floor(begin / dayMillis));
  const has = (name: string) => {
    const wanted = numbersIn(parts, name);
    return (value: number) => !wanted || wanted.includes(value);
  };
  const [isHour, isMinute, isSecond] = [has("BYHOUR"), has("BYMINUTE"), has("BYSECOND")];
  // Steps come by the hundred thousand, and most of them have the hour of the one before.
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
