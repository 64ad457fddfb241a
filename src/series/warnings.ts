/** Warnings about the occurrences of a series, to review before it is stored, and the downtimes that they overlap. */

import type { Draft } from "../downtime/downtime.ts";
import { type Facility, telescopeName } from "../facility/facility.ts";
import { findSite, spotOf } from "../facility/places.ts";
import { darkSeconds } from "../sky/twilight.ts";
import { secondsBetween } from "../time/duration.ts";
import { type Interval, inOrder, merged, type Span } from "../time/interval.ts";
import type { PlannedDowntime } from "./occurrences.ts";

/** Warning → what it says of an occurrence. */
export const warningTexts = {
  duplicate: "already exists (skipped)",
  overlap: "overlaps other downtimes",
  own_overlap: "overlaps another occurrence",
  light: "partly outside dark time",
  inactive: "telescope or instruments inactive",
  clock_skipped: "moved forward (skipped by daylight saving)",
  clock_doubled: "ambiguous local time; the earlier one is used",
  clock_changed: "first after a clock change",
  clock_gap: "ends early by local time, which leaves a gap. Set an end time instead of a duration",
  clock_overlap: "ends late by local time, which overlaps. Set an end time instead of a duration",
} as const;
export type Warning = keyof typeof warningTexts;
const allWarnings = Object.keys(warningTexts) as readonly Warning[];

interface Overlaps<Other> {
  /** The first downtimes that overlap it. */
  readonly overlaps: readonly Other[];
  readonly overlapCount: number;
}

export interface WithWarnings<Other = Draft> extends Overlaps<Other> {
  readonly planned: PlannedDowntime;
  readonly marks: readonly Warning[];
}

/**
 * Adds warnings to planned occurrences.
 * @param planned by start
 * @param duplicates those of them that are skipped
 * @param others every stored downtime that may overlap, except those of the series itself
 */
export function addWarnings<Other extends Draft>(
  { planned, duplicates }: Readonly<Record<"planned" | "duplicates", readonly PlannedDowntime[]>>,
  others: readonly Other[],
  facility: Facility,
): WithWarnings<Other>[] {
  const skipped = new Set(duplicates);
  const drafts = planned.map(({ draft }) => draft);
  const own = findOverlaps(drafts, drafts);
  const isLight = lightTest(facility);
  return findOverlaps(drafts, others).map((found, index) => {
    const one = planned[index] as PlannedDowntime;
    const { draft, clockChange, leaves, darkLimit } = one;
    const has: Partial<Record<Warning, boolean>> = {
      duplicate: skipped.has(one),
      overlap: found.overlapCount > 0 && !skipped.has(one),
      // Each occurrence overlaps itself.
      own_overlap: (own[index]?.overlapCount ?? 0) > 1,
      light: isLight(draft, darkLimit),
      inactive: !facility.isActive(draft),
      [`clock_${clockChange}`]: true,
      [`clock_${leaves}`]: true,
    };
    return { planned: one, marks: allWarnings.filter((mark) => has[mark]), ...found };
  });
}

export const countWarnings = (marked: readonly WithWarnings[], isCounted: (mark: Warning) => boolean): number =>
  marked.filter(({ marks }) => marks.some(isCounted)).length;

/** Dusk and dawn are accurate to about a second each. */
const toleranceSeconds = 2;

/** Returns a test: whether a part of a draft isn't in dark time; false where the site's position is unknown. */
function lightTest(facility: Facility): (draft: Draft, darkLimit: number | undefined) => boolean {
  const known = new Map<string, boolean>();
  return ({ site, start, end }, darkLimit) => {
    const found = spotOf(findSite(facility, site));
    if (!found) return false;
    const spot = darkLimit === undefined ? found : { ...found, darkLimit };
    // Computed once for all telescopes of a site.
    const key = `${site} ${start} ${end} ${darkLimit}`;
    const isLight = known.get(key) ?? secondsBetween(start, end) - darkSeconds(spot, start, end) > toleranceSeconds;
    known.set(key, isLight);
    return isLight;
  };
}

/** Returns the span from the first start to the last end. @param drafts by start */
export function spanOf(drafts: readonly Interval[]): Span | undefined {
  const spans = merged(drafts);
  const [first, last] = [spans[0], spans.at(-1)];
  return first && last && { from: first.start, to: last.end };
}

/** Returns a test: whether a downtime overlaps any of the drafts on its telescope. It is called in order of their starts. */
export function overlapTest(drafts: readonly Draft[]) {
  const known = Map.groupBy(drafts, telescopeName);
  const left = new Map([...known].map(([name, list]) => [name, { next: 0, windows: merged(list) }]));
  return (row: Pick<Draft, "start" | "end" | "site" | "enclosure" | "telescope">): boolean => {
    const queue = left.get(telescopeName(row));
    if (!queue) return false;
    const { windows } = queue;
    while ((windows[queue.next]?.end ?? row.end) <= row.start) queue.next++;
    const window = windows[queue.next];
    return window !== undefined && window.start < row.end;
  };
}

/** The limit of overlaps that are listed per draft: thousands of drafts may overlap thousands of downtimes each. */
export const maxOverlaps = 20;

/** Finds for each draft the others that block the same at the same time. @param drafts by start */
function findOverlaps<Other extends Draft>(drafts: readonly Draft[], others: readonly Other[]): Overlaps<Other>[] {
  const groups = [...Map.groupBy(others, telescopeName)];
  const queues = new Map(groups.map(([name, list]) => [name, { left: inOrder(list).reverse(), open: [] as Other[] }]));
  return drafts.map((draft) => {
    const queue = queues.get(telescopeName(draft));
    if (!queue) return { overlaps: [], overlapCount: 0 };
    const { left } = queue;
    // Drafts are in order of their start: what has ended when this one starts has ended for all later ones.
    for (let other = left.at(-1); other && other.start < draft.end; other = left.at(-1)) {
      queue.open.push(other);
      left.pop();
    }
    queue.open = queue.open.filter(({ end }) => end > draft.start);
    const found = queue.open.filter((other) => other.start < draft.end && sharesInstruments(draft, other));
    return { overlaps: found.slice(0, maxOverlaps), overlapCount: found.length };
  });
}

const sharesInstruments = (a: Draft, b: Draft): boolean =>
  a.instrument_type === "" || b.instrument_type === "" || a.instrument_type === b.instrument_type;
