/** Times as they are typed in the form: in UTC, by the site's clock, or in a time zone that is selected beside them. */

import { readTypedTime } from "../downtime/form-input.ts";
import type { Facility } from "../facility/facility.ts";
import { findSite } from "../facility/places.ts";
import { type Instant, parseInstant, spellInstant, toMillis } from "../time/instant.ts";
import {
  addDays,
  clockMillis,
  datesBetween,
  isZone,
  localTime,
  parseSiteTime,
  wallOf,
  weekdayOf,
} from "../time/zone.ts";
import type { FormContext, Texts } from "./rule-kind.ts";

/** The selected time zone that means that of the site. An empty one means UTC. */
export const siteZone = "site";

/** What typed times depend on; without an answer of ConfigDB, sites have no time zone. */
export type TypedContext = Omit<FormContext, "facility"> & { readonly facility: Facility | undefined };

const siteWord = /\s*\b(?:site|local)(?: time)?$/i;
const withoutSite = (text: string) => text.trim().replace(siteWord, "");

/** The time zone of the times in a form; undefined if it is unknown, or that of the site, and the locations have several. */
export function typedZone({ start = "", end = "", zone = "" }: Texts, context: TypedContext): string | undefined {
  const isSite = zone.trim() === siteZone || siteWord.test(start.trim()) || siteWord.test(end.trim());
  const zones = new Set(context.scopes.map(({ site = "" }) => findSite(context.facility, site)?.zone));
  const shared = zones.size === 1 ? [...zones][0] : undefined;
  const name = isSite ? shared : zone.trim() || "UTC";
  return name && isZone(name) ? name : undefined;
}

/** Replaces 24:00 after a date by midnight of the next day. */
const withoutLastMidnight = (text: string) =>
  text.replace(/^\s*(\d{4}-\d\d-\d\d)[T\s]+24:00(?::00)?(?![\d:])/i, (all, date) =>
    parseInstant(date) ? `${addDays(date, 1)} 00:00` : all,
  );

/** The date and time in a text without an offset, `2027-01-12T20:00:00`; undefined for any other text. */
function wallIn(text: string): string | undefined {
  const bare = withoutSite(withoutLastMidnight(text));
  const dated = /^\d{4}-\d\d-\d\d$/.test(bare) ? `${bare} 00:00` : bare;
  return parseInstant(`${dated}Z`) && parseInstant(dated)?.slice(0, -1);
}

const isLastMidnight = (text: string) => /^24:00(?::00)?$/.test(withoutSite(text));

/** The time of day that a text consists of, `15:00`; undefined for any other text. */
export const timeOfDayIn = (text: string): string | undefined =>
  isLastMidnight(text) ? "00:00" : /^\d?\d:\d\d(?::\d\d)?$/.exec(withoutSite(text))?.[0];

const dayWord =
  /^(today|tomorrow|mon(?:day)?|tue(?:s|sday)?|wed(?:s|nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)[,\s]+(.+)$/i;

/** Reads `today 22:00`, `tomorrow 09:00`, or `Tue 09:00`: the first one from a time on. */
function readOnDay(text: string, zone: string, now: Instant, from: Instant): Instant | undefined {
  const [, word = "", time = ""] = dayWord.exec(text.trim().toLowerCase()) ?? [];
  const on = (date: string) => readTyped(`${date} ${time}`, zone, now);
  if (word === "today" || word === "tomorrow") return on(addDays(localTime(now, zone).date, word === "today" ? 0 : 1));
  const first = localTime(from, zone).date;
  return [...datesBetween(first, addDays(first, 7))]
    .filter((date) => weekdayOf(date) === word.slice(0, 2).toUpperCase())
    .map(on)
    .find((at) => at && at >= from);
}

/**
 * Converts a typed time to UTC. 24:00 is midnight at the end of its day.
 * @param zone the one of `typedZone`
 * @param from a time of day alone, or with a weekday, is the first one from here on
 * @returns undefined if it isn't a time, or its time zone is unknown
 */
export function readTyped(typed: string, zone: string | undefined, now: Instant, from = now): Instant | undefined {
  const dated = zone && isLastMidnight(typed) ? `${localTime(from, zone).date} ${withoutSite(typed)}` : typed;
  const text = withoutLastMidnight(dated);
  if (zone && dayWord.test(text.trim())) return readOnDay(text, zone, now, from);
  const wall = wallIn(text);
  const local = parseSiteTime(`${wall ?? withoutSite(text)} site`, zone, from);
  return local ?? (wall && zone !== "UTC" ? undefined : readTypedTime(text, now));
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
export function wallOfTyped(text: string, zone: string | undefined, now: Instant, from?: Instant): string | undefined {
  const at = zone === undefined ? undefined : readTyped(text, zone, now, from);
  return wallIn(text) ?? (at && zone && wallOf(clockMillis(toMillis(at), zone)));
}

/** Spells a time as it is typed in a time zone; in UTC where that is ambiguous, since a clock change repeats it. */
export function spellTyped(at: Instant, zone: string | undefined, now: Instant): string {
  const wall = zone && zone !== "UTC" ? spellWall(wallOf(clockMillis(toMillis(at), zone))) : "";
  return wall && readTyped(wall, zone, now) === at ? wall : spellInstant(at);
}

/** `2027-01-12 20:00` */
export const spellWall = (time: string): string => time.replace("T", " ").replace(/:00$/, "");
