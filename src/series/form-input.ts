/** Series entries: what people type into the form of a series. */

import { emptyPlace, type Place, placeFields } from "../facility/facility.ts";
import { inWords, secondsBetween } from "../time/duration.ts";
import { spellInstant } from "../time/instant.ts";
import { partsOf } from "./recurrence.ts";
import type { CalendarRule, NightEventTime, NightRule, OnceRule, Rule } from "./rule.ts";
import type { Break, SeriesDraft } from "./series.ts";

/** A form that nobody has filled in yet: each text field, and what stands in it. */
export const emptyTexts = {
  from: "",
  reason: "",
  kind: "night",
  first: "",
  last: "",
  from_offset: "",
  from_side: "after",
  from_event: "astronomical_dusk",
  ends: "for",
  night_length: "",
  to_offset: "",
  to_side: "before",
  to_event: "astronomical_dawn",
  start: "",
  length: "",
  repeat: "WEEKLY",
  until: "",
  rrule: "",
  exdates: "",
  rdates: "",
  zone: "",
  once_start: "",
  once_end: "",
  breaks: "",
} as const;
export type SeriesText = keyof typeof emptyTexts;

/** Each list of boxes to tick. */
export const dayFields = ["night_days", "calendar_days"] as const;
export type DayField = (typeof dayFields)[number];

/** What was typed and chosen. */
export interface SeriesFormInput {
  readonly texts: Readonly<Record<SeriesText, string>>;
  readonly days: Readonly<Record<DayField, readonly string[]>>;
  /** At least one; an empty part means all that there are. */
  readonly places: readonly Place[];
}

const mostPlaces = 100;

export const emptySeriesFormInput: SeriesFormInput = {
  texts: emptyTexts,
  days: { night_days: [], calendar_days: [] },
  places: [emptyPlace],
};

/** The name of a place's part in the form: `site-0` */
export const placeFieldName = (field: keyof Place, index: number): string => `${field}-${index}`;

/** The entry that a form sent; what it didn't send stands as in an empty form. */
export function readSeriesFormInput(fields: URLSearchParams): SeriesFormInput {
  const texts = Object.entries(emptyTexts).map(([field, empty]) => [field, fields.get(field) ?? empty]);
  const places: Place[] = [];
  while (places.length < mostPlaces && placeFields.some((field) => fields.has(placeFieldName(field, places.length)))) {
    const codes = placeFields.map((field) => [field, fields.get(placeFieldName(field, places.length)) ?? ""]);
    places.push(Object.fromEntries(codes) as Place);
  }
  return {
    texts: Object.fromEntries(texts) as Record<SeriesText, string>,
    days: { night_days: fields.getAll("night_days"), calendar_days: fields.getAll("calendar_days") },
    places: places.length > 0 ? places : [emptyPlace],
  };
}

/** The entry that stands for a plan. */
export function seriesFormInputOf({ reason, scopes, rule, breaks }: SeriesDraft, from = ""): SeriesFormInput {
  const { days, ...texts } = textsOf(rule);
  return {
    texts: { ...emptyTexts, from, reason, kind: rule.kind, ...texts, breaks: breaks.map(spellBreak).join("\n") },
    days: { ...emptySeriesFormInput.days, ...days },
    places: scopes.map((scope) => ({ ...emptyPlace, ...scope })),
  };
}

type RuleTexts = Partial<Record<SeriesText, string>> & { readonly days?: Partial<SeriesFormInput["days"]> };

function textsOf(rule: Rule): RuleTexts {
  if (rule.kind === "once") return onceTexts(rule);
  return rule.kind === "night" ? nightTexts(rule) : calendarTexts(rule);
}

const spellBreak = ({ from, to, name = "" }: Break) => `${from}${to === from ? "" : ` – ${to}`} ${name}`.trim();
const spellMinutes = (minutes: number) =>
  // In words, where these say all of it.
  minutes < 2880 ? inWords(minutes * 60) : `${minutes} min`;

const onceTexts = ({ start, end }: OnceRule): RuleTexts => {
  const seconds = secondsBetween(start, end);
  return { once_start: spellInstant(start), once_end: seconds < 3600 ? inWords(seconds) : spellInstant(end) };
};

function nightTexts({ first, last, weekdays = [], from, to, minutes }: NightRule): RuleTexts {
  const spelt = spellMark(from);
  const until = to && spellMark(to);
  return {
    first,
    last,
    from_offset: spelt.offset,
    from_side: spelt.side,
    from_event: from.event,
    ...(to && until
      ? { ends: "at", to_offset: until.offset, to_side: until.side, to_event: to.event }
      : { ends: "for", night_length: spellMinutes(minutes ?? 0) }),
    days: { night_days: weekdays },
  };
}

const spellMark = ({ offset_minutes = 0 }: NightEventTime) => ({
  offset: offset_minutes === 0 ? "" : spellMinutes(Math.abs(offset_minutes)),
  side: offset_minutes < 0 ? "before" : "after",
});

function calendarTexts({
  zone,
  start,
  minutes = 0,
  until_time,
  rrule,
  exdates = [],
  rdates = [],
}: CalendarRule): RuleTexts {
  const { days, ...repeat } = repeatTexts(rrule);
  return {
    zone,
    start: spellWall(start),
    length: until_time ?? spellMinutes(minutes),
    ...repeat,
    exdates: exdates.map(spellWall).join("\n"),
    rdates: rdates.map(spellWall).join("\n"),
    ...(days && { days }),
  };
}

const spellWall = (wall: string) => wall.replace("T", " ").replace(/:00$/, "");

/** The rule as the form's choices say it, or, where they can't, as it is. */
function repeatTexts(rrule: string): RuleTexts {
  const parts = new Map(partsOf(rrule));
  const [freq = "", until = "", byDay] = ["FREQ", "UNTIL", "BYDAY"].map((name) => parts.get(name));
  const isPlain =
    /^(DAILY|WEEKLY|MONTHLY)$/.test(freq) &&
    /^\d{8}$/.test(until) &&
    [...parts.keys()].every((name) => name === "FREQ" || name === "UNTIL" || name === "BYDAY") &&
    (byDay === undefined || (freq === "WEEKLY" && /^[A-Z]{2}(,[A-Z]{2})*$/.test(byDay)));
  if (!isPlain) return { repeat: "other", rrule };
  return {
    repeat: freq,
    until: `${until.slice(0, 4)}-${until.slice(4, 6)}-${until.slice(6)}`,
    days: { calendar_days: byDay?.split(",") ?? [] },
  };
}

/** What either side changed since; where both did, mine. */
export function mergeSeriesFormInputs(
  before: SeriesFormInput,
  theirs: SeriesFormInput,
  mine: SeriesFormInput,
): SeriesFormInput {
  const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  const merged = <T>(of: (entry: SeriesFormInput) => T) => (isSame(of(mine), of(before)) ? of(theirs) : of(mine));
  const texts = (Object.keys(emptyTexts) as SeriesText[]).map((field) => [
    field,
    merged((entry) => entry.texts[field]),
  ]);
  return {
    texts: { ...(Object.fromEntries(texts) as SeriesFormInput["texts"]), from: mine.texts.from },
    days: {
      night_days: merged(({ days }) => days.night_days),
      calendar_days: merged(({ days }) => days.calendar_days),
    },
    places: merged(({ places }) => places),
  };
}
