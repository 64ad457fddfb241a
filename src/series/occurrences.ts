/** Expands a series into downtimes: one for each place and time. */

import { type CheckedDraft, checkDraft } from "../downtime/downtime.ts";
import type { Facility, Place } from "../facility/facility.ts";
import { findSite } from "../facility/places.ts";
import { Invalid } from "../input/problem.ts";
import { type Instant, spellInstant, toInstant, toMillis } from "../time/instant.ts";
import { isPlaced } from "./night-times.ts";
import { type Rule, ruleKinds } from "./rule.ts";
import type { RuleTime, RuleTimes, SkippedNight } from "./rule-time.ts";
import { ruleTimesOf, tooMany } from "./rule-times.ts";
import { placesIn } from "./scope.ts";
import { type CheckedSeries, mostRows, mostYears } from "./series.ts";

/** A planned downtime. No two of a series have the same place and key. */
export interface Occurrence extends Pick<RuleTime, "key" | "date" | "clockChange" | "leaves" | "darkLimit"> {
  readonly draft: CheckedDraft;
}

/**
 * Returns every downtime of a series, by start, then by place, and the nights on which an event of the rule doesn't happen.
 * No two downtimes have the same place and time.
 * @throws Invalid when there are too many or none, too far ahead, or nightly at a site whose position is unknown
 */
export function expand(series: CheckedSeries, facility: Facility, now: Instant) {
  const places = placesIn(series.scopes, facility);
  if (series.rule.kind === "night") refuseUnplaced(places, facility);
  const horizon = horizonOf(now);
  const refuseFar = (at: string) => {
    const text = `A series may reach ${mostYears} years ahead, to ${horizon.slice(0, 10)} (this one reaches ${at}).`;
    throw new Invalid({ [`rule.${ruleKinds[series.rule.kind].reachField}`]: [text] });
  };
  if (series.rule.kind === "night" && series.rule.last > horizon) refuseFar(series.rule.last);
  const timesAt = ruleTimesOf(series.rule, series.breaks, horizon.slice(0, 10));
  const rows: Occurrence[] = [];
  const absences: SkippedNight[] = [];
  for (const [code, atSite] of Map.groupBy(places, ({ site }) => site)) {
    const site = findSite(facility, code);
    const found: RuleTimes = site ? timesAt(site) : { times: [], absences: [] };
    const far = found.times.find(({ end }) => end > horizon);
    if (far) refuseFar(spellInstant(far.end));
    if (rows.length + found.times.length * atSite.length > mostRows) throw new Invalid({ rule: [tooMany] });
    absences.push(...found.absences);
    const { reason, category } = series;
    for (const { start, end, ...time } of found.times)
      for (const place of atSite)
        rows.push({ ...time, draft: checkDraft({ ...place, start, end, reason, category }, facility) });
  }
  if (rows.length === 0) throw new Invalid({ rule: [nothingLeft(series.rule, absences)] });
  return { rows: rows.sort((a, b) => compare(a.draft.start, b.draft.start)), absences };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function nothingLeft({ kind }: Rule, absences: readonly SkippedNight[]): string {
  const [first] = absences;
  if (kind !== "night" || !first) return ruleKinds[kind].nothingLeft;
  return `No nights remain: ${absences.length === 1 ? "the only night is" : `all ${absences.length.toLocaleString("en")} nights are`} skipped. At ${first.site} on ${first.date}: ${first.why}`;
}

function refuseUnplaced(places: readonly Place[], facility: Facility): void {
  const codes = new Set(places.map(({ site }) => site));
  const lost = facility.sites.filter((site) => codes.has(site.code) && !isPlaced(site)).map(({ code }) => code);
  if (lost.length === 0) return;
  const text = `ConfigDB has no position or time zone for ${lost.join(", ")}, so nights can't be computed there.`;
  throw new Invalid({ scopes: [text] });
}

/** The latest time that a series may reach. */
function horizonOf(now: Instant): Instant {
  const date = new Date(toMillis(now));
  return toInstant(date.setUTCFullYear(date.getUTCFullYear() + mostYears));
}
