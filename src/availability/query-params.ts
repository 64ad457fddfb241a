/** Questions: the telescopes that somebody asks about, and the span or the instant. */

import { type TObject, Type } from "@sinclair/typebox";
import { endsTooEarly } from "../downtime/downtime.ts";
import { type Filter, FilterSchema, filterFields } from "../downtime/filter.ts";
import { notAChoice, tryListing } from "../downtime/list-query.ts";
import type { Facility } from "../facility/facility.ts";
import type { FieldErrors } from "../input/problem.ts";
import { Refusal } from "../input/text.ts";
import { dayMillis, type Instant, isNear, parseFilterInstant, toInstant, toMillis } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { parseMjd } from "../time/mjd.ts";

/** The longest span that is answered at once, in days: two years. */
export const longestSpanDays = 731;

/** The days of a report that nobody gives a span. */
export const usualDays = 30;

const spellings = "ISO 8601 as in filters, a date alone, or a Modified Julian Date.";
const moment = (description: string, example: string) =>
  Type.Unsafe<Instant>({ type: "string", description: `${description} ${spellings}`, examples: [example] });
const { site, enclosure, telescope, instrument_type, reason, reason_exact } = FilterSchema.properties;
const places = { site, enclosure, telescope };
const ofTypes = Type.Optional({
  ...instrument_type,
  description:
    "Telescopes that have this instrument type; of the downtimes for one instrument type alone those for this one. Repeat it for any of several.",
});
const format = (description: string, ...names: [string, ...string[]]) =>
  Type.Optional(Type.String({ enum: names, default: names[0], description, examples: [names[0]] }));
const spelling = format("How instants are written: ISO 8601, or as numbers, Modified Julian Dates.", "iso", "mjd");

/** What `/api/availability/` is asked. */
export const AvailabilityQuery = Type.Object({
  start: moment("First moment of the span.", "2027-01-15"),
  end: moment(`The span's end, at most ${longestSpanDays} days later.`, "2027-01-16"),
  ...places,
  instrument_type: ofTypes,
  format: spelling,
});

/** What `/api/why/` is asked. */
export const WhyQuery = Type.Object({
  telescope: Type.Array(Type.String(), {
    description: "The telescope's code; where several have it, all of them are answered for.",
    examples: [["1m0a"]],
  }),
  site,
  enclosure,
  at: Type.Optional(moment("The instant; now where it is left out.", "2027-01-15T09:00:00Z")),
  format: spelling,
});

/** What `/api/report/` is asked. */
export const ReportQuery = Type.Object({
  start: Type.Optional(moment(`First moment of the span. Default: ${usualDays} days before \`end\`.`, "2027-01-01")),
  end: Type.Optional(
    moment(
      `The span's end, at most ${longestSpanDays} days later. Default: the midnight (UTC) before now.`,
      "2027-02-01",
    ),
  ),
  ...places,
  instrument_type: ofTypes,
  reason,
  reason_exact,
  format: format("JSON, or a table as CSV.", "json", "csv"),
});

/** An answer to a question may be wrong in part: what is bad is left out and named. */
export interface Read<What> {
  readonly what: What;
  readonly errors: FieldErrors;
}

/** The filters among the parameters that a question takes. */
export function readPlaces(
  parameters: URLSearchParams,
  question: TObject,
  facility: Facility | undefined,
): Read<Filter> {
  const names: string[] = filterFields.filter((field) => field in question.properties);
  const taken = new URLSearchParams([...parameters].filter(([name]) => names.includes(name)));
  const { listing, errors } = tryListing(taken, facility);
  return { what: listing.filter, errors };
}

/** Reads a moment; undefined where none is given. */
function readMoment(parameters: URLSearchParams, name: string): Instant | Refusal | undefined {
  const text = (parameters.getAll(name).at(-1) ?? "").trim();
  if (text === "") return undefined;
  const at = parseFilterInstant(text) ?? parseMjd(text);
  return at && isNear(at) ? at : new Refusal("Enter a valid date/time.");
}

/** Reads the instant `at`. */
export function readAt(parameters: URLSearchParams, now: Instant): Read<Instant> {
  const at = readMoment(parameters, "at");
  return at instanceof Refusal ? { what: now, errors: { at: [at.text] } } : { what: at ?? now, errors: {} };
}

/**
 * Reads a span, `start` and `end`.
 * @param otherwise stands in for what is left out or bad
 * @param mustBeGiven nothing may be left out
 */
export function readSpan(parameters: URLSearchParams, otherwise: Interval, mustBeGiven = false): Read<Interval> {
  const errors: Record<string, string[]> = {};
  const read = (name: "start" | "end") => {
    const at = readMoment(parameters, name);
    if (at instanceof Refusal) errors[name] = [at.text];
    else if (at) return at;
    else if (mustBeGiven) errors[name] = ["This field is required."];
    return undefined;
  };
  const start = read("start");
  const end = read("end") ?? otherwise.end;
  const span = { start: start ?? daysBefore(end, usualDays), end };
  const wrong = Object.keys(errors).length === 0 ? wrongWith(span) : undefined;
  if (wrong) errors.end = [wrong];
  return { what: Object.keys(errors).length > 0 ? otherwise : span, errors };
}

function wrongWith({ start, end }: Interval): string | undefined {
  if (end <= start) return endsTooEarly;
  const days = (toMillis(end) - toMillis(start)) / dayMillis;
  if (days <= longestSpanDays) return undefined;
  return `The span is ${Math.ceil(days)} days long; at most ${longestSpanDays} days are answered at once. Ask for its parts.`;
}

/** The days up to the last midnight in UTC: whole ones, so that the answer doesn't change until the next one. */
export function lastDays(now: Instant, days = usualDays): Interval {
  const end = toInstant(Math.floor(toMillis(now) / dayMillis) * dayMillis);
  return { start: daysBefore(end, days), end };
}

const daysBefore = (at: Instant, days: number): Instant => toInstant(toMillis(at) - days * dayMillis);

/** Reads `format`: one of some words, the first unless another is given. */
export function readFormat<Format extends string>(
  parameters: URLSearchParams,
  formats: readonly [Format, ...Format[]],
): Read<Format> {
  const text = (parameters.getAll("format").at(-1) ?? "").trim();
  const found = formats.find((format) => format === text);
  const errors = found || text === "" ? {} : { format: [notAChoice(text).text] };
  return { what: found ?? formats[0], errors };
}
