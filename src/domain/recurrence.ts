/** Recurrence: iCalendar's rules (RFC 5545, section 3.3.10), read strictly and told on the clock of a zone. */

import { RRuleTemporal } from "rrule-temporal";
import { isPlannable, wallMillis, wallOf } from "./dates.ts";
import { parseInstant } from "./instant.ts";
import { Refusal } from "./text.ts";
import { localTime } from "./zone.ts";

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

/** Reads a rule; it is spelt in capitals, without `RRULE:`. */
export function readRecurrence(value: unknown): string | Refusal {
  const text =
    typeof value === "string"
      ? value
          .trim()
          .toUpperCase()
          .replace(/^RRULE:/, "")
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
  return named.has("UNTIL") && named.has("COUNT") ? new Refusal("Say UNTIL or COUNT, not both.") : refuse(text);
}

/** What the library says of a rule whose parts are all right, such as that they don't go together. */
function refuse(rrule: string): string | Refusal {
  try {
    open(rrule, "2027-01-01T00:00:00", "UTC");
    return rrule;
  } catch (error) {
    return new Refusal(`${error instanceof Error ? error.message : error}.`);
  }
}

const compact = (wall: string) => `${wall.replace(/[-:]/g, "")}Z`;

/**
 * The rule as it runs on a clock that never leaps. So each time is one that the zone's clock should show, and whoever
 * looks it up in the zone sees whether it leaps there; with the zone the library would leave such a time out unsaid.
 */
function open(rrule: string, start: string, zone: string): RRuleTemporal {
  const spelt = partsOf(rrule).map(([name, value]) => {
    const until = name === "UNTIL" ? parseUntil(value) : undefined;
    return `${name}=${until ? compact(onClock(until, zone)) : value}`;
  });
  return new RRuleTemporal({
    rruleString: `DTSTART:${compact(start)}\nRRULE:${spelt.join(";")}`,
    strict: true,
    cache: false,
  });
}

/** The last moment of a rule on the zone's clock; undefined where it counts instead. */
export function untilOf(rrule: string, zone: string): string | undefined {
  const until = parseUntil(new Map(partsOf(rrule)).get("UNTIL") ?? "");
  return until && onClock(until, zone);
}

function onClock(until: string, zone: string): string {
  const at = until.endsWith("Z") ? parseInstant(until) : undefined;
  if (!at) return until;
  const { date, time } = localTime(at, zone);
  return `${date}T${time.length === 5 ? `${time}:00` : time}`;
}

/**
 * The times at which the zone's clock should show the rule's occurrences, in order: at most so many, and none after the
 * first that is past the last date. Refused when the rule comes so rarely that looking for it takes too long.
 */
export function wallTimes(
  { rrule, start, zone }: { readonly rrule: string; readonly start: string; readonly zone: string },
  most: number,
  last: string,
): readonly string[] | Refusal {
  const found: string[] = [];
  try {
    open(rrule, start, zone).all(({ epochMilliseconds }) => {
      found.push(wallOf(Math.min(epochMilliseconds, lastMillis)));
      return found.length < most && epochMilliseconds <= wallMillis(last);
    });
    return found;
  } catch (error) {
    // It has looked too long, or past the last date that there is.
    const isTooRare = error instanceof RangeError || (error instanceof Error && /^Maximum /.test(error.message));
    if (isTooRare) return new Refusal(tooRare);
    throw error;
  }
}

const lastMillis = Date.UTC(9999, 0);

const tooRare = "It comes too rarely, or never, for so small steps. Choose a larger FREQ, or UNTIL instead of COUNT.";
