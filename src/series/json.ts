/** Series as JSON, and the parameters of requests. */

import type { Downtime } from "../downtime/downtime.ts";
import { Invalid } from "../input/problem.ts";
import { type Plan, type PlannedDowntime, type Reach, readReach } from "./plan.ts";
import type { SeriesVersion, StoredSeries } from "./rows.ts";
import { kindNames, type Rule } from "./rule.ts";
import { draftOf } from "./series.ts";
import type { Outcome } from "./store.ts";
import { countWarnings, type Warning, type WithWarnings } from "./warnings.ts";

interface SeriesQuery {
  /** Which downtimes are edited or deleted; `now`: the series ends now. */
  readonly reach: Reach | "now";
  /** Preview only. */
  readonly dryRun: boolean;
}

/** Reads `from`, `begun` and `dry_run`. @throws Invalid */
export function readSeriesQuery({ url }: Request): SeriesQuery {
  const { searchParams } = new URL(url);
  const flag = (name: string) => {
    const text = searchParams.get(name) ?? "";
    if (/^(1|true)$/i.test(text)) return true;
    if (/^(0|false)$/i.test(text)) return false;
    if (text === "") return undefined;
    throw new Invalid({ [name]: ["Enter 1 or 0."] });
  };
  return { reach: readReach(searchParams.get("from") || undefined, flag("begun")), dryRun: flag("dry_run") ?? false };
}

/** The kinds of rules that a list shows: those in `rule`, or else all but closures. @throws Invalid */
export function readKinds(query: URLSearchParams): readonly Rule["kind"][] {
  const sent = query.getAll("rule").filter(Boolean);
  const kinds = kindNames.filter((kind) => (sent.length > 0 ? sent.includes(kind) : kind !== "once"));
  const unknown = sent.find((kind) => !kinds.some((known) => known === kind));
  if (unknown === undefined) return kinds;
  throw new Invalid({ rule: [`"${unknown}" is not a valid choice. Choose one of ${kindNames.join(", ")}.`] });
}

const showPlan = ({ from, earlier, ended, name, ...draft }: Plan) => ({
  ...draftOf(draft),
  from,
  earlier,
  ended,
  ...(name && { name }),
});

export const showSeries = ({ id, created, modified, createdBy, ...plan }: StoredSeries) => ({
  id,
  ...showPlan(plan),
  created,
  modified,
  created_by: createdBy,
});

export const showVersion = ({ version, unconfirmed, plan, warning, change_set, ...done }: SeriesVersion) => ({
  ...done,
  ...showPlan(plan),
  warning,
  change_set,
});

/**
 * Shows what a write did, or would do.
 * @param isWhole whether every occurrence is listed
 */
export function showOutcome(
  outcome: Outcome,
  marked: readonly WithWarnings<PlannedDowntime, Downtime>[],
  isWhole: boolean,
) {
  const count = (warning: Warning) => countWarnings(marked, (mark) => mark === warning);
  return {
    series: outcome.series ? showSeries(outcome.series) : null,
    created: outcome.create.length,
    changed: outcome.change.length,
    deleted: outcome.remove.length,
    unchanged: outcome.unchanged,
    begun: outcome.begun,
    by_hand: byHandOf(outcome),
    duplicates: outcome.duplicates.length,
    overlaps: count("overlap"),
    own_overlaps: count("own_overlap"),
    light: count("light"),
    inactive: count("inactive"),
    clock: countWarnings(marked, (mark) => mark.startsWith("clock_")),
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

/** Downtimes that were edited individually, and those that were deleted, which have no id. */
const byHandOf = ({ byHand, deletedByHand }: Outcome) => [
  ...byHand.map(({ occurrence, downtime: { created, modified, series, ...rest } }) => ({ occurrence, ...rest })),
  ...deletedByHand.map(({ occurrence, draft }) => ({ occurrence, id: null, ...draft })),
];
