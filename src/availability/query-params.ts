/** Query parameters of availability, why and report: telescopes, times and the response format. */

import { type TObject, Type } from "@sinclair/typebox";
import { endBeforeStart } from "../downtime/downtime.ts";
import { FilterSchema } from "../downtime/filter.ts";
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

/** Ten years. */
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

/** Reads the parameters that the schema of a path has. Other parameters are ignored, and invalid ones reported in `errors`. */
export function readQuery(parameters: URLSearchParams, schema: TObject, facility: Facility | undefined, now: Instant) {
  const { properties, required = [] } = schema;
  const given = new URLSearchParams([...parameters].filter(([name]) => name in properties));
  const textOf = (name: string): string => (given.getAll(name).at(-1) ?? "").trim();
  const { listing, errors: filterErrors } = tryListing(given, facility);
  const errors: Record<string, readonly string[]> = { ...filterErrors };
  const timeOf = (name: string): Instant | undefined => {
    const text = textOf(name);
    const time = parseFilterInstant(text) ?? parseMjd(text);
    if (time && isNear(time)) return time;
    if (text !== "") errors[name] = ["Enter a valid date/time."];
    return undefined;
  };
  const choiceOf = (name: string): string => {
    const words: readonly string[] = properties[name]?.enum ?? [""];
    const text = textOf(name) || words[0] || "";
    if (!words.includes(text)) errors[name] = [notAChoice(text).text];
    return text;
  };
  const days = lastWholeDays(now);
  const [start, end = days.end] = [timeOf("start"), timeOf("end")];
  for (const name of required) if (textOf(name) === "") errors[name] = ["This field is required."];
  const span = { start: start ?? moved(end, -defaultDays * dayMillis), end };
  const error = spanError(span, schema === ReportQuery ? maxReportDays : maxSpanDays);
  if (error && !errors.start && !errors.end) errors.end = [error];
  const dark = parseDarkLimits(textOf("dark"));
  if (textOf("dark") !== "" && !dark) errors.dark = [darkLimitError];
  const times = { span: errors.start || errors.end ? days : span, at: timeOf("at") ?? now };
  return { filter: listing.filter, ...times, format: choiceOf("format"), by: choiceOf("by"), dark, errors };
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
