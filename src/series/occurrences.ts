/** Occurrences: a plan expanded into downtimes, one for each place and each time that its rule happens there. */

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

/** One downtime to be, and which of the series' it is: no two have the same place and key. */
export interface Occurrence extends Pick<RuleTime, "key" | "date" | "leap" | "leaves"> {
  readonly draft: CheckedDraft;
}

/** Everything that a series books. */
export interface Expansion {
  /** By start, then by place; no two have the same place and window. */
  readonly rows: readonly Occurrence[];
  /** Nights that are left out, since something that the rule names doesn't happen in them. */
  readonly absences: readonly SkippedNight[];
}

/**
 * Every downtime of a series.
 * @throws Invalid when it has too many or none, reaches too far ahead, or asks for nights where nobody knows them
 */
export function expand(series: CheckedSeries, facility: Facility, now: Instant): Expansion {
  const places = placesIn(series.scopes, facility);
  if (series.rule.kind === "night") refuseUnplaced(places, facility);
  const horizon = horizonOf(now);
  const refuseFar = (at: string) => {
    const text = `It reaches ${at}. A series may reach ${mostYears} years ahead, to ${horizon.slice(0, 10)}.`;
    throw new Invalid({ [`rule.${ruleKinds[series.rule.kind].reachField}`]: [text] });
  };
  if (series.rule.kind === "night" && series.rule.last > horizon) refuseFar(series.rule.last);
  const momentsAt = ruleTimesOf(series.rule, series.breaks, horizon.slice(0, 10));
  const rows: Occurrence[] = [];
  const absences: SkippedNight[] = [];
  for (const [code, atSite] of Map.groupBy(places, ({ site }) => site)) {
    const site = findSite(facility, code);
    const found: RuleTimes = site ? momentsAt(site) : { moments: [], absences: [] };
    const far = found.moments.find(({ end }) => end > horizon);
    if (far) refuseFar(spellInstant(far.end));
    if (rows.length + found.moments.length * atSite.length > mostRows) throw new Invalid({ rule: [tooMany] });
    absences.push(...found.absences);
    const { reason, category } = series;
    for (const { start, end, ...moment } of found.moments)
      for (const place of atSite)
        rows.push({ ...moment, draft: checkDraft({ ...place, start, end, reason, category }, facility) });
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
  const text = `ConfigDB doesn't say where ${lost.join(", ")} ${lost.length === 1 ? "is" : "are"}, or in which time zone, so nobody knows the nights there.`;
  throw new Invalid({ scopes: [text] });
}

/** The last instant that a series may reach. */
function horizonOf(now: Instant): Instant {
  const date = new Date(toMillis(now));
  return toInstant(date.setUTCFullYear(date.getUTCFullYear() + mostYears));
}
