/** @jsxImportSource @kitajs/html */
/** `/report`: the time that telescopes lost to downtime. */

import type { CoreServices } from "../downtime/store.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { toInstant } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { lastWholeDays, ReportQuery, readFilter, readSpan } from "./query-params.ts";
import { findReport } from "./report.ts";
import { ReportView } from "./report-view.tsx";

export function reportPageRoutes({ downtimes, configdb, clock }: CoreServices, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const query = withoutEmpty(new URL(context.request.url).searchParams);
    const facility = configdb.find();
    const now = toInstant(clock());
    const span = readSpan(query, lastWholeDays(now));
    const filter = readFilter(query, ReportQuery, facility);
    const report = await findReport(downtimes, facility, filter.value, span.value);
    const errors = { ...span.errors, ...filter.errors };
    const codes = facility?.codes ?? { site: [], telescope: [] };
    return sendPage(
      <Layout {...(await getPageContext(context))} title="Report">
        <ReportView query={query} codes={codes} errors={errors} report={report} now={now} />
      </Layout>,
      context.request,
    );
  };
  return createRoutes("report-page").get("/report", serving(show));
}
