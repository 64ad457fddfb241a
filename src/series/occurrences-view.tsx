/** @jsxImportSource @kitajs/html */
/** The downtimes of a series, a part at a time, and what somebody deleted of them. */

import { describePlace, stateOf } from "../downtime/downtime.ts";
import { StateMark, spellWindow } from "../downtime/state-view.tsx";
import { inWords, secondsBetween } from "../time/duration.ts";
import type { Instant } from "../time/instant.ts";
import type { StoredOccurrence } from "./reconcile.ts";

/** How many downtimes there are: all, those that aren't over, those that somebody changed. */
export interface RowCounts {
  readonly all: number;
  readonly open: number;
  readonly byHand: number;
}

export interface SeriesRowsProps {
  readonly id: number;
  readonly now: Instant;
  readonly counts: RowCounts;
  readonly rows: readonly StoredOccurrence[];
  readonly part: PartProps;
}

interface PartProps {
  readonly offset: number;
  readonly pageSize: number;
  readonly count: number;
  /** What is over is shown as well. */
  readonly past: boolean;
}

export function SeriesRows({ id, rows, part, now, counts }: SeriesRowsProps): JSX.Element {
  const { offset, pageSize, count, past } = part;
  const to = (at: number) => `/series/${id}?${past ? "past=yes&amp;" : ""}offset=${at}#rows`;
  return (
    <section aria-labelledby="rows">
      <h2 id="rows">{past ? "All downtimes" : "Downtimes that aren't over"}</h2>
      {rows.length === 0 ? (
        <p class="message">Nothing here.</p>
      ) : (
        <div class="scroll">
          <table class="rows">
            <thead>
              <tr>
                <th scope="col">When, UTC</th>
                <th scope="col" class="number">
                  Length
                </th>
                <th scope="col">Where</th>
                <th scope="col">State</th>
                {counts.byHand > 0 ? <th scope="col">By hand</th> : null}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <RowView row={row} now={now} tellsHands={counts.byHand > 0} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p class="actions pages">
        <span>
          {rows.length} of {count}
        </span>
        {offset > 0 ? (
          <a class="button" rel="prev" href={to(Math.max(0, offset - pageSize))}>
            Previous
          </a>
        ) : null}
        {offset + rows.length < count ? (
          <a class="button" rel="next" href={to(offset + pageSize)}>
            Next
          </a>
        ) : null}
        {past ? <a href={`/series/${id}#rows`}>Only what isn't over</a> : null}
        {!past && counts.all > counts.open ? <a href={`/series/${id}?past=yes#rows`}>What is over, too</a> : null}
      </p>
    </section>
  );
}

function RowView({ row, now, tellsHands }: { row: StoredOccurrence; now: Instant; tellsHands: boolean }): JSX.Element {
  const { downtime, byHand } = row;
  const { id, start, end } = downtime;
  const state = stateOf(downtime, now);
  return (
    <tr class={state}>
      <th scope="row">
        <a href={`/downtimes/${id}`}>
          <time datetime={start} safe>
            {spellWindow(start, end)}
          </time>
        </a>
      </th>
      <td class="number" data-label="Length" safe>
        {inWords(secondsBetween(start, end))}
      </td>
      <td class="code" data-label="Where" safe>
        {describePlace(downtime)}
      </td>
      <td data-label="State">
        <StateMark state={state} />
      </td>
      {tellsHands ? <td>{byHand ? "changed by hand" : ""}</td> : null}
    </tr>
  );
}

export function DeletedByHand({ names }: { names: readonly string[] }): JSX.Element {
  return (
    <section aria-labelledby="deleted">
      <h2 id="deleted">Deleted by hand</h2>
      <p class="hint">A change of the series doesn't bring them back.</p>
      <ul>
        {names.map((name) => (
          <li class="code" safe>
            {spellName(name)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `2027-01-12, ogg · clma · 2m0a` */
const spellName = (name: string) => {
  const [key = "", place = ""] = name.split(" ");
  return `${key}, ${place.split(".").filter(Boolean).join(" · ")}`;
};
