/** @jsxImportSource @kitajs/html */
/** The picture of a series: a row for each telescope, time across, a tick for each downtime that shall be. */

// biome-ignore-all lint/a11y/noSvgWithoutTitle: the picture is named as a whole, and by the table beside it

import type { Draft } from "../downtime/downtime.ts";
import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import type { Span } from "../time/window.ts";
import { plain } from "../ui/attribute.ts";
import { type Across, acrossOf, percent } from "../ui/axis.tsx";

/** How a tick looks: as it should be, partly in light, with something to look at, or left out. */
const tickKinds = ["fine", "light", "odd", "left"] as const;
export type TickKind = (typeof tickKinds)[number];

interface Tick {
  readonly draft: Draft;
  readonly kind: TickKind;
}

const words: Readonly<Record<TickKind, string>> = {
  fine: "as planned",
  light: "partly in light",
  odd: "look at it",
  left: "left out",
};

// In pixels down the page; across it everything is a percentage.
const axisHeight = 18;
const rowHeight = 16;
/** Half an hour of a year must still be seen: in ten-thousandths of the width. */
const thinnest = 22;

/** @param ticks at least one */
export function SeriesPicture({ ticks, span }: { ticks: readonly Tick[]; span: Span }): JSX.Element {
  const rows = [...Map.groupBy(ticks, ({ draft }) => `${draft.site} ${draft.enclosure} ${draft.telescope}`)].sort();
  const across = acrossOf(span);
  const height = axisHeight + rows.length * rowHeight;
  const kinds = tickKinds.filter((kind) => ticks.some((tick) => tick.kind === kind));
  const isPlain = kinds.length === 1 && kinds[0] === "fine";
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
          <Calendar span={span} across={across} height={height} />
          {rows.map(([, of], index) => (
            <Ticks ticks={of} across={across} top={axisHeight + index * rowHeight} />
          ))}
        </svg>
      </div>
      <figcaption class="legend muted">
        {(isPlain ? [] : kinds).map((kind) => (
          <span>
            <svg width="14" height="12" viewBox="0 0 14 12" aria-hidden="true">
              <path class={`tick ${kind}`} d={boxOf(kind, 5, 4, 12)} />
            </svg>{" "}
            <span safe>{words[kind]}</span>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/** Not by colour alone: what is in light is short and high, what is left out short and low. */
function boxOf(kind: TickKind, x: number, width: number, height: number): string {
  const [top, bottom] =
    kind === "light" ? [0.15, 0.5] : kind === "left" ? [0.6, 0.9] : kind === "odd" ? [0, 1] : [0.15, 0.9];
  return `M${x} ${top * height}h${width}V${bottom * height}h${-width}z`;
}

/** A path for each kind, over a width of its own that the browser stretches. */
function Ticks({ ticks, across, top }: { ticks: readonly Tick[]; across: Across; top: number }): JSX.Element {
  const at = (instant: Instant) => Math.round(across(instant) * 100);
  const paths = Map.groupBy(ticks, ({ kind }) => kind);
  return (
    <svg y={top} width="100%" height={rowHeight} viewBox="0 0 10000 1" preserveAspectRatio="none">
      {tickKinds.map((kind) => (
        <path
          class={`tick ${kind}`}
          d={(paths.get(kind) ?? [])
            .map(({ draft: { start, end } }) => boxOf(kind, at(start), Math.max(at(end) - at(start), thinnest), 1))
            .join("")}
        />
      ))}
    </svg>
  );
}

const mostLabels = 8;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Lines at the beginnings of months; of a short span at those of days. */
function Calendar({ span, across, height }: { span: Span; across: Across; height: number }): JSX.Element {
  const lines = linesOf(span);
  const step = Math.ceil(lines.length / mostLabels);
  return (
    <g class="axis">
      {lines.map((at, index) => (
        <>
          <line
            x1={percent(across(at))}
            x2={percent(across(at))}
            y1={index % step === 0 ? 2 : axisHeight}
            y2={height}
          />
          {index % step === 0 && across(at) < 94 ? (
            <text x={percent(across(at))} dx="3" y="12" safe>
              {labelOf(at)}
            </text>
          ) : null}
        </>
      ))}
    </g>
  );
}

function linesOf({ from, to }: Span): Instant[] {
  const [first, last] = [toMillis(from), toMillis(to)];
  const lines: Instant[] = [];
  if (last - first > 62 * dayMillis)
    for (let at = nextMonth(first); at < last; at = nextMonth(at)) lines.push(toInstant(at));
  else for (let at = Math.ceil(first / dayMillis) * dayMillis; at < last; at += dayMillis) lines.push(toInstant(at));
  return lines;
}

function nextMonth(millis: number): number {
  const date = new Date(millis);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

function labelOf(at: Instant): string {
  const month = months[Number(at.slice(5, 7)) - 1] ?? "";
  if (at.slice(8, 10) !== "01") return `${Number(at.slice(8, 10))} ${month}`;
  return month === "Jan" ? at.slice(0, 4) : month;
}
