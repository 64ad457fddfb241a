/** A rule that follows the clock of a time zone: at the same local time, across daylight saving. */

import { type Static, Type } from "@sinclair/typebox";
import { isRefused, type Reader, readDate, readObject, readTimeOfDay, readWallTime } from "../input/readers.ts";
import { counted, linesIn, Refusal } from "../input/text.ts";
import { inWords, parseDuration, secondsBetween } from "../time/duration.ts";
import type { Instant } from "../time/instant.ts";
import { isZone, spellDate, spellDates, weekdayOf } from "../time/zone.ts";
import { describeRecurrence, partsOf, readRecurrence, untilOf } from "./recurrence.ts";
import { countsRealTime } from "./recurrence-times.ts";
import { daysIn, minutesSchema, type RuleKind, refuse, spellMinutes, type Texts } from "./rule-kind.ts";
import { readTyped, siteZone, spellWall, timeOfDayIn, typedZone, wallOfTyped } from "./typed-times.ts";

const text = (description: string, example: string, read: Reader<string> = readWallTime) =>
  Type.String({ description, examples: [example], read });

const readZone: Reader<string> = (value) =>
  typeof value === "string" && isZone(value.trim())
    ? value.trim()
    : new Refusal(`Unknown time zone "${String(value)}". Enter one such as Pacific/Honolulu, or UTC.`);

const readExdate: Reader<string> = (value) =>
  [readDate(value), readWallTime(value)].find((read) => typeof read === "string") ??
  new Refusal("Enter a date or a local time, such as 2027-02-16 or 2027-02-16T20:00.");

const times = (...of: Parameters<typeof text>) => Type.Optional(Type.Array(text(...of), { maxItems: 1000 }));

export const CalendarSchema = Type.Object({
  kind: Type.Literal("calendar"),
  zone: text("IANA time zone, or UTC.", "Pacific/Honolulu", readZone),
  start: text(
    "Local time in the zone, without an offset. The first occurrence is the first one of the rule from here on.",
    "2027-01-12T20:00:00",
  ),
  minutes: Type.Optional(minutesSchema("Duration, in real time. Exactly one of this and `until_time` is set.")),
  until_time: Type.Optional(
    text(
      "Local time at which each occurrence ends, also across a clock change; on the next day if it isn't after the start.",
      "12:00",
      readTimeOfDay,
    ),
  ),
  rrule: text(
    "RFC 5545 recurrence rule, with UNTIL or COUNT. A local time that daylight saving skips moves forward by the skipped hour; of an ambiguous one, the earlier is used. HOURLY, MINUTELY and SECONDLY count real time.",
    "FREQ=WEEKLY;BYDAY=TU,WE,TH,FR;UNTIL=20270601T000000Z",
    readRecurrence,
  ),
  exdates: times("Excluded: a date, or the local time of a start.", "2027-02-16", readExdate),
  rdates: times("Extra: the local time of a start.", "2027-02-20T20:00:00"),
});
export type CalendarRule = Readonly<Static<typeof CalendarSchema>>;

const readCalendar: Reader<CalendarRule> = (value) => {
  const read = readObject<CalendarRule>(CalendarSchema)(value);
  if (isRefused(read)) return read;
  const { minutes, until_time, rrule } = read;
  if (!minutes && !until_time) return refuse("minutes", "Set when each ends: `minutes` or `until_time`.");
  if (minutes && until_time) return refuse("until_time", "Set a duration or an end time, not both.");
  if (until_time && countsRealTime(rrule))
    return refuse("until_time", "With HOURLY, MINUTELY or SECONDLY, set a duration instead.");
  return read;
};

function describe(rule: CalendarRule, from: string): string[] {
  const { rrule, zone, start, minutes = 0, until_time, exdates = [], rdates = [] } = rule;
  const parts = partsOf(rrule);
  const [day = "", time = ""] = spellWall(start).split(" ");
  const until = untilOf(rrule, zone)?.slice(0, 10);
  const often = describeRecurrence(
    parts.get("FREQ") === "WEEKLY" ? new Map([["BYDAY", weekdayOf(day)], ...parts]) : parts,
  );
  return [
    `${often ? `${often} at` : `${rrule} from`} ${time} (${zone})`,
    until_time ? `until ${until_time}` : `for ${inWords(minutes * 60)}`,
    until ? spellDates(day > from ? day : from, until) : `${parts.get("COUNT")} times from ${spellDate(day)}`,
    ...(exdates.length > 0 ? [`except ${counted(exdates.length, "date")}`] : []),
    ...(rdates.length > 0 ? [`plus ${counted(rdates.length, "date")}`] : []),
  ];
}

/** The weekday of a date with its number in the month, `1TU`; a fifth one is the last: `-1TU`. */
export function weekdayInMonth(date: string): string {
  const number = Math.ceil(Number(date.slice(8, 10)) / 7);
  return `${number > 4 ? -1 : number}${weekdayOf(date.slice(0, 10))}`;
}

/** The recurrence as the form's choices, or, where they can't express it, as a rule of its own. */
function repeatTexts(rrule: string, start: string): Texts {
  const parts = partsOf(rrule);
  const [freq = "", until = "", byDay = ""] = ["FREQ", "UNTIL", "BYDAY"].map((name) => parts.get(name));
  const isNth = freq === "MONTHLY" && byDay === weekdayInMonth(start);
  const isPlain = /^FREQ=(DAILY|WEEKLY(;BYDAY=[A-Z,]+)?|MONTHLY(;BYDAY=[^;]+)?);UNTIL=\d{8}$/.test(rrule);
  if (!isPlain || (freq === "MONTHLY" && byDay !== "" && !isNth)) return { repeat: "custom", rrule };
  const last = until.replace(/(....)(..)(..)/, "$1-$2-$3");
  return isNth ? { repeat: "NTH", until: last } : { repeat: freq, until: last, weekdays: byDay };
}

/** Returns the recurrence rule. An end date includes all of its day, in local time. */
function rruleOf({ repeat = "", until = "", rrule = "", weekdays, start = "" }: Texts): string {
  const last = until.trim() && `;UNTIL=${until.trim().replaceAll("-", "")}`;
  if (repeat === "custom") return /\b(UNTIL|COUNT)=/i.test(rrule) || rrule.trim() === "" ? rrule : rrule + last;
  if (repeat === "NTH") return `FREQ=MONTHLY${start && `;BYDAY=${weekdayInMonth(start)}`}${last}`;
  const days = repeat === "WEEKLY" ? daysIn(weekdays).join(",") : "";
  return `FREQ=${repeat}${days && `;BYDAY=${days}`}${last}`;
}

/** When each ends: a time of day; of a date and time up to a day later, its time of day; or a duration. */
function endFields(end: string, start: Instant | undefined, zone: string | undefined, now: Instant) {
  if (parseDuration(end) !== undefined || end.trim() === "") return { minutes: end };
  const to = timeOfDayIn(end) === undefined ? readTyped(end, zone, now, start) : undefined;
  const seconds = start && to ? secondsBetween(start, to) : 0;
  if (seconds > 86_400) return { minutes: `${seconds / 60} min` };
  return { until_time: timeOfDayIn(end) ?? (seconds > 0 ? wallOfTyped(end, zone, now, start)?.slice(11) : end) };
}

export const calendarKind: RuleKind<CalendarRule> = {
  read: readCalendar,
  reachField: "rrule",
  describe,
  inputs: { start: "", end: "", zone: "", until: "", weekdays: "", rrule: "", exdates: "", rdates: "" },
  whenEmpty: {
    start: "Enter a start date and time.",
    end: "Enter an end time or a duration.",
    zone: "Select a time zone: the locations don't share one.",
    until: "Enter an end date.",
    rrule: "Enter a rule, such as FREQ=WEEKLY;INTERVAL=2;BYDAY=TU.",
  },
  toTexts: ({ zone, start, minutes, until_time = "", rrule, exdates = [], rdates = [] }) => ({
    start: spellWall(start),
    end: minutes ? spellMinutes(minutes) : until_time,
    zone: zone === "UTC" ? "" : zone,
    ...repeatTexts(rrule, start),
    exdates: exdates.map(spellWall).join("\n"),
    rdates: rdates.map(spellWall).join("\n"),
  }),
  toFields(texts, context) {
    const { now } = context;
    const { start = "", end = "", zone = "", exdates, rdates } = texts;
    const known = typedZone(texts, context);
    const wall = wallOfTyped(start, known, now);
    return {
      zone: known ?? (zone.trim() === siteZone ? undefined : zone.trim()),
      start: wall ?? start,
      ...endFields(end, readTyped(start, known, now), known, now),
      rrule: rruleOf({ ...texts, start: wall ?? "" }),
      exdates: linesIn(exdates).map(({ text }) => text),
      rdates: linesIn(rdates).map(({ text }) => text),
    };
  },
  inputFor(field, { repeat }) {
    if (field === "minutes" || field === "until_time") return "end";
    return field === "rrule" && repeat !== "custom" ? "until" : field;
  },
};
