/** @jsxImportSource @kitajs/html */
/** The table of downtimes, one page at a time. */

import { type Downtime, stateOf } from "../downtime/downtime.ts";
import { describeState, End, Reason, StateMark, spellAuthors, spellLength } from "../downtime/fields-view.tsx";
import type { OrderTerm } from "../downtime/filter.ts";
import { PlaceLink } from "../downtime/place-link-view.tsx";
import type { Authors } from "../downtime/rows.ts";
import type { UntilNotice } from "../downtime/until-notice.ts";
import type { Instant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { href, withParameters } from "../ui/link.ts";

interface TableProps {
  readonly query: URLSearchParams;
  readonly downtimes: readonly Downtime[];
  readonly order: readonly OrderTerm[];
  readonly now: Instant;
  /** Returns a site's IANA time zone; undefined if unknown. */
  readonly zoneOf: (site: string) => string | undefined;
  readonly untilNotice: UntilNotice;
  /** Who created and edited a downtime, by its ID. */
  readonly authors: ReadonlyMap<number, Authors>;
}

export function Table({ query, downtimes, order, now, zoneOf, untilNotice, authors }: TableProps): JSX.Element {
  const heading = { query, order };
  return (
    <table>
      <caption class="hidden">Downtimes</caption>
      <thead>
        <tr hx-boost:inherited="true">
          <th scope="col">State</th>
          <Sortable {...heading} field="start" name="Start" />
          <Sortable {...heading} field="end" name="End" />
          <Sortable {...heading} field="length" column="length_seconds" name="Duration" kind="number" />
          <Sortable {...heading} field="site" name="Telescope" />
          <Sortable {...heading} field="instrument_type" name="Instrument" />
          <Sortable {...heading} field="reason" column="reason_folded" name="Reason" />
          <th scope="col">By</th>
        </tr>
      </thead>
      <tbody>
        {downtimes.map((downtime) => (
          <Row
            downtime={downtime}
            now={now}
            zone={zoneOf(downtime.site)}
            untilNotice={untilNotice}
            by={spellAuthors(authors.get(downtime.id))}
          />
        ))}
      </tbody>
    </table>
  );
}

interface SortableProps extends Pick<TableProps, "query" | "order"> {
  /** The column's name in the page's `order`. */
  readonly field: string;
  /** The field that it is sorted by first, if it has another name. */
  readonly column?: OrderTerm["field"];
  readonly name: string;
  readonly kind?: "number";
}

function Sortable({ query, order: [first], field, column, name, kind }: SortableProps): JSX.Element {
  const direction =
    !first || first.field !== (column ?? field) ? "none" : first.descending ? "descending" : "ascending";
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

interface RowProps extends Pick<TableProps, "now" | "untilNotice"> {
  readonly downtime: Downtime;
  readonly zone: string | undefined;
  readonly by: string;
}

function Row({ downtime, now, zone, untilNotice, by }: RowProps): JSX.Element {
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
        {by}
      </td>
    </tr>
  );
}
