/** Half-open time intervals, `[start, end)`: clipping, merging and gaps. */

import { secondsBetween } from "./duration.ts";
import type { Instant } from "./instant.ts";

export interface Interval {
  readonly start: Instant;
  readonly end: Instant;
}

const earlier = (a: Instant, b: Instant) => (a < b ? a : b);
const later = (a: Instant, b: Instant) => (a > b ? a : b);

/** Clips intervals to a window. Drops empty ones, and those that end before they start: OCS Downtime allowed them. */
export const clipped = <Part extends Interval>(intervals: readonly Part[], window: Interval): Part[] =>
  intervals
    .map((part) => ({ ...part, start: later(part.start, window.start), end: earlier(part.end, window.end) }))
    .filter(({ start, end }) => start < end);

/** Merges intervals that overlap or touch, in order of start, and says from which `parts`. Empty ones are dropped. */
export function merged<Part extends Interval>(intervals: readonly Part[]) {
  const result: { start: Instant; end: Instant; parts: Part[] }[] = [];
  for (const part of inOrder(intervals.filter(({ start, end }) => start < end))) {
    const last = result.at(-1);
    if (last && part.start <= last.end) {
      last.end = later(last.end, part.end);
      last.parts.push(part);
    } else result.push({ start: part.start, end: part.end, parts: [part] });
  }
  return result;
}

/** Sorts intervals by start. */
export const inOrder = <Part extends Interval>(intervals: readonly Part[]): Part[] =>
  intervals.toSorted((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));

/** Returns the parts of a window that merged intervals don't cover. */
export const gapsOf = (intervals: readonly Interval[], window: Interval): Interval[] =>
  [...intervals.map(({ start }) => start), window.end]
    .map((end, index) => ({ start: intervals[index - 1]?.end ?? window.start, end }))
    .filter(({ start, end }) => start < end);

/** Total seconds of intervals that don't overlap. */
export const secondsOf = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, { start, end }) => sum + secondsBetween(start, end), 0);

/** A half-open time range, `[from, to)`. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/** The ranges that the timeline can show. */
export const windowKinds = ["night", "week", "month"] as const;
export type WindowKind = (typeof windowKinds)[number];

export interface Window extends Span {
  readonly kind: WindowKind;
}
