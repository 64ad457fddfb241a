/** Warnings about the occurrences of a series, to review before it is stored, and the downtimes that they overlap. */

import type { Draft } from "../downtime/downtime.ts";
import { type Facility, telescopeName } from "../facility/facility.ts";
import { findSite, positionOf } from "../facility/places.ts";
import { darkSeconds } from "../sky/twilight.ts";
import { secondsBetween } from "../time/duration.ts";
import { type Interval, merged, type Span } from "../time/interval.ts";
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
  readonly warnings: readonly Warning[];
}

/**
 * Adds warnings to planned occurrences.
 * @param duplicates the planned ones that are skipped
 * @param overlapping what overlaps each of them, except downtimes of the series itself
 */
export function addWarnings<Other>(
  { planned, duplicates }: Readonly<Record<"planned" | "duplicates", readonly PlannedDowntime[]>>,
  overlapping: readonly Overlaps<Other>[],
  facility: Facility,
): WithWarnings<Other>[] {
  const skipped = new Set(duplicates);
  const own = overlapFinder(planned);
  for (const { draft } of planned) own.add(draft);
  const isLight = lightTest(facility);
  return planned.map((one, index) => {
    const { draft, clockChange, leaves, darkLimit } = one;
    const { overlaps, overlapCount } = overlapping[index] ?? { overlaps: [], overlapCount: 0 };
    const has: Partial<Record<Warning, boolean>> = {
      duplicate: skipped.has(one),
      overlap: overlapCount > 0 && !skipped.has(one),
      // Each occurrence overlaps itself.
      own_overlap: (own.found[index]?.overlapCount ?? 0) > 1,
      light: isLight(draft, darkLimit),
      inactive: !facility.isActive(draft),
      [`clock_${clockChange}`]: true,
      [`clock_${leaves}`]: true,
    };
    return { planned: one, warnings: allWarnings.filter((warning) => has[warning]), overlaps, overlapCount };
  });
}

export const countWarnings = (occurrences: readonly WithWarnings[], isCounted: (warning: Warning) => boolean): number =>
  occurrences.filter(({ warnings }) => warnings.some(isCounted)).length;

/** Dusk and dawn are accurate to about a second each. */
const toleranceSeconds = 2;

/** Returns a test: whether a part of a draft isn't in dark time; false where the site's position is unknown. */
function lightTest(facility: Facility): (draft: Draft, darkLimit: number | undefined) => boolean {
  const known = new Map<string, boolean>();
  return ({ site, start, end }, darkLimit) => {
    const found = positionOf(findSite(facility, site));
    if (!found) return false;
    const position = darkLimit === undefined ? found : { ...found, darkLimit };
    // Computed once for all telescopes of a site.
    const key = `${site} ${start} ${end} ${darkLimit}`;
    const isLight = known.get(key) ?? secondsBetween(start, end) - darkSeconds(position, start, end) > toleranceSeconds;
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

/** The limit of overlaps that are listed per occurrence: thousands may overlap thousands of downtimes each. */
export const maxOverlaps = 20;

/** Finds the overlaps of each occurrence. @param planned by start; downtimes must be added by start, too */
export function overlapFinder<Other extends Draft>(planned: readonly PlannedDowntime[]) {
  const found = planned.map(({ draft }) => ({ draft, overlaps: [] as Other[], overlapCount: 0 }));
  const groups = [...Map.groupBy(found, ({ draft }) => telescopeName(draft))];
  const queues = new Map(groups.map(([name, list]) => [name, { list, next: 0 }]));
  return {
    found,
    add(other: Other): void {
      const queue = queues.get(telescopeName(other));
      if (!queue) return;
      // What has ended when this one starts has ended for all later ones.
      while ((queue.list[queue.next]?.draft.end ?? "9") <= other.start) queue.next++;
      for (let index = queue.next; index < queue.list.length; index++) {
        const one = queue.list[index];
        if (!one || one.draft.start >= other.end) return;
        if (one.draft.end <= other.start || !sharesInstruments(one.draft, other)) continue;
        one.overlapCount += 1;
        if (one.overlaps.length < maxOverlaps) one.overlaps.push(other);
      }
    },
  };
}

const sharesInstruments = (a: Draft, b: Draft): boolean =>
  a.instrument_type === "" || b.instrument_type === "" || a.instrument_type === b.instrument_type;
