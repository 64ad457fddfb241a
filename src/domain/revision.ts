/** Revisions: what becomes of the downtimes of a series when its plan changes. What somebody changed by hand stays as it is. */

import type { Planned } from "./booking.ts";
import { type Downtime, draftFields } from "./downtime.ts";
import type { Instant } from "./instant.ts";

/** A stored downtime of a series. */
export interface Row {
  readonly downtime: Downtime;
  readonly occurrence: string;
  readonly byHand: boolean;
}

export interface Revision {
  readonly create: readonly Planned[];
  readonly change: readonly { readonly id: number; readonly to: Planned }[];
  readonly remove: readonly Row[];
  /** They are as they shall be. */
  readonly unchanged: number;
  /** They have begun, or would have, and stay as they are. */
  readonly begun: number;
  /** Somebody changed them, and they stay as they are. */
  readonly byHand: readonly Row[];
  /** Somebody deleted them, and they don't come back. */
  readonly deletedByHand: readonly Planned[];
}

export interface RevisionRules {
  readonly now: Instant;
  /** Whether those that have begun are treated like the others. */
  readonly begun: boolean;
  /** The occurrences that somebody deleted. */
  readonly deleted: ReadonlySet<string>;
}

/** Compares what is stored with what is planned. */
export function revise(rows: readonly Row[], planned: readonly Planned[], rules: RevisionRules): Revision {
  const hasBegun = ({ start }: { readonly start: Instant }) => !rules.begun && start <= rules.now;
  const wanted = new Map(planned.map((one) => [one.occurrence, one]));
  const change: { id: number; to: Planned }[] = [];
  const remove: Row[] = [];
  const byHand: Row[] = [];
  const create: Planned[] = [];
  const deletedByHand: Planned[] = [];
  let [unchanged, begun] = [0, 0];
  for (const row of rows) {
    const to = wanted.get(row.occurrence);
    wanted.delete(row.occurrence);
    if (row.byHand) byHand.push(row);
    else if (to && draftFields.every((field) => to.draft[field] === row.downtime[field])) unchanged += 1;
    else if (hasBegun(row.downtime) || (to && hasBegun(to.draft))) begun += 1;
    else if (to) change.push({ id: row.downtime.id, to });
    else remove.push(row);
  }
  for (const one of wanted.values())
    if (rules.deleted.has(one.occurrence)) deletedByHand.push(one);
    else if (hasBegun(one.draft)) begun += 1;
    else create.push(one);
  return { create, change, remove, unchanged, begun, byHand, deletedByHand };
}
