/** Compares the plan of a series with its stored downtimes. Downtimes that were edited individually keep their values. */

import { type Downtime, type Draft, draftFields, endingNow, stateOf } from "../downtime/downtime.ts";
import type { Stored } from "../downtime/rows.ts";
import type { Instant } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import type { PlannedDowntime } from "./occurrences.ts";
import type { PlannedSeries, Reach } from "./plan.ts";

/** A stored downtime of a series. */
export interface StoredOccurrence extends Stored {
  readonly occurrence: string;
}

interface Target {
  readonly occurrence: string;
  readonly draft: Draft;
}

interface Edit {
  readonly row: StoredOccurrence;
  readonly to: Target;
  /** It is active, so its start and its place stay. */
  readonly isActive: boolean;
}

export interface Reconciliation {
  readonly create: readonly Target[];
  readonly change: readonly Edit[];
  readonly remove: readonly StoredOccurrence[];
  readonly unchanged: number;
  /** Have begun, or would have, and stay. */
  readonly begun: number;
  /** Edited individually, and kept. */
  readonly byHand: readonly StoredOccurrence[];
  /** Deleted individually, and skipped. */
  readonly deletedByHand: readonly Target[];
}

/** What a plan does to the downtimes of its series. */
export interface PreparedWrite extends Reconciliation, Pick<PlannedSeries, "planned" | "absences"> {
  /** Skipped, since an identical downtime exists outside the series. */
  readonly duplicates: readonly PlannedDowntime[];
  /** Why no downtime is edited; undefined where one is. */
  readonly warning: string | undefined;
}

interface ReconcileRules {
  readonly now: Instant;
  readonly begun?: Reach["begun"];
  readonly deleted: ReadonlySet<string>;
  /** Whether the series ends: only that deletes what is active. */
  readonly isEnd?: boolean;
}

function isIncluded(window: Interval, { now, begun }: ReconcileRules): boolean {
  const state = stateOf(window, now);
  return state === "upcoming" || (state === "past" ? begun === true : begun !== false);
}

/** Returns what a plan does to the stored downtimes of its series. @param rows those within the reach of the edit */
export function reconcile(
  rows: readonly StoredOccurrence[],
  planned: readonly Target[],
  rules: ReconcileRules,
): Reconciliation {
  const { now } = rules;
  const pairs = pairUp(rows, planned, rules);
  const paired = new Set(pairs.map(([, to]) => to));
  const left = planned.filter((one) => !paired.has(one));
  const create = left.filter(({ draft }) => isIncluded(draft, rules));
  const change: Edit[] = [];
  const remove: StoredOccurrence[] = [];
  const byHand: StoredOccurrence[] = [];
  const deletedByHand: Target[] = [];
  let [unchanged, begun] = [0, left.length - create.length];
  for (const [row, wanted] of pairs) {
    if (!isStored(row)) {
      if (wanted) deletedByHand.push(wanted);
      continue;
    }
    const { downtime } = row;
    const isActive = stateOf(downtime, now) === "now";
    const to = wanted && isActive ? { ...wanted, draft: whileActive(downtime, wanted.draft, now) } : wanted;
    const isAsPlanned = to && draftFields.every((field) => to.draft[field] === downtime[field]);
    if (row.byHand) byHand.push(row);
    else if (isAsPlanned && to.occurrence === row.occurrence) unchanged += 1;
    else if (!isIncluded(downtime, rules) || (to && !isActive && !isIncluded(to.draft, rules))) begun += 1;
    else if (to) change.push({ row, to, isActive });
    else if (isActive && !(rules.isEnd && rules.begun)) begun += 1;
    else remove.push(row);
  }
  return { create, change, remove, unchanged, begun, byHand, deletedByHand };
}

/** The new values of an active downtime: its start and its place stay, and it doesn't end before now. */
function whileActive(downtime: Downtime, draft: Draft, now: Instant): Draft {
  const { start, site, enclosure, telescope, instrument_type } = downtime;
  const soonest = endingNow(downtime, now);
  const end = draft.end > soonest ? draft.end : soonest;
  return { ...draft, start, end, site, enclosure, telescope, instrument_type };
}

/** An occurrence before the edit: a stored downtime, or one that was deleted individually. */
type Before = StoredOccurrence | { readonly occurrence: string };
const isStored = (one: Before): one is StoredOccurrence => "downtime" in one;

/**
 * Pairs occurrences before and after the edit. Those that have begun, or were edited or deleted individually, pair only by
 * name; when the others are paired in order, they count, but stay unchanged.
 */
function pairUp(rows: readonly StoredOccurrence[], planned: readonly Target[], rules: ReconcileRules) {
  const gone = rules.deleted.difference(new Set(rows.map(({ occurrence }) => occurrence)));
  const before: readonly Before[] = [...rows, ...[...gone].map((occurrence) => ({ occurrence }))];
  const isToCome = (one: Before) =>
    isStored(one)
      ? stateOf(one.downtime, rules.now) !== "now" && isIncluded(one.downtime, rules)
      : one.occurrence >= rules.now.slice(0, 10);
  const mayMove = (one: Before) => isStored(one) && !one.byHand && isToCome(one);
  const { movable = [], fixed = [] } = Object.groupBy(before, (one) => (mayMove(one) ? "movable" : "fixed"));
  const pairs = new Map(pairByName(fixed, planned));
  const taken = new Set(pairs.values());
  const left = Map.groupBy(
    planned.filter((one) => !taken.has(one)),
    ({ draft }) => isIncluded(draft, rules),
  );
  for (const [one, to] of pairByName(movable, left.get(false))) pairs.set(one, to);
  const free = before.filter((one) => isToCome(one) && !pairs.has(one));
  for (const [one, to] of correspond(free, left.get(true))) if (mayMove(one)) pairs.set(one, to);
  return before.map((one) => [one, pairs.get(one)] as const);
}

type Pair = readonly [before: Before, after: Target];

/**
 * Pairs occurrences place by place: in order where there are as many as before or all are on other days, so that a series
 * that moves by a day keeps its ids; otherwise by name.
 */
function correspond(before: readonly Before[], after: readonly Target[] = []): Pair[] {
  // The place in an occurrence's name, which is its key and its place: `2027-01-12.2 ogg.clma.2m0a.`
  const placeOf = ({ occurrence }: Before) => occurrence.slice(occurrence.indexOf(" ") + 1);
  const afterAt = Map.groupBy(after, placeOf);
  return [...Map.groupBy(before, placeOf)].flatMap(([place, had]) => {
    const [first, then] = [inOrder(had), inOrder(afterAt.get(place) ?? [])];
    const named = pairByName(first, then);
    if (first.length !== then.length && named.length > 0) return named;
    return then.slice(0, first.length).map((to, index): Pair => [first[index] as Before, to]);
  });
}

function pairByName(before: readonly Before[], after: readonly Target[] = []): Pair[] {
  const named = Map.groupBy(after, ({ occurrence }) => occurrence);
  return before.flatMap((one) => (named.get(one.occurrence) ?? []).map((to): Pair => [one, to]));
}

/** By date, and on the same date by number: `2027-01-12`, `2027-01-12.2`, `2027-01-12.10`. */
const inOrder = <Item extends Before>(items: readonly Item[]): readonly Item[] =>
  items.toSorted((one, other) => byNumber.compare(one.occurrence, other.occurrence));
const byNumber = new Intl.Collator("en", { numeric: true });

/** Ends a series now: active downtimes end, upcoming ones are deleted, and past ones stay, as telescopes were down then. */
export function reconcileEnding(rows: readonly StoredOccurrence[], now: Instant): Reconciliation {
  const left = rows.filter(({ byHand, downtime }) => !byHand || stateOf(downtime, now) !== "past");
  const active = left.filter(({ downtime }) => stateOf(downtime, now) === "now");
  const ends = active.map(({ occurrence, downtime }) => ({ occurrence, draft: { ...downtime, end: now } }));
  return reconcile(left, ends, { now, deleted: new Set() });
}
