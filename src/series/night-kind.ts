/** Reads and describes rules that follow the sun, and their inputs in the form. */

import { isRefused, type Reader, type Refusals, readChoice, readDate, readList, readObject } from "../input/readers.ts";
import { counted, linesIn, Refusal } from "../input/text.ts";
import { darkLimitError, parseDarkLimits, spellDarkLimit } from "../sky/dark-limit.ts";
import { inWords } from "../time/duration.ts";
import { daysBetween, spellDates, spellWeekdays, weekdays } from "../time/zone.ts";
import {
  EventTimeSchema,
  eventName,
  isDaytime,
  mostNights,
  type NightEventTime,
  type NightRule,
  nightChoices,
  nightEvents,
  nightFields,
} from "./night-rule.ts";
import { describeRecurrence, partsOf, readRecurrence } from "./recurrence.ts";
import { daysIn, type RuleKind, readMinutes, readOffset, refuse, spellMinutes, type Texts } from "./rule-kind.ts";

const readEventTime = readObject<NightEventTime>(EventTimeSchema, {
  event: readChoice(nightEvents),
  offset_minutes: readOffset,
});

const readRound: Reader<number> = (value) => {
  const step = readMinutes(value);
  return isRefused(step) || 60 % step === 0 ? step : new Refusal("Enter a divisor of 60, such as 5, 15 or 30.");
};
const readDark: Reader<string> = (value) =>
  typeof value === "string" && parseDarkLimits(value) ? value.trim() : new Refusal(darkLimitError);

type Fields = Readonly<Record<string, unknown>>;
const dayRates = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"];
/** Reads a rule that needs no end. */
const readNightRecurrence: Reader<string> = (value) => {
  const end = /\b(UNTIL|COUNT)\s*=/i.test(String(value)) ? "" : ";UNTIL=22001231";
  const read = readRecurrence(`${value}${end}`);
  if (read instanceof Refusal) return read;
  if (dayRates.includes(new Map(partsOf(read)).get("FREQ") ?? "")) return read.slice(0, read.length - end.length);
  return new Refusal(`FREQ must be one of ${dayRates.join(", ")}.`);
};

const readers = {
  kind: readChoice(["night"]),
  first: readDate,
  last: readDate,
  weekdays: readList(readChoice(weekdays), 7),
  from: readEventTime,
  to: readEventTime,
  minutes: readMinutes,
  portion: readChoice(nightChoices.portion),
  round: readRound,
  rounding: readChoice(nightChoices.rounding),
  nights: readList(readDate, mostNights),
  rrule: readNightRecurrence,
  date_of: readChoice(nightChoices.date_of),
  dark: readDark,
};

/** Reads a rule: `from` isn't required where a `portion` stands alone, nor `first` and `last` with `nights`. */
const readNight: Reader<NightRule> = (value) => {
  const { portion, to, minutes, nights: listed }: Fields = { ...Object(value) };
  const follows = [
    portion && !to && !minutes && "from",
    ...(Array.isArray(listed) && listed[0] ? ["first", "last"] : []),
  ];
  const required = ["kind", "first", "last", "from"].filter((field) => !follows.includes(field));
  const read = readObject<NightRule>({ ...nightFields, required }, readers)(value);
  if (isRefused(read)) return read;
  const nights = read.nights && [...new Set(read.nights)].sort();
  const span = { first: nights?.[0] ?? read.first, last: nights?.at(-1) ?? read.last };
  return checkEnds({ ...{ kind: read.kind, ...span }, ...read, ...span, ...(nights && { nights }) });
};

/** Checks rules across fields. */
function checkEnds(rule: NightRule): NightRule | Refusals {
  const { first, last, from, to, minutes } = rule;
  if (last < first) return refuse("last", "The last night must not be before the first.");
  if (daysBetween(first, last) >= mostNights)
    return refuse("last", `Maximum ${mostNights.toLocaleString("en")} nights, from the first to the last.`);
  if (from && !to && !minutes) return refuse("minutes", "Set when it ends: `minutes` or `to`.");
  return to && minutes ? refuse("minutes", "Set `minutes` or `to`, not both.") : rule;
}

/** `30 min after astronomical dusk` */
function describeEventTime({ event, offset_minutes = 0 }: NightEventTime): string {
  if (offset_minutes === 0) return eventName(event);
  return `${inWords(Math.abs(offset_minutes) * 60)} ${offset_minutes < 0 ? "before" : "after"} ${eventName(event)}`;
}

function describe(rule: NightRule): string[] {
  const { from, to, minutes = 0, first, last, portion, round, rounding = "nearest", dark } = rule;
  return [
    which(rule),
    portion && (portion === "all" ? "from dusk to dawn" : `${eventName(portion)} only`),
    from && `from ${describeEventTime(from)}${to ? ` to ${describeEventTime(to)}` : ""}`,
    minutes > 0 && `for ${inWords(minutes * 60)}`,
    round && `rounded ${rounding === "nearest" ? "" : `${rounding} `}to ${round} min`,
    dark && `limit of dark ${spellDarkLimit(dark)}`,
    spellDates(first, last),
  ].filter((part) => typeof part === "string");
}

/** `every night` · `Tue–Fri nights` · `115 nights` · `nights: monthly on 1st Tue` */
function which(rule: NightRule): string {
  const { weekdays: selected = [], nights = [], rrule, date_of } = rule;
  const days = new Set(selected);
  const noun = isDaytime(rule) ? "day" : "night";
  const parts = [
    days.size % 7 > 0 && `${spellWeekdays([...days])} ${noun}s`,
    nights.length > 0 && counted(nights.length, noun),
    rrule && `${noun}s: ${describeRecurrence(new Map(partsOf(rrule))) ?? rrule}`,
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

/** The fields that few rules have. */
export const moreFields = ["portion", "dark", "round", "rounding", "nights", "rrule", "date_of"] as const;
/** Fields whose text is their value. */
const plainFields = ["portion", "rounding", "date_of", "rrule", "dark"] as const;

export const nightKind: RuleKind<NightRule> = {
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
    ...Object.fromEntries(moreFields.map((field) => [field, ""])),
  },
  whenEmpty: {
    first: "Enter the first night.",
    last: "Enter the last night.",
    minutes: "Enter a duration, such as 30 min.",
  },
  toTexts: ({ first, last, weekdays: selected = [], from, to, minutes = 0, nights = [], round, ...rule }) => ({
    first,
    last,
    nights: nights.join("\n"),
    round: round ? spellMinutes(round) : "",
    ...Object.fromEntries(plainFields.map((field) => [field, rule[field] ?? ""])),
    weekdays: selected.join(","),
    ...(from && eventTexts("from", from)),
    ...(to ? { ends: "at", ...eventTexts("to", to) } : { ends: "for", minutes: minutes ? spellMinutes(minutes) : "" }),
  }),
  toFields: (texts) => ({
    first: texts.first,
    last: texts.last,
    weekdays: daysIn(texts.weekdays),
    nights: texts.nights?.trim() && linesIn(texts.nights).map(({ text }) => text),
    round: texts.round,
    ...Object.fromEntries(plainFields.map((field) => [field, texts[field]])),
    // A portion without an end is all of it.
    ...(texts.portion && texts.ends !== "at" && !texts.minutes?.trim() ? {} : eventFields("from", texts)),
    ...(texts.ends === "at" ? eventFields("to", texts) : { minutes: texts.minutes }),
  }),
};
