/** @jsxImportSource @kitajs/html */
/** `/why`: whether a telescope is available, now or at another time, and what blocks it. */

import type { CoreServices } from "../downtime/store.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { toInstant } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { href, withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { SearchForm } from "../ui/search-form.tsx";
import { readQuery, WhyQuery } from "./query-params.ts";
import { findWhy } from "./why.ts";
import { Answer } from "./why-view.tsx";

export function whyPageRoutes({ downtimes, configdb, clock }: CoreServices, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const query = withoutEmpty(new URL(context.request.url).searchParams);
    const facility = configdb.find();
    const now = toInstant(clock());
    const { filter, at, dark, errors } = readQuery(query, WhyQuery, facility, now);
    const why = Object.keys(errors).length === 0 ? await findWhy(downtimes, facility, filter, at, dark) : undefined;
    const pageContext = await getPageContext(context);
    const untilNotice = await downtimes.untilNotice(now);
    const props = { facility, at: query.has("at") ? at : undefined, zoneOf: pageContext.zoneOf, now, untilNotice };
    return sendPage(
      <Layout {...pageContext} title="Availability">
        <h1>Check telescope availability</h1>
        <SearchForm
          action="/why"
          query={query}
          errors={query.size > 0 ? errors : {}}
          fields={[
            { name: "telescope", label: "Telescope", empty: "Select…", options: facility?.codes.telescope ?? [] },
            { name: "site", label: "Site", empty: "Any", options: facility?.codes.site ?? [] },
            { name: "enclosure", label: "Enclosure", empty: "Any", options: facility?.codes.enclosure ?? [] },
            { name: "at", label: "Time (UTC)", placeholder: "now" },
            ...(query.has("dark") ? [{ name: "dark", label: "Limit of dark" }] : []),
          ]}
        >
          <button type="submit" class="primary">
            Check
          </button>
        </SearchForm>
        {why?.telescopes.map((telescope) => (
          <Answer {...props} telescope={telescope} />
        ))}
        {why?.telescopes.length === 0 ? <p class="verdict">No matching telescope in ConfigDB.</p> : null}
        {why?.telescopes.length ? <a href={href("/api/why/", query)}>JSON</a> : null}
      </Layout>,
      context.request,
    );
  };
  return createRoutes("why-page").get("/why", serving(show));
}
