/** Query parameters of availability, why and report: telescopes, times and the response format. */

import { type TObject, Type } from "@sinclair/typebox";
import { endBeforeStart } from "../downtime/downtime.ts";
import { FilterSchema, filterFields } from "../downtime/filter.ts";
import { notAChoice, tryListing } from "../downtime/list-query.ts";
import type { Facility } from "../facility/facility.ts";
import { Refusal } from "../input/text.ts";
import { darkLimitError, parseDarkLimits } from "../sky/dark-limit.ts";
import { dayMillis, type Instant, isNear, parseFilterInstant, parseMjd, toInstant, toMillis } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { csvDivisions } from "./csv.ts";

/** The longest span of one request, in days: two years. */
export const maxSpanDays = 731;

/** The longest span of a report, in days: ten years. */
const maxReportDays = 3653;

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
const timeFormat = "Format of times in the response: ISO 8601, or Modified Julian Dates as numbers";

/** The parameters of `/api/availability/`. */
export const AvailabilityQuery = Type.Object({
  start: timeParameter("Start of the range.", "2027-01-15"),
  end: timeParameter(`End of the range, at most ${maxSpanDays} days after \`start\`.`, "2027-01-16"),
  ...places,
  instrument_type: instrumentTypeParameter,
  format: format(`${timeFormat}; or the intervals as CSV or ECSV, which has both.`, "iso", "mjd", "csv", "ecsv"),
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
  format: format(`${timeFormat}.`, "iso", "mjd"),
  dark,
});

/** The parameters of `/api/report/`. */
export const ReportQuery = Type.Object({
  start: Type.Optional(timeParameter(`Start of the range. Default: ${defaultDays} days before \`end\`.`, "2027-01-01")),
  end: Type.Optional(
    timeParameter(
      `End of the range, at most ${maxReportDays} days after \`start\`. Default: the last midnight UTC.`,
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
  by: format("What the lines of CSV are divided by. JSON has all.", ...csvDivisions),
});

/** The last value of a parameter, trimmed; empty if it is missing. */
const last = (parameters: URLSearchParams, name: string): string => (parameters.getAll(name).at(-1) ?? "").trim();

/** Reads the parameters that the schema of a path has. Other parameters are ignored. */
export function readQuery(parameters: URLSearchParams, schema: TObject, facility: Facility | undefined, now: Instant) {
  const { properties, required = [] } = schema;
  const allowed = new URLSearchParams([...parameters].filter(([name]) => name in properties));
  const filters = new URLSearchParams([...allowed].filter(([name]) => filterFields.some((field) => field === name)));
  const { listing, errors: filterErrors } = tryListing(filters, facility);
  const most = schema === ReportQuery ? maxReportDays : maxSpanDays;
  const span = readSpan(allowed, lastWholeDays(now), "start" in properties && required.includes("start"), most);
  const errors: Record<string, readonly string[]> = { ...filterErrors, ...span.errors };
  const kept = <T>(name: string, read: T | Refusal, otherwise: T): T => {
    if (!(read instanceof Refusal)) return read;
    errors[name] = [read.text];
    return otherwise;
  };
  const choice = (name: string): string => {
    const words: readonly string[] = properties[name]?.enum ?? [];
    const text = last(allowed, name) || (words[0] ?? "");
    return kept(name, text === "" || words.includes(text) ? text : new Refusal(notAChoice(text).text), "");
  };
  const text = last(allowed, "dark");
  return {
    ...{ filter: listing.filter, span: span.value, format: choice("format"), by: choice("by"), errors },
    at: kept("at", readTime(allowed, "at") ?? now, now),
    dark: kept("dark", text === "" ? undefined : (parseDarkLimits(text) ?? new Refusal(darkLimitError)), undefined),
  };
}

/** Reads a time; undefined if the parameter is missing or empty. */
function readTime(parameters: URLSearchParams, name: string): Instant | Refusal | undefined {
  const text = last(parameters, name);
  if (text === "") return undefined;
  const at = parseFilterInstant(text) ?? parseMjd(text);
  return at && isNear(at) ? at : new Refusal("Enter a valid date/time.");
}

/**
 * Reads the span from `start` to `end`. Invalid parameters are reported in `errors` and don't affect `value`.
 * @param fallback used for a missing end, and for the whole span if it is invalid
 * @param isRequired whether both parameters must be given
 */
export function readSpan(parameters: URLSearchParams, fallback: Interval, isRequired = false, mostDays = maxSpanDays) {
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
  const error = Object.keys(errors).length === 0 ? spanError(span, mostDays) : undefined;
  if (error) errors.end = [error];
  return { value: Object.keys(errors).length > 0 ? fallback : span, errors };
}

function spanError({ start, end }: Interval, mostDays: number): string | undefined {
  if (end <= start) return endBeforeStart;
  const days = (toMillis(end) - toMillis(start)) / dayMillis;
  if (days <= mostDays) return undefined;
  return `The range is ${Math.ceil(days)} days long; the maximum is ${mostDays} days. Split it into several requests.`;
}

/** Returns the days up to the last midnight UTC. Whole days, so that the default report changes once a day. */
export function lastWholeDays(now: Instant, days = defaultDays): Interval {
  const end = toInstant(Math.floor(toMillis(now) / dayMillis) * dayMillis);
  return { start: daysBefore(end, days), end };
}

/** Returns spans to choose from: label → span. Semesters A and B begin in February and in August. */
export function quickSpans(now: Instant): ReadonlyMap<string, Interval> {
  const [year = 0, month = 0] = now.split("-").map(Number);
  const months = (from: number, count: number) => ({
    start: toInstant(Date.UTC(year, from)),
    end: toInstant(Date.UTC(year, from + count)),
  });
  const semester = month < 2 ? -5 : month < 8 ? 1 : 7;
  const nameOf = (from: number) => `Semester ${months(from, 6).start.slice(0, 4)}${from === 1 ? "A" : "B"}`;
  return new Map([
    ["Last 30 days", lastWholeDays(now)],
    ["Last month", months(month - 2, 1)],
    ["This year", months(0, 12)],
    ["Last year", months(-12, 12)],
    [nameOf(semester), months(semester, 6)],
  ]);
}

const daysBefore = (at: Instant, days: number): Instant => toInstant(toMillis(at) - days * dayMillis);
