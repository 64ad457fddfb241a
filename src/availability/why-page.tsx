/** @jsxImportSource @kitajs/html */
/** `/why`: whether a telescope is available at a given time, and why not, in one sentence. */

import type { CoreServices } from "../downtime/store.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { toInstant } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { readQuery, WhyQuery } from "./query-params.ts";
import { findWhy } from "./why.ts";
import { WhyView } from "./why-view.tsx";

export function whyPageRoutes({ downtimes, configdb, clock }: CoreServices, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const query = withoutEmpty(new URL(context.request.url).searchParams);
    const facility = configdb.find();
    const now = toInstant(clock());
    const { filter, at, dark, errors } = readQuery(query, WhyQuery, facility, now);
    const isComplete = query.has("telescope") && Object.keys(errors).length === 0;
    const frame = await getPageContext(context);
    return sendPage(
      <Layout {...frame} title="Availability">
        <WhyView
          query={query}
          facility={facility}
          errors={errors}
          why={isComplete ? await findWhy(downtimes, facility, filter, at, dark) : undefined}
          at={query.has("at") ? at : undefined}
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
