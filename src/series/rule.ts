/** Rules: when a series happens: once, by the calendar, or by the night. */

import { type Static, Type } from "@sinclair/typebox";
import { endsTooEarly, readInstant } from "../downtime/downtime.ts";
import {
  isRefused,
  type Reader,
  Refusals,
  readChoice,
  readDate,
  readList,
  readObject,
  readTimeOfDay,
  readWallTime,
  readWhole,
} from "../input/readers.ts";
import { Refusal } from "../input/text.ts";
import { sunEvents } from "../sky/twilight.ts";
import type { Instant } from "../time/instant.ts";
import { daysBetween, weekdays } from "../time/local-date.ts";
import { isZone } from "../time/zone.ts";
import { readRecurrence } from "./recurrence.ts";
import { countsRealTime } from "./recurrence-times.ts";

/** Nights that a rule may span. */
const mostNights = 5000;
const mostMinutes = 366 * 24 * 60;
const mostDates = 1000;

const instant = (example: string) =>
  Type.Unsafe<Instant>({ type: "string", format: "date-time", description: "UTC.", examples: [example] });
const date = (description: string, example: string) =>
  Type.String({ format: "date", description, examples: [example] });
const wallTime = (description: string, example: string) => Type.String({ description, examples: [example] });
const minutes = (description: string) =>
  Type.Integer({ minimum: 1, maximum: mostMinutes, description, examples: [30] });

/**
 * Moments of a night. Dusks and dawns are those of the sun 6°, 12° and 18° down, on whole minutes; midnight is that after
 * the evening, on the site's clock.
 */
export const nightEvents = [...sunEvents.slice(0, 4), "midnight", ...sunEvents.slice(4)] as const;

const MarkSchema = Type.Object({
  event: Type.Union(
    nightEvents.map((event) => Type.Literal(event)),
    { examples: ["astronomical_dusk"] },
  ),
  offset_minutes: Type.Optional(
    Type.Integer({ default: 0, description: "Minutes after it; negative: before it.", examples: [30] }),
  ),
});
export type NightEventTime = Readonly<Static<typeof MarkSchema>>;

/** One window. */
export const OnceSchema = Type.Object({
  kind: Type.Literal("once"),
  start: instant("2027-01-15T08:45:00Z"),
  end: instant("2027-01-15T09:45:00Z"),
});
export type OnceRule = Readonly<Static<typeof OnceSchema>>;

/** By the calendar: at the same time of a zone's clock, right across daylight saving. */
export const CalendarSchema = Type.Object({
  kind: Type.Literal("calendar"),
  zone: Type.String({ description: "IANA zone, or UTC.", examples: ["Pacific/Honolulu"] }),
  start: wallTime(
    "From when on, on the zone's clock, without an offset: the first one is the first that the rule has from here on.",
    "2027-01-12T20:00:00",
  ),
  minutes: Type.Optional(minutes("How long each lasts, in real time. Exactly one of this and `until_time` is set.")),
  until_time: Type.Optional(
    wallTime(
      "When each ends, on the zone's clock, whether the clock was changed meanwhile or not; on the next day if that isn't after the start.",
      "12:00",
    ),
  ),
  rrule: Type.String({
    description:
      "RFC 5545 recurrence rule, with UNTIL or COUNT. A time that the clock leaps over is moved on by the leap; of one that it shows twice, the first counts. HOURLY, MINUTELY and SECONDLY count real time.",
    examples: ["FREQ=WEEKLY;BYDAY=TU,WE,TH,FR;UNTIL=20270601T000000Z"],
  }),
  exdates: Type.Optional(Type.Array(wallTime("Left out: a date, or a start on the zone's clock.", "2027-02-16"))),
  rdates: Type.Optional(Type.Array(wallTime("Added: a start on the zone's clock.", "2027-02-20T20:00:00"))),
});
export type CalendarRule = Readonly<Static<typeof CalendarSchema>>;

/** By the night: at moments that follow the sun, computed for each site and each night. */
export const NightSchema = Type.Object({
  kind: Type.Literal("night"),
  first: date("The first night's local date: that of its evening.", "2027-01-12"),
  last: date("The last night's.", "2027-06-01"),
  weekdays: Type.Optional(
    Type.Array(Type.Union(weekdays.map((day) => Type.Literal(day))), {
      description: "Of the nights; none: all.",
      examples: [["TU", "WE", "TH", "FR"]],
    }),
  ),
  from: MarkSchema,
  to: Type.Optional({
    ...MarkSchema,
    description: "From a dawn or sunrise to a sunset or dusk is a day: it has the local date of that day.",
  }),
  minutes: Type.Optional(minutes("How long it lasts, instead of `to`; one of both is there.")),
});
export type NightRule = Readonly<Static<typeof NightSchema>>;

export const RuleSchema = Type.Union([NightSchema, CalendarSchema, OnceSchema]);
export type Rule = Readonly<Static<typeof RuleSchema>>;

const refuse = (field: string, text: string) => new Refusals({ [field]: [text] });

/** A reader with one more rule, which looks across the fields. */
const also =
  <T>(reader: Reader<T>, check: (value: T) => Refusals | undefined): Reader<T> =>
  (value) => {
    const read = reader(value);
    return isRefused(read) ? read : (check(read) ?? read);
  };

const readOnce = also(
  readObject<OnceRule>(OnceSchema, { kind: readChoice(["once"]), start: readInstant, end: readInstant }),
  ({ start, end }) => (end <= start ? refuse("end", `${endsTooEarly}.`) : undefined),
);

const readZone: Reader<string> = (value) =>
  typeof value === "string" && isZone(value.trim())
    ? value.trim()
    : new Refusal(`"${String(value)}" is no time zone. Write it as Pacific/Honolulu, or UTC.`);

const readExdate: Reader<string> = (value) => {
  const day = readDate(value);
  if (!(day instanceof Refusal)) return day;
  const wall = readWallTime(value);
  if (!(wall instanceof Refusal)) return wall;
  return new Refusal("That is neither a date nor a time on a clock. Write it as 2027-02-16 or 2027-02-16T20:00:00.");
};

const readCalendar = also(
  readObject<CalendarRule>(CalendarSchema, {
    kind: readChoice(["calendar"]),
    zone: readZone,
    start: readWallTime,
    minutes: readWhole(1, mostMinutes),
    until_time: readTimeOfDay,
    rrule: readRecurrence,
    exdates: readList(readExdate, mostDates),
    rdates: readList(readWallTime, mostDates),
  }),
  ({ minutes, until_time, rrule }) => {
    if (!minutes && !until_time) return refuse("minutes", "Set when each ends: `minutes` or `until_time`.");
    if (minutes && until_time) return refuse("until_time", "Set `minutes` or `until_time`, not both.");
    if (until_time && countsRealTime(rrule))
      return refuse("until_time", "With HOURLY, MINUTELY or SECONDLY, set `minutes` instead.");
    return undefined;
  },
);

const readMark = readObject<NightEventTime>(MarkSchema, {
  event: readChoice(nightEvents),
  offset_minutes: readWhole(-1440, 1440),
});

const readNight = also(
  readObject<NightRule>(NightSchema, {
    kind: readChoice(["night"]),
    first: readDate,
    last: readDate,
    weekdays: readList(readChoice(weekdays), 7),
    from: readMark,
    to: readMark,
    minutes: readWhole(1, mostMinutes),
  }),
  ({ first, last, to, minutes }) => {
    if (last < first) return refuse("last", "The last night must not be before the first.");
    if (daysBetween(first, last) >= mostNights)
      return refuse("last", `At most ${mostNights} nights from the first on.`);
    if (!to && !minutes) return refuse("to", "Say when it ends: `to`, or `minutes`.");
    return to && minutes ? refuse("minutes", "Say `to` or `minutes`, not both.") : undefined;
  },
);

const readers = { once: readOnce, calendar: readCalendar, night: readNight } as const;
const readKind = readChoice(Object.keys(readers) as Rule["kind"][]);

/** Reads a rule: first its kind, then what this kind has. */
export const readRule: Reader<Rule> = (value) => {
  if (typeof value !== "object" || value === null) return new Refusal("Not an object.");
  const sent = Object.hasOwn(value, "kind") ? (value as { kind?: unknown }).kind : undefined;
  if (sent === undefined) return refuse("kind", "This field is required.");
  const kind = readKind(sent);
  return isRefused(kind) ? refuse("kind", kind instanceof Refusal ? kind.text : "") : readers[kind](value);
};
