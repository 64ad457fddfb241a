/** @jsxImportSource @kitajs/html */
/** `/why`: whether a telescope is available at a given time, and why not, in one sentence. */

import type { CoreServices } from "../downtime/store.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { toInstant } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { readAt, readDark, readFilter, WhyQuery } from "./query-params.ts";
import { findWhy } from "./why.ts";
import { WhyView } from "./why-view.tsx";

export function whyPageRoutes({ downtimes, configdb, clock }: CoreServices, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const query = withoutEmpty(new URL(context.request.url).searchParams);
    const facility = configdb.find();
    const now = toInstant(clock());
    const filter = readFilter(query, WhyQuery, facility);
    const at = readAt(query, now);
    const dark = readDark(query);
    const errors = { ...filter.errors, ...at.errors, ...dark.errors };
    const isComplete = query.has("telescope") && Object.keys(errors).length === 0;
    const frame = await getPageContext(context);
    return sendPage(
      <Layout {...frame} title="Availability">
        <WhyView
          query={query}
          facility={facility}
          errors={errors}
          why={isComplete ? await findWhy(downtimes, facility, filter.value, at.value, dark.value) : undefined}
          at={query.has("at") ? at.value : undefined}
          zoneOf={frame.zoneOf}
          now={now}
          untilNotice={await downtimes.untilNotice(now)}
        />
      </Layout>,
      context.request,
    );
  };
  return createRoutes("why-page").get("/why", serving(show));
}
