/** @jsxImportSource @kitajs/html */
/** `/why`: whether a telescope is blocked at an instant, and why, in a sentence. */

import type { Downtimes } from "../downtime/store.ts";
import type { Configdb } from "../facility/configdb.ts";
import { findSite, placeNotices } from "../facility/places.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { type Clock, toInstant } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { readAt, readPlaces, WhyQuery } from "./query-params.ts";
import type { WhyTelescope } from "./why.ts";
import { askWhy } from "./why-api.ts";
import { WhyView } from "./why-view.tsx";

export interface WhyPageServices {
  readonly downtimes: Downtimes;
  readonly configdb: Configdb;
  readonly clock: Clock;
}

export function whyPageRoutes({ downtimes, configdb, clock }: WhyPageServices, frameOf: GetPageContext) {
  const show = async (caller: RequestContext) => {
    const query = withoutEmpty(new URL(caller.request.url).searchParams);
    const facility = configdb.find();
    const now = toInstant(clock());
    const filter = readPlaces(query, WhyQuery, facility);
    const at = readAt(query, now);
    const errors = { ...filter.errors, ...at.errors };
    const isAsked = query.has("telescope") && Object.keys(errors).length === 0;
    const why = isAsked ? await askWhy(downtimes, facility, filter.what, at.what) : undefined;
    const answers = why?.telescopes.map((telescope: WhyTelescope) => ({
      telescope,
      zone: findSite(facility, telescope.site)?.zone,
      notices: placeNotices({ ...telescope, instrument_type: "" }, facility),
    }));
    const codes = facility?.codes ?? { site: [], enclosure: [], telescope: [] };
    return sendPage(
      <Layout {...(await frameOf(caller))} title="Availability">
        <WhyView
          query={query}
          codes={codes}
          errors={errors}
          answers={answers}
          at={at.what}
          now={now}
          untilNotice={await downtimes.untilNotice(now)}
        />
      </Layout>,
      caller.request,
    );
  };
  return createRoutes("why-page").get("/why", serving(show), { detail: { hide: true } });
}
