/** Reads and describes recurrence rules (RFC 5545, section 3.3.10). */

import { Refusal } from "../input/text.ts";
import { parseInstant } from "../time/instant.ts";
import { clockMillis, isPlannable, spellWeekdays, type Weekday, wallOf, weekdayNames } from "../time/zone.ts";

const day = "(?:MO|TU|WE|TH|FR|SA|SU)";
/** Returns a test: whether all numbers of a list are from a first to a last one. */
const numbers = (first: number, last: number) => (text: string) =>
  text.split(",").every((part) => /^\d{1,3}$/.test(part) && Number(part) >= first && Number(part) <= last);
/** As `numbers`, from 1 on; negative ones count from the end. */
const places = (last: number) => (text: string) => numbers(1, last)(text.replace(/(^|,)[+-]/g, "$1"));

const parts: Readonly<Record<string, (text: string) => boolean>> = {
  FREQ: (text) => /^(SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)$/.test(text),
  INTERVAL: (text) => /^[1-9]\d{0,4}$/.test(text),
  COUNT: (text) => /^[1-9]\d{0,6}$/.test(text),
  UNTIL: (text) => parseUntil(text) !== undefined,
  BYSECOND: numbers(0, 59),
  BYMINUTE: numbers(0, 59),
  BYHOUR: numbers(0, 23),
  BYDAY: (text) => new RegExp(`^(?:[+-]?[1-9]\\d?)?${day}(?:,(?:[+-]?[1-9]\\d?)?${day})*$`).test(text),
  BYMONTHDAY: places(31),
  BYYEARDAY: places(366),
  BYWEEKNO: places(53),
  BYMONTH: numbers(1, 12),
  BYSETPOS: places(366),
  WKST: (text) => new RegExp(`^${day}$`).test(text),
};

/** Parses a date, a local time or a time in UTC to `2027-06-01T00:00:00[Z]`; a date includes all of its day. */
function parseUntil(text: string): string | undefined {
  const found = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/.exec(text);
  if (!found) return undefined;
  const [, year, month, date, hour = "23", minute = "59", second = "59", zulu = ""] = found;
  const time = `${year}-${month}-${date}T${hour}:${minute}:${second}`;
  return parseInstant(`${time}Z`) && isPlannable(time) ? time + zulu : undefined;
}

/** Part → value. */
export type RuleParts = ReadonlyMap<string, string>;
export const partsOf = (rrule: string): RuleParts => new Map(pairsIn(rrule));
const pairsIn = (rrule: string) =>
  rrule.split(";").map((part) => {
    const [name = "", ...value] = part.split("=");
    return [name, value.join("=")] as const;
  });

/** Reads a rule, and returns it in upper case without `RRULE:` and spaces. @param needsEnd whether UNTIL or COUNT is required */
export function readRecurrence(value: unknown, needsEnd = true): string | Refusal {
  const text = (typeof value === "string" ? value.trim() : "")
    .toUpperCase()
    .replace(/^RRULE\s*:\s*/, "")
    .replace(/\s*([;=,])\s*/g, "$1")
    .replace(/;$/, "");
  const read = pairsIn(text);
  const named = new Map(read);
  if (!named.has("FREQ"))
    return new Refusal("Invalid RRULE. Enter one such as FREQ=WEEKLY;BYDAY=TU;UNTIL=20270601T000000Z.");
  for (const [name, part] of read) {
    const fits = Object.hasOwn(parts, name) ? parts[name] : undefined;
    if (!fits) return new Refusal(`Unknown RRULE part "${name}".`);
    if (!fits(part)) return new Refusal(`Invalid ${name} "${part}".`);
  }
  if (named.size < read.length) return new Refusal("Each part can appear only once.");
  if (needsEnd && !named.has("UNTIL") && !named.has("COUNT"))
    return new Refusal("Add an end: ;UNTIL=20270601T000000Z, or ;COUNT=20.");
  const conflict = conflictIn(named);
  return conflict ? new Refusal(conflict) : text;
}

/**
 * Returns why valid parts can't be combined: the standard forbids it, or python-dateutil, rrule.js and libical read it
 * differently, so that a calendar would show other days than this service.
 */
function conflictIn(named: RuleParts): string | undefined {
  const has = (...names: string[]) => names.some((name) => named.has(name));
  const isFreq = (...freqs: string[]) => freqs.includes(named.get("FREQ") ?? "");
  const days = named.get("BYDAY")?.split(",") ?? [];
  const isNumbered = days.some((one) => one.length > 2);
  if (has("UNTIL") && has("COUNT")) return "Use UNTIL or COUNT, not both.";
  if (has("BYWEEKNO") && !isFreq("YEARLY")) return "BYWEEKNO MUST NOT be used unless FREQ=YEARLY.";
  if (has("BYYEARDAY") && isFreq("DAILY", "WEEKLY", "MONTHLY"))
    return "BYYEARDAY MUST NOT be used when FREQ is DAILY, WEEKLY, or MONTHLY.";
  if (has("BYMONTHDAY") && isFreq("WEEKLY")) return "BYMONTHDAY MUST NOT be used when FREQ is WEEKLY.";
  if (isNumbered && !isFreq("MONTHLY", "YEARLY"))
    return "BYDAY with numeric value MUST NOT be used unless FREQ is MONTHLY or YEARLY.";
  if (isNumbered && has("BYWEEKNO"))
    return "BYDAY with numeric value MUST NOT be used with FREQ=YEARLY when BYWEEKNO is present.";
  if (isNumbered && days.some((one) => one.length === 2))
    return "BYDAY can't mix days with and without a number, which programs read differently. Create two series.";
  if (has("BYWEEKNO") && !has("BYDAY", "BYMONTHDAY", "BYYEARDAY"))
    return "BYWEEKNO needs BYDAY, since programs disagree about the days otherwise. Add, for example, BYDAY=MO.";
  if (has("BYSETPOS") && ![...named.keys()].some((name) => name.startsWith("BY") && name !== "BYSETPOS"))
    return "BYSETPOS MUST be used with another BYxxx rule part.";
  return undefined;
}

/** Returns UNTIL in local time, or with a final `Z` in UTC; undefined if the rule has COUNT. */
export const endOf = (rrule: string): string | undefined => parseUntil(partsOf(rrule).get("UNTIL") ?? "");

/** Returns UNTIL in local time; undefined if the rule has COUNT. */
export function untilOf(rrule: string, zone: string): string | undefined {
  const until = endOf(rrule);
  return until?.endsWith("Z") ? wallOf(clockMillis(Date.parse(until), zone)) : until;
}

const units: Readonly<Record<string, readonly [every: string, unit: string]>> = {
  DAILY: ["daily", "days"],
  WEEKLY: ["weekly", "weeks"],
  MONTHLY: ["monthly", "months"],
};
const describable = new Set(["FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY"]);

/** `every 2 weeks on Tue–Fri`; undefined where the rule itself is the shortest description. */
export function describeRecurrence(parts: RuleParts): string | undefined {
  const [adverb, unit] = units[parts.get("FREQ") ?? ""] ?? [];
  const days = parts.get("BYDAY")?.split(",") ?? [];
  const isDescribable =
    describable.isSupersetOf(new Set(parts.keys())) && days.every((one) => /^(-1|[1-5])?\D+$/.test(one));
  if (!adverb || !isDescribable) return undefined;
  const interval = Number(parts.get("INTERVAL") ?? 1);
  const every = interval === 1 ? adverb : `every ${interval} ${unit}`;
  if (days.length === 0) return every;
  const names = isWeekdays(days) ? spellWeekdays(days) : days.map(ordinalDay).join(", ");
  return every === "weekly" ? names : `${every} on ${names}`;
}

const isWeekdays = (days: readonly string[]): days is readonly Weekday[] => days.every((day) => day.length === 2);

const ordinals: Readonly<Record<string, string>> = { 1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th", "-1": "last" };

/** `1st Tue`, `last Fri` */
const ordinalDay = (text: string): string =>
  `${ordinals[text.slice(0, -2)]} ${weekdayNames[text.slice(-2) as Weekday]}`;
