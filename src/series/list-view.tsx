/** @jsxImportSource @kitajs/html */
/** The list of series. */

import type { Downtime } from "../downtime/downtime.ts";
import { fromNow } from "../time/duration.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { Layout, type PageContext } from "../ui/layout.tsx";
import { withParameters } from "../ui/link.ts";
import { type Column, Pages, Table } from "../ui/table.tsx";
import { describeRule, describeScopes } from "./describe.ts";
import type { StoredSeries } from "./rows.ts";

interface SeriesListProps extends PageContext {
  readonly now: Instant;
  readonly query: URLSearchParams;
  readonly series: readonly ListedSeries[];
  readonly count: number;
  readonly offset: number;
  readonly pageSize: number;
}

interface ListedSeries extends StoredSeries {
  /** The number of its downtimes. */
  readonly rows: number;
  /** The first one that hasn't ended. */
  readonly next: Downtime | undefined;
}

export function SeriesListPage(props: SeriesListProps): JSX.Element {
  const { now, query, series, count, offset, pageSize, ...frame } = props;
  return (
    <Layout {...frame} title="Series">
      <h1>Series</h1>
      <p class="muted">A series creates a downtime for each telescope and date.</p>
      <p class="actions">
        <a class="button primary" href="/admin/series/new">
          New series
        </a>
        <a class="button" href="/admin/downtimes">
          All downtimes
        </a>
        {query.has("rule") ? (
          <a class="button" href="/admin/series">
            Repeating series
          </a>
        ) : (
          <a class="button" href="/admin/series?rule=once">
            One-time series and closures
          </a>
        )}
      </p>
      {series.length === 0 ? (
        <p class="message">No series yet.</p>
      ) : (
        <div class="scroll">
          <Table columns={columnsAt(now)} rows={series} />
        </div>
      )}
      <Pages
        offset={offset}
        pageSize={pageSize}
        shown={series.length}
        count={count}
        at={(to) => `/admin/series?${withParameters(query, { offset: String(to) })}`}
      />
    </Layout>
  );
}

const columnsAt = (now: Instant): readonly Column<ListedSeries>[] => [
  {
    label: "Series",
    class: "wide",
    cell: (one) => (
      <>
        <a href={`/series/${one.id}`} safe>
          {describeRule(one)}
        </a>
        {one.ended === null ? null : <span class="muted" safe>{`, ended on ${one.ended}`}</span>}
      </>
    ),
  },
  { label: "Telescope", class: "wide", text: ({ scopes }) => describeScopes(scopes) },
  {
    label: "Reason",
    cell: ({ reason }) => (
      <bdi class="reason short" safe>
        {reason}
      </bdi>
    ),
  },
  { label: "Downtimes", class: "number", text: ({ rows }) => rows.toLocaleString("en") },
  { label: "Next", cell: ({ next }) => <Next next={next} now={now} /> },
  { label: "Created by", text: ({ createdBy }) => createdBy ?? "Unknown" },
];

function Next({ next, now }: { next: Downtime | undefined; now: Instant }): JSX.Element {
  if (!next) return <span class="muted">None</span>;
  return (
    <>
      <a href={`/downtimes/${next.id}`} safe>
        {spellInstant(next.start)}
      </a>{" "}
      <small safe>{next.start <= now ? "active" : fromNow(next.start, now)}</small>
    </>
  );
}
