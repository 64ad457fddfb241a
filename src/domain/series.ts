/** Series: a plan that is expanded into ordinary downtimes, one for each telescope and occurrence. */

import { type Static, Type } from "@sinclair/typebox";
import { longestReason } from "./downtime.ts";
import type { Instant } from "./instant.ts";

/** Rows that a series may have. */
export const mostRows = 5000;
/** How far ahead of now a series may reach, in years. */
export const mostYears = 2;

const date = (description: string, example: string) => Type.String({ format: "date", description, examples: [example] });
const wallTime = (description: string, example: string) => Type.String({ description, examples: [example] });
const minutes = (description: string) => Type.Integer({ minimum: 1, description, examples: [30] });
const code = (description: string, example: string) => Type.Optional(Type.String({ description, examples: [example] }));

/** What a series blocks: each telescope (or instrument type) that fits. A part that is left out, or empty, fits all. */
export const ScopeSchema = Type.Object(
  {
    site: code("Site code.", "sud"),
    enclosure: code("Enclosure code.", "doma"),
    telescope: code("Telescope code.", "1m0a"),
    instrument_type: code("Instrument type code: blocks this alone, on each telescope that has it.", "1M0-CAMERA"),
  },
  { description: "At least one part is named. Telescopes that ConfigDB calls inactive are included only by their full name." },
);
export type Scope = Readonly<Static<typeof ScopeSchema>>;

/** Moments of a night. Dusks and dawns are those of the sun 6°, 12° and 18° down; midnight is the clock's at the site. */
export const nightEvents = [
  "sunset",
  "civil_dusk",
  "nautical_dusk",
  "astronomical_dusk",
  "midnight",
  "astronomical_dawn",
  "nautical_dawn",
  "civil_dawn",
  "sunrise",
] as const;
export type NightEvent = (typeof nightEvents)[number];

/** The local night's weekdays, as iCalendar spells them. */
export const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof weekdays)[number];

const MarkSchema = Type.Object({
  event: Type.Union(nightEvents.map((event) => Type.Literal(event))),
  offset_minutes: Type.Optional(Type.Integer({ default: 0, description: "Minutes after it; negative: before it." })),
});
export type Mark = Readonly<Static<typeof MarkSchema>>;

/** One window. */
export const OnceSchema = Type.Object({
  kind: Type.Literal("once"),
  start: Type.Unsafe<Instant>({ type: "string", format: "date-time", examples: ["2027-01-15T08:45:00Z"] }),
  end: Type.Unsafe<Instant>({ type: "string", format: "date-time", examples: ["2027-01-15T09:45:00Z"] }),
});

/** By the calendar: at the same time of a zone's clock, right across daylight saving. */
export const CalendarSchema = Type.Object({
  kind: Type.Literal("calendar"),
  zone: Type.String({ description: "IANA zone, or UTC.", examples: ["Pacific/Honolulu"] }),
  start: wallTime("The first one's start on the zone's clock, without an offset.", "2027-01-12T20:00:00"),
  minutes: minutes("How long each lasts."),
  rrule: Type.String({
    description: "RFC 5545 recurrence rule, with UNTIL or COUNT.",
    examples: ["FREQ=WEEKLY;BYDAY=TU,WE,TH,FR;UNTIL=20270601T000000Z"],
  }),
  exdates: Type.Optional(Type.Array(wallTime("Left out: a date, or a start on the zone's clock.", "2027-02-16"))),
  rdates: Type.Optional(Type.Array(wallTime("Added: a start on the zone's clock.", "2027-02-20T20:00:00"))),
});

/** By the night: at moments that follow the sun, computed for each site and each night. */
export const NightSchema = Type.Object({
  kind: Type.Literal("night"),
  first: date("The first night's local date: that of its evening.", "2027-01-12"),
  last: date("The last night's.", "2027-06-01"),
  weekdays: Type.Optional(
    Type.Array(Type.Union(weekdays.map((day) => Type.Literal(day))), { description: "Of the nights; none: all." }),
  ),
  from: MarkSchema,
  /** One of both. */
  to: Type.Optional(MarkSchema),
  minutes: Type.Optional(minutes("How long it lasts, instead of `to`.")),
});

export const RuleSchema = Type.Union([OnceSchema, CalendarSchema, NightSchema]);
export type Rule = Readonly<Static<typeof RuleSchema>>;

/** Days on which nothing is booked, such as school holidays: by the local date of the night, or of the start. */
export const BreakSchema = Type.Object({
  from: date("The first day.", "2027-03-22"),
  to: date("The last day.", "2027-03-26"),
  name: Type.Optional(Type.String({ examples: ["Spring holidays"] })),
});
export type Break = Readonly<Static<typeof BreakSchema>>;

/** What a client sends to plan a series. */
export const SeriesDraftSchema = Type.Object({
  reason: Type.Optional(Type.String({ default: "", maxLength: longestReason })),
  scopes: Type.Array(ScopeSchema, { minItems: 1 }),
  rule: RuleSchema,
  breaks: Type.Optional(Type.Array(BreakSchema)),
});
export type SeriesDraft = Readonly<Required<Static<typeof SeriesDraftSchema>>>;

/** A stored series. Its rows are downtimes whose `series` is its id. */
export interface Series extends SeriesDraft {
  readonly id: number;
  readonly created: Instant;
  readonly modified: Instant;
  /** Counts its versions from 1. */
  readonly version: number;
  readonly createdBy: string | null;
}
