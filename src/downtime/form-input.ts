/** Entries: what people type into the form of a downtime, and what it means. */

import type { Facility } from "../facility/facility.ts";
import { acrossFields, Invalid } from "../input/problem.ts";
import { type Instant, parseInstant, spellInstant, toInstant, toMillis } from "../time/instant.ts";
import {
  type CheckedDraft,
  checkChange,
  checkDraft,
  type Draft,
  draftFields,
  endsTooEarly,
  longestReason,
  noSuchPlace,
  textOf,
} from "./downtime.ts";

type FormField = keyof Draft;

/** The texts of the form, as they were typed. */
export type FormInput = Readonly<Record<FormField, string>>;

/** What is wrong with an entry: at most one text a field. */
export type FormErrors = Readonly<Partial<Record<FormField, string>>>;

/** What an entry means, as far as it can be told. */
export interface Reading {
  readonly entry: FormInput;
  readonly start?: Instant | undefined;
  readonly end?: Instant | undefined;
  /** What can be stored, when nothing is wrong. */
  readonly draft?: CheckedDraft;
  readonly errors: FormErrors;
}

const unitSeconds: readonly (readonly [RegExp, number])[] = [
  [/^w(eeks?)?$/, 604_800],
  [/^d(ays?)?$/, 86_400],
  [/^h((ou)?rs?)?$/, 3600],
  [/^m(in(ute)?s?)?$/, 60],
  [/^s(ec(ond)?s?)?$/, 1],
];
const longestSeconds = 100 * 366 * 86_400;

/** Reads a length such as `4 h`, `90 min`, `2d`, `1 h 30 min` or `1.5 h`, in seconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  const parts = [...trimmed.matchAll(/(\d+(?:[.,]\d+)?)\s*([a-z]+)\s*/gy)];
  if (trimmed === "" || parts.map(([part]) => part).join("") !== trimmed) return undefined;
  let seconds = 0;
  for (const [, number = "", name = ""] of parts) {
    const unit = unitSeconds.find(([pattern]) => pattern.test(name));
    if (!unit) return undefined;
    seconds += Number(number.replace(",", ".")) * unit[1];
  }
  const whole = Math.round(seconds);
  return whole > 0 && whole <= longestSeconds ? whole : undefined;
}

/** What the form's field takes for a moment: an instant, or the word `now`. */
export const readMoment = (text: string, now: Instant): Instant | undefined =>
  /^\s*now\s*$/i.test(text) ? now : parseInstant(text);

/** The end as an instant, or as a length from the start on. */
export function readEnd(text: string, start: Instant | undefined, now: Instant): Instant | undefined {
  const seconds = parseDuration(text);
  if (seconds === undefined) return readMoment(text, now);
  const end = start && toMillis(start) + seconds * 1000;
  return end && end < Date.UTC(10_000, 0) ? toInstant(end) : undefined;
}

/**
 * Reads an entry: by the same rules as everything that is stored, in words for whoever fills in a form.
 * @param facility is asked only when the place isn't that of the stored downtime
 * @param stored the downtime that is being changed
 */
export function readFormInput(entry: FormInput, now: Instant, facility: () => Facility, stored?: Draft): Reading {
  const start = readMoment(entry.start, now);
  const end = readEnd(entry.end, start, now);
  const body = { ...entry, start: start ?? entry.start, end: end ?? entry.end };
  const moments = { ...(start && { start }), ...(end && { end }) };
  try {
    const draft = stored ? checkChange(stored, body, facility) : checkDraft(body, facility());
    return { entry, ...moments, draft, errors: {} };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return { entry, ...moments, errors: wordErrors(error, entry, start) };
  }
}

function wordErrors({ errors }: Invalid, entry: FormInput, start: Instant | undefined): FormErrors {
  const worded: Partial<Record<FormField, string>> = {};
  for (const field of draftFields) {
    const [text] = errors[field] ?? [];
    if (text !== undefined) worded[field] = words[field](entry[field].trim(), text);
  }
  // A length is none the worse for a start that is wrong.
  if (!start && parseDuration(entry.end) !== undefined) delete worded.end;
  const across = errors[acrossFields]?.[0];
  if (across === endsTooEarly) worded.end = "It must end after it starts.";
  if (across === noSuchPlace) worded.telescope = noSuchPlaceWords(entry);
  return worded;
}

type Word = (typed: string, text: string) => string;

const code =
  (noun: string): Word =>
  (typed) =>
    typed === "" ? `Choose ${noun === "site" ? "a" : "the"} ${noun}.` : `ConfigDB knows no ${noun} ${typed}.`;

const words: Readonly<Record<FormField, Word>> = {
  start: (typed) =>
    typed === "" ? "Say when it starts." : "That is no instant. Write it as 2026-11-23 08:15, in UTC, or now.",
  end: (typed) => {
    if (typed === "") return "Say when it ends, or how long it takes.";
    return parseDuration(typed) === undefined
      ? "That is no instant and no length. Write 2026-11-23 12:15, in UTC, or 4 h."
      : "That is too long.";
  },
  site: code("site"),
  enclosure: code("enclosure"),
  telescope: code("telescope"),
  instrument_type: code("instrument type"),
  category: (_, text) => text,
  reason: (typed, text) =>
    [...typed].length > longestReason ? `At most ${longestReason} characters; these are ${[...typed].length}.` : text,
};

const noSuchPlaceWords = ({ site, enclosure, telescope, instrument_type }: FormInput) =>
  `ConfigDB knows no ${instrument_type ? `${instrument_type} on ` : ""}${telescope} at ${site} · ${enclosure}.`;

/** The input with a text for each field. */
export function formInputFrom(textOf: (field: FormField) => string): FormInput {
  return Object.fromEntries(draftFields.map((field) => [field, textOf(field)])) as FormInput;
}

/** The entry that stands for a stored downtime. */
export const formInputOf = (draft: Draft): FormInput => ({
  ...formInputFrom((field) => textOf(draft, field)),
  start: spellInstant(draft.start),
  end: spellInstant(draft.end),
});

/** A form that nobody has filled in yet. */
export const emptyFormInput = formInputFrom(() => "");
