/** Query parameters of availability, why and report: telescopes, times and the response format. */

import { type TObject, Type } from "@sinclair/typebox";
import { endBeforeStart } from "../downtime/downtime.ts";
import { type Filter, FilterSchema, filterFields } from "../downtime/filter.ts";
import { notAChoice, tryListing } from "../downtime/list-query.ts";
import type { Facility } from "../facility/facility.ts";
import type { FieldErrors } from "../input/problem.ts";
import { Refusal } from "../input/text.ts";
import { type DarkLimits, darkLimitError, parseDarkLimits } from "../sky/dark-limit.ts";
import { dayMillis, type Instant, isNear, parseFilterInstant, toInstant, toMillis } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { parseMjd } from "../time/mjd.ts";

/** The longest span of one request, in days: two years. */
export const maxSpanDays = 731;

/** Days covered by a report when the request gives no start. */
const defaultDays = 30;

const acceptedTimes = "An ISO 8601 time, a date, or a Modified Julian Date.";
const timeParameter = (description: string, example: string) =>
  Type.Unsafe<Instant>({ type: "string", description: `${description} ${acceptedTimes}`, examples: [example] });
const { site, enclosure, telescope, instrument_type, category, reason, reason_exact } = FilterSchema.properties;
const places = { site, enclosure, telescope };
const instrumentTypeParameter = Type.Optional({
  ...instrument_type,
  description:
    "Only telescopes with this instrument type, and only downtimes of this instrument type or of the whole telescope. Repeat for OR.",
});
const format = (description: string, ...names: [string, ...string[]]) =>
  Type.Optional(Type.String({ enum: names, default: names[0], description, examples: [names[0]] }));
const dark = Type.Optional(
  Type.String({
    description:
      "The limit of dark: `civil`, `nautical`, `astronomical`, or degrees below the horizon; for a site of its own, `nautical,ogg:astronomical`. Default: the limit of each site (`DARK_LIMIT`).",
    examples: ["astronomical"],
  }),
);
const timeFormat = format(
  "Format of times in the response: ISO 8601, or Modified Julian Dates as numbers.",
  "iso",
  "mjd",
);

/** The parameters of `/api/availability/`. */
export const AvailabilityQuery = Type.Object({
  start: timeParameter("Start of the range.", "2027-01-15"),
  end: timeParameter(`End of the range, at most ${maxSpanDays} days after \`start\`.`, "2027-01-16"),
  ...places,
  instrument_type: instrumentTypeParameter,
  format: timeFormat,
  dark,
});

/** The parameters of `/api/why/`. */
export const WhyQuery = Type.Object({
  telescope: Type.Array(Type.String(), {
    description: "Telescope code. Returns every telescope with this code; add `site` or `enclosure` to select one.",
    examples: [["1m0a"]],
  }),
  site,
  enclosure,
  at: Type.Optional(timeParameter("The time to check. Default: now.", "2027-01-15T09:00:00Z")),
  format: timeFormat,
  dark,
});

/** The parameters of `/api/report/`. */
export const ReportQuery = Type.Object({
  start: Type.Optional(timeParameter(`Start of the range. Default: ${defaultDays} days before \`end\`.`, "2027-01-01")),
  end: Type.Optional(
    timeParameter(
      `End of the range, at most ${maxSpanDays} days after \`start\`. Default: the last midnight UTC.`,
      "2027-02-01",
    ),
  ),
  ...places,
  instrument_type: instrumentTypeParameter,
  category,
  reason,
  reason_exact,
  format: format("Format of the response.", "json", "csv"),
  dark,
});

/** A value read from parameters. Invalid parameters are reported in `errors` and don't affect `value`. */
interface Parsed<Value> {
  readonly value: Value;
  readonly errors: FieldErrors;
}

/** Reads the filters that the schema of a path allows. Other parameters are ignored. */
export function readFilter(
  parameters: URLSearchParams,
  schema: TObject,
  facility: Facility | undefined,
): Parsed<Filter> {
  const names: string[] = filterFields.filter((field) => field in schema.properties);
  const allowed = new URLSearchParams([...parameters].filter(([name]) => names.includes(name)));
  const { listing, errors } = tryListing(allowed, facility);
  return { value: listing.filter, errors };
}

/** Reads a time; undefined if the parameter is missing or empty. */
function readTime(parameters: URLSearchParams, name: string): Instant | Refusal | undefined {
  const text = (parameters.getAll(name).at(-1) ?? "").trim();
  if (text === "") return undefined;
  const at = parseFilterInstant(text) ?? parseMjd(text);
  return at && isNear(at) ? at : new Refusal("Enter a valid date/time.");
}

/** Reads the limit of dark; undefined if each site has its own. */
export function readDark(parameters: URLSearchParams): Parsed<DarkLimits | undefined> {
  const text = (parameters.getAll("dark").at(-1) ?? "").trim();
  const value = text === "" ? undefined : parseDarkLimits(text);
  return { value, errors: value || text === "" ? {} : { dark: [darkLimitError] } };
}

/** Reads the time `at`; now if it is missing. */
export function readAt(parameters: URLSearchParams, now: Instant): Parsed<Instant> {
  const at = readTime(parameters, "at");
  return at instanceof Refusal ? { value: now, errors: { at: [at.text] } } : { value: at ?? now, errors: {} };
}

/**
 * Reads the span from `start` to `end`.
 * @param fallback used for a missing end, and for the whole span if it is invalid
 * @param isRequired whether both parameters must be given
 */
export function readSpan(parameters: URLSearchParams, fallback: Interval, isRequired = false): Parsed<Interval> {
  const errors: Record<string, string[]> = {};
  const read = (name: "start" | "end") => {
    const at = readTime(parameters, name);
    if (at instanceof Refusal) errors[name] = [at.text];
    else if (at) return at;
    else if (isRequired) errors[name] = ["This field is required."];
    return undefined;
  };
  const start = read("start");
  const end = read("end") ?? fallback.end;
  const span = { start: start ?? daysBefore(end, defaultDays), end };
  const error = Object.keys(errors).length === 0 ? spanError(span) : undefined;
  if (error) errors.end = [error];
  return { value: Object.keys(errors).length > 0 ? fallback : span, errors };
}

function spanError({ start, end }: Interval): string | undefined {
  if (end <= start) return endBeforeStart;
  const days = (toMillis(end) - toMillis(start)) / dayMillis;
  if (days <= maxSpanDays) return undefined;
  return `The range is ${Math.ceil(days)} days long; the maximum is ${maxSpanDays} days. Split it into several requests.`;
}

/** Returns the days up to the last midnight UTC. Whole days, so that the default report changes once a day. */
export function lastWholeDays(now: Instant, days = defaultDays): Interval {
  const end = toInstant(Math.floor(toMillis(now) / dayMillis) * dayMillis);
  return { start: daysBefore(end, days), end };
}

const daysBefore = (at: Instant, days: number): Instant => toInstant(toMillis(at) - days * dayMillis);

/** Reads `format`; the first of the formats is the default. */
export function readFormat<Format extends string>(
  parameters: URLSearchParams,
  formats: readonly [Format, ...Format[]],
): Parsed<Format> {
  const text = (parameters.getAll("format").at(-1) ?? "").trim();
  const found = formats.find((format) => format === text);
  const errors = found || text === "" ? {} : { format: [notAChoice(text).text] };
  return { value: found ?? formats[0], errors };
}
