/** Series as JSON: what a request may wish, and how a series and what became of it are told. */

import { type Reach, readFrom } from "../../domain/booking.ts";
import type { Downtime } from "../../domain/downtime.ts";
import type { Facility } from "../../domain/facility.ts";
import type { Plan } from "../../domain/plan.ts";
import { type PreviewRow, previewOf } from "../../domain/preview.ts";
import { Invalid } from "../../domain/problem.ts";
import type { Outcome } from "../../store/series.ts";
import type { SeriesVersion, StoredSeries } from "../../store/series-rows.ts";
import { type MarkWord, markWords } from "./series-schema.ts";

export interface Wish extends Reach {
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
}

/** Reads `from`, `begun` and `dry_run`. @throws Invalid */
export function readWish({ url }: Request): Wish {
  const { searchParams } = new URL(url);
  const flag = (name: string) => {
    const text = searchParams.get(name) ?? "";
    if (/^(1|true)$/i.test(text)) return true;
    if (/^(0|false|)$/i.test(text)) return false;
    throw new Invalid({ [name]: ["Write 1 or 0."] });
  };
  const from = searchParams.get("from") ?? "";
  return { ...(from !== "" && { from: readFrom(from) }), begun: flag("begun"), dryRun: flag("dry_run") };
}

const showPlan = ({ reason, scopes, rule, breaks, from, earlier, ended }: Plan) => ({
  reason,
  scopes,
  rule,
  breaks,
  from,
  earlier,
  ended,
});

export const showSeries = ({ id, created, modified, createdBy, ...plan }: StoredSeries) => ({
  id,
  ...showPlan(plan),
  created,
  modified,
  created_by: createdBy,
});

export const showVersion = ({ action, at, by, created, changed, deleted, plan }: SeriesVersion) => ({
  action,
  at,
  by,
  created,
  changed,
  deleted,
  ...showPlan(plan),
});

const marks = Object.keys(markWords) as MarkWord[];

/**
 * What became of a series and its downtimes.
 * @param beside what else is stored in the time of what is planned
 * @param facility undefined where nothing is planned
 * @param isWhole whether each occurrence is told
 */
export function showOutcome(
  outcome: Outcome,
  beside: readonly Downtime[],
  facility: Facility | undefined,
  isWhole: boolean,
) {
  const { planned, absences, duplicates } = outcome;
  const left = new Set(duplicates);
  const preview = facility ? previewOf({ rows: planned, absences }, beside, facility).rows : [];
  const marked = preview.map((row, index) => {
    const one = planned[index];
    return { row, occurrence: one?.occurrence ?? "", marks: marksOf(row, one !== undefined && left.has(one)) };
  });
  const count = (mark: MarkWord) => marked.filter((each) => each.marks.includes(mark)).length;
  return {
    series: outcome.series ? showSeries(outcome.series) : null,
    created: outcome.create.length,
    changed: outcome.change.length,
    deleted: outcome.remove.length,
    unchanged: outcome.unchanged,
    begun: outcome.begun,
    by_hand: byHandOf(outcome),
    duplicates: duplicates.length,
    overlaps: count("overlap"),
    own_overlaps: count("own_overlap"),
    light: count("light"),
    inactive: count("inactive"),
    clock: count("clock_skipped") + count("clock_doubled") + count("clock_changed"),
    absences,
    ...(isWhole && {
      occurrences: marked.map(({ row, occurrence, marks }) => ({
        occurrence,
        date: row.date,
        ...row.draft,
        marks,
        overlaps: row.overlaps.map(({ id }) => id),
      })),
    }),
  };
}

/** One that is left out overlaps nothing. */
function marksOf(row: PreviewRow<Downtime>, isDuplicate: boolean): readonly MarkWord[] {
  const has: Partial<Record<MarkWord, boolean>> = {
    duplicate: isDuplicate,
    overlap: row.overlaps.length > 0 && !isDuplicate,
    own_overlap: row.overlapsOwn,
    light: (row.lightSeconds ?? 0) > 0,
    inactive: row.isInactive,
    ...(row.leap && { [`clock_${row.leap}`]: true }),
  };
  return marks.filter((mark) => has[mark]);
}

/** What somebody changed, and what somebody deleted, which has no id any more. */
const byHandOf = ({ byHand, deletedByHand }: Outcome) => [
  ...byHand.map(({ occurrence, downtime: { created, modified, series, ...rest } }) => ({ occurrence, ...rest })),
  ...deletedByHand.map(({ occurrence, draft }) => ({ occurrence, id: null, ...draft })),
];
