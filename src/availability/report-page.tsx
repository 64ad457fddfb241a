/** @jsxImportSource @kitajs/html */
/** `/report`: the time that telescopes lost to downtime, as a summary, bar charts and a table. */

import { categories } from "../downtime/downtime.ts";
import { fieldNames } from "../downtime/fields-view.tsx";
import type { CoreServices } from "../downtime/store.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { shorten } from "../input/text.ts";
import { darkLimitNames, spellDarkLimit } from "../sky/dark-limit.ts";
import { toInstant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { Layout } from "../ui/layout.tsx";
import { href, plain, withoutEmpty, withParameters } from "../ui/link.ts";
import { type GetPageContext, sendPage, type ZoneOf } from "../ui/page-context.ts";
import { SearchForm } from "../ui/search-form.tsx";
import { quickSpans, ReportQuery, readQuery } from "./query-params.ts";
import { findReport, totalOf } from "./report.ts";
import type { Report } from "./report-schema.ts";
import { Bars, type BarsProps, ReportTable, spellLosses } from "./report-view.tsx";

/** Filters that a link can set and the form has no field for. */
const hiddenFilters = ["enclosure", "instrument_type", "reason_exact"] as const;

export function reportPageRoutes({ downtimes, configdb, clock }: CoreServices, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const query = withoutEmpty(new URL(context.request.url).searchParams);
    const facility = configdb.find();
    const now = toInstant(clock());
    const { filter, span, dark, errors } = readQuery(query, ReportQuery, facility, now);
    const report = await findReport(downtimes, facility, filter, span, dark);
    const frame = await getPageContext(context);
    return sendPage(
      <Layout {...frame} title="Report">
        <div class="report">
          <div class="toolbar">
            <h1>Time lost to downtime</h1>
            <nav class="chips" aria-label="Date range">
              {[...quickSpans(now)].map(([label, { start, end }]) => (
                <a
                  href={href("/report", withParameters(query, { start: start.slice(0, 10), end: end.slice(0, 10) }))}
                  aria-current={report.start === start && report.end === end ? "true" : false}
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
              { name: "start", label: "From (UTC)", value: report.start.slice(0, 10) },
              { name: "end", label: "To (UTC)", value: report.end.slice(0, 10) },
              { name: "site", label: fieldNames.site, options: facility?.codes.site ?? [], empty: "Any" },
              {
                name: "telescope",
                label: fieldNames.telescope,
                options: facility?.codes.telescope ?? [],
                empty: "Any",
              },
              { name: "category", label: fieldNames.category, options: categories, empty: "Any" },
              { name: "reason", label: "Reason contains" },
              {
                name: "dark",
                label: "Limit of dark",
                options: darkLimitNames,
                nameOf: spellDarkLimit,
                empty: "Default",
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
          {/* Figures for the default range would look like the result of the invalid form. */}
          {Object.keys(errors).length > 0 ? null : <Figures query={query} report={report} zoneOf={frame.zoneOf} />}
          <Definitions />
        </div>
      </Layout>,
      context.request,
    );
  };
  return createRoutes("report-page").get("/report", serving(show));
}

interface FiguresProps {
  readonly query: URLSearchParams;
  readonly report: Report;
  readonly zoneOf: ZoneOf;
}

function Figures({ query, report, zoneOf }: FiguresProps): JSX.Element {
  const total = totalOf(report);
  const [site, ...others] = new Set(report.telescopes.map((telescope) => telescope.site));
  const zone = zoneOf(others.length === 0 ? site : undefined);
  const hasCategories = total.categories.some(({ category }) => category !== "");
  const groups: readonly (readonly [string, BarsProps["bars"]])[] = [
    [
      "by telescope",
      report.telescopes.map((one) => ({
        ...one,
        place: one,
        name: `${one.site} · ${one.enclosure} · ${one.telescope}`,
      })),
    ],
    ["planned and unplanned", total.kinds.map((one) => ({ ...one, name: one.kind }))],
    ["by reason", total.reasons.map((one) => ({ ...one, name: shorten(one.reason || "No reason", 60) }))],
    ...(hasCategories
      ? [["by category", total.categories.map((one) => ({ ...one, name: one.category || "No category" }))] as const]
      : []),
  ];
  const exportQuery = withParameters(query, { start: report.start, end: report.end, format: undefined });
  return (
    <>
      <p class="summary moment">
        <span safe>{`${spellLosses(total)} lost from `}</span>
        <Time at={report.start} zone={zone} />
        {" to "}
        <Time at={report.end} zone={zone} />
        <span safe>{`; limit of dark: ${spellDarkLimits(report) || "unknown"}`}</span>
      </p>
      <div class="figures">
        {groups.map(([by, bars]) => (
          <Bars title={`Dark hours lost ${by}`} bars={bars} />
        ))}
      </div>
      <div class="toolbar">
        <h2>By telescope and reason</h2>
        <span class="links">
          <a href={href("/api/report/", exportQuery)}>JSON</a>
          <a href={href("/api/report/", withParameters(exportQuery, { format: "csv" }))}>Download CSV</a>
        </span>
      </div>
      <ReportTable report={report} total={total} />
    </>
  );
}

/** The limits of dark that a report used: `nautical (12°)`, or with the sites of each where they differ. */
function spellDarkLimits({ telescopes }: Report): string {
  const known = Map.groupBy(telescopes, ({ dark }) => dark ?? "");
  known.delete("");
  const sitesOf = (of: Report["telescopes"]) => ` at ${[...new Set(of.map(({ site }) => site))].join(", ")}`;
  return [...known].map(([dark, of]) => spellDarkLimit(dark) + (known.size > 1 ? sitesOf(of) : "")).join("; ");
}

function Definitions(): JSX.Element {
  return (
    <details>
      <summary>How this is calculated</summary>
      <p>
        Dark time is when the sun is below the limit of dark at the site. A night runs from one mean noon at the site to
        the next, and counts as lost by the fraction of its dark time that is lost: half of one night and all of another
        are 1.5 nights lost and 2 nights affected. A telescope night is one telescope for one night: ten telescopes have
        ten telescope nights per day.
      </p>
      <p>
        Overlapping downtimes count once, for the reason of the one that started first. Unplanned are those of category
        weather or fault, and those stored later than an hour before their start. Past and upcoming downtimes both
        count. Downtimes of a single instrument have rows of their own and aren't part of the telescope's losses. A dash
        means that dark time is unknown because ConfigDB has no coordinates for the site.
      </p>
    </details>
  );
}
