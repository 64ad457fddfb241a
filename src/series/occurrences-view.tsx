/** @jsxImportSource @kitajs/html */
/** The downtimes of a series, page by page, and those that were deleted individually. */

import { stateOf } from "../downtime/downtime.ts";
import { StateMark } from "../downtime/fields-view.tsx";
import { PlaceLink } from "../downtime/place-link-view.tsx";
import { telescopeName } from "../facility/facility.ts";
import { inWords, secondsBetween } from "../time/duration.ts";
import type { Instant } from "../time/instant.ts";
import { plain } from "../ui/attribute.ts";
import { spellLocalDates, spellWindow, Time } from "../ui/instants.tsx";
import type { Times, ZoneOf } from "../ui/page-context.ts";
import { type Column, Pages, Table } from "../ui/table.tsx";
import { Token } from "../ui/token.tsx";
import type { StoredOccurrence } from "./reconcile.ts";

/** Numbers of downtimes: all, those that haven't ended, those that were edited individually. */
export interface RowCounts {
  readonly all: number;
  readonly open: number;
  readonly byHand: number;
}

export interface SeriesRowsProps {
  readonly id: number;
  /** Of a visitor who may edit them. */
  readonly csrf: string | undefined;
  readonly now: Instant;
  readonly zoneOf: ZoneOf;
  /** Which local times the visitor has selected. */
  readonly times: Times;
  readonly counts: RowCounts;
  /** The downtimes on this page, of `part.count`. */
  readonly rows: readonly StoredOccurrence[];
  readonly part: {
    readonly offset: number;
    readonly pageSize: number;
    readonly count: number;
    /** Past ones are included. */
    readonly past: boolean;
    /** All are shown at once, to print or to share. */
    readonly all: boolean;
  };
}

export function SeriesRows(props: SeriesRowsProps): JSX.Element {
  const { id, csrf, rows, part, now, counts } = props;
  const { offset, pageSize, count, past, all } = part;
  const hasTicks = csrf !== undefined && !all;
  const columns = [...(hasTicks ? [tickColumn] : []), ...columnsOf(props)];
  const at = (to: number) => `/series/${id}?${past ? "past=yes&" : ""}offset=${to}#rows`;
  return (
    <section aria-labelledby="rows">
      <h2 id="rows">{past ? "All downtimes" : "Current and upcoming downtimes"}</h2>
      {rows.length === 0 ? (
        <p class="message">No downtimes.</p>
      ) : (
        <form id="chosen" method="post" action="/admin/downtimes/delete">
          {hasTicks ? <Token csrf={csrf} next={`/series/${id}`} /> : null}
          <div class="scroll">
            <Table
              columns={columns}
              rows={rows}
              rowClass={({ downtime }) => stateOf(downtime, now)}
              heading={hasTicks ? 1 : 0}
            />
          </div>
          {hasTicks ? <SelectedActions id={id} /> : null}
        </form>
      )}
      <Pages offset={offset} pageSize={pageSize} shown={rows.length} count={count} at={at}>
        {past ? (
          <a href={`/series/${id}#rows`}>Hide past ones</a>
        ) : counts.all > counts.open ? (
          <a href={`/series/${id}?past=yes#rows`}>Show past ones</a>
        ) : undefined}
      </Pages>
    </section>
  );
}

/** What is done with the selected occurrences. Skipped ones are deleted individually, so the series doesn't restore them. */
function SelectedActions({ id }: { id: number }): JSX.Element {
  return (
    <div class="actions selected">
      <button type="submit">Skip these</button>
      <label for="by">or move by</label>
      <input id="by" name="by" placeholder="1 h or -1 d" size="10" autocomplete="off" />
      <button type="submit" formaction={`/admin/series/${id}/move`}>
        Move these
      </button>
    </div>
  );
}

const tickColumn: Column<StoredOccurrence> = {
  label: "Select",
  class: "select",
  cell: ({ downtime, version }) => (
    <input
      type="checkbox"
      name="seen"
      value={`${downtime.id}.${version}`}
      aria-label={plain(`Select ${spellWindow(downtime.start, downtime.end)}, ${telescopeName(downtime)}`)}
    />
  ),
};

type ColumnsProps = Pick<SeriesRowsProps, "now" | "zoneOf" | "times" | "counts" | "part">;

function columnsOf({ now, zoneOf, times, counts, part }: ColumnsProps): readonly Column<StoredOccurrence>[] {
  const utc: Column<StoredOccurrence> = {
    label: "Time (UTC)",
    class: "moment",
    cell: ({ downtime: { id, start, end, site } }) => (
      <a href={`/downtimes/${id}`}>
        <Time at={start} to={end} zone={part.all ? undefined : zoneOf(site)} />
      </a>
    ),
  };
  const local: Column<StoredOccurrence> = {
    label: times === "mine" ? "Your time" : "Local time",
    class: "moment",
    text: ({ downtime: { start, end, site } }) => spellLocalDates(start, end, zoneOf(site)),
  };
  return [
    ...(!part.all ? [utc] : times === "utc" ? [utc, local] : [local, utc]),
    {
      label: "Duration",
      class: "number",
      text: ({ downtime: { start, end } }) => inWords(secondsBetween(start, end)),
    },
    { label: "Telescope", class: "code", cell: ({ downtime }) => <PlaceLink {...downtime} /> },
    { label: "State", cell: ({ downtime }) => <StateMark state={stateOf(downtime, now)} /> },
    ...(counts.byHand > 0 && !part.all
      ? [{ label: "Edited", text: ({ byHand }: StoredOccurrence) => (byHand ? "edited individually" : "") }]
      : []),
  ];
}

export function DeletedByHand({ names }: { names: readonly string[] }): JSX.Element {
  return (
    <section aria-labelledby="deleted">
      <h2 id="deleted">Deleted individually</h2>
      <p class="hint">Editing the series doesn't restore them.</p>
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
