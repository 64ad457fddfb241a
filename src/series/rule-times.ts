/** Computes when a rule happens at a site. */

import type { Site } from "../facility/facility.ts";
import { Invalid } from "../input/problem.ts";
import { Refusal } from "../input/text.ts";
import {
  addDays,
  datesBetween,
  localTime,
  offsetAt,
  type Showing,
  wallMillis,
  wallOf,
  weekdayOf,
  whenShown,
} from "../time/zone.ts";
import { type Break, isInBreak } from "./breaks.ts";
import type { CalendarRule } from "./calendar-rule.ts";
import { mostNights, type NightRule } from "./night-rule.ts";
import { nightTimes } from "./night-times.ts";
import { endAt, type OnceRule } from "./once-rule.ts";
import { countsRealTime, type RecurrenceTime, recurrenceTimes } from "./recurrence-times.ts";
import type { Rule } from "./rule.ts";
import { minuteMillis, moved, type RuleTime, type RuleTimes, type SkippedNight, withChanges } from "./rule-time.ts";
import { mostRows } from "./series.ts";

export const tooMany = `Maximum ${mostRows.toLocaleString("en")} downtimes per series. Select fewer locations, or an earlier end.`;

/**
 * Returns when a rule happens at each site.
 * @param last the date after which the search stops; the first time past it is still among the times
 * @throws Invalid when it happens too often, or so rarely that the search takes too long
 */
export function ruleTimesOf(rule: Rule, breaks: readonly Break[], last: string): (site: Site) => RuleTimes {
  switch (rule.kind) {
    case "once":
      return (site) => once(rule, breaks, site);
    case "calendar": {
      const { times, absences } = calendarTimes(rule, breaks, last);
      return ({ code }) => ({ times, absences: absences.map((absence) => ({ ...absence, site: code })) });
    }
    case "night": {
      const dates = datesOf(rule).filter((date) => !isInBreak(breaks, date));
      return (site) => nightTimes(rule, dates, site);
    }
  }
}

/** Returns the dates of a rule's nights: those that fit all of its choices. */
function datesOf({ first, last, weekdays = [], nights = [], rrule }: NightRule): readonly string[] {
  const dates = nights.length > 0 ? nights : [...datesBetween(first, last)];
  const days = weekdays.length > 0 ? dates.filter((date) => weekdays.includes(weekdayOf(date))) : dates;
  if (!rrule) return days;
  const end = /UNTIL|COUNT/.test(rrule) ? "" : `;UNTIL=${last.replaceAll("-", "")}`;
  const recurrence = { rrule: rrule + end, start: `${first}T00:00:00`, zone: "UTC" };
  const times = recurrenceTimes(recurrence, mostNights, `${last}T23:59:59`);
  if (times instanceof Refusal) throw new Invalid({ "rule.rrule": [times.text] });
  const chosen = new Set(times.map(({ wall }) => wall.slice(0, 10)));
  return days.filter((date) => chosen.has(date));
}

function once(rule: OnceRule, breaks: readonly Break[], { code, zone = "UTC" }: Site): RuleTimes {
  const { start } = rule;
  const { date } = localTime(start, zone);
  const end = endAt(rule, code);
  return { times: !end || isInBreak(breaks, date) ? [] : [{ key: "once", date, start, end }], absences: [] };
}

function calendarTimes(rule: CalendarRule, breaks: readonly Break[], last: string) {
  const recurrences = recurrenceTimes(rule, mostRows + 1, `${last}T23:59:59`);
  if (recurrences instanceof Refusal) throw new Invalid({ "rule.rrule": [recurrences.text] });
  if (recurrences.length > mostRows) throw new Invalid({ "rule.rrule": [tooMany] });
  const excluded = new Set(rule.exdates);
  const walls = new Set(recurrences.map(({ wall }) => wall));
  const added = new Set(rule.rdates).difference(walls);
  const found: RuleTime[] = [];
  const absences: Omit<SkippedNight, "site">[] = [];
  // Numbered before any is excluded, so that the others of its day keep their names.
  for (const [key, time] of numbered([...recurrences, ...[...added].map((wall) => ({ wall }))])) {
    const date = time.wall.slice(0, 10);
    if (excluded.has(time.wall) || excluded.has(date) || isInBreak(breaks, date)) continue;
    const window = windowOf(rule, time);
    if (window) found.push({ key, date, ...window });
    else absences.push({ date, why: "Daylight saving skips this time." });
  }
  found.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  return { times: withChanges(unique(found), rule.zone), absences };
}

/** Returns its start and end; undefined where the clock is put forward from its start to its end, or past it. */
function windowOf(
  { zone, minutes, until_time, rrule }: CalendarRule,
  { wall, at }: RecurrenceTime,
): Pick<RuleTime, "start" | "end" | "clockChange" | "leaves"> | undefined {
  const start: Showing = at ? { at } : whenShown(wall, zone);
  if (until_time) {
    const sameDay = `${wall.slice(0, 11)}${until_time.padEnd(8, ":00")}`;
    const end = whenShown(sameDay > wall ? sameDay : addDays(wall, 1) + sameDay.slice(10), zone);
    const clockChange = start.oddity ?? end.oddity;
    return end.at > start.at ? { start: start.at, end: end.at, ...(clockChange && { clockChange }) } : undefined;
  }
  const end = moved(start.at, minutes ?? 0);
  const isChanged = !countsRealTime(rrule) && offsetAt(start.at, zone) !== offsetAt(end, zone);
  // Another one that starts at the local time at which this one should end leaves a gap, or overlaps.
  const due = isChanged ? whenShown(wallOf(wallMillis(wall) + (minutes ?? 0) * minuteMillis), zone).at : end;
  return {
    start: start.at,
    end,
    ...(start.oddity && { clockChange: start.oddity }),
    ...(end !== due && { leaves: end < due ? "gap" : "overlap" }),
  };
}

function* numbered(times: Iterable<RecurrenceTime>): Iterable<readonly [key: string, time: RecurrenceTime]> {
  const counts = new Map<string, number>();
  for (const time of times) {
    const date = time.wall.slice(0, 10);
    const count = (counts.get(date) ?? 0) + 1;
    counts.set(date, count);
    yield [count === 1 ? date : `${date}.${count}`, time];
  }
}

/** Keeps the first of several at the same time, as where daylight saving moves one to another. */
const unique = (times: readonly RuleTime[]): readonly RuleTime[] =>
  times.filter(({ start }, index) => start !== times[index - 1]?.start);
