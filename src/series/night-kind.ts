/** Reads and describes rules that follow the sun, and their inputs in the form. */

import { isRefused, type Reader, type Refusals, readChoice, readDate, readList, readObject } from "../input/readers.ts";
import { counted, linesIn, Refusal } from "../input/text.ts";
import { darkLimitError, parseDarkLimits, spellDarkLimit } from "../sky/dark-limit.ts";
import { inWords } from "../time/duration.ts";
import { daysBetween, spellDates, spellWeekdays, weekdays } from "../time/local-date.ts";
import { describeRecurrence } from "./describe-recurrence.ts";
import {
  dateKinds,
  EventTimeSchema,
  eventName,
  isDaytime,
  mostNights,
  type NightEventTime,
  type NightRule,
  nightEvents,
  portions,
  roundings,
  StoredNightSchema,
} from "./night-rule.ts";
import { partsOf, readRecurrence } from "./recurrence.ts";
import { daysIn, type RuleKind, readMinutes, readOffset, refuse, spellMinutes, type Texts } from "./rule-kind.ts";

const readEventTime = readObject<NightEventTime>(EventTimeSchema, {
  event: readChoice(nightEvents),
  offset_minutes: readOffset,
});

const readRound: Reader<number> = (value) => {
  const step = readMinutes(value);
  return typeof step === "number" && 60 % step !== 0
    ? new Refusal("Enter a divisor of 60, such as 5, 15 or 30.")
    : step;
};
const readNights: Reader<string[]> = (value) => {
  const read = readList(readDate, mostNights)(value);
  return isRefused(read) ? read : [...new Set(read)].sort();
};
const readDark: Reader<string> = (value) =>
  typeof value === "string" && parseDarkLimits(value) ? value.trim() : new Refusal(darkLimitError);

const dayRates = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"];
const readNightRecurrence: Reader<string> = (value) => {
  const end = typeof value === "string" && !/\b(UNTIL|COUNT)\s*=/i.test(value) ? ";UNTIL=22001231" : "";
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
  portion: readChoice(portions),
  round: readRound,
  rounding: readChoice(roundings),
  nights: readNights,
  rrule: readNightRecurrence,
  date_of: readChoice(dateKinds),
  dark: readDark,
};

/** Reads a rule. Some fields are required only without others: `from` without a `portion` as a whole, `first` and `last` without `nights`. */
const readNight: Reader<NightRule> = (value) => {
  const sent = new Map<string, unknown>(Object.entries(value ?? {}));
  const nightsSent = sent.get("nights");
  const hasNights = Array.isArray(nightsSent) && nightsSent.length > 0;
  const isPortion = sent.get("portion") && !sent.get("to") && !sent.get("minutes");
  const follows = [isPortion && "from", ...(hasNights ? ["first", "last"] : [])];
  const required = ["kind", "first", "last", "from"].filter((field) => !follows.includes(field));
  const read = readObject<NightRule>({ ...StoredNightSchema, required }, readers)(value);
  if (isRefused(read)) return read;
  const { nights = [] } = read;
  const [first, last] = [nights[0] ?? read.first, nights.at(-1) ?? read.last];
  return checkEnds({ ...{ kind: read.kind, first, last }, ...read, first, last });
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
  const when = [from && `from ${describeEventTime(from)}`, to && `to ${describeEventTime(to)}`]
    .filter(Boolean)
    .join(" ");
  return [
    which(rule),
    ...(portion === "all" ? ["from dusk to dawn"] : portion ? [`${eventName(portion)} only`] : []),
    ...(when ? [when] : []),
    ...(minutes ? [`for ${inWords(minutes * 60)}`] : []),
    ...(round ? [`rounded ${rounding === "nearest" ? "" : `${rounding} `}to ${round} min`] : []),
    ...(dark ? [`limit of dark ${spellDarkLimit(dark)}`] : []),
    spellDates(first, last),
  ];
}

/** `every night` · `Tue–Fri nights` · `115 nights` · `nights: monthly on 1st Tue` */
function which(rule: NightRule): string {
  const { weekdays: selected = [], nights = [], rrule, date_of } = rule;
  const days = new Set(selected);
  const noun = isDaytime(rule) ? "day" : "night";
  const isEvery = days.size === 0 || days.size === 7;
  const often = rrule && (describeRecurrence(new Map(partsOf(rrule))) ?? rrule);
  const parts = [
    isEvery ? (nights.length > 0 || often ? "" : `every ${noun}`) : `${spellWeekdays([...days])} ${noun}s`,
    nights.length > 0 && counted(nights.length, noun),
    often && `${noun}s: ${often}`,
  ];
  return `${parts.filter(Boolean).join(", ")}${date_of === "utc_morning" ? " (dates of the morning in UTC)" : ""}`;
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

/** Fields whose text is their value. */
const plainFields = ["portion", "rounding", "rrule", "date_of", "dark"] as const;

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
    nights: "",
    rrule: "",
    date_of: "",
    portion: "",
    round: "",
    rounding: "",
    dark: "",
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
