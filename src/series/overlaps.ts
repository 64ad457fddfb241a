/** Finds the downtimes that block the same as some others at the same time. */

import type { Draft } from "../downtime/downtime.ts";
import { telescopeName } from "../facility/facility.ts";
import type { Instant } from "../time/instant.ts";
import type { Span } from "../time/interval.ts";

/** Returns the span from the first start to the last end. @param drafts by start */
export function spanOf(drafts: readonly Pick<Draft, "start" | "end">[]): Span | undefined {
  const [first] = drafts;
  if (!first) return undefined;
  return { from: first.start, to: drafts.reduce((last, { end }) => (end > last ? end : last), first.end) };
}

type TelescopeWindow = Pick<Draft, "start" | "end" | "site" | "enclosure" | "telescope">;

/** Returns a test: whether a window overlaps any of the drafts on its telescope, in logarithmic time. */
export function overlapTest(drafts: readonly Draft[]): (window: TelescopeWindow) => boolean {
  // By telescope and start, each with the latest end so far.
  const known = new Map<string, { readonly start: Instant; readonly latest: Instant }[]>();
  for (const draft of drafts.toSorted(byStart)) {
    const windows = known.get(telescopeName(draft)) ?? [];
    const before = windows.at(-1)?.latest ?? draft.end;
    windows.push({ start: draft.start, latest: draft.end > before ? draft.end : before });
    known.set(telescopeName(draft), windows);
  }
  return (window) => {
    const windows = known.get(telescopeName(window)) ?? [];
    let [low, high] = [0, windows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((windows[middle]?.start ?? "") < window.end) low = middle + 1;
      else high = middle;
    }
    return (windows[low - 1]?.latest ?? "") > window.start;
  };
}

/** The limit of overlaps that are listed per draft: thousands of drafts may overlap thousands of downtimes each. */
export const maxOverlaps = 20;

interface Overlaps<Other> {
  readonly first: readonly Other[];
  readonly count: number;
}

/** Finds for each draft the others that block the same at the same time. @param drafts by start */
export function findOverlaps<Other extends Draft>(
  drafts: readonly Draft[],
  others: readonly Other[],
): readonly Overlaps<Other>[] {
  const queues = new Map(
    [...Map.groupBy(others, telescopeName)].map(([name, list]) => [
      name,
      { next: 0, open: [] as Other[], list: list.sort(byStart) },
    ]),
  );
  return drafts.map((draft) => {
    const queue = queues.get(telescopeName(draft));
    if (!queue) return { first: [], count: 0 };
    // Drafts are in order of their start: what has ended when this one starts has ended for all later ones.
    for (let other = queue.list[queue.next]; other && other.start < draft.end; other = queue.list[++queue.next])
      queue.open.push(other);
    queue.open = queue.open.filter(({ end }) => end > draft.start);
    const found = queue.open.filter((other) => other.start < draft.end && sharesInstruments(draft, other));
    return { first: found.slice(0, maxOverlaps), count: found.length };
  });
}

const sharesInstruments = (a: Draft, b: Draft): boolean =>
  a.instrument_type === "" || b.instrument_type === "" || a.instrument_type === b.instrument_type;

const byStart = (a: TelescopeWindow, b: TelescopeWindow) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0);
