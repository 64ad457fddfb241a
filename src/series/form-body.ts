/** Series bodies: what an entry says, as a client of the API would send it. */

import { parseDuration, readEnd, readMoment } from "../downtime/form-input.ts";
import { type Facility, type Place, placeFields } from "../facility/facility.ts";
import { findSite } from "../facility/places.ts";
import { readTimeOfDay } from "../input/readers.ts";
import { Refusal } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { weekdays } from "../time/local-date.ts";
import type { SeriesFormInput, SeriesText } from "./form-input.ts";

/** Field → what is wrong with it, for whoever fills in the form. */
export type SeriesErrors = Readonly<Record<string, string>>;

/** What an entry says, and what in it nobody can read. */
export interface SeriesBody {
  readonly body: {
    readonly reason: string;
    readonly scopes: unknown;
    readonly rule: unknown;
    readonly breaks: unknown;
  };
  readonly errors: SeriesErrors;
  /** For each list that is typed line by line, the number of the line that each part stands in. */
  readonly lines: Readonly<Partial<Record<SeriesText, readonly number[]>>>;
}

type Texts = SeriesFormInput["texts"];
interface RuleBody {
  readonly rule: Record<string, unknown>;
  readonly errors: SeriesErrors;
}

/** Reads an entry as far as its own spelling goes; every other rule is the plan's. */
export function bodyOf(entry: SeriesFormInput, facility: Facility, now: Instant): SeriesBody {
  const { texts, places } = entry;
  const [exdates, rdates, breaks] = [texts.exdates, texts.rdates, texts.breaks].map(linesOf) as [
    Line[],
    Line[],
    Line[],
  ];
  const { rule, errors } =
    texts.kind === "once"
      ? onceRule(texts, now)
      : texts.kind === "calendar"
        ? calendarRule(entry, [exdates, rdates], facility)
        : nightRule(entry);
  const numbers = (lines: readonly Line[]) => lines.map(({ number }) => number);
  return {
    body: { reason: texts.reason, scopes: places, rule, breaks: breaks.map(({ text }) => readBreakLine(text)) },
    errors,
    lines: { exdates: numbers(exdates), rdates: numbers(rdates), breaks: numbers(breaks) },
  };
}

interface Line {
  readonly number: number;
  readonly text: string;
}

/** The lines that say something. */
const linesOf = (text: string): Line[] =>
  text
    .split("\n")
    .map((line, index) => ({ number: index + 1, text: line.trim() }))
    .filter(({ text }) => text !== "");

const date = String.raw`\d{4}-\d{1,2}-\d{1,2}`;
const breakPattern = new RegExp(
  `^(${date})(?:(?:\\s*(?:[–—-]|\\.\\.|/|,|;)\\s*|\\s+(?:to\\s+)?)(${date}))?[\\s,;:]*(.*)$`,
  "s",
);

/** Reads `2027-03-22 – 2027-03-26 Spring holidays`, as people write it and as spreadsheets paste it; one day needs one date. */
function readBreakLine(line: string) {
  const [, from = line, to = from, name = ""] = breakPattern.exec(line) ?? [];
  return { from, to, name };
}

const onceRule = (texts: Texts, now: Instant): RuleBody => {
  const start = readMoment(texts.once_start, now);
  const end = readEnd(texts.once_end, start, now);
  // A length is none the worse for a start that is wrong.
  const isLength = !start && parseDuration(texts.once_end) !== undefined;
  return {
    rule: { kind: "once", start: start ?? "", end: end ?? "" },
    errors: {
      ...(start ? {} : { once_start: texts.once_start.trim() === "" ? "Say when it starts." : noInstant }),
      ...(end || isLength
        ? {}
        : { once_end: texts.once_end.trim() === "" ? "Say when it ends, or how long it takes." : noEnd }),
    },
  };
};
const noInstant = "That is no instant. Write it as 2027-01-15 08:45, in UTC, or now.";
const noEnd = "That is no instant and no length. Write 2027-01-15 09:45, in UTC, or 4 h.";

function nightRule({ texts, days }: SeriesFormInput): RuleBody {
  const from = readOffset(texts.from_offset, texts.from_side);
  const to = readOffset(texts.to_offset, texts.to_side);
  const minutes = readMinutes(texts.night_length);
  const isUntil = texts.ends === "at";
  return {
    rule: {
      kind: "night",
      first: texts.first,
      last: texts.last,
      weekdays: inOrder(days.night_days),
      from: { event: texts.from_event, offset_minutes: from.minutes },
      ...(isUntil ? { to: { event: texts.to_event, offset_minutes: to.minutes } } : { minutes: minutes.minutes }),
    },
    errors: {
      ...(from.error && { from_offset: from.error }),
      ...(isUntil && to.error && { to_offset: to.error }),
      ...(!isUntil && minutes.error && { night_length: minutes.error }),
    },
  };
}

/** All seven are as good as none; one that is no day stays, to be refused. */
const inOrder = (days: readonly string[]): readonly string[] => {
  const known = weekdays.filter((day) => days.includes(day));
  const others = days.filter((day) => !known.some((one) => one === day));
  return known.length === weekdays.length ? others : [...known, ...others];
};

interface Minutes {
  /** One where nobody can read it: then it is refused all the same. */
  readonly minutes: number;
  readonly error?: string;
}

function readMinutes(text: string): Minutes {
  const seconds = parseDuration(text);
  if (text.trim() === "") return { minutes: 1, error: "Say how long, such as 30 min." };
  if (seconds === undefined) return { minutes: 1, error: "That is no length. Write 30 min, 2 h or 1 h 30 min." };
  return seconds % 60 === 0 ? { minutes: seconds / 60 } : { minutes: 1, error: "Whole minutes, please." };
}

function readOffset(text: string, side: string): Minutes {
  if (/^\s*0?\s*$/.test(text)) return { minutes: 0 };
  const { minutes, error } = readMinutes(text);
  return { minutes: side === "before" ? -minutes : minutes, ...(error && { error }) };
}

function calendarRule(
  { texts, days, places }: SeriesFormInput,
  dates: readonly Line[][],
  facility: Facility,
): RuleBody {
  const until = readTimeOfDay(texts.length);
  const length = until instanceof Refusal ? readMinutes(texts.length) : undefined;
  const zone = texts.zone.trim() || zoneOf(places, facility);
  const [exdates = [], rdates = []] = dates.map((lines) => lines.map(({ text }) => text));
  return {
    rule: {
      kind: "calendar",
      zone: zone ?? "UTC",
      start: texts.start,
      ...(length ? { minutes: length.minutes } : { until_time: until }),
      rrule: rruleOf(texts, days),
      exdates,
      rdates,
    },
    errors: {
      ...(length?.error && { length: length.error }),
      ...(zone ? {} : { zone: "Say whose clock counts: a zone such as Pacific/Honolulu, or UTC." }),
      ...(texts.repeat !== "other" && texts.until.trim() === "" && { until: "Say until when." }),
    },
  };
}

/** The zone of all places, where they share one. */
export function zoneOf(places: readonly Place[], facility: Facility | undefined): string | undefined {
  const zones = new Set(places.map(({ site }) => findSite(facility, site)?.zone));
  return zones.size === 1 ? [...zones][0] : undefined;
}

/** The rule as iCalendar spells it. A last date is meant with all of its day, on the zone's clock. */
function rruleOf({ repeat, until, rrule }: Texts, { calendar_days }: SeriesFormInput["days"]): string {
  const last = until.trim() && `;UNTIL=${until.trim().replaceAll("-", "")}`;
  if (repeat === "other") return /\b(UNTIL|COUNT)=/i.test(rrule) ? rrule : `${rrule}${rrule.trim() && last}`;
  const days = inOrder(calendar_days);
  return `FREQ=${repeat}${repeat === "WEEKLY" && days.length > 0 ? `;BYDAY=${days.join(",")}` : ""}${last || ";COUNT=1"}`;
}

/** The place without what can't be there, after somebody chose a wider part anew. */
export function settleScope(
  place: Place,
  choices: Readonly<Record<keyof Place, readonly string[]>>,
  facility: Facility,
): Place {
  // What ConfigDB knows nowhere stays, so that somebody sees it; it is refused in the end.
  const codes = placeFields.map((field) => [
    field,
    choices[field].includes(place[field]) || !facility.knows(field, place[field]) ? place[field] : "",
  ]);
  return Object.fromEntries(codes) as Place;
}
