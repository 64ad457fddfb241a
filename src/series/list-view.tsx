/** @jsxImportSource @kitajs/html */
/** The list of series: each in one plain line. */

import type { Downtime } from "../downtime/downtime.ts";
import { fromNow } from "../time/duration.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { Layout, type PageContext } from "../ui/layout.tsx";
import { describeRule, describeScopes } from "./describe.ts";
import type { Plan } from "./plan.ts";

interface SeriesListProps extends PageContext {
  readonly now: Instant;
  readonly series: readonly ListedSeries[];
  readonly count: number;
  readonly offset: number;
  readonly pageSize: number;
}

interface ListedSeries extends Plan {
  readonly id: number;
  readonly createdBy: string | null;
  /** Downtimes that it has. */
  readonly rows: number;
  /** The first one that isn't over. */
  readonly next: Downtime | undefined;
}

export function SeriesListPage({ now, series, count, offset, pageSize, ...frame }: SeriesListProps): JSX.Element {
  return (
    <Layout {...frame} title="Series">
      <h1>Series</h1>
      <p class="muted">Plans that make ordinary downtimes, one for each telescope and occurrence.</p>
      <p class="actions">
        <a class="button primary" href="/admin/series/new">
          Plan a series
        </a>
        <a class="button" href="/admin/downtimes">
          All downtimes
        </a>
      </p>
      {series.length === 0 ? (
        <p class="message">No series yet.</p>
      ) : (
        <div class="scroll">
          <table class="rows">
            <thead>
              <tr>
                <th scope="col">Plan</th>
                <th scope="col">Where</th>
                <th scope="col">Reason</th>
                <th scope="col" class="number">
                  Downtimes
                </th>
                <th scope="col">Next</th>
                <th scope="col">Made by</th>
              </tr>
            </thead>
            <tbody>
              {series.map((one) => (
                <Line one={one} now={now} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p class="actions pages">
        <span>
          {series.length} of {count}
        </span>
        {offset > 0 ? (
          <a class="button" rel="prev" href={`/admin/series?offset=${Math.max(0, offset - pageSize)}`}>
            Previous
          </a>
        ) : null}
        {offset + series.length < count ? (
          <a class="button" rel="next" href={`/admin/series?offset=${offset + pageSize}`}>
            Next
          </a>
        ) : null}
      </p>
    </Layout>
  );
}

function Line({ one, now }: { one: ListedSeries; now: Instant }): JSX.Element {
  const { id, next, reason, rows, createdBy, ended } = one;
  return (
    <tr>
      <th scope="row" class="wide">
        <a href={`/series/${id}`} safe>
          {describeRule(one)}
        </a>
        {ended === null ? null : <span class="muted" safe>{`, ended on ${ended}`}</span>}
      </th>
      <td data-label="Where" class="wide" safe>
        {describeScopes(one.scopes)}
      </td>
      <td data-label="Reason">
        <bdi class="reason short" safe>
          {reason}
        </bdi>
      </td>
      <td data-label="Downtimes" class="number">
        {rows}
      </td>
      <td data-label="Next">
        {next ? (
          <>
            <a href={`/downtimes/${next.id}`} safe>
              {spellInstant(next.start)}
            </a>{" "}
            <small safe>{next.start <= now ? "now" : fromNow(next.start, now)}</small>
          </>
        ) : (
          <span class="muted">none any more</span>
        )}
      </td>
      <td data-label="Made by" safe>
        {createdBy ?? "nobody knows"}
      </td>
    </tr>
  );
}
