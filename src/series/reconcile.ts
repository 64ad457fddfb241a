/** Compares the plan of a series with its stored downtimes. Downtimes that were edited individually keep their values. */

import { type Downtime, type Draft, draftFields, endingNow, stateOf } from "../downtime/downtime.ts";
import type { Instant } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { correspond, pairByName } from "./correspondence.ts";
import type { PlannedDowntime } from "./planned.ts";
import type { Edit, Reconciliation, StoredOccurrence } from "./reconciliation.ts";

interface ReconcileRules {
  readonly now: Instant;
  /** Whether those that have begun are included: all, none, or, undefined, the active ones. */
  readonly begun: boolean | undefined;
  /** The occurrences that were deleted individually. */
  readonly deleted: ReadonlySet<string>;
  /** Nothing is planned. Active ones are deleted only with `begun`. */
  readonly isEnd: boolean;
}

/** An occurrence before the edit: a stored downtime, or one that was deleted individually. */
interface Before {
  readonly occurrence: string;
  readonly row?: StoredOccurrence;
}

/** Compares what is stored with what is planned. */
export function reconcile(
  rows: readonly StoredOccurrence[],
  planned: readonly PlannedDowntime[],
  rules: ReconcileRules,
): Reconciliation {
  const isIncluded = inclusionTest(rules);
  const pairs = pairUp(rows, planned, rules, isIncluded);
  const paired = new Set(pairs.values());
  const left = planned.filter((one) => !paired.has(one));
  const create = left.filter(({ draft }) => isIncluded(draft));
  const result = {
    create,
    change: [] as Edit[],
    remove: [] as StoredOccurrence[],
    unchanged: 0,
    begun: left.length - create.length,
    byHand: [] as StoredOccurrence[],
    deletedByHand: [] as PlannedDowntime[],
    rename: [] as Reconciliation["rename"][number][],
  };
  for (const [{ occurrence, row }, to] of pairs) {
    if (!row) {
      if (to) result.deletedByHand.push(to);
      continue;
    }
    const { id } = row.downtime;
    const isActive = stateOf(row.downtime, rules.now) === "now";
    const isRenamed = to !== undefined && to.occurrence !== occurrence;
    const draft = to && (isActive ? whileActive(row.downtime, to.draft, rules.now) : to.draft);
    if (row.byHand) result.byHand.push(row);
    else if (draft && draftFields.every((field) => draft[field] === row.downtime[field])) {
      result.unchanged += 1;
      if (isRenamed) result.rename.push([id, occurrence, to.occurrence]);
    } else if (!isIncluded(row.downtime) || (to && !isActive && !isIncluded(to.draft))) result.begun += 1;
    else if (draft) result.change.push({ id, to: { occurrence: to.occurrence, draft }, isActive, isRenamed });
    else if (isActive && !(rules.isEnd && rules.begun)) result.begun += 1;
    else result.remove.push(row);
  }
  return result;
}

/** Returns a test: whether a downtime of this time is edited, by whether it has begun. */
const inclusionTest =
  ({ now, begun }: ReconcileRules) =>
  (window: Interval): boolean => {
    const state = stateOf(window, now);
    return state === "upcoming" || (state === "past" ? begun === true : begun !== false);
  };

/**
 * Pairs occurrences before and after the edit. Those that have begun, or were edited or deleted individually, pair only by
 * name; among the others they only take their place in the order.
 */
function pairUp(
  rows: readonly StoredOccurrence[],
  planned: readonly PlannedDowntime[],
  { now, deleted }: ReconcileRules,
  isIncluded: (window: Interval) => boolean,
): ReadonlyMap<Before, PlannedDowntime | undefined> {
  const stored = new Set(rows.map(({ occurrence }) => occurrence));
  const before: readonly Before[] = [
    ...rows.map((row) => ({ occurrence: row.occurrence, row })),
    ...[...deleted].filter((name) => !stored.has(name)).map((occurrence) => ({ occurrence })),
  ];
  const isToCome = ({ occurrence, row }: Before) =>
    row ? isIncluded(row.downtime) && stateOf(row.downtime, now) !== "now" : occurrence >= now.slice(0, 10);
  const mayMove = (one: Before) => one.row !== undefined && !one.row.byHand && isToCome(one);
  const fixed = pairByName(
    before.filter((one) => !mayMove(one)),
    planned,
  );
  const taken = new Set(fixed.values());
  const begun = pairByName(
    before.filter(mayMove),
    planned.filter((one) => !isIncluded(one.draft) && !taken.has(one)),
  );
  const moved = correspond(
    before.filter((one) => isToCome(one) && !fixed.has(one) && !begun.has(one)),
    planned.filter((one) => isIncluded(one.draft) && !taken.has(one)),
  );
  return new Map(
    before.map((one) => [one, fixed.get(one) ?? begun.get(one) ?? (mayMove(one) ? moved.get(one) : undefined)]),
  );
}

/** The new values of an active downtime: its start and its place stay, and it doesn't end before now. */
function whileActive(downtime: Downtime, draft: Draft, now: Instant): Draft {
  const { start, site, enclosure, telescope, instrument_type } = downtime;
  const soonest = endingNow(downtime, now);
  const end = draft.end > soonest ? draft.end : soonest;
  return { ...draft, start, end, site, enclosure, telescope, instrument_type };
}

/**
 * Ends a series now: active downtimes end, upcoming ones are deleted, and past ones stay, so that no time in which a
 * telescope was down is lost.
 */
export function reconcileEnding(rows: readonly StoredOccurrence[], now: Instant): Reconciliation {
  const own = rows.filter(({ byHand }) => !byHand);
  const { past = [], now: active = [], upcoming = [] } = Object.groupBy(own, ({ downtime }) => stateOf(downtime, now));
  return {
    create: [],
    change: active.map(({ downtime, occurrence }) => ({
      id: downtime.id,
      to: { occurrence, draft: { ...downtime, end: endingNow(downtime, now) } },
      isActive: true,
      isRenamed: false,
    })),
    remove: upcoming,
    unchanged: 0,
    begun: past.length,
    byHand: rows.filter(({ byHand, downtime }) => byHand && stateOf(downtime, now) !== "past"),
    deletedByHand: [],
    rename: [],
  };
}

/** Returns why no downtime is edited; undefined where one is. */
export function reasonForNothing(
  { create, change, remove, unchanged, begun, byHand, deletedByHand }: Reconciliation,
  duplicates: number,
): string | undefined {
  if (create.length + change.length + remove.length > 0) return undefined;
  const reasons = [
    [unchanged, "already as planned"],
    [begun, "active or past"],
    [byHand.length, "edited individually"],
    [deletedByHand.length, "deleted individually"],
    [duplicates, "already exist outside the series"],
  ] as const;
  const texts = reasons.filter(([count]) => count > 0).map(([count, why]) => `${count.toLocaleString("en")} ${why}`);
  return `No downtime was edited: ${texts.join(", ") || "the series has none in that time"}.`;
}
