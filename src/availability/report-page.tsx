/** @jsxImportSource @kitajs/html */
/** `/report`: the time that telescopes lost to downtime, as a summary, bar charts and a table. */

import { categories } from "../downtime/downtime.ts";
import { fieldNames } from "../downtime/fields-view.tsx";
import type { CoreServices } from "../downtime/store.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { darkLimitNames, spellDarkLimit } from "../sky/dark-limit.ts";
import { toInstant } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { href, plain, withoutEmpty, withParameters } from "../ui/link.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { SearchForm } from "../ui/search-form.tsx";
import { quickSpans, ReportQuery, readQuery } from "./query-params.ts";
import { findReport } from "./report.ts";
import { Figures } from "./report-view.tsx";

/** Filters that a link can set and the form has no field for. */
const hiddenFilters = ["enclosure", "instrument_type", "reason_exact"] as const;

export function reportPageRoutes({ downtimes, configdb, clock }: CoreServices, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const query = withoutEmpty(new URL(context.request.url).searchParams);
    const facility = configdb.find();
    const now = toInstant(clock());
    const { filter, span, dark, errors } = readQuery(query, ReportQuery, facility, now);
    const pageContext = await getPageContext(context);
    // Figures for the default range would look like the result of the invalid form.
    const isWrong = Object.keys(errors).length > 0;
    const report = isWrong ? undefined : await findReport(downtimes, facility, filter, span, dark);
    const codes = (field: "site" | "telescope") => ({
      ...{ name: field, label: fieldNames[field], options: facility?.codes[field] ?? [], empty: "Any" },
    });
    return sendPage(
      <Layout {...pageContext} title="Report">
        <div class="report">
          <div class="toolbar">
            <h1>Time lost to downtime</h1>
            <nav class="chips" aria-label="Date range">
              {[...quickSpans(now)].map(([label, { start, end }]) => (
                <a
                  href={href("/report", withParameters(query, { start: start.slice(0, 10), end: end.slice(0, 10) }))}
                  aria-current={span.start === start && span.end === end ? "true" : false}
                  safe
                >
                  {label}
                </a>
              ))}
            </nav>
          </div>
          <SearchForm
            action="/report"
            query={query}
            errors={errors}
            fields={[
              { name: "start", label: "From (UTC)", value: span.start.slice(0, 10) },
              { name: "end", label: "To (UTC)", value: span.end.slice(0, 10) },
              codes("site"),
              codes("telescope"),
              { name: "category", label: fieldNames.category, options: categories, empty: "Any" },
              { name: "reason", label: "Reason contains" },
              {
                ...{ name: "dark", label: "Limit of dark", empty: "Default" },
                ...{ options: darkLimitNames, nameOf: spellDarkLimit },
              },
            ]}
          >
            {hiddenFilters.flatMap((name) =>
              query.getAll(name).map((value) => <input type="hidden" name={name} value={plain(value)} />),
            )}
            <button type="submit" class="primary">
              Apply
            </button>
          </SearchForm>
          {report ? <Figures query={query} report={report} zoneOf={pageContext.zoneOf} /> : null}
          <details>
            <summary>How this is calculated</summary>
            <p>
              Dark time is when the sun is below the limit of dark at the site. A night runs from one mean noon at the
              site to the next, and counts as lost by the fraction of its dark time that is lost: half of one night and
              all of another are 1.5 nights lost and 2 nights affected. A telescope night is one telescope for one
              night.
            </p>
            <p>
              Overlapping downtimes count once, for the reason of the one that started first. Downtimes of category
              weather or fault, and those stored less than an hour before their start, are unplanned. Past and upcoming
              downtimes both count. Downtimes of a single instrument have rows of their own and aren't part of the
              telescope's losses. A dash means that dark time is unknown because ConfigDB has no coordinates for the
              site.
            </p>
          </details>
        </div>
      </Layout>,
      context.request,
    );
  };
  return createRoutes("report-page").get("/report", serving(show));
}
