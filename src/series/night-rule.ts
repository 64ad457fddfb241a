/** A rule that follows the sun: night by night, or day by day, at times that differ from site to site. */

import { type Static, Type } from "@sinclair/typebox";
import { isDawn, isDusk, portionEdges, sunEvents } from "../sky/twilight.ts";
import { weekdays } from "../time/local-date.ts";
import { minutesSchema } from "./rule-kind.ts";

/** Nights that a rule may span. */
export const mostNights = 5000;

const date = (description: string, example: string) =>
  Type.String({ format: "date", description, examples: [example] });

/**
 * Events of a night. Dusk and dawn are those of the sun 6°, 12° and 18° below the horizon, to the minute; midnight is the one
 * after the evening, in local time.
 */
export const nightEvents = [...sunEvents.slice(0, 4), "midnight", ...sunEvents.slice(4)] as const;
export const portions = Object.keys(portionEdges) as (keyof typeof portionEdges)[];
export const roundings = ["nearest", "up", "down"] as const;
export const dateKinds = ["evening", "utc_morning"] as const;

const oneOf = <T extends string>(words: readonly T[], description: string) =>
  Type.Optional(
    Type.Union(
      words.map((word) => Type.Literal(word)),
      { description },
    ),
  );

export const EventTimeSchema = Type.Object({
  event: Type.Union(
    nightEvents.map((event) => Type.Literal(event)),
    { examples: ["astronomical_dusk"] },
  ),
  offset_minutes: Type.Optional(
    Type.Integer({ default: 0, description: "Minutes after the event; negative: before it.", examples: [30] }),
  ),
});
export type NightEventTime = Readonly<Static<typeof EventTimeSchema>>;

/** A rule as it is stored. */
export const StoredNightSchema = Type.Object({
  kind: Type.Literal("night"),
  first: date("The first night: the local date of its evening. Follows from `nights`, if set.", "2027-01-12"),
  last: date("The last night, likewise.", "2027-06-01"),
  weekdays: Type.Optional(
    Type.Array(Type.Union(weekdays.map((day) => Type.Literal(day))), {
      description: "Of the nights; empty: all.",
      examples: [["TU", "WE", "TH", "FR"]],
    }),
  ),
  from: Type.Optional({
    ...EventTimeSchema,
    description: "Left out where a `portion` is meant as a whole.",
    examples: [{ event: "astronomical_dusk", offset_minutes: 30 }],
  }),
  to: Type.Optional({
    ...EventTimeSchema,
    description: "From a dawn or sunrise to a sunset or dusk is a day: it has the local date of that day.",
  }),
  minutes: Type.Optional(minutesSchema("Duration. Exactly one of this and `to` is set.")),
  portion: oneOf(
    portions,
    "Only what is in this portion of the night, which lasts from dusk to dawn at the limit of dark and is halved in the middle between them.",
  ),
  round: Type.Optional(
    Type.Integer({
      description:
        "Rounds starts and ends to this many minutes in UTC, a divisor of 60 such as 15; by default to whole minutes, towards the night.",
    }),
  ),
  rounding: oneOf(roundings, "Which way `round` goes; by default, to the nearest."),
  nights: Type.Optional(
    Type.Array(date("The date of a night.", "2027-01-12"), {
      description: "The nights, instead of `first` and `last`.",
    }),
  ),
  rrule: Type.Optional(
    Type.String({
      description:
        "RFC 5545 recurrence rule that selects nights from `first` on. UNTIL and COUNT aren't needed: `last` ends it. For example, `FREQ=MONTHLY;BYDAY=1TU`.",
    }),
  ),
  date_of: oneOf(
    dateKinds,
    "What all dates and weekdays of the series mean: the local evening of a night (default), or its morning in UTC.",
  ),
  dark: Type.Optional(
    Type.String({
      description:
        "The limit of dark for `dusk`, `middle`, `dawn`, portions and warnings, as in `dark=` of reports. Default: that of each site.",
    }),
  ),
});
export type NightRule = Readonly<Static<typeof StoredNightSchema>>;

/** As clients send it: `first` and `last` follow from `nights`. */
export const NightSchema = Type.Unsafe<NightRule>(
  Type.Composite([
    Type.Partial(Type.Pick(StoredNightSchema, ["first", "last"])),
    Type.Omit(StoredNightSchema, ["first", "last"]),
  ]),
);

const halfDayMinutes = 720;

/** Whether a rule is about the day, from its dawn to its dusk. Half a day earlier, a dawn is an evening. */
export const isDaytime = ({ from, to }: Pick<NightRule, "from" | "to">): boolean =>
  from !== undefined &&
  to !== undefined &&
  isDawn(from.event) &&
  isDusk(to.event) &&
  (from.offset_minutes ?? 0) > -halfDayMinutes;

/** `astronomical dusk` */
export const eventName = (event: string): string => event.replace("_", " ");
