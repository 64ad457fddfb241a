/** @jsxImportSource @kitajs/html */
/** The staff list: downtimes with the actions that the user is allowed to take. */

import { ActiveActions } from "../downtime/actions-view.tsx";
import { categories, type Downtime, describePlace, stateOf } from "../downtime/downtime.ts";
import { End, fieldNames, PlaceLink, Reason, StateMark, spellLength } from "../downtime/fields-view.tsx";
import { choiceFields } from "../downtime/filter.ts";
import { spellInstant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { Layout } from "../ui/layout.tsx";
import { plain } from "../ui/link.ts";
import type { PageContext } from "../ui/page-context.ts";
import { SearchForm } from "../ui/search-form.tsx";
import { type Column, Pages, Table } from "../ui/table.tsx";
import { StillClosed } from "./closing-view.tsx";
import type { StaffList } from "./staff-list.ts";

type ListProps = PageContext & StaffList;

export function ListPage({ pages, unconfirmed, ...props }: ListProps): JSX.Element {
  const { downtimes, count, search, includesPast, codes, ...frame } = props;
  return (
    <Layout {...frame} title="Manage downtimes">
      <h1>Manage downtimes</h1>
      <StillClosed unconfirmed={unconfirmed} untilNotice={props.untilNotice} />
      <p class="actions">
        <a class="button primary" href="/admin/downtimes/new">
          New downtime
        </a>
      </p>
      <SearchForm
        action="/admin/downtimes"
        query={search}
        fields={[
          { name: "reason", label: "Reason contains" },
          ...choiceFields.map((field) => ({
            name: field,
            label: fieldNames[field],
            options: field === "category" ? categories : (codes?.[field] ?? []),
            empty: "All",
          })),
        ]}
      >
        <label class="check">
          <input type="checkbox" name="past" value="yes" checked={includesPast} /> Include past
        </label>
        <button type="submit">Apply</button>
      </SearchForm>
      {downtimes.length === 0 ? (
        <p class="message">No downtimes found. {includesPast ? "" : "Past downtimes are hidden."}</p>
      ) : (
        <Rows {...props} />
      )}
      <Pages {...pages} shown={downtimes.length} count={count} />
    </Layout>
  );
}

function Rows({ downtimes, ...props }: Omit<ListProps, "pages" | "unconfirmed">): JSX.Element {
  return (
    <form action="/admin/downtimes/delete" id="chosen">
      <div class="scroll">
        <Table columns={columnsOf(props)} rows={downtimes} rowClass={(one) => stateOf(one, props.now)} heading={1} />
      </div>
      <p class="actions">
        <button type="submit" class="danger">
          Delete selected
        </button>
      </p>
    </form>
  );
}

type ColumnsProps = Pick<ListProps, "now" | "zoneOf" | "untilNotice" | "creators" | "permissions">;

const columnsOf = ({ now, zoneOf, untilNotice, creators, permissions }: ColumnsProps): readonly Column<Downtime>[] => [
  {
    label: "Select",
    class: "select",
    cell: (one) =>
      permissions.get(one.id)?.delete ? (
        <input type="checkbox" name="id" value={String(one.id)} aria-label={plain(`Select ${nameOf(one)}`)} />
      ) : (
        ""
      ),
  },
  {
    label: "Start (UTC)",
    class: "moment",
    cell: ({ id, start, site }) => (
      <a href={`/downtimes/${id}`}>
        <Time at={start} zone={zoneOf(site)} />
      </a>
    ),
  },
  {
    label: "End (UTC)",
    class: "moment",
    cell: ({ id, end, site }) => <End id={id} at={end} zone={zoneOf(site)} untilNotice={untilNotice} />,
  },
  { label: "Duration", class: "number", text: (one) => spellLength(one, untilNotice) },
  { label: "Telescope", class: "code wide", cell: (one) => <PlaceLink {...one} /> },
  {
    label: fieldNames.reason,
    cell: (one) => (
      <span class="reason short">
        <Reason downtime={one} />
      </span>
    ),
  },
  { label: "Created by", text: ({ id }) => creators.get(id) ?? "Unknown" },
  { label: "State", cell: (one) => <StateMark state={stateOf(one, now)} /> },
  {
    label: "Actions",
    class: "more",
    cell: (one) => {
      const mayChange = permissions.get(one.id)?.change;
      return (
        <details class="choice">
          <summary aria-label={plain(`Actions for ${nameOf(one)}`)}>⋯</summary>
          <div class="options">
            {mayChange ? <a href={`/admin/downtimes/${one.id}/change`}>Edit</a> : null}
            <a href={`/admin/downtimes/new?from=${one.id}`}>Duplicate</a>
            {mayChange && stateOf(one, now) === "now" ? <ActiveActions id={one.id} untilNotice={untilNotice} /> : null}
          </div>
        </details>
      );
    },
  },
];

const nameOf = (downtime: Downtime) => `${describePlace(downtime)}, ${spellInstant(downtime.start)}`;
