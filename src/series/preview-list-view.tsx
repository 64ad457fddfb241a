/** @jsxImportSource @kitajs/html */
/** The list of occurrences in the preview of a series. */

import { PlaceLink } from "../downtime/place-link-view.tsx";
import { shorten } from "../input/text.ts";
import { Time } from "../ui/instants.tsx";
import { Line } from "../ui/line.tsx";
import type { ZoneOf } from "../ui/page-context.ts";
import { type Column, Table } from "../ui/table.tsx";
import type { PlannedDowntime } from "./occurrences.ts";
import { kindOf, type Planned, tickKinds, warningTexts } from "./timeline-view.tsx";

/** The limit unless all are shown. */
const mostListed = 100;
/** The limit of overlaps that are named per occurrence. */
const mostNamed = 3;

interface OccurrencesProps {
  readonly marked: readonly Planned[];
  readonly all: boolean;
  readonly zoneOf: ZoneOf;
  /** Returns what happens to an occurrence; undefined for a new series. */
  readonly resultOf: ((planned: PlannedDowntime) => string) | undefined;
}

/** Issues first, unless all are shown. */
export function Occurrences({ marked, all, ...props }: OccurrencesProps): JSX.Element {
  const rank = (one: Planned) => tickKinds.indexOf(kindOf(one));
  const shown = all ? marked : marked.toSorted((a, b) => rank(b) - rank(a)).slice(0, mostListed);
  const total = marked.length.toLocaleString("en");
  return (
    <>
      <div class="toolbar">
        <h2>Occurrences</h2>
        <label class="check">
          <input type="checkbox" name="all" value="yes" id="all" checked={all} />{" "}
          <span safe>{`Show all ${total} in date order`}</span>
        </label>
      </div>
      <section class="scroll list" tabindex="0" aria-label="List of occurrences">
        <Table class="rows occurrences" columns={columnsWith(props)} rows={shown} />
      </section>
      <Line class="muted" text={shown.length < marked.length && `${shown.length} of ${total}. Issues first.`} />
    </>
  );
}

const columnsWith = ({
  resultOf,
  zoneOf,
}: Pick<OccurrencesProps, "resultOf" | "zoneOf">): readonly Column<Planned>[] => [
  {
    label: "Time (UTC)",
    class: "moment both",
    cell: ({ planned: { draft } }) => <Time at={draft.start} to={draft.end} zone={zoneOf(draft.site)} />,
  },
  { label: "Telescope", class: "code", cell: ({ planned }) => <PlaceLink {...planned.draft} /> },
  ...(resultOf ? [{ label: "Result", text: ({ planned }: Planned) => resultOf(planned) }] : []),
  { label: "Notes", class: "look", cell: Notes },
];

function Notes({ marks, overlaps, overlapCount }: Planned): JSX.Element {
  return (
    <>
      {marks.map((mark) => (
        <span>
          <span safe>{warningTexts[mark].note}</span>
          {mark === "overlap" ? (
            <>
              {overlaps.slice(0, mostNamed).map(({ id, reason }, index) => (
                <>
                  {index === 0 ? " " : ", "}
                  <a href={`/downtimes/${id}`} dir="auto" safe>
                    {shorten(reason, 40) || `#${id}`}
                  </a>
                </>
              ))}
              {overlapCount > mostNamed ? ` and ${overlapCount - mostNamed} more` : null}
            </>
          ) : null}
        </span>
      ))}
    </>
  );
}
