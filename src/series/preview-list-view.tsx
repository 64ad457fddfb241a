/** @jsxImportSource @kitajs/html */
/** The list of occurrences in the preview of a series. */

import type { Downtime } from "../downtime/downtime.ts";
import { PlaceLink } from "../downtime/place-link-view.tsx";
import { shorten } from "../input/text.ts";
import { Time } from "../ui/instants.tsx";
import { Line } from "../ui/line.tsx";
import type { ZoneOf } from "../ui/page-context.ts";
import { type Column, Table } from "../ui/table.tsx";
import type { PlannedDowntime } from "./plan.ts";
import type { TickKind } from "./timeline-view.tsx";
import type { Warning, WithWarnings } from "./warnings.ts";

/** A planned occurrence with its warnings. */
export type Planned = WithWarnings<PlannedDowntime, Downtime>;

/** The limit unless all are shown. */
const mostListed = 100;
/** The limit of overlaps that are named per occurrence. */
const mostNamed = 3;

/** What the preview says of a warning: at an occurrence, and of their number. Notes need no review. */
interface WarningText {
  readonly note: string;
  readonly count: string;
  readonly isNote?: boolean;
}

const gap = "which leaves a gap. Set an end time instead of a duration";
const overlap = "which overlaps. Set an end time instead of a duration";

export const warningTexts: Readonly<Record<Warning, WarningText>> = {
  duplicate: { note: "already exists (skipped)", count: "already exist (skipped)" },
  overlap: { note: "overlaps", count: "overlapping other downtimes" },
  own_overlap: { note: "overlaps another occurrence", count: "overlapping each other" },
  inactive: { note: "inactive", count: "on inactive telescopes or instruments" },
  clock_skipped: {
    note: "moved forward (skipped by daylight saving)",
    count: "moved forward (skipped by daylight saving)",
  },
  clock_doubled: {
    note: "ambiguous local time; the earlier one is used",
    count: "at an ambiguous local time; the earlier one is used",
  },
  clock_gap: { note: "ends early by local time: a gap", count: `ending early by local time, ${gap}` },
  clock_overlap: { note: "ends late by local time: an overlap", count: `ending late by local time, ${overlap}` },
  light: { note: "partly outside dark time", count: "partly outside dark time", isNote: true },
  clock_changed: { note: "first after a clock change", count: "first after a clock change", isNote: true },
};

/** How an occurrence looks: skipped, needs review, partly outside dark time, or fine. */
export function kindOf({ marks }: WithWarnings): TickKind {
  if (marks.includes("duplicate")) return "left";
  if (marks.some((mark) => !warningTexts[mark].isNote)) return "odd";
  return marks.includes("light") ? "light" : "fine";
}

const ranks: readonly TickKind[] = ["left", "odd", "light", "fine"];

interface OccurrencesProps {
  readonly marked: readonly Planned[];
  readonly all: boolean;
  readonly zoneOf: ZoneOf;
  /** Returns what happens to an occurrence; undefined for a new series. */
  readonly resultOf: ((planned: PlannedDowntime) => string) | undefined;
}

/** Issues first, unless all are shown. */
export function Occurrences({ marked, all, ...props }: OccurrencesProps): JSX.Element {
  const rank = (one: Planned) => ranks.indexOf(kindOf(one));
  const shown = all ? marked : marked.toSorted((a, b) => rank(a) - rank(b)).slice(0, mostListed);
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
