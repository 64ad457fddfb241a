/** `/api/report/`: the time that telescopes lost to downtime, as JSON or CSV. */

import type { DowntimeServices } from "../downtime/api.ts";
import type { Filter } from "../downtime/filter.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { Facility } from "../facility/facility.ts";
import { readableByAll } from "../http/json.ts";
import type { RequestContext } from "../http/request-context.ts";
import { toInstant } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { availabilityOperations } from "./openapi.ts";
import { queryRoutes, sendJson, throwIfInvalid } from "./query-api.ts";
import { lastWholeDays, ReportQuery, readFilter, readFormat, readSpan } from "./query-params.ts";
import { type Report, reportOf } from "./report.ts";
import { reportCsv } from "./report-csv.ts";
import { telescopesOf, withWholeTelescope } from "./telescopes.ts";

/** Returns the losses of the telescopes that match a filter. */
export async function findReport(
  downtimes: Pick<Downtimes, "during">,
  facility: Facility | undefined,
  filter: Filter,
  span: Interval,
): Promise<Report> {
  const rows = await downtimes.during(withWholeTelescope(filter), span);
  return reportOf(telescopesOf(facility, filter, rows), span);
}

export function reportRoutes({ auth, downtimes, configdb, clock }: Omit<DowntimeServices, "answers" | "cutNotice">) {
  const answer = async (context: RequestContext, parameters: URLSearchParams) => {
    const facility = configdb.find();
    const span = readSpan(parameters, lastWholeDays(toInstant(clock())));
    const filter = readFilter(parameters, ReportQuery, facility);
    const format = readFormat(parameters, ["json", "csv"]);
    throwIfInvalid(span.errors, filter.errors, format.errors);
    const report = await findReport(downtimes, facility, filter.value, span.value);
    return format.value === "csv" ? sendCsv(report) : sendJson(report, context);
  };
  return queryRoutes({ path: "/api/report/", name: "Report", document: availabilityOperations.report, auth, answer });
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
