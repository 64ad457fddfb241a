/** A rule that follows the sun: night by night, or day by day, at times that differ from site to site. */

import { type Static, Type } from "@sinclair/typebox";
import { isDawn, isDusk, portionEdges, sunEvents } from "../sky/twilight.ts";
import { weekdays } from "../time/zone.ts";
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

/** The fields that choose one of some words. */
export const nightChoices = {
  portion: Object.keys(portionEdges) as (keyof typeof portionEdges)[],
  rounding: ["nearest", "up", "down"],
  date_of: ["evening", "utc_morning"],
} as const;
const oneOf = <T extends string>(words: readonly T[], description: string) =>
  Type.Optional(Type.Unsafe<T>({ type: "string", enum: words, description }));
const optionalText = (description: string) => Type.Optional(Type.String({ description }));

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

/** As it is stored. */
export const nightFields = Type.Object({
  kind: Type.Literal("night"),
  first: date("The first night: the local date of its evening. Follows from `nights`, if set.", "2027-01-12"),
  last: date("The last night, likewise.", "2027-06-01"),
  weekdays: Type.Optional(
    Type.Array(Type.Union(weekdays.map((day) => Type.Literal(day))), {
      description: "Of the nights; empty: all.",
      examples: [["TU", "WE", "TH", "FR"]],
    }),
  ),
  from: Type.Optional({ ...EventTimeSchema, examples: [{ event: "astronomical_dusk", offset_minutes: 30 }] }),
  to: Type.Optional({
    ...EventTimeSchema,
    description: "From a dawn or sunrise to a sunset or dusk is a day: it has the local date of that day.",
  }),
  minutes: Type.Optional(minutesSchema("Duration. Exactly one of this and `to` is set, unless a `portion` is meant.")),
  portion: oneOf(nightChoices.portion, "Cuts at dusk and dawn at the limit of dark, or halfway between them."),
  round: Type.Optional(Type.Integer({ description: "Rounds to so many minutes in UTC, a divisor of 60 such as 15." })),
  rounding: oneOf(nightChoices.rounding, "Which way `round` goes; by default, to the nearest."),
  nights: Type.Optional(Type.Array(Type.String({ format: "date" }), { description: "Instead of `first` and `last`." })),
  rrule: optionalText("RFC 5545 rule that selects nights, such as `FREQ=MONTHLY;BYDAY=1TU`; `last` ends it."),
  date_of: oneOf(
    nightChoices.date_of,
    "Which date a night has: that of its local evening (default), or morning in UTC.",
  ),
  dark: optionalText("The limit of dark, as in `dark=` of reports. Default: that of each site."),
});
export type NightRule = Readonly<Static<typeof nightFields>>;

/** As clients send it: `first` and `last` follow from `nights`, and a `portion` may stand alone. */
export const NightSchema = Type.Unsafe<NightRule>({ ...nightFields, required: ["kind"] });

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
