/** @jsxImportSource @kitajs/html */
/** The downtimes as those see them who may change them. */

import { type Downtime, describePlace, type State, stateOf } from "../../domain/downtime.ts";
import { inWords, secondsBetween } from "../../domain/duration.ts";
import { type Instant, spellInstant } from "../../domain/instant.ts";
import { plain } from "../attribute.ts";
import { StateMark } from "../instants.tsx";
import { type Frame, Layout } from "../layout.tsx";
import { href } from "../link.ts";
import { Restore, RowForm, WhileRunning } from "./acts.tsx";
import { spellWindow } from "./summary.tsx";

export interface ListProps extends Frame {
  readonly csrf: string;
  readonly now: Instant;
  readonly downtimes: readonly Downtime[];
  readonly count: number;
  /** What is shown: words in the reason, a site, and whether what is over is shown as well. */
  readonly search: { readonly reason: string; readonly site: string; readonly past: boolean };
  readonly sites: readonly string[];
  /** The query of the next and the previous part, where there is one. */
  readonly next?: URLSearchParams | undefined;
  readonly previous?: URLSearchParams | undefined;
  readonly done?: DoneProps | undefined;
}

export function ListPage({ next, previous, done, ...props }: ListProps): JSX.Element {
  const { csrf, downtimes, count, search, sites, ...frame } = props;
  return (
    <Layout {...frame} title="Change downtimes">
      <h1>Change downtimes</h1>
      {done ? <Done {...done} csrf={csrf} /> : null}
      <p class="actions">
        <a class="button primary" href="/admin/downtimes/new">
          New downtime
        </a>
        <a class="button" href="/admin/series">
          Series
        </a>
        <a class="button" href="/admin/now">
          Down now
        </a>
      </p>
      <Search search={search} sites={sites} />
      {downtimes.length === 0 ? (
        <p class="message">Nothing here. {search.past ? "" : "What is over isn't shown."}</p>
      ) : (
        <Rows {...props} />
      )}
      <p class="actions pages">
        <span>
          {downtimes.length} of {count}
        </span>
        {previous ? (
          <a class="button" rel="prev" href={href("/admin/downtimes", previous)}>
            Previous
          </a>
        ) : null}
        {next ? (
          <a class="button" rel="next" href={href("/admin/downtimes", next)}>
            Next
          </a>
        ) : null}
      </p>
    </Layout>
  );
}

function Search({ search, sites }: Pick<ListProps, "search" | "sites">): JSX.Element {
  return (
    <search>
      <form class="search" action="/admin/downtimes">
        <div class="field">
          <label for="reason">Reason contains</label>
          <input id="reason" name="reason" type="search" value={plain(search.reason)} />
        </div>
        <div class="field">
          <label for="site">Site</label>
          <select id="site" name="site">
            <option value="" selected={search.site === ""}>
              All
            </option>
            {sites.map((code) => (
              <option value={plain(code)} selected={code === search.site} safe>
                {code}
              </option>
            ))}
          </select>
        </div>
        <label class="check">
          <input type="checkbox" name="past" value="yes" checked={search.past} /> What is over, too
        </label>
        <button type="submit">Show</button>
      </form>
    </search>
  );
}

function Rows({ downtimes, now, csrf }: Pick<ListProps, "downtimes" | "now" | "csrf">): JSX.Element {
  return (
    <>
      <RowForm csrf={csrf} />
      <form action="/admin/downtimes/delete" id="chosen">
        <div class="scroll">
          <table class="rows">
            <thead>
              <tr>
                <th scope="col">
                  <span class="hidden">Choose</span>
                </th>
                <th scope="col">Start, UTC</th>
                <th scope="col">End, UTC</th>
                <th scope="col" class="number">
                  Length
                </th>
                <th scope="col">Where</th>
                <th scope="col">Reason</th>
                <th scope="col">State</th>
                <th scope="col">Do</th>
              </tr>
            </thead>
            <tbody>
              {downtimes.map((downtime) => (
                <Row downtime={downtime} state={stateOf(downtime, now)} />
              ))}
            </tbody>
          </table>
        </div>
        <p class="actions">
          <button type="submit" class="danger">
            Delete what is chosen
          </button>
        </p>
      </form>
    </>
  );
}

function Row({ downtime, state }: { downtime: Downtime; state: State }): JSX.Element {
  const { id, start, end, reason } = downtime;
  const where = describePlace(downtime);
  return (
    <tr class={state}>
      <td>
        <input
          type="checkbox"
          name="id"
          value={String(id)}
          aria-label={plain(`Choose ${where}, ${spellInstant(start)}`)}
        />
      </td>
      <td data-label="Start">
        <time datetime={start} safe>
          {spellInstant(start)}
        </time>
      </td>
      <td data-label="End">
        <time datetime={end} safe>
          {spellInstant(end)}
        </time>
      </td>
      <td class="number" data-label="Length" safe>
        {inWords(secondsBetween(start, end))}
      </td>
      <td data-label="Where" class="code">
        <a href={`/downtimes/${id}`} safe>
          {where}
        </a>
      </td>
      <td data-label="Reason">
        <bdi class="reason short" safe>
          {reason}
        </bdi>
      </td>
      <td data-label="State">
        <StateMark state={state} />
      </td>
      <td class="do">
        <a href={`/admin/downtimes/${id}/change`}>Change</a>
        <a href={`/admin/downtimes/new?from=${id}`}>Duplicate</a>
        {state === "now" ? <WhileRunning id={id} /> : null}
      </td>
    </tr>
  );
}

export interface DoneProps {
  readonly what: "saved" | "deleted";
  readonly downtimes: readonly (Pick<Downtime, "id"> &
    Parameters<typeof describePlace>[0] &
    Pick<Downtime, "start" | "end">)[];
}

/** What was just done, and how to undo it. */
function Done({ what, downtimes, csrf }: DoneProps & { csrf: string }): JSX.Element {
  const noun = downtimes.length === 1 ? "" : ` ${downtimes.length} downtimes`;
  return (
    <div class="message" role="status">
      <p safe>{what === "saved" ? `Saved${noun}:` : `Deleted${noun}:`}</p>
      <ul>
        {downtimes.map((downtime) => (
          <li>
            <a href={`/downtimes/${downtime.id}`}>
              <span safe>{`${describePlace(downtime)}, ${spellWindow(downtime.start, downtime.end)}`}</span>
            </a>
          </li>
        ))}
      </ul>
      {what === "deleted" ? <Restore ids={downtimes.map(({ id }) => id)} csrf={csrf} label="Undo" /> : null}
    </div>
  );
}
