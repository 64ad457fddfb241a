/** Revisions: what becomes of the downtimes of a series when its plan changes. What somebody edited by hand stays as it is. */

import { type Downtime, type Draft, draftFields, stateOf } from "../downtime/downtime.ts";
import { placeFields } from "../facility/facility.ts";
import { type Instant, toInstant, toMillis } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { correspond, pairByName } from "./correspondence.ts";
import type { PlannedDowntime } from "./planned.ts";

/** A stored downtime of a series. */
export interface StoredOccurrence {
  readonly downtime: Downtime;
  readonly occurrence: string;
  readonly byHand: boolean;
}

/** What a stored downtime becomes. */
interface Edit {
  readonly id: number;
  readonly to: { readonly occurrence: string; readonly draft: Draft };
  /** It is active, so only its end, its reason and the like change. */
  readonly isActive: boolean;
  /** It is another occurrence of the series from now on. */
  readonly isRenamed: boolean;
}

export interface Reconciliation {
  readonly create: readonly PlannedDowntime[];
  readonly change: readonly Edit[];
  readonly remove: readonly StoredOccurrence[];
  /** They are as they shall be. */
  readonly unchanged: number;
  /** They have begun, or would have, and stay as they are. */
  readonly begun: number;
  /** Somebody changed them, and they stay as they are. */
  readonly byHand: readonly StoredOccurrence[];
  /** Somebody deleted them, and they don't come back. */
  readonly deletedByHand: readonly PlannedDowntime[];
  /** They are as they shall be, under another name. */
  readonly rename: readonly { readonly id: number; readonly occurrence: string }[];
}

interface ReconcileRules {
  readonly now: Instant;
  /** Whether those that have begun are meant too: all of them, none of them, or, undefined, those that are active. */
  readonly begun: boolean | undefined;
  /** The occurrences that somebody deleted. */
  readonly deleted: ReadonlySet<string>;
  /** Nothing is planned any more. Those that are active are deleted only where `begun` is true. */
  readonly isEnd: boolean;
}

/** An occurrence that the series had: a stored downtime, or one that somebody deleted. */
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
  const { now, begun, isEnd } = rules;
  const isMeant = (window: Interval) => {
    const state = stateOf(window, now);
    return state === "upcoming" || (state === "past" ? begun === true : begun !== false);
  };
  const isActive = ({ downtime }: StoredOccurrence) => stateOf(downtime, now) === "now";
  const pairs = pairUp(rows, planned, rules, isMeant);
  const taken = new Set(pairs.values());
  const result = {
    create: [] as PlannedDowntime[],
    change: [] as Edit[],
    remove: [] as StoredOccurrence[],
    byHand: [] as StoredOccurrence[],
    deletedByHand: [] as PlannedDowntime[],
    rename: [] as Reconciliation["rename"][number][],
    unchanged: 0,
    begun: 0,
  };
  for (const [{ occurrence, row }, to] of pairs) {
    if (!row) {
      if (to) result.deletedByHand.push(to);
      continue;
    }
    const { id } = row.downtime;
    const isRenamed = to !== undefined && to.occurrence !== occurrence;
    const draft = to && (isActive(row) ? whileActive(row.downtime, to.draft, now) : to.draft);
    if (row.byHand) result.byHand.push(row);
    else if (to && draft && draftFields.every((field) => draft[field] === row.downtime[field])) {
      result.unchanged += 1;
      if (isRenamed) result.rename.push({ id, occurrence: to.occurrence });
    } else if (!isMeant(row.downtime) || (to && !isActive(row) && !isMeant(to.draft))) result.begun += 1;
    else if (to && draft)
      result.change.push({ id, to: { occurrence: to.occurrence, draft }, isActive: isActive(row), isRenamed });
    else if (isActive(row) && !(isEnd && begun)) result.begun += 1;
    else result.remove.push(row);
  }
  for (const one of planned)
    if (!taken.has(one)) {
      if (isMeant(one.draft)) result.create.push(one);
      else result.begun += 1;
    }
  return result;
}

/**
 * What each occurrence that the series had has become, where it has become anything. What has begun and what somebody
 * edited or deleted stands for its own day alone; among the others it only holds its place in the order.
 */
function pairUp(
  rows: readonly StoredOccurrence[],
  planned: readonly PlannedDowntime[],
  { now, deleted }: ReconcileRules,
  isMeant: (window: Interval) => boolean,
): ReadonlyMap<Before, PlannedDowntime | undefined> {
  const stored = new Set(rows.map(({ occurrence }) => occurrence));
  const before: readonly Before[] = [
    ...rows.map((row) => ({ occurrence: row.occurrence, row })),
    ...[...deleted].filter((name) => !stored.has(name)).map((occurrence) => ({ occurrence })),
  ];
  const isToCome = ({ occurrence, row }: Before) =>
    row ? isMeant(row.downtime) && stateOf(row.downtime, now) !== "now" : occurrence >= now.slice(0, 10);
  const mayMove = (one: Before) => one.row !== undefined && !one.row.byHand && isToCome(one);
  const fixed = pairByName(
    before.filter((one) => !mayMove(one)),
    planned,
  );
  const taken = new Set(fixed.values());
  const begun = pairByName(
    before.filter(mayMove),
    planned.filter((one) => !isMeant(one.draft) && !taken.has(one)),
  );
  const moved = correspond(
    before.filter((one) => isToCome(one) && !fixed.has(one) && !begun.has(one)),
    planned.filter((one) => isMeant(one.draft) && !taken.has(one)),
  );
  return new Map(
    before.map((one) => [one, fixed.get(one) ?? begun.get(one) ?? (mayMove(one) ? moved.get(one) : undefined)]),
  );
}

/** What an active downtime may become: it started where and when it did, and it can't have ended before now. */
function whileActive(downtime: Downtime, draft: Draft, now: Instant): Draft {
  const fixed = new Set<keyof Draft>(["start", ...placeFields]);
  const fields = draftFields.map((field) => [field, fixed.has(field) ? downtime[field] : draft[field]]);
  return { ...(Object.fromEntries(fields) as Draft), end: laterOf(draft.end, endingNow(downtime, now)) };
}

/** When a downtime ends that ends now: it lasts a second at least. */
const endingNow = ({ start }: Pick<Draft, "start">, now: Instant): Instant =>
  laterOf(now, toInstant(toMillis(start) + 1000));

const laterOf = (one: Instant, other: Instant) => (one > other ? one : other);

/**
 * Ends a series now: what is active ends, what comes later is deleted, and what is over stays, so that no time in which a
 * telescope was down is lost.
 */
export function reviseEnding(rows: readonly StoredOccurrence[], now: Instant): Reconciliation {
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

/** Why a revision changes no downtime; undefined where it changes one. */
export function reasonForNothing(
  { create, change, remove, unchanged, begun, byHand, deletedByHand }: Reconciliation,
  duplicates: number,
): string | undefined {
  if (create.length + change.length + remove.length > 0) return undefined;
  const reasons = [
    [unchanged, "already as planned"],
    [begun, "active or past"],
    [byHand.length, "edited by hand"],
    [deletedByHand.length, "deleted by hand"],
    [duplicates, "already stored outside the series"],
  ] as const;
  const told = reasons.filter(([count]) => count > 0).map(([count, why]) => `${count.toLocaleString("en")} ${why}`);
  return `No downtime was changed: ${told.join(", ") || "the series has none in that time"}.`;
}
