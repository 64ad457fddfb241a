/** A rule that follows the sun: night by night, or day by day, at times that differ from site to site. */

import { type Static, Type } from "@sinclair/typebox";
import { isRefused, type Reader, readObject } from "../input/readers.ts";
import { counted, linesIn, Refusal } from "../input/text.ts";
import { darkLimitError, parseDarkLimits, spellDarkLimit } from "../sky/dark-limit.ts";
import { isDawn, isDusk, portionEdges, sunEvents } from "../sky/twilight.ts";
import { inWords } from "../time/duration.ts";
import { daysBetween, spellDates, spellWeekdays, weekdays } from "../time/zone.ts";
import { describeRecurrence, partsOf, readRecurrence } from "./recurrence.ts";
import { countsRealTime } from "./recurrence-times.ts";
import {
  dateSchema,
  daysIn,
  minutesSchema,
  type RuleKind,
  readDuration,
  readMinutes,
  refuse,
  spellMinutes,
  type Texts,
  wordSchema,
} from "./rule-kind.ts";

/** Nights that a rule may span. */
export const mostNights = 5000;

/** Events of a night. Dusk and dawn are those of the sun 6°, 12° and 18° below the horizon; midnight is local, after the evening. */
export const nightEvents = [...sunEvents.slice(0, 4), "midnight", ...sunEvents.slice(4)] as const;

/** The fields that choose one of some words. */
export const nightChoices = {
  portion: Object.keys(portionEdges) as (keyof typeof portionEdges)[],
  rounding: ["nearest", "up", "down"],
  date_of: ["evening", "utc_morning"],
} as const;
const oneOf = <T extends string>(words: readonly T[], description: string) =>
  Type.Optional(wordSchema(words, { description }));

const text = (description: string, read: Reader<string>) => Type.Optional(Type.String({ description, read }));

const EventTimeSchema = Type.Object({
  event: wordSchema(nightEvents, { examples: ["astronomical_dusk"] }),
  offset_minutes: Type.Optional(
    Type.Integer({
      default: 0,
      description: "Minutes after the event; negative: before it.",
      examples: [30],
      read: readMinutes(-1440, 1440),
    }),
  ),
});
export type NightEventTime = Readonly<Static<typeof EventTimeSchema>>;

const readRound: Reader<number> = (value) => {
  const step = readDuration(value);
  return isRefused(step) || 60 % step === 0 ? step : new Refusal("Enter a divisor of 60, such as 5, 15 or 30.");
};
const readDark: Reader<string> = (value) =>
  typeof value === "string" && parseDarkLimits(value) ? value.trim() : new Refusal(darkLimitError);

/** Reads a rule that needs no end. */
const readNightRecurrence: Reader<string> = (value) => {
  const read = readRecurrence(value, false);
  if (read instanceof Refusal || !countsRealTime(read)) return read;
  return new Refusal("FREQ must be one of DAILY, WEEKLY, MONTHLY, YEARLY.");
};

/** As it is stored. */
const fields = Type.Object({
  kind: Type.Literal("night"),
  first: dateSchema("The first night: the local date of its evening. Follows from `nights`, if set.", "2027-01-12"),
  last: dateSchema("The last night, likewise.", "2027-06-01"),
  weekdays: Type.Optional(
    Type.Array(wordSchema(weekdays), {
      maxItems: 7,
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
  round: Type.Optional(
    Type.Integer({ description: "Rounds to so many minutes in UTC, a divisor of 60 such as 15.", read: readRound }),
  ),
  rounding: oneOf(nightChoices.rounding, "Which way `round` goes; by default, to the nearest."),
  nights: Type.Optional(
    Type.Array(Type.String({ format: "date" }), { maxItems: mostNights, description: "Instead of `first`, `last`." }),
  ),
  rrule: text("RFC 5545 rule of nights, such as `FREQ=MONTHLY;BYDAY=1TU`; `last` ends it.", readNightRecurrence),
  date_of: oneOf(nightChoices.date_of, "Date of a night: of its local evening (default), or of the morning in UTC."),
  dark: text("The limit of dark, as in `dark=` of reports. Default: that of each site.", readDark),
});
export type NightRule = Readonly<Static<typeof fields>>;

/** As clients send it: `first` and `last` follow from `nights`, and a `portion` may stand alone. */
export const NightSchema = Type.Unsafe<NightRule>({ ...fields, required: ["kind"] });

/** Reads a rule: `from` isn't required where a `portion` stands alone, nor `first` and `last` with `nights`. */
const readNight: Reader<NightRule> = (value) => {
  const sent: Readonly<Record<string, unknown>> = { ...Object(value) };
  const isListed = Array.isArray(sent.nights) && sent.nights.length > 0;
  const isPortion = sent.portion && !sent.to && !sent.minutes;
  const required = ["kind", ...(isListed ? [] : ["first", "last"]), ...(isPortion ? [] : ["from"])];
  const read = readObject<NightRule>({ ...fields, required })(value);
  if (isRefused(read)) return read;
  const { from, to, minutes } = read;
  const nights = read.nights && [...new Set(read.nights)].sort();
  const span = { first: nights?.[0] ?? read.first, last: nights?.at(-1) ?? read.last };
  if (span.last < span.first) return refuse("last", "The last night must not be before the first.");
  if (daysBetween(span.first, span.last) >= mostNights)
    return refuse("last", `Maximum ${mostNights.toLocaleString("en")} nights, from the first to the last.`);
  if (from && !to && !minutes) return refuse("minutes", "Set when it ends: `minutes` or `to`.");
  if (to && minutes) return refuse("minutes", "Set `minutes` or `to`, not both.");
  return { ...{ kind: read.kind, ...span }, ...read, ...span, ...(nights && { nights }) };
};

/** Whether a rule is about the day, from its dawn to its dusk. Half a day earlier, a dawn is an evening. */
export const isDaytime = ({ from, to }: Pick<NightRule, "from" | "to">): boolean =>
  isDawn(from?.event ?? "") && isDusk(to?.event ?? "") && (from?.offset_minutes ?? 0) > -720;

/** `astronomical dusk` */
export const eventName = (event: string): string => event.replace("_", " ");

/** `30 min after astronomical dusk` */
function describeEventTime({ event, offset_minutes = 0 }: NightEventTime): string {
  if (offset_minutes === 0) return eventName(event);
  return `${inWords(Math.abs(offset_minutes) * 60)} ${offset_minutes < 0 ? "before" : "after"} ${eventName(event)}`;
}

function describe(rule: NightRule, since: string): string[] {
  const { from, to, minutes = 0, first, last, portion, round, rounding = "nearest", dark } = rule;
  return [
    which(rule),
    portion && (portion === "all" ? "from dusk to dawn" : `${eventName(portion)} only`),
    from && `from ${describeEventTime(from)}${to ? ` to ${describeEventTime(to)}` : ""}`,
    minutes > 0 && `for ${inWords(minutes * 60)}`,
    round && `rounded ${rounding === "nearest" ? "" : `${rounding} `}to ${round} min`,
    dark && `limit of dark ${spellDarkLimit(dark)}`,
    spellDates(first > since ? first : since, last),
  ].filter((part) => typeof part === "string");
}

/** `every night` · `Tue–Fri nights` · `115 nights` · `nights: monthly on 1st Tue` */
function which(rule: NightRule): string {
  const { weekdays = [], nights = [], rrule, date_of } = rule;
  const noun = isDaytime(rule) ? "day" : "night";
  const parts = [
    new Set(weekdays).size % 7 > 0 && `${spellWeekdays(weekdays)} ${noun}s`,
    nights.length > 0 && counted(nights.length, noun),
    rrule && `${noun}s: ${describeRecurrence(partsOf(rrule)) ?? rrule}`,
  ].filter(Boolean);
  const morning = date_of === "utc_morning" ? " (dates of the morning in UTC)" : "";
  return (parts.join(", ") || `every ${noun}`) + morning;
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

/** The rarely used fields. */
export const moreFields = ["portion", "dark", "round", "rounding", "nights", "rrule", "date_of"] as const;

export const nightKind: RuleKind<NightRule> = {
  read: readNight,
  reachField: "last",
  describe,
  inputs: {
    ...{ first: "", last: "", weekdays: "" },
    ...eventTexts("from", { event: "astronomical_dusk" }),
    ...{ ends: "for", minutes: "" },
    ...eventTexts("to", { event: "astronomical_dawn" }),
    "to.side": "before",
    ...Object.fromEntries(moreFields.map((field) => [field, ""])),
  },
  whenEmpty: {
    first: "Enter the first night.",
    last: "Enter the last night.",
    minutes: "Enter a duration, such as 30 min.",
  },
  toTexts: ({ kind: _, weekdays = [], from, to, minutes, nights = [], round, ...plain }) => ({
    ...plain,
    weekdays: weekdays.join(","),
    nights: nights.join("\n"),
    round: round ? spellMinutes(round) : "",
    ...(from && eventTexts("from", from)),
    ...(to ? { ends: "at", ...eventTexts("to", to) } : { ends: "for", minutes: minutes ? spellMinutes(minutes) : "" }),
  }),
  toFields: (texts) => ({
    ...Object.fromEntries(["first", "last", ...moreFields].map((field) => [field, texts[field]])),
    weekdays: daysIn(texts.weekdays),
    nights: texts.nights?.trim() && linesIn(texts.nights).map(({ text }) => text),
    // A portion without an end is all of it.
    ...(texts.portion && texts.ends !== "at" && !texts.minutes?.trim() ? {} : eventFields("from", texts)),
    ...(texts.ends === "at" ? eventFields("to", texts) : { minutes: texts.minutes }),
  }),
};
