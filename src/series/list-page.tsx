/** @jsxImportSource @kitajs/html */
/** `/admin/series`: all series, newest first. */

import { offsetOf, page, type Visit } from "../account/staff-page.ts";
import { PlaceLinks } from "../downtime/fields-view.tsx";
import { createRoutes } from "../http/request-context.ts";
import { Layout } from "../ui/layout.tsx";
import { ButtonLink } from "../ui/line.tsx";
import { sendPage } from "../ui/page-context.ts";
import { type Column, Pages, Table } from "../ui/table.tsx";
import { readKinds } from "./api.ts";
import type { SeriesStaffServices } from "./one-series.ts";
import type { StoredSeries } from "./rows.ts";
import { describeRule, titleOf } from "./series.ts";

const pageSize = 25;

export function seriesListRoutes(services: SeriesStaffServices) {
  const show = async ({ context, pageContext, query, user }: Visit) => {
    const offset = offsetOf(query);
    const isOnce = query.has("rule");
    const { count, results } = await services.series.list({ limit: pageSize, offset, kinds: readKinds(query) });
    return sendPage(
      <Layout {...pageContext} title="Series">
        <h1>{isOnce ? "One-time bookings and closures" : "Series"}</h1>
        <p class="actions">
          <ButtonLink kind="primary" to="/admin/series/new" text="New series" />
          {isOnce ? (
            <ButtonLink to="/admin/series" text="Repeating series" />
          ) : (
            <ButtonLink to="/admin/series?rule=once" text="One-time bookings and closures" />
          )}
          {user.staff ? <ButtonLink to="/admin/granted-nights" text="Granted nights" /> : null}
        </p>
        {results.length === 0 ? (
          <p class="message">{isOnce ? "None yet." : "No series yet."}</p>
        ) : (
          <div class="scroll">
            <Table columns={columns} rows={results} />
          </div>
        )}
        <Pages {...{ path: "/admin/series", query, offset, pageSize, count }} shown={results.length} />
      </Layout>,
      context.request,
    );
  };

  return createRoutes("series-list").get("/admin/series", page(services, show));
}

const columns: readonly Column<StoredSeries & { readonly rows: number }>[] = [
  {
    label: "Series",
    class: "wide",
    cell: (one) => {
      const [title, rule] = [titleOf(one), describeRule(one)];
      const more = [title !== rule && rule, one.ended !== null && `ended on ${one.ended}`];
      return (
        <>
          <a href={`/series/${one.id}`} dir="auto" safe>
            {title}
          </a>
          <span class="muted" safe>{` ${more.filter(Boolean).join(", ")}`}</span>
        </>
      );
    },
  },
  { label: "Telescope", class: "wide", cell: ({ scopes }) => <PlaceLinks places={scopes} /> },
  { label: "Downtimes", class: "number", text: ({ rows }) => rows.toLocaleString("en") },
  { label: "Created by", text: ({ createdBy }) => createdBy ?? "Unknown" },
];
