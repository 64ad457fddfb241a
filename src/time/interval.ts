/** Intervals: stretches of time, `[start, end)`, and what becomes of them when they are laid over each other. */

import { type Instant, toMillis } from "./instant.ts";

export interface Interval {
  readonly start: Instant;
  readonly end: Instant;
}

/** An interval without a gap, with those that it is made of. */
export interface Merged<Part extends Interval> extends Interval {
  readonly parts: readonly Part[];
}

const earlier = (a: Instant, b: Instant) => (a < b ? a : b);
const later = (a: Instant, b: Instant) => (a > b ? a : b);

/** What lies within a window. Those that end before they start, as the original allowed, block nothing and are left out. */
export const clipped = <Part extends Interval>(intervals: readonly Part[], window: Interval): Part[] =>
  intervals
    .map((part) => ({ ...part, start: later(part.start, window.start), end: earlier(part.end, window.end) }))
    .filter(({ start, end }) => start < end);

/** Those that overlap or touch as one, in order. Those without length are left out. */
export function merged<Part extends Interval>(intervals: readonly Part[]): Merged<Part>[] {
  const whole: { start: Instant; end: Instant; parts: Part[] }[] = [];
  for (const part of inOrder(intervals.filter(({ start, end }) => start < end))) {
    const last = whole.at(-1);
    if (last && part.start <= last.end) {
      last.end = later(last.end, part.end);
      last.parts.push(part);
    } else whole.push({ start: part.start, end: part.end, parts: [part] });
  }
  return whole;
}

/** The first to start comes first. */
export const inOrder = <Part extends Interval>(intervals: readonly Part[]): Part[] =>
  intervals.toSorted((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));

/** What merged intervals within a window leave of it. */
export function gapsOf(intervals: readonly Interval[], window: Interval): Interval[] {
  const ends = [window.start, ...intervals.map(({ end }) => end)];
  const starts = [...intervals.map(({ start }) => start), window.end];
  return ends.flatMap((end, index) => {
    const start = starts[index] ?? window.end;
    return end < start ? [{ start: end, end: start }] : [];
  });
}

/** Seconds of intervals that don't overlap. */
export const secondsOf = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, { start, end }) => sum + (toMillis(end) - toMillis(start)) / 1000, 0);
