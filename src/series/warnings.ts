/** Warnings about the occurrences of a series, to review before it is stored. */

import type { Draft } from "../downtime/downtime.ts";
import type { Facility, Site } from "../facility/facility.ts";
import { spotOf } from "../facility/places.ts";
import { darkSeconds } from "../sky/twilight.ts";
import { secondsBetween } from "../time/duration.ts";
import type { Occurrence } from "./occurrences.ts";
import { findOverlaps } from "./overlaps.ts";

/** Warning → meaning. */
export const warningTexts = {
  duplicate: "already exists (skipped)",
  overlap: "overlaps other downtimes of the telescope",
  own_overlap: "overlaps another occurrence of the series",
  light: "partly outside dark time",
  inactive: "the telescope or its instruments are inactive in ConfigDB",
  clock_skipped: "moved forward (skipped by daylight saving)",
  clock_doubled: "ambiguous local time; the earlier one is used",
  clock_changed: "the first occurrence after a clock change",
  clock_gap: "a clock change makes it end before its local end time, which leaves a gap; `until_time` avoids that",
  clock_overlap: "a clock change makes it end after its local end time, which overlaps; `until_time` avoids that",
} as const;
export type Warning = keyof typeof warningTexts;
const allWarnings = Object.keys(warningTexts) as readonly Warning[];

export interface WithWarnings<Planned = Occurrence, Other = Draft> {
  readonly planned: Planned;
  readonly marks: readonly Warning[];
  /** The first downtimes that overlap it. */
  readonly overlaps: readonly Other[];
  readonly overlapCount: number;
}

/**
 * Adds warnings to planned occurrences.
 * @param planned by start
 * @param duplicates those of them that are skipped
 * @param others every stored downtime that may overlap, except those of the series itself
 */
export function addWarnings<Planned extends Occurrence, Other extends Draft>(
  { planned, duplicates }: { readonly planned: readonly Planned[]; readonly duplicates: readonly Planned[] },
  others: readonly Other[],
  facility: Facility,
): WithWarnings<Planned, Other>[] {
  const skipped = new Set(duplicates);
  const drafts = planned.map(({ draft }) => draft);
  const [overlaps, own] = [findOverlaps(drafts, others), findOverlaps(drafts, drafts)];
  const isLight = lightTest(facility);
  return planned.map((one, index) => {
    const { draft, clockChange, leaves, darkLimit } = one;
    const { first, count } = overlaps[index] ?? { first: [], count: 0 };
    const has: Partial<Record<Warning, boolean>> = {
      duplicate: skipped.has(one),
      overlap: count > 0 && !skipped.has(one),
      // Each occurrence overlaps itself.
      own_overlap: (own[index]?.count ?? 0) > 1,
      light: isLight(draft, darkLimit),
      inactive: !facility.isActive(draft),
      ...(clockChange && { [`clock_${clockChange}`]: true }),
      ...(leaves && { [`clock_${leaves}`]: true }),
    };
    return { planned: one, marks: allWarnings.filter((mark) => has[mark]), overlaps: first, overlapCount: count };
  });
}

export const countWarnings = (marked: readonly WithWarnings[], isCounted: (mark: Warning) => boolean): number =>
  marked.filter(({ marks }) => marks.some(isCounted)).length;

/** Dusk and dawn are accurate to about a second each. */
const toleranceSeconds = 2;

/** Returns a test: whether a part of a draft isn't in dark time; false where the site's position is unknown. */
function lightTest(facility: Facility): (draft: Draft, darkLimit: number | undefined) => boolean {
  const sites = new Map<string, Site>(facility.sites.map((site) => [site.code, site]));
  const known = new Map<string, boolean>();
  return ({ site, start, end }, darkLimit) => {
    const found = spotOf(sites.get(site));
    if (!found) return false;
    const spot = darkLimit === undefined ? found : { ...found, darkLimit };
    // Computed once for all telescopes of a site.
    const key = `${site} ${start} ${end} ${darkLimit}`;
    const isLight = known.get(key) ?? secondsBetween(start, end) - darkSeconds(spot, start, end) > toleranceSeconds;
    known.set(key, isLight);
    return isLight;
  };
}
