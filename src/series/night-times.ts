/** Night moments: when a rule that follows the sun happens at a site, and on which nights it can't. */

import type { Site } from "../facility/facility.ts";
import { Refusal } from "../input/text.ts";
import { isDusk, type Stay, type SunEvent, type SunOfNight, sunOfNight } from "../sky/twilight.ts";
import { dayMillis, toInstant, toMillis } from "../time/instant.ts";
import { addDays, wallMillis } from "../time/local-date.ts";
import { type Showing, standardOffset, whenShown } from "../time/zone.ts";
import { isDaytime, type NightEventTime, type NightRule } from "./night-rule.ts";
import { minuteMillis, moved, type RuleTime, type RuleTimes, type SkippedNight, withChanges } from "./rule-time.ts";

/** A site of which is known where it is, and what its clock shows. */
type PlacedSite = Site & Required<Pick<Site, "latitude" | "longitude" | "zone">>;
export const isPlaced = (site: Site): site is PlacedSite =>
  site.latitude !== undefined && site.longitude !== undefined && site.zone !== undefined;

/** @param dates the local dates of the nights */
export function nightTimes(rule: NightRule, dates: readonly string[], site: Site): RuleTimes {
  if (!isPlaced(site)) throw new Error(`nobody knows where ${site.code} is`);
  const moments: RuleTime[] = [];
  const absences: SkippedNight[] = [];
  for (const date of dates) {
    const moment = nightMoment(rule, date, site);
    if (moment instanceof Refusal) absences.push({ site: site.code, date, why: moment.text });
    else moments.push(moment);
  }
  return { moments: withChanges(moments, site.zone), absences };
}

function nightMoment({ from, to, minutes = 0 }: NightRule, date: string, site: PlacedSite): RuleTime | Refusal {
  const evening = nightOf(date, site);
  const morning = isDaytime(from, to) ? nightOf(addDays(date, -1), site) : evening;
  const first = showingOf(from, morning, site.zone);
  if (first instanceof Refusal) return first;
  const second = to ? showingOf(to, evening, site.zone) : { at: moved(first.at, minutes) };
  if (second instanceof Refusal) return second;
  if (second.at <= first.at) return new Refusal("It would end before it starts.");
  const leap = first.oddity ?? second.oddity;
  return { key: date, date, start: first.at, end: second.at, ...(leap && { leap }) };
}

interface Night {
  /** The local date of its noon, at which it begins. */
  readonly date: string;
  readonly sun: SunOfNight;
}

/**
 * The night of a local date. The date is that of the mean noon before it, by the standard time of the zone: so each date has
 * one night and each night one date, however far the zone is off the sun and whenever its clock is changed.
 */
function nightOf(date: string, site: PlacedSite): Night {
  const noon = wallMillis(`${date}T12:00:00`) - (site.longitude / 360) * dayMillis;
  const dayOfNoon = noon + standardOffset(date, site.zone) - wallMillis(date);
  return { date, sun: sunOfNight(site, noon - Math.floor(dayOfNoon / dayMillis) * dayMillis) };
}

/** Whole minutes, which people read more easily: into the night, so that dark time stays dark, whether it starts or ends there. */
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
