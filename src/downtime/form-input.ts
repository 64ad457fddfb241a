/** Parses the input of the forms of downtimes, and computes what their preview says. */

import type { Facility } from "../facility/facility.ts";
import { findSite, placeNotices, spotOf } from "../facility/places.ts";
import { acrossFields, Invalid } from "../input/problem.ts";
import { darkSeconds } from "../sky/twilight.ts";
import { parseDuration } from "../time/duration.ts";
import { dayMillis, type Instant, parseInstant, spellInstant, toInstant, toMillis } from "../time/instant.ts";
import { parseSiteTime } from "../time/zone.ts";
import {
  type CheckedDraft,
  checkChange,
  checkDraft,
  type Draft,
  draftFields,
  endBeforeStart,
  maxReasonLength,
  textOf,
  unknownPlace,
} from "./downtime.ts";
import type { Downtimes } from "./store.ts";

type FormField = keyof Draft;

/** The form's fields as typed. */
export type FormInput = Readonly<Record<FormField, string>>;

/** The form's errors: at most one text per field. */
export type FormErrors = Readonly<Partial<Record<FormField, string>>>;

/** The form's input as far as it could be parsed. */
export interface ParsedInput {
  readonly input: FormInput;
  readonly start?: Instant | undefined;
  readonly end?: Instant | undefined;
  /** The valid draft; undefined if there are errors. */
  readonly draft?: CheckedDraft;
  readonly errors: FormErrors;
}

/** Parses a time, the word `now`, or a local time such as `09:00 site` if the site's zone is given; undefined if invalid. */
export const readMoment = (text: string, now: Instant, zone?: string, from = now): Instant | undefined =>
  /^\s*now\s*$/i.test(text) ? now : (parseSiteTime(text, zone, from) ?? parseInstant(text));

/** Parses the end: a time, or a duration from the start; undefined if invalid. */
export function readEnd(text: string, start: Instant | undefined, now: Instant, zone?: string): Instant | undefined {
  const seconds = parseDuration(text);
  if (seconds === undefined) return readMoment(text, now, zone, start);
  const end = start && toMillis(start) + seconds * 1000;
  return end && end < Date.UTC(10_000, 0) ? toInstant(end) : undefined;
}

/**
 * Parses the input by the same rules as the API, with error texts for the form.
 * @param facility called only if the telescope isn't that of the stored downtime
 * @param stored the downtime to edit
 */
export function readFormInput(input: FormInput, now: Instant, facility: () => Facility, stored?: Draft): ParsedInput {
  // ConfigDB may not have answered yet, which matters only if the input needs it.
  const isLocal = /(site|local)/i.test(input.start + input.end);
  const zone = isLocal ? findSite(facility(), input.site)?.zone : undefined;
  const start = readMoment(input.start, now, zone);
  const end = readEnd(input.end, start, now, zone);
  const body = { ...input, start: start ?? input.start, end: end ?? input.end };
  try {
    const draft = stored ? checkChange(stored, body, facility) : checkDraft(body, facility());
    return { input, start, end, draft, errors: {} };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return { input, start, end, errors: wordErrors(error, input, start) };
  }
}

function wordErrors({ errors }: Invalid, input: FormInput, start: Instant | undefined): FormErrors {
  const worded: Partial<Record<FormField, string>> = {};
  for (const field of draftFields) {
    const [text] = errors[field] ?? [];
    if (text !== undefined) worded[field] = errorTexts[field](input[field].trim(), text);
  }
  // A valid duration isn't an error, even if the start is invalid.
  if (!start && parseDuration(input.end) !== undefined) delete worded.end;
  const across = errors[acrossFields]?.[0];
  if (across === endBeforeStart) worded.end = "End must be after start.";
  if (across === unknownPlace) worded.telescope = unknownPlaceText(input);
  return worded;
}

type ErrorText = (typed: string, text: string) => string;

const code =
  (noun: string): ErrorText =>
  (typed) =>
    typed === "" ? `Select ${/^[ei]/.test(noun) ? "an" : "a"} ${noun}.` : `Unknown ${noun} "${typed}".`;

const errorTexts: Readonly<Record<FormField, ErrorText>> = {
  start: (typed) =>
    typed === "" ? "Enter a start time." : 'Enter a date and time in UTC, such as 2026-11-23 08:15, or "now".',
  end: (typed) => {
    if (typed === "") return "Enter an end time or a duration.";
    return parseDuration(typed) === undefined
      ? "Enter an end time in UTC, or a duration such as 4 h."
      : "The duration is too long.";
  },
  site: code("site"),
  enclosure: code("enclosure"),
  telescope: code("telescope"),
  instrument_type: code("instrument type"),
  category: (_, text) => text,
  reason: (typed, text) =>
    [...typed].length > maxReasonLength
      ? `Maximum ${maxReasonLength.toLocaleString("en")} characters (you entered ${[...typed].length.toLocaleString("en")}).`
      : text,
};

const unknownPlaceText = ({ site, enclosure, telescope, instrument_type }: FormInput) =>
  `${instrument_type ? `${instrument_type} on ` : ""}${telescope} at ${site} · ${enclosure} isn't in ConfigDB.`;

/** Builds the input from a text for each field. */
export function formInputFrom(textOf: (field: FormField) => string): FormInput {
  return Object.fromEntries(draftFields.map((field) => [field, textOf(field)])) as FormInput;
}

/** Returns the input for a stored downtime. */
export const formInputOf = (draft: Draft): FormInput => ({
  ...formInputFrom((field) => textOf(draft, field)),
  start: spellInstant(draft.start),
  end: spellInstant(draft.end),
});

/** Returns each selected downtime's version, by its id. The form has them as `ID.VERSION`. */
export const versionsIn = (form: URLSearchParams): ReadonlyMap<number, number> =>
  new Map(
    form
      .getAll("seen")
      .filter((text) => /^\d{1,15}\.\d{1,9}$/.test(text))
      .slice(0, 1000)
      .map((text) => text.split(".").map(Number) as [number, number]),
  );

/**
 * Returns the summary.
 * @param exceptId the downtime to edit, which isn't an overlap or a duplicate of itself
 * @param copyOf the downtime that is duplicated
 */
export async function summaryOf(
  downtimes: Pick<Downtimes, "findSame" | "overlapping">,
  facility: Facility | undefined,
  { input, start, end, draft }: ParsedInput,
  now: Instant,
  { exceptId, copyOf }: { readonly exceptId?: number | undefined; readonly copyOf?: number | undefined },
) {
  const same = draft && (await downtimes.findSame(draft, exceptId));
  const site = findSite(facility, input.site);
  const isWindow = start && end && start < end;
  const spot = spotOf(site);
  const isShort = isWindow && toMillis(end) - toMillis(start) < maxDarkMillis;
  return {
    where: input,
    start,
    end,
    /** Input that isn't a valid time. A duration without a start isn't among them. */
    invalidTimes: [start ? "" : input.start, end || !start ? "" : input.end].filter((text) => text.trim() !== ""),
    now,
    zone: site?.zone,
    /** Undefined if unknown. */
    darkSeconds: spot && isShort ? darkSeconds(spot, start, end) : undefined,
    /** Downtimes of the same telescope at that time. */
    overlaps: isWindow && input.telescope !== "" ? await downtimes.overlapping(input, start, end, exceptId) : [],
    /** An identical stored downtime. */
    duplicate: same,
    /** Whether the form is still an unedited copy of it, which isn't an error yet. */
    isCopy: same !== undefined && same.id === copyOf,
    /** Problems found in ConfigDB, such as an inactive telescope. */
    notices: input.site === "" ? [] : placeNotices(input, facility),
  };
}

/** The error that refuses to save an identical downtime. */
export const duplicateErrors = ({ duplicate }: Pick<Awaited<ReturnType<typeof summaryOf>>, "duplicate">) =>
  duplicate && { reason: `An identical downtime already exists (#${duplicate.id}).` };

/** The longest window with dark time in the summary, because computing it takes time. */
const maxDarkMillis = 400 * dayMillis;
