/** @jsxImportSource @kitajs/html */
/** `/report`: what downtimes cost in a span, for those who answer for the telescopes. */

import type { Downtimes } from "../downtime/store.ts";
import type { Configdb } from "../facility/configdb.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { type Clock, toInstant } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { lastDays, ReportQuery, readPlaces, readSpan } from "./query-params.ts";
import { askReport } from "./report-api.ts";
import { ReportView } from "./report-view.tsx";

export interface ReportPageServices {
  readonly downtimes: Downtimes;
  readonly configdb: Configdb;
  readonly clock: Clock;
}

export function reportPageRoutes({ downtimes, configdb, clock }: ReportPageServices, frameOf: GetPageContext) {
  const show = async (caller: RequestContext) => {
    const query = withoutEmpty(new URL(caller.request.url).searchParams);
    const facility = configdb.find();
    const now = toInstant(clock());
    const span = readSpan(query, lastDays(now));
    const filter = readPlaces(query, ReportQuery, facility);
    const report = await askReport(downtimes, facility, filter.what, span.what);
    const errors = { ...span.errors, ...filter.errors };
    const codes = facility?.codes ?? { site: [], telescope: [] };
    return sendPage(
      <Layout {...(await frameOf(caller))} title="Report">
        <ReportView query={query} codes={codes} errors={errors} report={report} now={now} />
      </Layout>,
      caller.request,
    );
  };
  return createRoutes("report-page").get("/report", serving(show), { detail: { hide: true } });
}
