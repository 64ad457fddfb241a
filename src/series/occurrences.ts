/** Expands a series into downtimes: one for each place and time. */

import { type CheckedDraft, checkDraft } from "../downtime/downtime.ts";
import { type Facility, placeFields, type Site } from "../facility/facility.ts";
import { findSite } from "../facility/places.ts";
import { Invalid } from "../input/problem.ts";
import { Refusal } from "../input/text.ts";
import { type Instant, minuteMillis, moved, spellInstant, toInstant, toMillis } from "../time/instant.ts";
import { inOrder } from "../time/interval.ts";
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
import type { CalendarRule } from "./calendar-rule.ts";
import { mostNights, type NightRule } from "./night-rule.ts";
import { isPlaced, nightTimes } from "./night-times.ts";
import { endAt } from "./once-rule.ts";
import { countsRealTime, type RecurrenceTime, recurrenceTimes } from "./recurrence-times.ts";
import type { RuleTime, RuleTimes, SkippedNight } from "./rule-kind.ts";
import {
  type Break,
  isInBreak,
  mostRows,
  mostYears,
  placesIn,
  type Rule,
  ruleKinds,
  type SeriesDraft,
} from "./series.ts";

export const tooMany = `Maximum ${mostRows.toLocaleString("en")} downtimes per series. Select fewer locations, or an earlier end.`;

/** A planned downtime. No two of a series have the same place and key. */
export interface PlannedDowntime extends Omit<RuleTime, "start" | "end"> {
  /** Its name, unique in its series: its key and its place. After an edit, it is found again by this name. */
  readonly occurrence: string;
  readonly draft: CheckedDraft;
}

/**
 * Returns every downtime of a series, by start, then by place, and the nights on which an event of the rule doesn't happen.
 * @throws Invalid when there are too many or none, too far ahead, or nightly at a site whose position is unknown
 */
export function expand(series: SeriesDraft, facility: Facility, now: Instant) {
  const { rule, breaks, reason, category } = series;
  const places = Map.groupBy(placesIn(series.scopes, facility), ({ site }) => findSite(facility, site));
  const unplaced = [...places.keys()].flatMap((site) => (site && !isPlaced(site) ? [site.code] : []));
  if (rule.kind === "night" && unplaced.length > 0) {
    const text = `ConfigDB has no position or time zone for ${unplaced.join(", ")}, so nights can't be computed there.`;
    throw new Invalid({ scopes: [text] });
  }
  const ahead = new Date(toMillis(now));
  const horizon = toInstant(ahead.setUTCFullYear(ahead.getUTCFullYear() + mostYears));
  const checkReach = (at: string, shown = at) => {
    if (at <= horizon) return;
    const text = `A series may reach ${mostYears} years ahead, to ${horizon.slice(0, 10)} (this one reaches ${shown}).`;
    throw new Invalid({ [`rule.${ruleKinds[rule.kind].reachField}`]: [text] });
  };
  if (rule.kind === "night") checkReach(rule.last);
  const timesAt = ruleTimesOf(rule, breaks, horizon.slice(0, 10));
  const rows: PlannedDowntime[] = [];
  const absences: SkippedNight[] = [];
  for (const [site, atSite] of places) {
    if (!site) continue;
    const found = timesAt(site);
    for (const { end } of found.times) checkReach(end, spellInstant(end));
    if (rows.length + found.times.length * atSite.length > mostRows) throw new Invalid({ rule: [tooMany] });
    absences.push(...found.absences);
    for (const { start, end, ...time } of found.times)
      for (const place of atSite) {
        const occurrence = `${time.key} ${placeFields.map((field) => place[field]).join(".")}`;
        rows.push({ ...time, occurrence, draft: checkDraft({ ...place, start, end, reason, category }, facility) });
      }
  }
  const [skipped] = absences;
  const nothingLeft = skipped
    ? `No nights remain. At ${skipped.site} on ${skipped.date}: ${skipped.why}`
    : "No occurrences remain after breaks and excluded dates.";
  if (rows.length === 0) throw new Invalid({ rule: [nothingLeft] });
  return {
    rows: rows.sort(({ draft: a }, { draft: b }) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0)),
    absences,
  };
}

/** Returns when a rule happens at each site, up to the first time after the last date. */
function ruleTimesOf(rule: Rule, breaks: readonly Break[], last: string): (site: Site) => RuleTimes {
  switch (rule.kind) {
    case "once":
      return ({ code, zone = "UTC" }) => {
        const { start } = rule;
        const { date } = localTime(start, zone);
        const end = endAt(rule, code);
        return { times: !end || isInBreak(breaks, date) ? [] : [{ key: "once", date, start, end }], absences: [] };
      };
    case "calendar": {
      const { times, absences } = calendarTimes(rule, breaks, last);
      return ({ code }) => ({ times, absences: absences.map((absence) => ({ ...absence, site: code })) });
    }
    case "night": {
      const dates = datesOf(rule).filter((date) => !isInBreak(breaks, date));
      return (site) => {
        const { times, absences } = nightTimes(rule, dates, site);
        return { times: withChanges(times, site.zone ?? "UTC"), absences };
      };
    }
  }
}

function datesOf({ first, last, weekdays = [], nights = [], rrule }: NightRule): readonly string[] {
  const dates = nights.length > 0 ? nights : [...datesBetween(first, last)];
  const days = weekdays.length > 0 ? dates.filter((date) => weekdays.includes(weekdayOf(date))) : dates;
  const none = `None of the nights from ${first} to ${last}`;
  if (days.length === 0)
    throw new Invalid({ "rule.weekdays": [`${none} is on these weekdays. Select other weekdays or dates.`] });
  if (!rrule) return days;
  const times = recurrencesOf({ rrule, start: `${first}T00:00:00`, zone: "UTC" }, mostNights, last);
  const chosen = new Set(times.map(({ wall }) => wall.slice(0, 10)));
  const left = days.filter((date) => chosen.has(date));
  if (left.length === 0)
    throw new Invalid({ "rule.rrule": [`${none} follows the rule. Edit the rule, or select other dates.`] });
  return left;
}

function recurrencesOf(rule: Parameters<typeof recurrenceTimes>[0], most: number, last: string) {
  const times = recurrenceTimes(rule, most, `${last}T23:59:59`);
  if (times instanceof Refusal) throw new Invalid({ "rule.rrule": [times.text] });
  return times;
}

function calendarTimes(rule: CalendarRule, breaks: readonly Break[], last: string) {
  const recurrences = recurrencesOf(rule, mostRows + 1, last);
  if (recurrences.length > mostRows) throw new Invalid({ "rule.rrule": [tooMany] });
  const excluded = new Set(rule.exdates);
  const added = new Set(rule.rdates).difference(new Set(recurrences.map(({ wall }) => wall)));
  if (recurrences.length + added.size === 0)
    throw new Invalid({ "rule.rrule": ["The rule has no date before its end. Enter a later end, or other days."] });
  const found: RuleTime[] = [];
  const absences: Omit<SkippedNight, "site">[] = [];
  const counts = new Map<string, number>();
  for (const time of [...recurrences, ...[...added].map((wall) => ({ wall }))]) {
    const date = time.wall.slice(0, 10);
    // Numbered before any is excluded, so that the others of its day keep their names.
    const count = (counts.get(date) ?? 0) + 1;
    counts.set(date, count);
    if (excluded.has(time.wall) || excluded.has(date) || isInBreak(breaks, date)) continue;
    const window = windowOf(rule, time);
    if (window) found.push({ key: count === 1 ? date : `${date}.${count}`, date, ...window });
    else absences.push({ date, why: "Daylight saving skips this time." });
  }
  // The first of several at the same time counts, as where daylight saving moves one to another.
  const times = inOrder(found).filter(({ start }, index, all) => start !== all[index - 1]?.start);
  return { times: withChanges(times, rule.zone), absences };
}

/** Returns the start and end of an occurrence; undefined if a clock change skips all of it. */
function windowOf(
  { zone, minutes = 0, until_time, rrule }: CalendarRule,
  { wall, at }: RecurrenceTime,
): Omit<RuleTime, "key" | "date"> | undefined {
  const start: Showing = at ? { at } : whenShown(wall, zone);
  if (until_time) {
    const sameDay = `${wall.slice(0, 11)}${until_time.padEnd(8, ":00")}`;
    const end = whenShown(sameDay > wall ? sameDay : addDays(wall, 1) + sameDay.slice(10), zone);
    const clockChange = start.clockChange ?? end.clockChange;
    return end.at > start.at ? { start: start.at, end: end.at, clockChange } : undefined;
  }
  const end = moved(start.at, minutes * minuteMillis);
  const isChanged = !countsRealTime(rrule) && offsetAt(start.at, zone) !== offsetAt(end, zone);
  // If the next occurrence starts at the local time when this one is due to end, a gap or an overlap is left between them.
  const due = isChanged ? whenShown(wallOf(wallMillis(wall) + minutes * minuteMillis), zone).at : end;
  const leaves = end < due ? "gap" : "overlap";
  return { start: start.at, end, clockChange: start.clockChange, ...(end !== due && { leaves }) };
}

const withChanges = (times: readonly RuleTime[], zone: string): readonly RuleTime[] =>
  times.map((time, index) => {
    const before = times[index - 1];
    const isChanged = before && offsetAt(before.start, zone) !== offsetAt(time.start, zone);
    return isChanged && !time.clockChange ? { ...time, clockChange: "changed" } : time;
  });
