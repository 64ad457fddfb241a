/** Computes when a nightly rule happens at a site, and on which nights it can't. */

import type { Site } from "../facility/facility.ts";
import { Refusal } from "../input/text.ts";
import { darkLimitAt, darkLimitOf, parseDarkLimits, twilights } from "../sky/dark-limit.ts";
import { isDusk, portionEdges, type Stay, type SunOfNight, sunOfNight } from "../sky/twilight.ts";
import { dayMillis, minuteMillis, moved, toInstant, toMillis } from "../time/instant.ts";
import { clipped } from "../time/interval.ts";
import { addDays, daysBetween, type Showing, standardOffset, wallMillis, whenShown } from "../time/zone.ts";
import { eventName, isDaytime, type NightEventTime, type NightRule } from "./night-rule.ts";
import type { RuleTime, RuleTimes, SkippedNight } from "./rule-kind.ts";

type PlacedSite = Site & Required<Pick<Site, "latitude" | "longitude" | "zone">>;
/** Whether nights can be computed for a site. */
export const isPlaced = (site: Site): site is PlacedSite =>
  site.latitude !== undefined && site.longitude !== undefined && site.zone !== undefined;

/** @param dates the dates of the nights, as the rule counts them */
export function nightTimes(rule: NightRule, dates: readonly string[], found: Site): RuleTimes {
  const limits = rule.dark === undefined ? undefined : parseDarkLimits(rule.dark);
  const own = limits && { darkLimit: darkLimitAt(limits, found.code) };
  const site = { ...found, ...own };
  if (!isPlaced(site)) throw new Error(`no position for ${site.code}`);
  const times: RuleTime[] = [];
  const absences: SkippedNight[] = [];
  for (const date of dates) {
    const time = nightTime(rule, date, site);
    if (time instanceof Refusal) absences.push({ site: site.code, date, why: time.text });
    else times.push({ ...time, ...own });
  }
  return { times, absences };
}

function nightTime(rule: NightRule, date: string, site: PlacedSite): RuleTime | Refusal {
  const { from, to, minutes, portion } = rule;
  const isDay = isDaytime(rule);
  const isMorning = rule.date_of === "utc_morning";
  const evening = nightOf(isMorning ? addDays(date, Number(isDay) - daysToMorning(date, site)) : date, site);
  const when = (event: SkyEventTime, night = evening) => showingOf(event, night, site, rule);
  const [begin, finish] = portionEdges[portion ?? "all"];
  const first = when(from ?? { event: begin }, isDay ? nightOf(addDays(evening.date, -1), site) : evening);
  if (first instanceof Refusal) return first;
  const second = !to && minutes ? { at: moved(first.at, minutes * minuteMillis) } : when(to ?? { event: finish });
  if (second instanceof Refusal) return second;
  if (second.at <= first.at) return new Refusal("End must be after start.");
  const [opens, closes] = portion ? [when({ event: begin }), when({ event: finish })] : [first, second];
  if (opens instanceof Refusal) return opens;
  if (closes instanceof Refusal) return closes;
  const [part] = clipped([{ start: first.at, end: second.at }], { start: opens.at, end: closes.at });
  if (!part) return new Refusal("None of it is in the selected part of the night.");
  return { key: date, date, ...part, clockChange: first.clockChange ?? second.clockChange };
}

type SkyEventTime = NightEventTime | { readonly event: keyof SunOfNight; readonly offset_minutes?: number };

interface Night {
  /** The local date of the noon at which it begins. */
  readonly date: string;
  readonly sun: SunOfNight;
}

/**
 * Returns the night of a local date: the one after the mean noon on that date in the zone's standard time. So each date has
 * exactly one night, however far the zone is off the sun and whenever its clock is changed.
 */
export const nightOf = (date: string, site: PlacedSite): Night => ({ date, sun: sunOfNight(site, noonOf(date, site)) });

/** The mean noon at which the night of a local date begins, in milliseconds since 1970. */
function noonOf(date: string, site: PlacedSite): number {
  const noon = wallMillis(`${date}T12:00:00`) - (site.longitude / 360) * dayMillis;
  const dayOfNoon = noon + standardOffset(date, site.zone) - wallMillis(date);
  return noon - Math.floor(dayOfNoon / dayMillis) * dayMillis;
}

/** Days from the local date of an evening to the date in UTC of the next morning, at 6 h mean time. */
const daysToMorning = (date: string, site: PlacedSite): number =>
  daysBetween(date, toInstant(noonOf(date, site) + 0.75 * dayMillis).slice(0, 10));

function showingOf(
  { event, offset_minutes = 0 }: SkyEventTime,
  { date, sun }: Night,
  site: PlacedSite,
  rule: NightRule,
): Showing | Refusal {
  const shown = event === "midnight" ? whenShown(`${addDays(date, 1)}T00:00:00`, site.zone) : { at: sun[event] };
  if (typeof shown.at !== "string") return new Refusal(absenceOf(event, shown.at, darkLimitOf(site)));
  const minute = roundedMinute(toMillis(shown.at) / minuteMillis, offset_minutes, event, rule);
  return { ...shown, at: toInstant(minute * minuteMillis) };
}

const roundings = { nearest: Math.round, up: Math.ceil, down: Math.floor } as const;

/** Rounds to the rule's step in UTC; without one, to whole minutes towards the night, so that a window of dark time stays dark. */
function roundedMinute(minute: number, offset: number, event: string, { round, rounding = "nearest" }: NightRule) {
  if (round) return roundings[rounding]((minute + offset) / round) * round;
  const toMinute = event === "middle" ? Math.round : isDusk(event) ? Math.ceil : Math.floor;
  return toMinute(minute) + offset;
}

function absenceOf(event: string, { stays }: Stay, darkLimit: number): string {
  if (event.startsWith("sun")) return `No ${event}: the sun doesn't ${stays === "above" ? "set" : "rise"}.`;
  const depth = twilights[event.split("_")[0] ?? ""] ?? darkLimit;
  const where = stays === "above" ? `doesn't sink ${depth}°` : `stays more than ${depth}°`;
  return `No ${event === "middle" ? "middle of the night" : eventName(event)}: the sun ${where} below the horizon.`;
}
