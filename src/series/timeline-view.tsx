/** @jsxImportSource @kitajs/html */
/** How planned occurrences look; and their timeline: a row for each telescope, a tick for each downtime. */

// biome-ignore-all lint/a11y/noSvgWithoutTitle: the picture has a label as a whole, and the table beside it has its content

import type { Downtime } from "../downtime/downtime.ts";
import { telescopeName } from "../facility/facility.ts";
import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import type { Span } from "../time/interval.ts";
import { dayAndMonth } from "../time/zone.ts";
import { type Across, Axis, type AxisLine, acrossOf } from "../ui/axis.tsx";
import { plain } from "../ui/link.ts";

import { spanOf, type Warning, type WithWarnings } from "./warnings.ts";

/** A planned occurrence with its warnings. */
export type Planned = WithWarnings<Downtime>;

/** What the preview says of a warning: at an occurrence, and of their number. Notes need no review. */
interface WarningText {
  readonly note: string;
  /** By default, the same. */
  readonly count?: string;
  readonly isNote?: boolean;
}

const setEnd = "Set an end time instead of a duration";

export const warningTexts: Readonly<Record<Warning, WarningText>> = {
  duplicate: { note: "already exists (skipped)", count: "already exist (skipped)" },
  overlap: { note: "overlaps", count: "overlapping other downtimes" },
  own_overlap: { note: "overlaps another occurrence", count: "overlapping each other" },
  inactive: { note: "inactive", count: "on inactive telescopes or instruments" },
  clock_skipped: { note: "moved forward (skipped by daylight saving)" },
  clock_doubled: {
    note: "ambiguous local time; the earlier one is used",
    count: "at an ambiguous local time; the earlier one is used",
  },
  clock_gap: {
    note: "ends early by local time: a gap",
    count: `ending early by local time, which leaves a gap. ${setEnd}`,
  },
  clock_overlap: {
    note: "ends late by local time: an overlap",
    count: `ending late by local time, which overlaps. ${setEnd}`,
  },
  light: { note: "partly outside dark time", isNote: true },
  clock_changed: { note: "first after a clock change", isNote: true },
};

/** How an occurrence looks: fine, partly outside dark time, needs review, or skipped. */
export const tickKinds = ["fine", "light", "odd", "left"] as const;
type TickKind = (typeof tickKinds)[number];

const labels: Readonly<Record<TickKind, string>> = {
  fine: "as planned",
  light: "partly outside dark time",
  odd: "needs review",
  left: "skipped",
};

export function kindOf({ marks }: Planned): TickKind {
  if (marks.includes("duplicate")) return "left";
  if (marks.some((mark) => !warningTexts[mark].isNote)) return "odd";
  return marks.includes("light") ? "light" : "fine";
}

// Pixels down the page; across it, everything is a percentage.
const axisHeight = 18;
const rowHeight = 16;
/** In ten-thousandths of the width: half an hour in a year must still be visible. */
const minWidth = 22;

/** Spans whole days. @param marked by start */
export function SeriesTimeline({ marked }: { marked: readonly Planned[] }): JSX.Element | null {
  const exact = spanOf(marked.map(({ planned }) => planned.draft));
  if (!exact) return null;
  const day = (at: Instant, round: (days: number) => number) => toInstant(round(toMillis(at) / dayMillis) * dayMillis);
  const span = { from: day(exact.from, Math.floor), to: day(exact.to, Math.ceil) };
  const rows = [...Map.groupBy(marked, ({ planned }) => telescopeName(planned.draft))].sort();
  const across = acrossOf(span);
  const height = axisHeight + rows.length * rowHeight;
  const label = rows.map(([name, of]) => `${name}: ${of.length}`).join(", ");
  return (
    <figure class="plan-picture">
      <div class="picture">
        <svg class="labels timeline" width="112" height={height} aria-hidden="true">
          {rows.map(([name], index) => (
            <text x="0" y={axisHeight + index * rowHeight + 12} safe>
              {name}
            </text>
          ))}
        </svg>
        <svg class="timeline ticks" width="100%" height={height} role="img" aria-label={plain(`Downtimes of ${label}`)}>
          <rect class="day" y={axisHeight} width="100%" height={height - axisHeight} />
          <Axis lines={linesOf(span, across)} across={across} axisHeight={axisHeight} height={height} />
          {rows.map(([, of], index) => (
            <Ticks marked={of} across={across} top={axisHeight + index * rowHeight} />
          ))}
        </svg>
      </div>
      <Legend kinds={tickKinds.filter((kind) => marked.some((one) => kindOf(one) === kind))} />
    </figure>
  );
}

function Legend({ kinds }: { kinds: readonly TickKind[] }): JSX.Element {
  const isPlain = kinds.length === 1 && kinds[0] === "fine";
  return (
    <figcaption class="legend muted">
      {(isPlain ? [] : kinds).map((kind) => (
        <span>
          <svg width="14" height="12" viewBox="0 0 14 12" aria-hidden="true">
            <path class={`tick ${kind}`} d={boxOf(kind, 5, 4, 12)} />
          </svg>{" "}
          <span safe>{labels[kind]}</span>
        </span>
      ))}
    </figcaption>
  );
}

/** Top and bottom, so that kinds don't differ in color alone. */
const edges = { fine: [0.15, 0.9], light: [0.15, 0.5], odd: [0, 1], left: [0.6, 0.9] } as const;

function boxOf(kind: TickKind, x: number, width: number, height: number): string {
  const [top, bottom] = edges[kind];
  return `M${x} ${top * height}h${width}V${bottom * height}h${-width}z`;
}

/** A path for each kind, with a width of 10,000 that the browser stretches. */
function Ticks({ marked, across, top }: { marked: readonly Planned[]; across: Across; top: number }): JSX.Element {
  const at = (instant: Instant) => Math.round(across(instant) * 100);
  const paths = Map.groupBy(marked, kindOf);
  return (
    <svg y={top} width="100%" height={rowHeight} viewBox="0 0 10000 1" preserveAspectRatio="none">
      {tickKinds.map((kind) => (
        <path
          class={`tick ${kind}`}
          d={(paths.get(kind) ?? [])
            .map(
              ({
                planned: {
                  draft: { start, end },
                },
              }) => boxOf(kind, at(start), Math.max(at(end) - at(start), minWidth), 1),
            )
            .join("")}
        />
      ))}
    </svg>
  );
}

const maxLabels = 8;

/** Returns lines at the start of months; for a short span, of days. */
function linesOf({ from, to }: Span, across: Across): readonly AxisLine[] {
  const days = (toMillis(to) - toMillis(from)) / dayMillis;
  const starts = Array.from({ length: days }, (_, day) => toInstant(toMillis(from) + day * dayMillis)).filter(
    (at) => days <= 62 || at.slice(8, 10) === "01",
  );
  const step = Math.ceil(starts.length / maxLabels);
  // A label at the right edge would be cut off.
  const hasLabel = (at: Instant, index: number) => index % step === 0 && across(at) < 94;
  return starts.map((at, index) => ({ at, label: hasLabel(at, index) ? labelOf(at) : undefined }));
}

function labelOf(at: Instant): string {
  if (at.slice(8, 10) !== "01") return dayAndMonth(at);
  return at.slice(5, 7) === "01" ? at.slice(0, 4) : dayAndMonth(at).slice(2);
}
