/** `/api/report/`: what downtimes cost telescopes in a span, as JSON or CSV. */

import type { DowntimeServices } from "../downtime/api.ts";
import type { Filter } from "../downtime/filter.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { Facility } from "../facility/facility.ts";
import { readableByAll } from "../http/json.ts";
import type { RequestContext } from "../http/request-context.ts";
import { toInstant } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { documentOf } from "./openapi.ts";
import { checkAll, queryRoutes, sendJson } from "./query-api.ts";
import { lastDays, ReportQuery, readFormat, readPlaces, readSpan } from "./query-params.ts";
import { type Report, reportOf } from "./report.ts";
import { reportCsv } from "./report-csv.ts";
import { telescopesOf, withWhole } from "./telescopes.ts";

/** What the telescopes that a filter asks for lost in a span. */
export async function askReport(
  downtimes: Pick<Downtimes, "during">,
  facility: Facility | undefined,
  filter: Filter,
  span: Interval,
): Promise<Report> {
  const rows = await downtimes.during(withWhole(filter), span);
  return reportOf(telescopesOf(facility, filter, rows), span);
}

export function reportRoutes({ auth, downtimes, configdb, clock }: Omit<DowntimeServices, "answers" | "cutNotice">) {
  const answer = async (caller: RequestContext, parameters: URLSearchParams) => {
    const facility = configdb.find();
    const span = readSpan(parameters, lastDays(toInstant(clock())));
    const filter = readPlaces(parameters, ReportQuery, facility);
    const format = readFormat(parameters, ["json", "csv"]);
    checkAll(span.errors, filter.errors, format.errors);
    const report = await askReport(downtimes, facility, filter.what, span.what);
    return format.what === "csv" ? sendCsv(report) : sendJson(report, caller);
  };
  return queryRoutes({ path: "/api/report/", name: "Report", document: documentOf.report, auth, answer });
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
