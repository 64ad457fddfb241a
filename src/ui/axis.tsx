/** @jsxImportSource @kitajs/html */
/** The time axis of the timeline. */

import { hourMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import type { Span, Window, WindowKind } from "../time/interval.ts";
import { dayAndMonth, weekdayNames, weekdayOf } from "../time/zone.ts";

/** The distance between lines, and between labels, in hours. */
const ticks: Readonly<Record<WindowKind, { readonly line: number; readonly label: number }>> = {
  night: { line: 1, label: 3 },
  week: { line: 24, label: 24 },
  month: { line: 24, label: 72 },
};

/** A line across the timeline, with its label if it has one. */
interface AxisLine {
  readonly at: Instant;
  readonly label: string | undefined;
}

/** Returns the lines of a window, at whole hours or days. */
export function linesOf({ kind, from, to }: Window): readonly AxisLine[] {
  const { line, label } = ticks[kind];
  const step = line * hourMillis;
  const first = Math.ceil(toMillis(from) / step) * step;
  const lines: AxisLine[] = [];
  for (let millis = first; millis < toMillis(to); millis += step) {
    const at = toInstant(millis);
    lines.push({ at, label: ((millis - first) / hourMillis) % label === 0 ? labelOf(at, kind) : undefined });
  }
  return lines;
}

type AxisProps = { lines: readonly AxisLine[]; across: Across; axisHeight: number; height: number };

export function Axis({ lines, across, axisHeight, height }: AxisProps): JSX.Element {
  return (
    <g class="axis">
      {lines.map(({ at, label }) => (
        <>
          <line x1={percent(across(at))} x2={percent(across(at))} y1={label ? 2 : axisHeight - 4} y2={height} />
          {label ? (
            <text x={percent(across(at))} dx="4" y="13" safe>
              {label}
            </text>
          ) : null}
        </>
      ))}
    </g>
  );
}

function labelOf(at: Instant, kind: WindowKind): string {
  const date = dayAndMonth(at);
  if (kind === "month") return date;
  const weekday = weekdayNames[weekdayOf(at.slice(0, 10))];
  if (kind === "week") return `${weekday} ${date}`;
  return at.slice(11, 13) === "00" ? `${weekday} ${date}` : `${at.slice(11, 16)}Z`;
}

/** Returns an instant's position in the window, in percent from the left edge. */
export type Across = (at: Instant) => number;

export function acrossOf({ from, to }: Span): Across {
  const [left, right] = [toMillis(from), toMillis(to)];
  return (at) => ((toMillis(at) - left) / (right - left)) * 100;
}

/** Formats a percentage for an attribute. */
export const percent = (number: number) => `${Number(number.toFixed(2))}%`;

/** Units across a picture that the browser stretches over the chart. */
const units = 1000;
export const stretched = { viewBox: `0 -.5 ${units} 1`, preserveAspectRatio: "none" } as const;
/** Units between lines that can't be told apart: a few pixels. */
const leastGap = 4;

/** Returns a path of a stretched picture: a line for each span in percent, in order. Lines that can't be told apart are one. */
export function strokesOf(spans: readonly (readonly [from: number, to: number])[]): string {
  const lines: [from: number, to: number][] = [];
  const toUnits = (percent: number) => Math.round((percent * units) / 100);
  for (const [left, right] of spans) {
    const [from, to] = [toUnits(left), toUnits(right)];
    const last = lines.at(-1);
    if (last && from - last[1] < leastGap) last[1] = Math.max(last[1], to);
    else lines.push([from, to]);
  }
  return lines.map(([from, to], index) => `m${from - (lines[index - 1]?.[1] ?? 0)} 0h${to - from}`).join("");
}
