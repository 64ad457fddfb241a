/** Moments: when a rule happens at a site, and on which nights it can't. */

import type { Site } from "../facility/facility.ts";
import { Invalid } from "../input/problem.ts";
import { Refusal } from "../input/text.ts";
import { addDays, datesBetween, wallMillis, wallOf, weekdayOf } from "../time/local-date.ts";
import { localTime, offsetAt, type Showing, whenShown } from "../time/zone.ts";
import { type Break, isInBreak } from "./breaks.ts";
import type { CalendarRule } from "./calendar-rule.ts";
import { nightTimes } from "./night-times.ts";
import type { OnceRule } from "./once-rule.ts";
import { countsRealTime, type RecurrenceTime, recurrenceTimes } from "./recurrence-times.ts";
import type { Rule } from "./rule.ts";
import { minuteMillis, moved, type RuleTime, type RuleTimes, type SkippedNight, withChanges } from "./rule-time.ts";
import { mostRows } from "./series.ts";

export const tooMany = `That makes more than ${mostRows} downtimes. Choose fewer places, or a shorter time.`;

/**
 * When a rule happens at each site.
 * @param last date up to which a calendar's rule is looked at; the first time past it is still among the moments
 * @throws Invalid when it happens too often, or so rarely that looking for it takes too long
 */
export function ruleTimesOf(rule: Rule, breaks: readonly Break[], last: string): (site: Site) => RuleTimes {
  switch (rule.kind) {
    case "once":
      return (site) => once(rule, breaks, site);
    case "calendar": {
      const { moments, absences } = calendarMoments(rule, breaks, last);
      return ({ code }) => ({ moments, absences: absences.map((absence) => ({ ...absence, site: code })) });
    }
    case "night": {
      const dates = [...datesBetween(rule.first, rule.last)].filter(
        (date) => (!rule.weekdays?.length || rule.weekdays.includes(weekdayOf(date))) && !isInBreak(breaks, date),
      );
      return (site) => nightTimes(rule, dates, site);
    }
  }
}

function once({ start, end }: OnceRule, breaks: readonly Break[], { zone = "UTC" }: Site): RuleTimes {
  const { date } = localTime(start, zone);
  return { moments: isInBreak(breaks, date) ? [] : [{ key: "once", date, start, end }], absences: [] };
}

function calendarMoments(rule: CalendarRule, breaks: readonly Break[], last: string) {
  const times = recurrenceTimes(rule, mostRows + 1, `${last}T23:59:59`);
  if (times instanceof Refusal) throw new Invalid({ "rule.rrule": [times.text] });
  if (times.length > mostRows) throw new Invalid({ "rule.rrule": [tooMany] });
  const leftOut = new Set(rule.exdates);
  const walls = new Set(times.map(({ wall }) => wall));
  const added = new Set(rule.rdates).difference(walls);
  const found: RuleTime[] = [];
  const absences: Omit<SkippedNight, "site">[] = [];
  // Numbered before any is left out, so that the others of its day keep their names.
  for (const [key, time] of numbered([...times, ...[...added].map((wall) => ({ wall }))])) {
    const date = time.wall.slice(0, 10);
    if (leftOut.has(time.wall) || leftOut.has(date) || isInBreak(breaks, date)) continue;
    const moment = calendarMoment(rule, time);
    if (moment) found.push({ key, date, ...moment });
    else absences.push({ date, why: "The clock skips this time." });
  }
  found.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  return { moments: withChanges(unique(found), rule.zone), absences };
}

/** From when to when it is; undefined where the clock is put forward from its start to its end, or past it. */
function calendarMoment(
  { zone, minutes, until_time, rrule }: CalendarRule,
  { wall, at }: RecurrenceTime,
): Pick<RuleTime, "start" | "end" | "leap" | "leaves"> | undefined {
  const start: Showing = at ? { at } : whenShown(wall, zone);
  if (until_time) {
    const sameDay = `${wall.slice(0, 11)}${until_time.padEnd(8, ":00")}`;
    const end = whenShown(sameDay > wall ? sameDay : addDays(wall, 1) + sameDay.slice(10), zone);
    const leap = start.oddity ?? end.oddity;
    return end.at > start.at ? { start: start.at, end: end.at, ...(leap && { leap }) } : undefined;
  }
  const end = moved(start.at, minutes ?? 0);
  const isChanged = !countsRealTime(rrule) && offsetAt(start.at, zone) !== offsetAt(end, zone);
  // What starts when this one should end by the clock starts later than it ends, or earlier.
  const due = isChanged ? whenShown(wallOf(wallMillis(wall) + (minutes ?? 0) * minuteMillis), zone).at : end;
  return {
    start: start.at,
    end,
    ...(start.oddity && { leap: start.oddity }),
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

/** Of several at the same time, such as where a clock leaps from one to the other, the first. */
const unique = (moments: readonly RuleTime[]): readonly RuleTime[] =>
  moments.filter(({ start }, index) => start !== moments[index - 1]?.start);
