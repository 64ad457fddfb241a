/** `/api/availability/`, `/api/why/` and `/api/report/`: when telescopes are down, why, and what time they lost. */

import type { TObject, TSchema } from "@sinclair/typebox";
import type { DowntimeServices } from "../downtime/api.ts";
import type { Facility } from "../facility/facility.ts";
import { readableByAll } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { answer, exampleOf, operation, refusal, textContent } from "../http/openapi.ts";
import { createRoutes, type RequestContext } from "../http/request-context.ts";
import { sendText } from "../http/send.ts";
import { Invalid } from "../input/problem.ts";
import { type Instant, toInstant, toMjd } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { type Availability, AvailabilitySchema, availabilityOf } from "./availability.ts";
import { availabilityCsv, csvDivisions, reportCsv } from "./csv.ts";
import { AvailabilityQuery, ReportQuery, readQuery, WhyQuery } from "./query-params.ts";
import { findReport } from "./report.ts";
import { type Report, ReportSchema } from "./report-schema.ts";
import { positionsIn, telescopesOf, withWholeTelescope } from "./telescopes.ts";
import { findWhy, WhySchema } from "./why.ts";

const documented = (schema: TSchema, query: TObject, csv?: string) => {
  const ok = answer("The selected telescopes.", schema);
  return {
    tag: "Availability" as const,
    access: "read" as const,
    query: query.properties,
    answers: { 200: csv ? { ...ok, content: { ...ok.content, ...textContent("text/csv", csv) } } : ok },
    errors: [refusal(new Invalid({ start: ["Enter a valid date/time."] }), "Invalid parameters; each is named.")],
  };
};

const availabilityOperation = operation("getAvailability", "Get when telescopes are available", {
  ...documented(
    AvailabilitySchema,
    AvailabilityQuery,
    availabilityCsv(exampleOf(AvailabilitySchema) as Availability, "csv"),
  ),
  description:
    "For each telescope, the merged blocked intervals of a time range and the available ones between them, from every downtime that overlaps it; there is no paging. Includes telescopes that ConfigDB marks inactive, and downtimes of telescopes that are no longer in ConfigDB.",
});
const whyOperation = operation("getWhy", "Get whether a telescope is available at a time, and why not", {
  ...documented(WhySchema, WhyQuery),
  description:
    "A downtime blocks from its `start` until just before its `end`. Codes repeat across sites: without `site` and `enclosure`, the answer has every telescope with the code.",
});
const reportOperation = operation("getReport", "Get the time lost to downtime", {
  ...documented(ReportSchema, ReportQuery, reportCsv(exampleOf(ReportSchema) as Report)),
  description:
    "Time lost in a time range by telescope and reason: seconds, dark seconds (the sun is below the limit of dark at the site, by default 12° below the horizon) and nights. A night lasts from one mean noon at the site to the next; the part of its dark time that is lost is the part of the night that is lost. `nights_lost` is the sum of these parts, so that reports of adjacent ranges add up. `nights_touched` counts nights that lost any dark time. Overlaps count once; by reason they count for the downtime that started first. Upcoming downtimes count too. Downtimes for one instrument type are listed separately and aren't in the CSV. `kinds` divides the losses into planned and unplanned ones, and `each_night` has the fraction of each night; `by` selects which of them are the lines of CSV.",
});

type Query = ReturnType<typeof readQuery> & { readonly facility: Facility | undefined; readonly request: Request };

export function availabilityRoutes({
  auth,
  downtimes,
  configdb,
  clock,
}: Omit<DowntimeServices, "answers" | "logTruncation">) {
  const availability = async ({ facility, filter, span, dark, format, request }: Query) => {
    const rows = await downtimes.during(withWholeTelescope(filter), span);
    const found = availabilityOf(telescopesOf(facility, filter, rows, positionsIn(facility, dark)), span);
    if (format === "csv" || format === "ecsv")
      return sendFile(availabilityCsv(found, format), `availability-${datesOf(span)}.${format}`);
    return sendJson(found, request, format);
  };

  const why = async ({ facility, filter, at, dark, format, request }: Query) =>
    sendJson(await findWhy(downtimes, facility, filter, at, dark), request, format);

  const report = async ({ facility, filter, span, dark, format, by, request }: Query) => {
    const found = await findReport(downtimes, facility, filter, span, dark);
    if (format !== "csv") return sendJson(found, request);
    const division = csvDivisions.find((one) => one === by);
    return sendFile(reportCsv(found, division), `report-${datesOf(span)}.csv`);
  };

  /** Public. Wrong credentials still get 401. */
  const route = (name: string, schema: TObject, document: object, show: (query: Query) => Promise<Response>) => {
    const read = async (context: RequestContext) => {
      const { request } = context;
      await auth.identify(request);
      const facility = configdb.find();
      const query = readQuery(new URL(request.url).searchParams, schema, facility, toInstant(clock()));
      if (Object.keys(query.errors).length > 0) throw new Invalid(query.errors);
      return show({ ...query, facility, request });
    };
    return resource(`/api/${name.toLowerCase()}/`, name, auth, { GET: [read, document] });
  };

  return createRoutes("availability")
    .use(route("Availability", AvailabilityQuery, availabilityOperation, availability))
    .use(route("Why", WhyQuery, whyOperation, why))
    .use(route("Report", ReportQuery, reportOperation, report));
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
