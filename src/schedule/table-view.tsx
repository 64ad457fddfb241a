/** @jsxImportSource @kitajs/html */
/** The table of downtimes, one page at a time. */

import { type Downtime, stateOf } from "../downtime/downtime.ts";
import { describeState, End, PlaceLink, Reason, StateMark, spellLength } from "../downtime/fields-view.tsx";
import type { OrderTerm } from "../downtime/filter.ts";
import { Time } from "../ui/instants.tsx";
import { href, withParameters } from "../ui/link.ts";
import type { Schedule } from "./schedule.ts";

interface TableProps extends Pick<Schedule, "query" | "downtimes" | "now" | "zoneOf" | "untilNotice" | "creators"> {
  readonly order: readonly OrderTerm[];
}

export function Table(props: TableProps): JSX.Element {
  const { query, downtimes, order } = props;
  return (
    <table>
      <caption class="hidden">Downtimes</caption>
      <thead>
        <tr hx-boost:inherited="true">
          <th scope="col">State</th>
          {columns.map((column) => (
            <Sortable {...column} query={query} order={order} />
          ))}
          <th scope="col">By</th>
        </tr>
      </thead>
      <tbody>
        {downtimes.map((downtime) => (
          <Row downtime={downtime} {...props} />
        ))}
      </tbody>
    </table>
  );
}

interface Column {
  readonly name: string;
  /** The column's name in the page's `order`. */
  readonly field: string;
  /** The field that it is sorted by first, if it has another name. */
  readonly column?: string;
  readonly kind?: "number";
}

const columns: readonly Column[] = [
  { name: "Start", field: "start" },
  { name: "End", field: "end" },
  { name: "Duration", field: "length", column: "length_seconds", kind: "number" },
  { name: "Telescope", field: "site" },
  { name: "Instrument", field: "instrument_type" },
  { name: "Reason", field: "reason", column: "reason_folded" },
];

type SortableProps = Column & Pick<TableProps, "query" | "order">;

function Sortable({ query, order: [first], field, column = field, name, kind }: SortableProps): JSX.Element {
  const direction = !first || first.field !== column ? "none" : first.descending ? "descending" : "ascending";
  const next = direction === "ascending" ? `-${field}` : field;
  return (
    <th scope="col" class={kind} aria-sort={direction === "none" ? false : direction}>
      <a id={`sort-${field}`} href={href("/", withParameters(query, { order: next, offset: undefined }))}>
        <span safe>{name}</span>
        {direction === "none" ? null : <span aria-hidden="true">{direction === "ascending" ? " ▲" : " ▼"}</span>}
      </a>
    </th>
  );
}

function Row({ downtime, ...props }: TableProps & { readonly downtime: Downtime }): JSX.Element {
  const { now, untilNotice } = props;
  const zone = props.zoneOf(downtime.site);
  const { id, start, end, site, enclosure, telescope, instrument_type } = downtime;
  const state = stateOf(downtime, now);
  return (
    <tr id={`d${id}`} class={state}>
      <td>
        <StateMark state={state} /> <small safe>{describeState(state, downtime, now, untilNotice)}</small>
      </td>
      <td class="moment">
        <a href={`/downtimes/${id}`}>
          <Time at={start} zone={zone} />
        </a>
      </td>
      <td class="moment">
        <End id={id} at={end} zone={zone} untilNotice={untilNotice} />
      </td>
      <td class="number" safe>
        {spellLength(downtime, untilNotice)}
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
        {props.creators.get(id) ?? "Unknown"}
      </td>
    </tr>
  );
}
