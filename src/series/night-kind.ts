/** Describes rules that follow the sun, and their inputs in the form. */

import { counted, linesIn } from "../input/text.ts";
import { spellDarkLimit } from "../sky/dark-limit.ts";
import { inWords } from "../time/duration.ts";
import { spellDates, spellWeekdays } from "../time/zone.ts";
import { eventName, isDaytime, type NightEventTime, type NightRule, readNight } from "./night-rule.ts";
import { describeRecurrence, partsOf } from "./recurrence.ts";
import { daysIn, type RuleKind, spellMinutes, type Texts } from "./rule-kind.ts";

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

/** The fields that few rules have. */
export const moreFields = ["portion", "dark", "round", "rounding", "nights", "rrule", "date_of"] as const;

export const nightKind: RuleKind<NightRule> = {
  read: readNight,
  reachField: "last",
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
