/** @jsxImportSource @kitajs/html */
/** The table of downtimes, one page at a time. */

import { type Downtime, stateOf } from "../downtime/downtime.ts";
import { describeState, End, PlaceLink, Reason, StateMark, spellDuration } from "../downtime/fields-view.tsx";
import type { OrderTerm } from "../downtime/filter.ts";
import { Time } from "../ui/instants.tsx";
import { href, withParameters } from "../ui/link.ts";
import { columnOrders } from "./query.ts";
import type { Schedule } from "./schedule.ts";

interface TableProps extends Pick<Schedule, "query" | "downtimes" | "now" | "zoneOf" | "untilNotice" | "creators"> {
  readonly order: readonly OrderTerm[];
  /** The address of the page; by default, the schedule. */
  readonly address?: string;
  /** Two more columns: a box that selects the row, and the menu of its actions. */
  readonly cells?: Readonly<Record<"select" | "more", (downtime: Downtime) => JSX.Element>> | undefined;
}

/** The columns that can be sorted, by their names in the page's `order`. */
const columns = {
  ...{ start: "Start", end: "End", length: "Duration" },
  ...{ site: "Telescope", instrument_type: "Instrument", reason: "Reason" },
};

export function Table({ query, downtimes, order: [first], address = "/", cells, ...props }: TableProps): JSX.Element {
  return (
    <table>
      <caption class="hidden">Downtimes</caption>
      <thead>
        {/* Only the schedule swaps its part; elsewhere the links load the page. */}
        <tr hx-boost:inherited={address === "/" ? "true" : undefined}>
          {cells ? (
            <th scope="col" class="select">
              Select
            </th>
          ) : null}
          <th scope="col">State</th>
          {Object.entries(columns).map(([field, name]) => {
            const isSorted = first?.field === (columnOrders[field]?.[0] ?? field);
            const next = isSorted && !first.descending ? `-${field}` : field;
            return (
              <th
                scope="col"
                class={name === "Duration" ? "number" : undefined}
                aria-sort={isSorted && (first.descending ? "descending" : "ascending")}
              >
                <a id={`sort-${field}`} href={href(address, withParameters(query, { order: next, offset: undefined }))}>
                  <span safe>{name}</span>
                  {isSorted ? <span aria-hidden="true">{first.descending ? " ▼" : " ▲"}</span> : null}
                </a>
              </th>
            );
          })}
          <th scope="col">By</th>
          {cells ? (
            <th scope="col" class="more">
              Actions
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {downtimes.map((downtime) => (
          <Row downtime={downtime} cells={cells} {...props} />
        ))}
      </tbody>
    </table>
  );
}

type RowProps = Omit<TableProps, "query" | "downtimes" | "order" | "address"> & { readonly downtime: Downtime };

function Row({ downtime, now, untilNotice, creators, zoneOf, cells }: RowProps): JSX.Element {
  const { id, start, end, site, enclosure, telescope, instrument_type } = downtime;
  const zone = zoneOf(site);
  const state = stateOf(downtime, now);
  return (
    <tr id={`d${id}`} class={state}>
      {cells ? <td class="select">{cells.select(downtime)}</td> : null}
      <td>
        <StateMark state={state} /> <small safe>{describeState(state, downtime, now, untilNotice)}</small>
      </td>
      <td class="time">
        <a href={`/downtimes/${id}`}>
          <Time at={start} zone={zone} />
        </a>
      </td>
      <td class="time">
        <End id={id} at={end} zone={zone} untilNotice={untilNotice} />
      </td>
      <td class="number" safe>
        {spellDuration(downtime, untilNotice)}
      </td>
      <td class="code">
        <PlaceLink site={site} enclosure={enclosure} telescope={telescope} />
      </td>
      <td class={instrument_type ? "code" : "code muted"} safe>
        {instrument_type || "Whole telescope"}
      </td>
      <td class="reason">
        <Reason downtime={downtime} />
      </td>
      <td class="by" safe>
        {creators.get(id) ?? "Unknown"}
      </td>
      {cells ? <td class="more">{cells.more(downtime)}</td> : null}
    </tr>
  );
}
