/** Query parameters of availability, why and report: telescopes, times and the response format. */

import { type TObject, Type } from "@sinclair/typebox";
import { endBeforeStart } from "../downtime/downtime.ts";
import { FilterSchema, filterFields } from "../downtime/filter.ts";
import { notAChoice, tryListing } from "../downtime/list-query.ts";
import type { Facility } from "../facility/facility.ts";
import { darkLimitError, parseDarkLimits } from "../sky/dark-limit.ts";
import {
  dayMillis,
  type Instant,
  isNear,
  moved,
  parseFilterInstant,
  parseMjd,
  toInstant,
  toMillis,
} from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { csvDivisions } from "./csv.ts";

/** The longest span of one request, in days: two years. */
export const maxSpanDays = 731;

/** The longest span of a report, in days: ten years. */
const maxReportDays = 3653;

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

export const AvailabilityQuery = Type.Object({
  start: timeParameter("Start of the range.", "2027-01-15"),
  end: timeParameter(`End of the range, at most ${maxSpanDays} days after \`start\`.`, "2027-01-16"),
  ...places,
  instrument_type: instrumentTypeParameter,
  format: format(`${timeFormat}; or the intervals as CSV or ECSV, which has both.`, "iso", "mjd", "csv", "ecsv"),
  dark,
});

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
  const errors: Errors = { ...filterErrors, ...span.errors };
  const choice = (name: string): string => {
    const words: readonly string[] = properties[name]?.enum ?? [""];
    const text = last(allowed, name) || words[0] || "";
    if (words.includes(text)) return text;
    errors[name] = [notAChoice(text).text];
    return "";
  };
  const [format, by] = [choice("format"), choice("by")];
  const at = readTime(allowed, "at", errors) ?? now;
  const darkText = last(allowed, "dark");
  const dark = darkText === "" ? undefined : parseDarkLimits(darkText);
  if (darkText !== "" && !dark) errors.dark = [darkLimitError];
  return { filter: listing.filter, span: span.value, format, by, at, dark, errors };
}

type Errors = Record<string, readonly string[]>;

/** Reads a time; undefined if the parameter is missing, empty or invalid. */
function readTime(parameters: URLSearchParams, name: string, errors: Errors): Instant | undefined {
  const text = last(parameters, name);
  if (text === "") return undefined;
  const at = parseFilterInstant(text) ?? parseMjd(text);
  if (at && isNear(at)) return at;
  errors[name] = ["Enter a valid date/time."];
  return undefined;
}

/**
 * Reads the span from `start` to `end`. Invalid parameters are reported in `errors` and don't affect `value`.
 * @param fallback used for a missing end, and for the whole span if it is invalid
 * @param isRequired whether both parameters must be given
 */
export function readSpan(parameters: URLSearchParams, fallback: Interval, isRequired = false, mostDays = maxSpanDays) {
  const errors: Errors = {};
  const [start, end] = ["start", "end"].map((name) => {
    if (isRequired && last(parameters, name) === "") errors[name] = ["This field is required."];
    return readTime(parameters, name, errors);
  });
  const span = { start: start ?? moved(end ?? fallback.end, -defaultDays * dayMillis), end: end ?? fallback.end };
  const error = Object.keys(errors).length === 0 && spanError(span, mostDays);
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
  return { start: moved(end, -days * dayMillis), end };
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
