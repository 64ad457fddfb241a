/** @jsxImportSource @kitajs/html */
/** The staff list: downtimes with the actions that the user is allowed to take. */

import { ActiveActions } from "../downtime/actions-view.tsx";
import { type Downtime, describePlace, type State, stateOf } from "../downtime/downtime.ts";
import { fieldNames } from "../downtime/field-names.ts";
import { PlaceLink } from "../downtime/place-link-view.tsx";
import { End, Reason, StateMark, spellLength } from "../downtime/state-view.tsx";
import type { UntilNotice } from "../downtime/until-notice.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { plain } from "../ui/attribute.ts";
import { Time } from "../ui/instants.tsx";
import { Layout } from "../ui/layout.tsx";
import type { PageContext } from "../ui/page-context.ts";
import { Pages, type PagesProps } from "../ui/table.tsx";
import { StaffSearch, type StaffSearchProps } from "./staff-search-view.tsx";
import { StillClosed, type UnconfirmedClosure } from "./still-closed-view.tsx";

interface ListProps extends PageContext, StaffSearchProps {
  readonly now: Instant;
  readonly downtimes: readonly Downtime[];
  readonly count: number;
  readonly pages: Pick<PagesProps, "offset" | "pageSize" | "at">;
  readonly untilNotice: UntilNotice;
  /** What the user may do, by downtime ID. */
  readonly permissions: ReadonlyMap<number, Permissions>;
  readonly unconfirmed: readonly UnconfirmedClosure[];
}

interface Permissions {
  /** Null: unknown. */
  readonly createdBy: string | null;
  readonly change: boolean;
  readonly delete: boolean;
}

export function ListPage({ pages, unconfirmed, ...props }: ListProps): JSX.Element {
  const { downtimes, count, search, codes, ...frame } = props;
  return (
    <Layout {...frame} title="Manage downtimes">
      <h1>Manage downtimes</h1>
      <StillClosed unconfirmed={unconfirmed} />
      <p class="actions">
        <a class="button primary" href="/admin/downtimes/new">
          New downtime
        </a>
      </p>
      <StaffSearch search={search} codes={codes} />
      {downtimes.length === 0 ? (
        <p class="message">No downtimes found. {search.includesPast ? "" : "Past downtimes are hidden."}</p>
      ) : (
        <Rows {...props} />
      )}
      <Pages {...pages} shown={downtimes.length} count={count} />
    </Layout>
  );
}

function Rows({
  downtimes,
  now,
  zoneOf,
  untilNotice,
  permissions,
}: Pick<ListProps, "downtimes" | "now" | "zoneOf" | "untilNotice" | "permissions">): JSX.Element {
  return (
    <form action="/admin/downtimes/delete" id="chosen">
      <div class="scroll">
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">
                <span class="hidden">Select</span>
              </th>
              <th scope="col">Start (UTC)</th>
              <th scope="col">End (UTC)</th>
              <th scope="col" class="number">
                Duration
              </th>
              <th scope="col">Telescope</th>
              <th scope="col" safe>
                {fieldNames.reason}
              </th>
              <th scope="col">Created by</th>
              <th scope="col">State</th>
              <th scope="col">
                <span class="hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {downtimes.map((downtime) => (
              <Row
                downtime={downtime}
                state={stateOf(downtime, now)}
                zone={zoneOf(downtime.site)}
                untilNotice={untilNotice}
                permissions={permissions.get(downtime.id) ?? { createdBy: null, change: false, delete: false }}
              />
            ))}
          </tbody>
        </table>
      </div>
      <p class="actions">
        <button type="submit" class="danger">
          Delete selected
        </button>
      </p>
    </form>
  );
}

interface RowProps extends Pick<ListProps, "untilNotice"> {
  readonly downtime: Downtime;
  readonly state: State;
  readonly zone: string | undefined;
  readonly permissions: Permissions;
}

function Row({ downtime, state, zone, untilNotice, permissions }: RowProps): JSX.Element {
  const { id, start, end } = downtime;
  const where = describePlace(downtime);
  return (
    <tr class={state}>
      <td>
        {permissions.delete ? (
          <input
            type="checkbox"
            name="id"
            value={String(id)}
            aria-label={plain(`Select ${where}, ${spellInstant(start)}`)}
          />
        ) : null}
      </td>
      <td data-label="Start" class="moment">
        <a href={`/downtimes/${id}`}>
          <Time at={start} zone={zone} />
        </a>
      </td>
      <td data-label="End" class="moment">
        <End id={id} at={end} zone={zone} untilNotice={untilNotice} />
      </td>
      <td class="number" data-label="Duration" safe>
        {spellLength(downtime, untilNotice)}
      </td>
      <td data-label="Telescope" class="code wide">
        <PlaceLink {...downtime} />
      </td>
      <td data-label={fieldNames.reason}>
        <span class="reason short">
          <Reason downtime={downtime} />
        </span>
      </td>
      <td data-label="Created by">
        <bdi safe>{permissions.createdBy ?? "Unknown"}</bdi>
      </td>
      <td data-label="State">
        <StateMark state={state} />
      </td>
      <td class="more">
        <details class="choice">
          <summary aria-label={plain(`Actions for ${where}, ${spellInstant(start)}`)}>⋯</summary>
          <div class="options">
            {permissions.change ? <a href={`/admin/downtimes/${id}/change`}>Edit</a> : null}
            <a href={`/admin/downtimes/new?from=${id}`}>Duplicate</a>
            {state === "now" && permissions.change ? <ActiveActions id={id} untilNotice={untilNotice} /> : null}
          </div>
        </details>
      </td>
    </tr>
  );
}
