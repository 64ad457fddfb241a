/** @jsxImportSource @kitajs/html */
/** The occurrences of a series that is previewed: when, where, what becomes of each, and what is odd about it. */

import { describePlace } from "../downtime/downtime.ts";
import { spellWindow } from "../downtime/state-view.tsx";
import { shorten } from "../input/text.ts";
import type { PlannedDowntime } from "./planned.ts";
import type { TickKind } from "./timeline-view.tsx";
import type { Warning, WithWarnings } from "./warnings.ts";

/** Occurrences that are listed unless somebody wants all. */
const mostListed = 100;

/** What becomes of an occurrence, in a word. */
export type FateOf = (planned: PlannedDowntime) => string;

const oddMarks: ReadonlySet<Warning> = new Set([
  ...["overlap", "own_overlap", "inactive"],
  ...["clock_skipped", "clock_doubled", "clock_gap", "clock_overlap"],
] as Warning[]);

/** How an occurrence looks: what is left out, what is to be looked at, what lies partly in light, and the rest. */
export const kindOf = ({ marks }: WithWarnings): TickKind => {
  if (marks.includes("duplicate")) return "left";
  if (marks.some((mark) => oddMarks.has(mark))) return "odd";
  return marks.includes("light") ? "light" : "fine";
};

const ranks: readonly TickKind[] = ["left", "odd", "light", "fine"];

interface OccurrencesProps {
  readonly marked: readonly WithWarnings[];
  readonly all: boolean;
  readonly fates: FateOf | undefined;
}

/** What is odd first, unless all are listed: then in their order. */
export function Occurrences({ marked, all, fates }: OccurrencesProps): JSX.Element {
  const rank = (one: WithWarnings) => ranks.indexOf(kindOf(one));
  const shown = all ? marked : marked.toSorted((a, b) => rank(a) - rank(b)).slice(0, mostListed);
  return (
    <>
      <div class="toolbar">
        <h2>Occurrences</h2>
        <label class="check">
          <input type="checkbox" name="all" value="yes" id="all" checked={all} />{" "}
          <span safe>{`All ${marked.length.toLocaleString("en")}, in their order`}</span>
        </label>
      </div>
      <section class="scroll list" tabindex="0" aria-label="List of occurrences">
        <table class="rows occurrences">
          <thead>
            <tr>
              <th scope="col">When, UTC</th>
              <th scope="col">Where</th>
              {fates ? <th scope="col">Becomes</th> : null}
              <th scope="col">Look at</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <Occurrence one={one} fate={fates?.(one.planned)} />
            ))}
          </tbody>
        </table>
      </section>
      {shown.length < marked.length ? (
        <p class="muted" safe>
          {`${shown.length} of ${marked.length.toLocaleString("en")}, what is odd first.`}
        </p>
      ) : null}
    </>
  );
}

const markNames: Readonly<Record<Warning, string>> = {
  duplicate: "stored already, left out",
  overlap: "overlaps",
  own_overlap: "overlaps another of these",
  light: "partly in light",
  inactive: "inactive",
  clock_skipped: "the clock leaps over it",
  clock_doubled: "the clock shows it twice",
  clock_changed: "first after a clock change",
  clock_gap: "ends early on the clock, which goes back: a gap",
  clock_overlap: "ends late on the clock, which goes forward: an overlap",
};

const mostOverlaps = 3;

function Occurrence({ one, fate }: { one: WithWarnings; fate: string | undefined }): JSX.Element {
  const { planned, marks } = one;
  const { draft } = planned;
  return (
    <tr>
      <th scope="row" safe>
        {spellWindow(draft.start, draft.end)}
      </th>
      <td class="code" data-label="Where" safe>
        {describePlace(draft)}
      </td>
      {fate === undefined ? null : (
        <td data-label="Becomes" safe>
          {fate}
        </td>
      )}
      <td class="look">
        {marks.map((mark) => (
          <span>
            <span safe>{markNames[mark]}</span>
            {mark === "overlap" ? <Overlapped {...one} /> : null}
          </span>
        ))}
      </td>
    </tr>
  );
}

function Overlapped({ overlaps, overlapCount }: Pick<WithWarnings, "overlaps" | "overlapCount">): JSX.Element {
  return (
    <>
      {overlaps.slice(0, mostOverlaps).map(({ id, reason }) => (
        <>
          {" "}
          <a href={`/downtimes/${id}`} dir="auto" safe>
            {shorten(reason, 40) || `number ${id}`}
          </a>
        </>
      ))}
      {overlapCount > mostOverlaps ? ` and ${overlapCount - mostOverlaps} more` : null}
    </>
  );
}
