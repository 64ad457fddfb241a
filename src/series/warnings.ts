/** Marks: what is odd about the occurrences of a series that shall be stored. */

import type { Downtime } from "../downtime/downtime.ts";
import type { Facility } from "../facility/facility.ts";
import type { PlannedDowntime } from "./planned.ts";
import { type PreviewRow, previewOf } from "./preview.ts";

/** What may be odd, and what that means. */
export const warningTexts = {
  duplicate: "the very same downtime is stored already, so it is left out",
  overlap: "it shares time with other downtimes of the telescope",
  own_overlap: "it shares time with another occurrence of the series",
  light: "a part of it isn't astronomical night",
  inactive: "ConfigDB calls the telescope or the instruments inactive",
  clock_skipped: "the clock leaps over that time, so it is moved on by the leap",
  clock_doubled: "the clock shows that time twice, and the first counts",
  clock_changed: "the clock was changed since the occurrence before",
  clock_gap:
    "the clock goes back during it, so it ends too early by the clock and leaves a gap; `until_time` avoids that",
  clock_overlap:
    "the clock goes forward during it, so it ends too late by the clock, in what starts then; `until_time` avoids that",
} as const;
export type Warning = keyof typeof warningTexts;
const allMarks = Object.keys(warningTexts) as readonly Warning[];

export interface WithWarnings {
  readonly planned: PlannedDowntime;
  readonly marks: readonly Warning[];
  /** The downtimes that share time with it: the first ones. */
  readonly overlaps: readonly Downtime[];
  /** How many there are in all. */
  readonly overlapCount: number;
}

/** What is to be marked, as the store tells it. */
interface WithoutWarnings {
  readonly planned: readonly PlannedDowntime[];
  /** Those that are left out. */
  readonly duplicates: readonly PlannedDowntime[];
}

/** @param beside the stored downtimes that share time with what is planned */
export function addWarnings(
  { planned, duplicates }: WithoutWarnings,
  beside: readonly Downtime[],
  facility: Facility,
): WithWarnings[] {
  const leftOut = new Set(duplicates);
  const { rows } = previewOf({ rows: planned, absences: [] }, beside, facility);
  return planned.flatMap((one, index) => {
    const row = rows[index];
    if (!row) return [];
    const { overlaps, overlapCount } = row;
    return [{ planned: one, marks: marksOf(row, leftOut.has(one)), overlaps, overlapCount }];
  });
}

/** How many have a mark that the test takes. */
export const countWarnings = (marked: readonly WithWarnings[], is: (mark: Warning) => boolean): number =>
  marked.filter(({ marks }) => marks.some(is)).length;

/** What is left out overlaps nothing. */
function marksOf(row: PreviewRow<Downtime>, isLeftOut: boolean): readonly Warning[] {
  const has: Partial<Record<Warning, boolean>> = {
    duplicate: isLeftOut,
    overlap: row.overlaps.length > 0 && !isLeftOut,
    own_overlap: row.overlapsOwn,
    light: (row.lightSeconds ?? 0) > 0,
    inactive: row.isInactive,
    ...(row.leap && { [`clock_${row.leap}`]: true }),
    ...(row.leaves && { [`clock_${row.leaves}`]: true }),
  };
  return allMarks.filter((mark) => has[mark]);
}
