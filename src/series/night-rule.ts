/** A rule that follows the sun: night by night, or day by day, at times that differ from site to site. */

import { type Static, Type } from "@sinclair/typebox";
import { readChoice, readDate, readList, readObject } from "../input/readers.ts";
import { isDawn, isDusk, sunEvents } from "../sky/twilight.ts";
import { inWords } from "../time/duration.ts";
import { daysBetween, spellDates, spellWeekdays, weekdays } from "../time/local-date.ts";
import {
  also,
  daysIn,
  minutesSchema,
  type RuleKind,
  readMinutes,
  readOffset,
  refuse,
  spellMinutes,
  type Texts,
} from "./rule-kind.ts";

/** Nights that a rule may span. */
const mostNights = 5000;

const date = (description: string, example: string) =>
  Type.String({ format: "date", description, examples: [example] });

/**
 * Events of a night. Dusk and dawn are those of the sun 6°, 12° and 18° below the horizon, to the minute; midnight is the one
 * after the evening, in local time.
 */
export const nightEvents = [...sunEvents.slice(0, 4), "midnight", ...sunEvents.slice(4)] as const;

const EventTimeSchema = Type.Object({
  event: Type.Union(
    nightEvents.map((event) => Type.Literal(event)),
    { examples: ["astronomical_dusk"] },
  ),
  offset_minutes: Type.Optional(
    Type.Integer({ default: 0, description: "Minutes after the event; negative: before it.", examples: [30] }),
  ),
});
export type NightEventTime = Readonly<Static<typeof EventTimeSchema>>;

export const NightSchema = Type.Object({
  kind: Type.Literal("night"),
  first: date("The first night: the local date of its evening.", "2027-01-12"),
  last: date("The last night.", "2027-06-01"),
  weekdays: Type.Optional(
    Type.Array(Type.Union(weekdays.map((day) => Type.Literal(day))), {
      description: "Of the nights; empty: all.",
      examples: [["TU", "WE", "TH", "FR"]],
    }),
  ),
  from: EventTimeSchema,
  to: Type.Optional({
    ...EventTimeSchema,
    description: "From a dawn or sunrise to a sunset or dusk is a day: it has the local date of that day.",
  }),
  minutes: Type.Optional(minutesSchema("Duration. Exactly one of this and `to` is set.")),
});
export type NightRule = Readonly<Static<typeof NightSchema>>;

const readEventTime = readObject<NightEventTime>(EventTimeSchema, {
  event: readChoice(nightEvents),
  offset_minutes: readOffset,
});

const readNight = also(
  readObject<NightRule>(NightSchema, {
    kind: readChoice(["night"]),
    first: readDate,
    last: readDate,
    weekdays: readList(readChoice(weekdays), 7),
    from: readEventTime,
    to: readEventTime,
    minutes: readMinutes,
  }),
  ({ first, last, to, minutes }) => {
    if (last < first) return refuse("last", "The last night must not be before the first.");
    if (daysBetween(first, last) >= mostNights)
      return refuse("last", `Maximum ${mostNights.toLocaleString("en")} nights, from the first to the last.`);
    if (!to && !minutes) return refuse("minutes", "Set when it ends: `minutes` or `to`.");
    return to && minutes ? refuse("minutes", "Set `minutes` or `to`, not both.") : undefined;
  },
);

const halfDayMinutes = 720;

/** Whether a rule is about the day, from its dawn to its dusk. Half a day earlier, a dawn is an evening. */
export const isDaytime = ({ event, offset_minutes = 0 }: NightEventTime, to: NightEventTime | undefined): boolean =>
  to !== undefined && isDawn(event) && isDusk(to.event) && offset_minutes > -halfDayMinutes;

/** `astronomical dusk` */
export const eventName = (event: string): string => event.replace("_", " ");

/** `30 min after astronomical dusk` */
function describeEventTime({ event, offset_minutes = 0 }: NightEventTime): string {
  if (offset_minutes === 0) return eventName(event);
  return `${inWords(Math.abs(offset_minutes) * 60)} ${offset_minutes < 0 ? "before" : "after"} ${eventName(event)}`;
}

function describe({ weekdays: selected = [], from, to, minutes = 0, first, last }: NightRule): string[] {
  const days = new Set(selected);
  const noun = isDaytime(from, to) ? "day" : "night";
  const which = days.size === 0 || days.size === 7 ? `every ${noun}` : `${spellWeekdays([...days])} ${noun}s`;
  const start = `from ${describeEventTime(from)}`;
  const when = to ? [`${start} to ${describeEventTime(to)}`] : [start, `for ${inWords(minutes * 60)}`];
  return [which, ...when, spellDates(first, last)];
}

const eventTexts = (edge: "from" | "to", { event, offset_minutes = 0 }: NightEventTime): Texts => ({
  [`${edge}.offset_minutes`]: offset_minutes === 0 ? "" : spellMinutes(Math.abs(offset_minutes)),
  [`${edge}.side`]: offset_minutes < 0 ? "before" : "after",
  [`${edge}.event`]: event,
});

function eventFields(edge: "from" | "to", texts: Texts) {
  const [event, offset] = [`${edge}.event`, `${edge}.offset_minutes`];
  const size = texts[offset]?.trim();
  return { [event]: texts[event], [offset]: size && texts[`${edge}.side`] === "before" ? `-${size}` : size };
}

export const nightKind: RuleKind<NightRule> = {
  schema: NightSchema,
  read: readNight,
  reachField: "last",
  nothingLeft: "No nights remain after weekdays and breaks.",
  describe,
  inputs: {
    first: "",
    last: "",
    weekdays: "",
    "from.offset_minutes": "",
    "from.side": "after",
    "from.event": "astronomical_dusk",
    ends: "for",
    minutes: "",
    "to.offset_minutes": "",
    "to.side": "before",
    "to.event": "astronomical_dawn",
  },
  whenEmpty: {
    first: "Enter the first night.",
    last: "Enter the last night.",
    minutes: "Enter a duration, such as 30 min.",
  },
  toTexts: ({ first, last, weekdays: selected = [], from, to, minutes = 0 }) => ({
    first,
    last,
    weekdays: selected.join(","),
    ...eventTexts("from", from),
    ...(to ? { ends: "at", ...eventTexts("to", to) } : { ends: "for", minutes: spellMinutes(minutes) }),
  }),
  toFields: (texts) => ({
    first: texts.first,
    last: texts.last,
    weekdays: daysIn(texts.weekdays),
    ...eventFields("from", texts),
    ...(texts.ends === "at" ? eventFields("to", texts) : { minutes: texts.minutes }),
  }),
};
