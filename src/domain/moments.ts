/** Moments: when a rule happens at a site, and on which nights it can't. */

import { addDays, datesBetween, weekdayOf } from "./dates.ts";
import type { Site } from "./facility.ts";
import { type Instant, toInstant, toMillis } from "./instant.ts";
import { type Stay, type SunEvent, type SunOfNight, sunOfNight } from "./night.ts";
import { Invalid } from "./problem.ts";
import { wallTimes } from "./recurrence.ts";
import type { CalendarRule, Mark, NightRule, OnceRule, Rule } from "./rule.ts";
import { type Break, mostRows } from "./series.ts";
import { Refusal } from "./text.ts";
import { localTime, offsetAt, type Showing, whenShown } from "./zone.ts";

/**
 * What the clock does that somebody should know: it leaps over the time that was asked for, or shows it twice, or was
 * changed since the moment before.
 */
export type Leap = "skipped" | "doubled" | "changed";

/** One time that a rule happens, `[start, end)`. */
export interface Moment {
  /**
   * Names it among the rule's others, also after the rule is changed: the local date, with `.2`, `.3` and so on where a
   * day has several, or `once`.
   */
  readonly key: string;
  /** The local date: of a night, that of its evening. */
  readonly date: string;
  readonly start: Instant;
  readonly end: Instant;
  readonly leap?: Leap;
}

/** A night on which the rule can't happen. */
export interface Absence {
  readonly site: string;
  readonly date: string;
  /** A sentence. */
  readonly why: string;
}

export interface Moments {
  /** In order. */
  readonly moments: readonly Moment[];
  readonly absences: readonly Absence[];
}

export const tooMany = `That makes more than ${mostRows} downtimes. Choose fewer places, or a shorter time.`;

const minuteMillis = 60_000;
const moved = (at: Instant, minutes: number): Instant => toInstant(toMillis(at) + minutes * minuteMillis);

const isOff = (breaks: readonly Break[], date: string): boolean =>
  breaks.some(({ from, to }) => from <= date && date <= to);

/**
 * When a rule happens at each site.
 * @param last date up to which a calendar's rule is looked at; the first time past it is still among the moments
 * @throws Invalid when it happens too often, or so rarely that looking for it takes too long
 */
export function momentsOf(rule: Rule, breaks: readonly Break[], last: string): (site: Site) => Moments {
  switch (rule.kind) {
    case "once":
      return (site) => once(rule, breaks, site);
    case "calendar": {
      const moments = calendarMoments(rule, breaks, last);
      return () => ({ moments, absences: [] });
    }
    case "night": {
      const dates = [...datesBetween(rule.first, rule.last)].filter(
        (date) => (!rule.weekdays?.length || rule.weekdays.includes(weekdayOf(date))) && !isOff(breaks, date),
      );
      return (site) => nightMoments(rule, dates, site);
    }
  }
}

function once({ start, end }: OnceRule, breaks: readonly Break[], { zone = "UTC" }: Site): Moments {
  const { date } = localTime(start, zone);
  return { moments: isOff(breaks, date) ? [] : [{ key: "once", date, start, end }], absences: [] };
}

function calendarMoments(rule: CalendarRule, breaks: readonly Break[], last: string): readonly Moment[] {
  const walls = wallTimes(rule, mostRows + 1, `${last}T23:59:59`);
  if (walls instanceof Refusal) throw new Invalid({ "rule.rrule": [walls.text] });
  if (walls.length > mostRows) throw new Invalid({ "rule.rrule": [tooMany] });
  const leftOut = new Set(rule.exdates);
  // Numbered before any is left out, so that the others of its day keep their names.
  const moments = [...numbered(new Set([...walls, ...(rule.rdates ?? [])]))]
    .filter(([, wall]) => !leftOut.has(wall) && !leftOut.has(wall.slice(0, 10)) && !isOff(breaks, wall.slice(0, 10)))
    .map(([key, wall]) => {
      const { at, oddity } = whenShown(wall, rule.zone);
      return { key, date: wall.slice(0, 10), start: at, end: moved(at, rule.minutes), ...(oddity && { leap: oddity }) };
    })
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  return withChanges(unique(moments), rule.zone);
}

function* numbered(walls: Iterable<string>): Iterable<readonly [key: string, wall: string]> {
  const counts = new Map<string, number>();
  for (const wall of walls) {
    const date = wall.slice(0, 10);
    const count = (counts.get(date) ?? 0) + 1;
    counts.set(date, count);
    yield [count === 1 ? date : `${date}.${count}`, wall];
  }
}

/** Of several at the same time, such as where a clock leaps from one to the other, the first. */
const unique = (moments: readonly Moment[]): readonly Moment[] =>
  moments.filter(({ start }, index) => start !== moments[index - 1]?.start);

/** Marks those before which the clock was changed. */
const withChanges = (moments: readonly Moment[], zone: string): readonly Moment[] =>
  moments.map((moment, index) => {
    const before = moments[index - 1];
    const isChanged = before && offsetAt(before.start, zone) !== offsetAt(moment.start, zone);
    return isChanged && !moment.leap ? { ...moment, leap: "changed" } : moment;
  });

/** A site of which is known where it is, and what its clock shows. */
export type PlacedSite = Site & Required<Pick<Site, "latitude" | "longitude" | "zone">>;
export const isPlaced = (site: Site): site is PlacedSite =>
  site.latitude !== undefined && site.longitude !== undefined && site.zone !== undefined;

function nightMoments(rule: NightRule, dates: readonly string[], site: Site): Moments {
  if (!isPlaced(site)) throw new Error(`nobody knows where ${site.code} is`);
  const moments: Moment[] = [];
  const absences: Absence[] = [];
  for (const date of dates) {
    const moment = nightMoment(rule, date, site);
    if (moment instanceof Refusal) absences.push({ site: site.code, date, why: moment.text });
    else moments.push(moment);
  }
  return { moments: withChanges(moments, site.zone), absences };
}

function nightMoment({ from, to, minutes = 0 }: NightRule, date: string, site: PlacedSite): Moment | Refusal {
  const noon = whenShown(`${date}T12:00:00`, site.zone).at;
  const sun = sunOfNight(site, toMillis(noon));
  const first = showingOf(from, date, site.zone, sun, Math.ceil);
  if (first instanceof Refusal) return first;
  const second = to ? showingOf(to, date, site.zone, sun, Math.floor) : { at: moved(first.at, minutes) };
  if (second instanceof Refusal) return second;
  if (second.at <= first.at) return new Refusal("It would end before it starts.");
  const leap = first.oddity ?? second.oddity;
  return { key: date, date, start: first.at, end: second.at, ...(leap && { leap }) };
}

/** @param round to whole minutes, which people read more easily: into the night, so that dark time stays dark */
function showingOf(
  { event, offset_minutes = 0 }: Mark,
  date: string,
  zone: string,
  sun: SunOfNight,
  round: (minutes: number) => number,
): Showing | Refusal {
  if (event === "midnight") {
    const midnight = whenShown(`${addDays(date, 1)}T00:00:00`, zone);
    return { ...midnight, at: moved(midnight.at, offset_minutes) };
  }
  const at = sun[event];
  if (typeof at !== "string") return new Refusal(absenceOf(event, at));
  return { at: toInstant((round(toMillis(at) / minuteMillis) + offset_minutes) * minuteMillis) };
}

const depths = { civil: 6, nautical: 12, astronomical: 18 } as const;

function absenceOf(event: SunEvent, { stays }: Stay): string {
  const [kind, name] = event.split("_") as [keyof typeof depths, string | undefined];
  if (!name) return `No ${event}: the sun doesn't ${stays === "above" ? "set" : "rise"}.`;
  const where = stays === "above" ? `doesn't sink ${depths[kind]}°` : `stays more than ${depths[kind]}°`;
  return `No ${kind} ${name}: the sun ${where} below the horizon.`;
}
