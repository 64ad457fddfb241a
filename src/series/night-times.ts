/** Computes when a nightly rule happens at a site, and on which nights it can't. */

import type { Site } from "../facility/facility.ts";
import { Refusal } from "../input/text.ts";
import { isDusk, type Stay, type SunEvent, type SunOfNight, sunOfNight } from "../sky/twilight.ts";
import { dayMillis, toInstant, toMillis } from "../time/instant.ts";
import { addDays, wallMillis } from "../time/local-date.ts";
import { type Showing, standardOffset, whenShown } from "../time/zone.ts";
import { isDaytime, type NightEventTime, type NightRule } from "./night-rule.ts";
import { minuteMillis, moved, type RuleTime, type RuleTimes, type SkippedNight, withChanges } from "./rule-time.ts";

/** A site whose position and time zone are known. */
type PlacedSite = Site & Required<Pick<Site, "latitude" | "longitude" | "zone">>;
export const isPlaced = (site: Site): site is PlacedSite =>
  site.latitude !== undefined && site.longitude !== undefined && site.zone !== undefined;

/** @param dates the local dates of the nights */
export function nightTimes(rule: NightRule, dates: readonly string[], site: Site): RuleTimes {
  if (!isPlaced(site)) throw new Error(`no position for ${site.code}`);
  const times: RuleTime[] = [];
  const absences: SkippedNight[] = [];
  for (const date of dates) {
    const time = nightTime(rule, date, site);
    if (time instanceof Refusal) absences.push({ site: site.code, date, why: time.text });
    else times.push(time);
  }
  return { times: withChanges(times, site.zone), absences };
}

function nightTime({ from, to, minutes = 0 }: NightRule, date: string, site: PlacedSite): RuleTime | Refusal {
  const evening = nightOf(date, site);
  const morning = isDaytime(from, to) ? nightOf(addDays(date, -1), site) : evening;
  const first = showingOf(from, morning, site.zone);
  if (first instanceof Refusal) return first;
  const second = to ? showingOf(to, evening, site.zone) : { at: moved(first.at, minutes) };
  if (second instanceof Refusal) return second;
  if (second.at <= first.at) return new Refusal("End must be after start.");
  const clockChange = first.oddity ?? second.oddity;
  return { key: date, date, start: first.at, end: second.at, ...(clockChange && { clockChange }) };
}

interface Night {
  /** The local date of the noon at which it begins. */
  readonly date: string;
  readonly sun: SunOfNight;
}

/**
 * Returns the night of a local date: the one after the mean noon on that date in the zone's standard time. So each date has
 * exactly one night, however far the zone is off the sun and whenever its clock is changed.
 */
function nightOf(date: string, site: PlacedSite): Night {
  const noon = wallMillis(`${date}T12:00:00`) - (site.longitude / 360) * dayMillis;
  const dayOfNoon = noon + standardOffset(date, site.zone) - wallMillis(date);
  return { date, sun: sunOfNight(site, noon - Math.floor(dayOfNoon / dayMillis) * dayMillis) };
}

/** Returns the time of an event, rounded to minutes towards the night, so that a window of dark time stays dark. */
function showingOf(
  { event, offset_minutes = 0 }: NightEventTime,
  { date, sun }: Night,
  zone: string,
): Showing | Refusal {
  if (event === "midnight") {
    const midnight = whenShown(`${addDays(date, 1)}T00:00:00`, zone);
    return { ...midnight, at: moved(midnight.at, offset_minutes) };
  }
  const at = sun[event];
  if (typeof at !== "string") return new Refusal(absenceOf(event, at));
  const minute = toMillis(at) / minuteMillis;
  return { at: toInstant(((isDusk(event) ? Math.ceil(minute) : Math.floor(minute)) + offset_minutes) * minuteMillis) };
}

const depths = { civil: 6, nautical: 12, astronomical: 18 } as const;

function absenceOf(event: SunEvent, { stays }: Stay): string {
  const [kind, name] = event.split("_") as [keyof typeof depths, string | undefined];
  if (!name) return `No ${event}: the sun doesn't ${stays === "above" ? "set" : "rise"}.`;
  const where = stays === "above" ? `doesn't sink ${depths[kind]}°` : `stays more than ${depths[kind]}°`;
  return `No ${kind} ${name}: the sun ${where} below the horizon.`;
}
