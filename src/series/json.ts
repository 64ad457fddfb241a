/** Series as JSON: what a request may wish, and how a series and what became of it are told. */

import { Invalid } from "../input/problem.ts";
import type { Plan } from "./plan.ts";
import { type Reach, readFrom } from "./planned.ts";
import type { SeriesVersion, StoredSeries } from "./rows.ts";
import { draftOf } from "./series.ts";
import type { Outcome } from "./store.ts";
import { countWarnings, type Warning, type WithWarnings } from "./warnings.ts";

interface Wish {
  readonly reach: Reach;
  /** The series is to end now, rather than within a reach. */
  readonly isNow: boolean;
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
}

/** Reads `from`, `begun` and `dry_run`. @throws Invalid */
export function readWish({ url }: Request): Wish {
  const { searchParams } = new URL(url);
  const flag = (name: string) => {
    const text = searchParams.get(name) ?? "";
    if (/^(1|true)$/i.test(text)) return true;
    if (/^(0|false)$/i.test(text)) return false;
    if (text === "") return undefined;
    throw new Invalid({ [name]: ["Write 1 or 0."] });
  };
  const from = searchParams.get("from") ?? "";
  const isNow = from.trim().toLowerCase() === "now";
  return {
    reach: { ...(from !== "" && !isNow && { from: readFrom(from) }), begun: flag("begun") },
    isNow,
    dryRun: flag("dry_run") ?? false,
  };
}

const showPlan = ({ from, earlier, ended, ...draft }: Plan) => ({ ...draftOf(draft), from, earlier, ended });

export const showSeries = ({ id, created, modified, createdBy, ...plan }: StoredSeries) => ({
  id,
  ...showPlan(plan),
  created,
  modified,
  created_by: createdBy,
});

export const showVersion = ({ action, at, by, created, changed, deleted, plan, warning }: SeriesVersion) => ({
  action,
  at,
  by,
  created,
  changed,
  deleted,
  ...showPlan(plan),
  warning,
});

/**
 * What became of a series and its downtimes, or would become of them.
 * @param isWhole whether each occurrence is told
 */
export function showOutcome(outcome: Outcome, marked: readonly WithWarnings[], isWhole: boolean) {
  const count = (is: (mark: Warning) => boolean) => countWarnings(marked, is);
  return {
    series: outcome.series ? showSeries(outcome.series) : null,
    created: outcome.create.length,
    changed: outcome.change.length,
    deleted: outcome.remove.length,
    unchanged: outcome.unchanged,
    begun: outcome.begun,
    by_hand: byHandOf(outcome),
    duplicates: outcome.duplicates.length,
    overlaps: count((mark) => mark === "overlap"),
    own_overlaps: count((mark) => mark === "own_overlap"),
    light: count((mark) => mark === "light"),
    inactive: count((mark) => mark === "inactive"),
    clock: count((mark) => mark.startsWith("clock_")),
    absences: outcome.absences,
    ...(isWhole && {
      occurrences: marked.map(({ planned: { occurrence, date, draft }, marks, overlaps, overlapCount }) => ({
        occurrence,
        date,
        ...draft,
        marks,
        overlaps: overlaps.map(({ id }) => id),
        more_overlaps: overlapCount - overlaps.length,
      })),
    }),
    warning: outcome.warning ?? null,
  };
}

/** What somebody changed, and what somebody deleted, which has no id any more. */
const byHandOf = ({ byHand, deletedByHand }: Outcome) => [
  ...byHand.map(({ occurrence, downtime: { created, modified, series, ...rest } }) => ({ occurrence, ...rest })),
  ...deletedByHand.map(({ occurrence, draft }) => ({ occurrence, id: null, ...draft })),
];
