/** Reads recurrence rules strictly (RFC 5545, section 3.3.10). */

import { Refusal } from "../input/text.ts";
import { parseInstant } from "../time/instant.ts";
import {
  clockMillis,
  isPlannable,
  monthNames,
  spellWeekdays,
  type Weekday,
  wallOf,
  weekdayNames,
} from "../time/zone.ts";

const day = "(?:MO|TU|WE|TH|FR|SA|SU)";
const numbers = (first: number, last: number) => (text: string) =>
  text.split(",").every((part) => /^\d{1,3}$/.test(part) && Number(part) >= first && Number(part) <= last);
/** Negative numbers count from the end. */
const places = (last: number) => (text: string) =>
  text.split(",").every((part) => /^[+-]?\d{1,3}$/.test(part) && numbers(1, last)(part.replace(/^[+-]/, "")));

/** Part → whether its value is valid. */
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
  const [, year, month, date, hour, minute, second, zulu = ""] = found;
  const time = `${year}-${month}-${date}T${hour ?? "23"}:${minute ?? "59"}:${second ?? "59"}`;
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

/** Returns a part that is a list of numbers; undefined if the rule doesn't have it. */
export const numbersIn = (parts: RuleParts, name: string): readonly number[] | undefined =>
  parts.get(name)?.split(",").map(Number);

/** Sorts numbers, without duplicates. */
export const sorted = (numbers: Iterable<number>): number[] => [...new Set(numbers)].sort((a, b) => a - b);

/** Returns the indices below a size; with BYSETPOS, only its own: 1 is the first, -1 the last. */
export function* indicesOf(size: number, parts: RuleParts): Iterable<number> {
  const positions = numbersIn(parts, "BYSETPOS");
  if (!positions) for (let index = 0; index < size; index++) yield index;
  else
    for (const index of sorted(positions.map((position) => (position > 0 ? position - 1 : size + position))))
      if (index >= 0 && index < size) yield index;
}

/** Reads a rule, and returns it in upper case without `RRULE:` and spaces. */
export function readRecurrence(value: unknown): string | Refusal {
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
  if (!named.has("UNTIL") && !named.has("COUNT"))
    return new Refusal("Add an end: ;UNTIL=20270601T000000Z, or ;COUNT=20.");
  if (named.has("UNTIL") && named.has("COUNT")) return new Refusal("Use UNTIL or COUNT, not both.");
  const conflict = conflictIn(named);
  return conflict ? new Refusal(conflict) : text;
}

/**
 * Returns why valid parts can't be combined: the standard forbids it, or python-dateutil, rrule.js and libical read it
 * differently, so that a calendar would show other days than this service.
 */
function conflictIn(named: RuleParts): string | undefined {
  const freq = named.get("FREQ") ?? "";
  const has = (name: string) => named.has(name);
  const days = named.get("BYDAY")?.split(",") ?? [];
  const isNumbered = days.some((one) => one.length > 2);
  if (has("BYWEEKNO") && freq !== "YEARLY") return "BYWEEKNO MUST NOT be used unless FREQ=YEARLY.";
  if (has("BYYEARDAY") && ["DAILY", "WEEKLY", "MONTHLY"].includes(freq))
    return "BYYEARDAY MUST NOT be used when FREQ is DAILY, WEEKLY, or MONTHLY.";
  if (has("BYMONTHDAY") && freq === "WEEKLY") return "BYMONTHDAY MUST NOT be used when FREQ is WEEKLY.";
  if (isNumbered && freq !== "MONTHLY" && freq !== "YEARLY")
    return "BYDAY with numeric value MUST NOT be used unless FREQ is MONTHLY or YEARLY.";
  if (isNumbered && has("BYWEEKNO"))
    return "BYDAY with numeric value MUST NOT be used with FREQ=YEARLY when BYWEEKNO is present.";
  if (isNumbered && days.some((one) => one.length === 2))
    return "BYDAY can't mix days with and without a number, which programs read differently. Create two series.";
  if (has("BYWEEKNO") && !["BYDAY", "BYMONTHDAY", "BYYEARDAY"].some(has))
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
  YEARLY: ["yearly", "years"],
};
const describable = new Set(["FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH"]);

/** `every 2 weeks on Tue–Fri`; undefined where the rule itself is the shortest description. */
export function describeRecurrence(parts: ReadonlyMap<string, string>): string | undefined {
  const unit = units[parts.get("FREQ") ?? ""];
  if (!unit || [...parts.keys()].some((name) => !describable.has(name))) return undefined;
  const interval = Number(parts.get("INTERVAL") ?? 1);
  const [byDay, byMonthDay, byMonth] = ["BYDAY", "BYMONTHDAY", "BYMONTH"].map((name) => parts.get(name)?.split(","));
  const every = interval === 1 ? unit[0] : `every ${interval} ${unit[1]}`;
  const isPlain = byDay && every === "weekly" && !byMonthDay && !byMonth;
  return [
    !isPlain && every,
    byDay && `${isPlain ? "" : "on "}${isWeekdays(byDay) ? spellWeekdays(byDay) : byDay.map(ordinalDay).join(", ")}`,
    byMonthDay && `on the ${byMonthDay.map((number) => ordinal(Number(number), "last day")).join(", ")}`,
    byMonth && `in ${byMonth.map((number) => monthNames[Number(number) - 1]).join(", ")}`,
  ]
    .filter(Boolean)
    .join(" ");
}

const isWeekdays = (days: readonly string[]): days is readonly Weekday[] => days.every((day) => day.length === 2);

/** `1st Tue`, `last Fri` */
function ordinalDay(text: string): string {
  const name = weekdayNames[text.slice(-2) as Weekday];
  return text.length === 2 ? name : `${ordinal(Number(text.slice(0, -2)), "last")} ${name}`;
}

/** `3rd`; a negative number counts from the end. */
function ordinal(number: number, last: string): string {
  const size = Math.abs(number);
  const ending = size % 100 >= 11 && size % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][size % 10] ?? "th");
  if (number > 0) return `${size}${ending}`;
  return size === 1 ? last : `${size}${ending} ${last}`;
}
