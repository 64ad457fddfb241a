/** Recurrence: reads iCalendar's rules strictly (RFC 5545, section 3.3.10). */

import { Refusal } from "../input/text.ts";
import { parseInstant } from "../time/instant.ts";
import { isPlannable } from "../time/local-date.ts";
import { localTime } from "../time/zone.ts";

const day = "(?:MO|TU|WE|TH|FR|SA|SU)";
const numbers = (first: number, last: number) => (text: string) =>
  text.split(",").every((part) => /^\d{1,3}$/.test(part) && Number(part) >= first && Number(part) <= last);
/** Counted from the beginning, or, below zero, from the end. */
const places = (last: number) => (text: string) =>
  text.split(",").every((part) => /^[+-]?\d{1,3}$/.test(part) && numbers(1, last)(part.replace(/^[+-]/, "")));

/** What each part of a rule may be. */
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

/** A date, a time on the zone's clock or an instant, as `2027-06-01[T00:00:00[Z]]`; undefined when it is none. */
function parseUntil(text: string): string | undefined {
  const found = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/.exec(text);
  if (!found) return undefined;
  const [, year, month, date, hour, minute, second, zulu = ""] = found;
  const spelt = `${year}-${month}-${date}T${hour ?? "23"}:${minute ?? "59"}:${second ?? "59"}`;
  return parseInstant(`${spelt}Z`) && isPlannable(spelt) ? spelt + zulu : undefined;
}

/** Part → value, in order. */
export const partsOf = (rrule: string): [string, string][] =>
  rrule.split(";").map((part) => {
    const [name = "", ...value] = part.split("=");
    return [name, value.join("=")];
  });

/** Reads a rule; it is spelt in capitals, without `RRULE:` and without blanks between its parts. */
export function readRecurrence(value: unknown): string | Refusal {
  const text =
    typeof value === "string"
      ? value
          .trim()
          .toUpperCase()
          .replace(/^RRULE\s*:\s*/, "")
          .replace(/\s*([;=,])\s*/g, "$1")
          .replace(/;$/, "")
      : "";
  const read = partsOf(text);
  const named = new Map(read);
  if (!named.has("FREQ"))
    return new Refusal("That is no recurrence rule. Write it as FREQ=WEEKLY;BYDAY=TU;UNTIL=20270601T000000Z.");
  for (const [name, part] of read) {
    const fits = Object.hasOwn(parts, name) ? parts[name] : undefined;
    if (!fits) return new Refusal(`A recurrence rule has no part ${name}.`);
    if (!fits(part)) return new Refusal(`${name} can't be "${part}".`);
  }
  if (named.size < read.length) return new Refusal("Each part may stand there once.");
  if (!named.has("UNTIL") && !named.has("COUNT"))
    return new Refusal("Say when it ends: add a last moment, ;UNTIL=20270601T000000Z, or how often, ;COUNT=20.");
  if (named.has("UNTIL") && named.has("COUNT")) return new Refusal("Say UNTIL or COUNT, not both.");
  const conflict = conflictIn(named);
  return conflict ? new Refusal(conflict) : text;
}

/**
 * Why valid parts can't be combined: the standard forbids it, or programs read it differently (python-dateutil, rrule.js
 * and libical were compared), so that a calendar would show other days than this service books.
 */
function conflictIn(named: ReadonlyMap<string, string>): string | undefined {
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
    return "BYDAY mixes days with and without a number, which programs read differently. Make two series of it.";
  if (has("BYWEEKNO") && !["BYDAY", "BYMONTHDAY", "BYYEARDAY"].some(has))
    return "BYWEEKNO needs BYDAY: without it, programs disagree about the days of the week. Add, for example, BYDAY=MO.";
  if (has("BYSETPOS") && ![...named.keys()].some((name) => name.startsWith("BY") && name !== "BYSETPOS"))
    return "BYSETPOS MUST be used with another BYxxx rule part.";
  return undefined;
}

/** The end of a rule: a time on the zone's clock, or, with a final `Z`, an instant; undefined where it counts instead. */
export const endOf = (rrule: string): string | undefined => parseUntil(new Map(partsOf(rrule)).get("UNTIL") ?? "");

/** The end of a rule on the zone's clock; undefined where it counts instead. */
export function untilOf(rrule: string, zone: string): string | undefined {
  const until = endOf(rrule);
  const at = until?.endsWith("Z") ? parseInstant(until) : undefined;
  if (!at) return until;
  const { date, time } = localTime(at, zone);
  return `${date}T${time.length === 5 ? `${time}:00` : time}`;
}
