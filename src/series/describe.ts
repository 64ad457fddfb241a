/** Phrases: a plan in one line, and counts in words, for people. */

import { describePlace } from "../downtime/downtime.ts";
import { emptyPlace } from "../facility/facility.ts";
import { inWords, secondsBetween } from "../time/duration.ts";
import { spellInstant } from "../time/instant.ts";
import { type Weekday, weekdayOf, weekdays } from "../time/local-date.ts";
import { isDaytime } from "./night-times.ts";
import { partsOf, untilOf } from "./recurrence.ts";
import type { CalendarRule, NightEventTime, NightRule, OnceRule } from "./rule.ts";
import type { Scope } from "./scope.ts";
import type { SeriesDraft } from "./series.ts";

/** `1 downtime`, `1,212 downtimes` */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/** What a series blocks: `ogg · clma · 2m0a; coj` */
export const describeScopes = (scopes: readonly Scope[]): string =>
  scopes.map((scope) => describePlace({ ...emptyPlace, ...scope })).join("; ");

/** When a series happens: `Tu–Fr nights, from 30 min after astronomical dusk, for 30 min, 12 Jan – 1 Jun 2027, without 2 breaks`. */
export function describeRule({ rule, breaks }: Pick<SeriesDraft, "rule" | "breaks">): string {
  const parts = rule.kind === "once" ? once(rule) : rule.kind === "night" ? nights(rule) : calendar(rule);
  return [...parts, breaks.length > 0 && `without ${counted(breaks.length, "break")}`].filter(Boolean).join(", ");
}

const forMinutes = (minutes: number) => `for ${inWords(minutes * 60)}`;

const once = ({ start, end }: OnceRule) => [
  "once",
  `from ${spellInstant(start)}`,
  `for ${inWords(secondsBetween(start, end))}`,
];

function nights({ weekdays: chosen = [], from, to, minutes = 0, first, last }: NightRule): string[] {
  const days = new Set(chosen);
  const noun = isDaytime(from, to) ? "day" : "night";
  const which = days.size === 0 || days.size === 7 ? `every ${noun}` : `${shortly([...days])} ${noun}s`;
  const when = to ? [`from ${describeWarning(from)} to ${describeWarning(to)}`] : [`from ${describeWarning(from)}`];
  return [which, ...when, ...(to ? [] : [forMinutes(minutes)]), span(first, last)];
}

/** `30 min after astronomical dusk` */
export function describeWarning({ event, offset_minutes = 0 }: NightEventTime): string {
  const name = event.replace("_", " ");
  if (offset_minutes === 0) return name;
  return `${inWords(Math.abs(offset_minutes) * 60)} ${offset_minutes < 0 ? "before" : "after"} ${name}`;
}

function calendar({ rrule, zone, start, minutes = 0, until_time, exdates = [], rdates = [] }: CalendarRule): string[] {
  const parts = new Map(partsOf(rrule));
  const time = start.slice(11, start.endsWith(":00") ? 16 : 19);
  const until = untilOf(rrule, zone)?.slice(0, 10);
  const often = pattern(
    parts.get("FREQ") === "WEEKLY" ? new Map([["BYDAY", weekdayOf(start.slice(0, 10))], ...parts]) : parts,
  );
  return [
    often ? `${often} at ${time} (${zone})` : `${rrule} from ${time} (${zone}) on`,
    until_time ? `until ${until_time}` : forMinutes(minutes),
    until ? span(start.slice(0, 10), until) : `${parts.get("COUNT")} times from ${day(start)} on`,
    ...(exdates.length > 0 ? [`without ${counted(exdates.length, "date")}`] : []),
    ...(rdates.length > 0 ? [`and ${counted(rdates.length, "date")} more`] : []),
  ];
}

const units: Readonly<Record<string, readonly [every: string, unit: string]>> = {
  DAILY: ["daily", "days"],
  WEEKLY: ["weekly", "weeks"],
  MONTHLY: ["monthly", "months"],
  YEARLY: ["yearly", "years"],
};
const told = new Set(["FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH"]);

/** How often, where that is easily told; undefined where the rule itself says it best. */
function pattern(parts: ReadonlyMap<string, string>): string | undefined {
  const unit = units[parts.get("FREQ") ?? ""];
  if (!unit || [...parts.keys()].some((name) => !told.has(name))) return undefined;
  const interval = Number(parts.get("INTERVAL") ?? 1);
  const [byDay, byMonthDay, byMonth] = ["BYDAY", "BYMONTHDAY", "BYMONTH"].map((name) => parts.get(name)?.split(","));
  const every = interval === 1 ? unit[0] : `every ${interval} ${unit[1]}`;
  const isPlain = byDay && every === "weekly" && !byMonthDay && !byMonth;
  return [
    !isPlain && every,
    byDay && `${isPlain ? "" : "on "}${isWeekdays(byDay) ? shortly(byDay) : byDay.map(ordinalDay).join(", ")}`,
    byMonthDay && `on the ${byMonthDay.map((number) => ordinal(Number(number), "last day")).join(", ")}`,
    byMonth && `in ${byMonth.map((number) => months[Number(number) - 1]).join(", ")}`,
  ]
    .filter(Boolean)
    .join(" ");
}

const isWeekdays = (days: readonly string[]): days is readonly Weekday[] => days.every((day) => day.length === 2);

/** `1st Tu`, `last Fr` */
const ordinalDay = (text: string) =>
  text.length === 2 ? title(text) : `${ordinal(Number(text.slice(0, -2)), "last")} ${title(text.slice(-2))}`;

/** `3rd`; below zero, counted from the end. */
function ordinal(number: number, last: string): string {
  const size = Math.abs(number);
  const ending = size % 100 >= 11 && size % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][size % 10] ?? "th");
  if (number > 0) return `${size}${ending}`;
  return size === 1 ? last : `${size}${ending} ${last}`;
}

const title = (day: string) => `${day.charAt(0)}${day.charAt(1).toLowerCase()}`;

/** `Tu–Fr`, `Mo, We`: three and more in a row are joined. */
function shortly(days: readonly Weekday[]): string {
  const places = [...new Set(days)].map((day) => weekdays.indexOf(day)).sort();
  const runs: number[][] = [];
  for (const place of places) {
    const run = runs.at(-1);
    if (run?.at(-1) === place - 1) run.push(place);
    else runs.push([place]);
  }
  const name = (place = 0) => title(weekdays[place] ?? "");
  return runs.flatMap((run) => (run.length > 2 ? [`${name(run[0])}–${name(run.at(-1))}`] : run.map(name))).join(", ");
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `12 Jan 2027` */
const day = (date: string) => `${dayAndMonth(date)} ${date.slice(0, 4)}`;
const dayAndMonth = (date: string) => `${Number(date.slice(8, 10))} ${months[Number(date.slice(5, 7)) - 1]}`;

/** `12 Jan – 1 Jun 2027` */
function span(first: string, last: string): string {
  if (first === last) return day(first);
  return `${first.slice(0, 4) === last.slice(0, 4) ? dayAndMonth(first) : day(first)} – ${day(last)}`;
}
