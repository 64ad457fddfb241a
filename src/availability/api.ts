/** `/api/availability/`, `/api/why/` and `/api/report/`: when telescopes are down, why, and what time they lost. */

import type { TObject } from "@sinclair/typebox";
import type { DowntimeServices } from "../downtime/api.ts";
import { readableByAll } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { addressOf, createRoutes, type RequestContext } from "../http/request-context.ts";
import { sendText } from "../http/send.ts";
import { type FieldErrors, Invalid } from "../input/problem.ts";
import { type Instant, toInstant, toMjd } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { availabilityOf } from "./availability.ts";
import { availabilityCsv } from "./availability-csv.ts";
import { availabilityOperations } from "./openapi.ts";
import { AvailabilityQuery, ReportQuery, readQuery, WhyQuery } from "./query-params.ts";
import { findReport } from "./report.ts";
import { csvDivisions, reportCsv } from "./report-csv.ts";
import { telescopesOf, withWholeTelescope } from "./telescopes.ts";
import { findWhy } from "./why.ts";

export function availabilityRoutes(services: Omit<DowntimeServices, "answers" | "cutNotice">) {
  const { auth, downtimes, configdb, clock } = services;
  type Answer = (parameters: URLSearchParams, request: Request) => Promise<Response>;

  const read = (parameters: URLSearchParams, schema: TObject, missing: FieldErrors = {}) => {
    const facility = configdb.find();
    const query = readQuery(parameters, schema, facility, toInstant(clock()));
    const errors = { ...missing, ...query.errors };
    if (Object.keys(errors).length > 0) throw new Invalid(errors);
    return { ...query, facility };
  };

  const availability: Answer = async (parameters, request) => {
    const { facility, filter, span, dark, format } = read(parameters, AvailabilityQuery);
    const rows = await downtimes.during(withWholeTelescope(filter), span);
    const found = availabilityOf(telescopesOf(facility, filter, rows, dark), span);
    if (format === "csv" || format === "ecsv")
      return sendFile(availabilityCsv(found, format), `availability-${datesOf(span)}.${format}`);
    return sendJson(found, request, format);
  };

  const why: Answer = async (parameters, request) => {
    const missing = parameters.has("telescope") ? {} : { telescope: ["This field is required."] };
    const { facility, filter, at, dark, format } = read(parameters, WhyQuery, missing);
    return sendJson(await findWhy(downtimes, facility, filter, at, dark), request, format);
  };

  const report: Answer = async (parameters, request) => {
    const { facility, filter, span, dark, format, by } = read(parameters, ReportQuery);
    const found = await findReport(downtimes, facility, filter, span, dark);
    if (format !== "csv") return sendJson(found, request);
    const division = csvDivisions.find((one) => one === by);
    return sendFile(reportCsv(found, division), `report-${datesOf(span)}.csv`);
  };

  /** Public and read-only. Wrong credentials still get 401. */
  const route = (path: string, name: string, document: object, answer: Answer) => {
    const show = async (context: RequestContext) => {
      await auth.identify(context.request, addressOf(context));
      return answer(new URL(context.request.url).searchParams, context.request);
    };
    return resource(path, name, auth, { GET: [show, document] });
  };

  return createRoutes("availability")
    .use(route("/api/availability/", "Availability", availabilityOperations.availability, availability))
    .use(route("/api/why/", "Why", availabilityOperations.why, why))
    .use(route("/api/report/", "Report", availabilityOperations.report, report));
}

const timeFields = new Set(["start", "end", "at", "until", "created", "modified"]);

/** Sends a value as JSON, compressed if the client accepts gzip; with the format `mjd`, times are Modified Julian Dates. */
function sendJson(value: unknown, request: Request, format?: string): Response {
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

const datesOf = ({ start, end }: Interval) => `${start.slice(0, 10)}-${end.slice(0, 10)}`;

const sendFile = (text: string, name: string) =>
  new Response(text, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${name}"`,
      "cache-control": "no-cache",
      ...readableByAll,
    },
  });
