/** `/api/availability/`, `/api/why/` and `/api/report/`: when telescopes are down, why, and what time they lost. */

import type { DowntimeServices } from "../downtime/api.ts";
import { readableByAll } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { addressOf, createRoutes, type RequestContext } from "../http/request-context.ts";
import { sendText } from "../http/send.ts";
import { type FieldErrors, Invalid } from "../input/problem.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { toMjd } from "../time/mjd.ts";
import { availabilityOf } from "./availability.ts";
import { availabilityOperations } from "./openapi.ts";
import {
  AvailabilityQuery,
  lastWholeDays,
  ReportQuery,
  readAt,
  readDark,
  readFilter,
  readFormat,
  readSpan,
  WhyQuery,
} from "./query-params.ts";
import { findReport, type Report } from "./report.ts";
import { reportCsv } from "./report-csv.ts";
import { telescopesOf, withWholeTelescope } from "./telescopes.ts";
import { findWhy } from "./why.ts";

export function availabilityRoutes(services: Omit<DowntimeServices, "answers" | "cutNotice">) {
  const { auth, downtimes, configdb, clock } = services;
  type Answer = (parameters: URLSearchParams, request: Request) => Promise<Response>;

  const availability: Answer = async (parameters, request) => {
    const facility = configdb.find();
    const span = readSpan(parameters, lastWholeDays(toInstant(clock())), true);
    const filter = readFilter(parameters, AvailabilityQuery, facility);
    const dark = readDark(parameters);
    const format = readFormat(parameters, timeFormats);
    throwIfInvalid(span.errors, filter.errors, dark.errors, format.errors);
    const rows = await downtimes.during(withWholeTelescope(filter.value), span.value);
    const telescopes = telescopesOf(facility, filter.value, rows, dark.value);
    return sendJson(availabilityOf(telescopes, span.value), request, format.value);
  };

  const why: Answer = async (parameters, request) => {
    const facility = configdb.find();
    const filter = readFilter(parameters, WhyQuery, facility);
    const at = readAt(parameters, toInstant(clock()));
    const dark = readDark(parameters);
    const format = readFormat(parameters, timeFormats);
    const missing = parameters.has("telescope") ? {} : { telescope: ["This field is required."] };
    throwIfInvalid(missing, filter.errors, at.errors, dark.errors, format.errors);
    return sendJson(await findWhy(downtimes, facility, filter.value, at.value, dark.value), request, format.value);
  };

  const report: Answer = async (parameters, request) => {
    const facility = configdb.find();
    const span = readSpan(parameters, lastWholeDays(toInstant(clock())));
    const filter = readFilter(parameters, ReportQuery, facility);
    const dark = readDark(parameters);
    const format = readFormat(parameters, ["json", "csv"]);
    throwIfInvalid(span.errors, filter.errors, dark.errors, format.errors);
    const found = await findReport(downtimes, facility, filter.value, span.value, dark.value);
    return format.value === "csv" ? sendCsv(found) : sendJson(found, request);
  };

  /** Public and read-only. Wrong credentials still get 401. */
  const route = (path: string, name: string, document: object, answer: Answer) => {
    const show = async (context: RequestContext) => {
      await auth.identify(context.request, addressOf(context));
      return answer(new URL(context.request.url).searchParams, context.request);
    };
    return resource({ path, name, auth, methods: { GET: [show, document] } });
  };

  return createRoutes("availability")
    .use(route("/api/availability/", "Availability", availabilityOperations.availability, availability))
    .use(route("/api/why/", "Why", availabilityOperations.why, why))
    .use(route("/api/report/", "Report", availabilityOperations.report, report));
}

/** @throws Invalid with the errors of all parameters */
function throwIfInvalid(...errors: readonly FieldErrors[]): void {
  const all: FieldErrors = Object.assign({}, ...errors);
  if (Object.keys(all).length > 0) throw new Invalid(all);
}

/** How the API writes times: ISO 8601, or Modified Julian Dates as numbers. */
const timeFormats = ["iso", "mjd"] as const;
const timeFields = new Set(["start", "end", "at", "until", "created", "modified"]);

/** Sends a value as JSON, compressed if the client accepts gzip. */
function sendJson(value: unknown, request: Request, format: (typeof timeFormats)[number] = "iso"): Response {
  const asMjd = (field: string, value: unknown) =>
    timeFields.has(field) && typeof value === "string" ? toMjd(value as Instant) : value;
  return sendText(JSON.stringify(value, format === "mjd" ? asMjd : undefined), request, {
    headers: {
      "content-type": "application/json;charset=utf-8",
      "cache-control": "no-cache",
      vary: "Accept-Encoding",
      ...readableByAll,
    },
  });
}

const sendCsv = (report: Report) =>
  new Response(reportCsv(report), {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="report-${report.start.slice(0, 10)}-${report.end.slice(0, 10)}.csv"`,
      "cache-control": "no-cache",
      ...readableByAll,
    },
  });
