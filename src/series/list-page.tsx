/** @jsxImportSource @kitajs/html */
/** `/admin/series`: all series, newest first. */

import { offsetOf, page, type Visit } from "../account/staff-page.ts";
import type { Downtime } from "../downtime/downtime.ts";
import { PlaceLinks } from "../downtime/fields-view.tsx";
import { bySoonest, narrowed } from "../downtime/filter.ts";
import { createRoutes } from "../http/request-context.ts";
import { fromNow } from "../time/duration.ts";
import type { Instant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { Layout } from "../ui/layout.tsx";
import { ButtonLink } from "../ui/line.tsx";
import { withParameters } from "../ui/link.ts";
import { sendPage, type ZoneOf } from "../ui/page-context.ts";
import { type Column, Pages, Table } from "../ui/table.tsx";
import { readKinds } from "./api.ts";
import type { SeriesStaffServices } from "./one-series.ts";
import type { StoredSeries } from "./rows.ts";
import { describeRule, titleOf } from "./series.ts";

const pageSize = 25;
const onlyOnce = new URLSearchParams({ rule: "once" });

export function seriesListRoutes(parts: SeriesStaffServices) {
  const { series, downtimes } = parts;

  /** Returns its first downtime that hasn't ended. */
  const nextOf = async (id: number, now: Instant) => {
    const filter = { ...narrowed({}, { from: now }), series: id };
    return (await downtimes.list({ filter, order: bySoonest, limit: 1, offset: 0 })).results[0];
  };

  const show = async ({ caller, frame, now, query }: Visit) => {
    const offset = offsetOf(query);
    const isOnce = query.has("rule");
    const otherKinds = readKinds(isOnce ? new URLSearchParams() : onlyOnce);
    const others = await series.list({ limit: 0, offset: 0, kinds: otherKinds });
    const { count, results } = await series.list({ limit: pageSize, offset, kinds: readKinds(query) });
    const shown = await Promise.all(results.map(async (one) => ({ ...one, next: await nextOf(one.id, now) })));
    return sendPage(
      <Layout {...frame} title="Series">
        <h1>Series</h1>
        <p class="muted">A series creates a downtime for each telescope and date.</p>
        <p class="actions">
          <ButtonLink kind="primary" to="/admin/series/new" text="New series" />
          <ButtonLink to="/admin/downtimes" text="All downtimes" />
          <ButtonLink
            to={`/admin/series${isOnce ? "" : `?${onlyOnce}`}`}
            text={`${isOnce ? "Repeating series" : "One-time bookings and closures"} (${others.count.toLocaleString("en")})`}
          />
        </p>
        {shown.length === 0 ? (
          <p class="message">No series yet.</p>
        ) : (
          <div class="scroll">
            <Table columns={columnsAt(now, frame.zoneOf)} rows={shown} />
          </div>
        )}
        <Pages
          offset={offset}
          pageSize={pageSize}
          shown={shown.length}
          count={count}
          at={(to) => `/admin/series?${withParameters(query, { offset: String(to) })}`}
        />
      </Layout>,
      caller.request,
    );
  };

  return createRoutes("series-list").get("/admin/series", page(parts, show));
}

type ListedSeries = StoredSeries & { readonly rows: number; readonly next: Downtime | undefined };

const columnsAt = (now: Instant, zoneOf: ZoneOf): readonly Column<ListedSeries>[] => [
  {
    label: "Series",
    class: "wide",
    cell: (one) => (
      <>
        <a href={`/series/${one.id}`} safe>
          {titleOf(one)}
        </a>
        {titleOf(one) === describeRule(one) ? null : <span class="muted" safe>{` ${describeRule(one)}`}</span>}
        {one.ended === null ? null : <span class="muted" safe>{`, ended on ${one.ended}`}</span>}
      </>
    ),
  },
  { label: "Telescope", class: "wide", cell: ({ scopes }) => <PlaceLinks places={scopes} /> },
  {
    label: "Reason",
    cell: ({ reason }) => (
      <bdi class="reason short" safe>
        {reason}
      </bdi>
    ),
  },
  { label: "Downtimes", class: "number", text: ({ rows }) => rows.toLocaleString("en") },
  { label: "Next", class: "moment", cell: ({ next }) => <Next next={next} now={now} zoneOf={zoneOf} /> },
  { label: "Created by", text: ({ createdBy }) => createdBy ?? "Unknown" },
];

function Next({ next, now, zoneOf }: { next: Downtime | undefined; now: Instant; zoneOf: ZoneOf }): JSX.Element {
  if (!next) return <span class="muted">None</span>;
  return (
    <>
      <a href={`/downtimes/${next.id}`}>
        <Time at={next.start} zone={zoneOf(next.site)} />
      </a>{" "}
      <small safe>{next.start <= now ? "active" : fromNow(next.start, now)}</small>
    </>
  );
}
