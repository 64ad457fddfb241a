/** @jsxImportSource @kitajs/html */
/** The downtimes of a series: page by page, to move or skip some of them, or all at once, to share or print. */

import { stateOf } from "../downtime/downtime.ts";
import { PlaceLink, StateMark } from "../downtime/fields-view.tsx";
import { telescopeName } from "../facility/facility.ts";
import type { Problem } from "../input/problem.ts";
import { inWords, secondsBetween } from "../time/duration.ts";
import type { Instant } from "../time/instant.ts";
import { spellLocalDates, spellWindow, Time } from "../ui/instants.tsx";
import { Line } from "../ui/line.tsx";
import { plain } from "../ui/link.ts";
import type { Times, ZoneOf } from "../ui/page-context.ts";
import { type Column, Pages, Table } from "../ui/table.tsx";
import { Token } from "../ui/token.tsx";
import type { StoredOccurrence } from "./reconcile.ts";

/** Selected occurrences that couldn't be moved or skipped. */
export interface RefusedMove {
  readonly form: URLSearchParams;
  readonly problem: Problem;
}

export interface SeriesRowsProps {
  readonly id: number;
  /** Of a visitor who may edit them. */
  readonly csrf: string | undefined;
  readonly now: Instant;
  readonly zoneOf: ZoneOf;
  readonly times: Times;
  /** All downtimes of the series. */
  readonly rows: readonly StoredOccurrence[];
  readonly isAll: boolean;
  readonly offset: number;
  readonly refused?: RefusedMove | undefined;
}

const pageSize = 25;

export function SeriesRows(props: SeriesRowsProps): JSX.Element {
  const { id, csrf, rows, now, isAll, offset, refused } = props;
  const listed = isAll ? rows : rows.filter(({ downtime }) => stateOf(downtime, now) !== "past");
  const shown = isAll ? listed : listed.slice(offset, offset + pageSize);
  const hasTicks = csrf !== undefined && !isAll;
  const action = (what: string) => `/admin/series/${id}/${what}?offset=${offset}`;
  return (
    <section aria-labelledby="rows">
      <h2 id="rows">{isAll ? "All downtimes" : "Current and upcoming downtimes"}</h2>
      {shown.length === 0 ? (
        <p class="message">No downtimes.</p>
      ) : (
        <form id="selected" method="post" action={hasTicks ? action("move") : undefined}>
          {hasTicks ? <Token csrf={csrf} next={`/series/${id}`} /> : null}
          <div class="scroll">
            <Table
              columns={[...(hasTicks ? [tickColumn(refused)] : []), ...columnsOf(props)]}
              rows={shown}
              rowClass={({ downtime }) => stateOf(downtime, now)}
              heading={hasTicks ? 1 : 0}
            />
          </div>
          {hasTicks ? <SelectedActions skip={action("skip")} refused={refused} /> : null}
        </form>
      )}
      <Pages
        offset={isAll ? 0 : offset}
        pageSize={pageSize}
        shown={shown.length}
        count={listed.length}
        path={`/series/${id}`}
        hash="#rows"
      >
        {rows.length > listed.length ? <a href={`/series/${id}?all=yes#rows`}>Show all</a> : undefined}
      </Pages>
    </section>
  );
}

/** Phones have no room for both dates in a line, and would break it at a hyphen. */
const LocalDates = ({ text }: { text: string }): JSX.Element => (
  <>
    {text.split(/(?<=–)/).map((part) => (
      <span class="whole" safe>
        {part}
      </span>
    ))}
  </>
);

/** What is done with the selected occurrences. Skipped ones are deleted individually, so the series doesn't restore them. */
function SelectedActions({ skip, refused }: { skip: string; refused: RefusedMove | undefined }): JSX.Element {
  const invalid = refused && { "aria-invalid": "true" as const, "aria-describedby": "by-error", autofocus: true };
  const value = plain(refused?.form.get("by") ?? "");
  return (
    <div class="actions">
      <label for="by">Move by</label>
      <input id="by" name="by" value={value} placeholder="1 h or -1 d" size="10" autocomplete="off" {...invalid} />
      <button type="submit">Move these</button>
      <button type="submit" formaction={skip}>
        Skip these
      </button>
      <Line class="error" id="by-error" role="alert" text={refused?.problem.detail} />
    </div>
  );
}

const tickColumn = (refused: RefusedMove | undefined): Column<StoredOccurrence> => ({
  label: "Select",
  class: "select",
  cell: ({ downtime, version }) => (
    <input
      type="checkbox"
      name="seen"
      value={`${downtime.id}.${version}`}
      checked={refused?.form.getAll("seen").some((seen) => seen.startsWith(`${downtime.id}.`))}
      aria-label={plain(`Select ${spellWindow(downtime.start, downtime.end)}, ${telescopeName(downtime)}`)}
    />
  ),
});

const columnsOf = ({ now, zoneOf, times }: SeriesRowsProps): readonly Column<StoredOccurrence>[] => [
  {
    label: "Time (UTC)",
    class: "time",
    cell: ({ downtime: { id, start, end } }) => (
      <a href={`/downtimes/${id}`}>
        <Time at={start} to={end} />
      </a>
    ),
  },
  {
    label: times === "mine" ? "Your time" : "Local time",
    class: "time",
    cell: ({ downtime: { start, end, site } }) => <LocalDates text={spellLocalDates(start, end, zoneOf(site))} />,
  },
  { label: "Duration", class: "number", text: ({ downtime: { start, end } }) => inWords(secondsBetween(start, end)) },
  { label: "Telescope", class: "code", cell: ({ downtime }) => <PlaceLink {...downtime} /> },
  {
    label: "State",
    cell: ({ downtime, byHand }) => (
      <>
        <StateMark state={stateOf(downtime, now)} />
        {byHand ? " edited individually" : null}
      </>
    ),
  },
];

/** @param names such as `2027-01-12 ogg.clma.2m0a.` */
export const DeletedByHand = ({ names }: { names: readonly string[] }): JSX.Element => (
  <section aria-labelledby="deleted">
    <h2 id="deleted">Deleted individually</h2>
    <p class="hint">Editing the series doesn't restore them.</p>
    <ul>
      {names.map((name) => (
        <li class="code" safe>
          {name.replace(" ", ", ").replace(/\.$/, "").replaceAll(".", " · ")}
        </li>
      ))}
    </ul>
  </section>
);
