/** Times as they are typed in the form: in UTC, by the site's clock, or in a time zone that is selected beside them. */

import { readMoment } from "../downtime/form-input.ts";
import type { Facility } from "../facility/facility.ts";
import { findSite } from "../facility/places.ts";
import { type Instant, parseInstant, toMillis } from "../time/instant.ts";
import { wallOf } from "../time/local-date.ts";
import { clockMillis, isZone, parseSiteTime } from "../time/zone.ts";
import type { FormContext, Texts } from "./rule-kind.ts";

/** The selected time zone that means that of the site. An empty one means UTC. */
export const siteZone = "site";

/** What typed times depend on; without an answer of ConfigDB, sites have no time zone. */
type TypedContext = Omit<FormContext, "facility"> & { readonly facility: Facility | undefined };

const siteWord = /\s*\b(?:site|local)(?: time)?$/i;
const withoutSite = (text: string) => text.trim().replace(siteWord, "");

/** The time zone that all of the locations share; undefined where they don't. */
function sharedZone({ scopes, facility }: TypedContext): string | undefined {
  const zones = new Set(scopes.map(({ site = "" }) => findSite(facility, site)?.zone));
  return zones.size === 1 ? [...zones][0] : undefined;
}

/** The time zone of the times in a form; undefined if it is unknown, or that of the site, and the locations have several. */
export function typedZone({ start = "", end = "", zone = "" }: Texts, context: TypedContext): string | undefined {
  const isSite = zone.trim() === siteZone || siteWord.test(start.trim()) || siteWord.test(end.trim());
  const name = isSite ? sharedZone(context) : zone.trim() || "UTC";
  return name && isZone(name) ? name : undefined;
}

/** The date and time in a text without an offset, `2027-01-12T20:00:00`; undefined for any other text. */
function wallIn(text: string): string | undefined {
  const bare = withoutSite(text);
  const dated = /^\d{4}-\d\d-\d\d$/.test(bare) ? `${bare} 00:00` : bare;
  return parseInstant(`${dated}Z`) && parseInstant(dated)?.slice(0, -1);
}

/** The time of day that a text consists of, `15:00`; undefined for any other text. */
export const timeOfDayIn = (text: string): string | undefined => /^\d?\d:\d\d(?::\d\d)?$/.exec(withoutSite(text))?.[0];

/**
 * Converts a typed time to UTC.
 * @param zone the one of `typedZone`
 * @param from a time of day alone is the first one from here on
 * @returns undefined if it isn't a time, or its time zone is unknown
 */
export function readTyped(text: string, zone: string | undefined, now: Instant, from = now): Instant | undefined {
  const wall = wallIn(text);
  const local = parseSiteTime(`${wall ?? withoutSite(text)} site`, zone, from);
  return local ?? (wall && zone !== "UTC" ? undefined : readMoment(text, now));
}

/** The times in UTC. What can't be read stays, except that a time in an unknown time zone isn't one in UTC. */
export function timesInUtc({ start = "", end = "", zone = "" }: Texts, context: TypedContext) {
  const known = typedZone({ start, end, zone }, context);
  const from = readTyped(start, known, context.now);
  return { start: inUtc(start, known, context.now), end: inUtc(end, known, context.now, from) };
}

const inUtc = (text: string, zone: string | undefined, now: Instant, from = now): string =>
  readTyped(text, zone, now, from) ?? (wallIn(text) ? `${text} ${siteZone}` : text);

/** The local date and time of a typed time, `2027-01-12T20:00:00`. One that a clock change skips stays as typed. */
export function wallOfTyped(text: string, zone: string | undefined, now: Instant): string | undefined {
  const at = zone === undefined ? undefined : readTyped(text, zone, now);
  return wallIn(text) ?? (at && zone && wallOf(clockMillis(toMillis(at), zone)));
}
