/** Reconciliations: what a plan does to the stored downtimes of its series. */

import type { Downtime, Draft } from "../downtime/downtime.ts";
import type { PlannedDowntime } from "./planned.ts";
import type { SkippedNight } from "./rule-kind.ts";

/** A stored downtime of a series. */
export interface StoredOccurrence {
  readonly downtime: Downtime;
  readonly occurrence: string;
  readonly byHand: boolean;
  /** From 1. */
  readonly version: number;
}

/** The new values of a stored downtime. */
export interface Edit {
  readonly id: number;
  readonly to: { readonly occurrence: string; readonly draft: Draft };
  /** It is active, so its start and its place stay. */
  readonly isActive: boolean;
  /** It gets the name of another occurrence. */
  readonly isRenamed: boolean;
}

/** A downtime that becomes another occurrence: its id, and the names before and after. */
export type Rename = readonly [id: number, before: string, after: string];

export interface Reconciliation {
  readonly create: readonly PlannedDowntime[];
  readonly change: readonly Edit[];
  readonly remove: readonly StoredOccurrence[];
  /** Already as planned. */
  readonly unchanged: number;
  /** Have begun, or would have, and stay. */
  readonly begun: number;
  /** Edited individually, and kept. */
  readonly byHand: readonly StoredOccurrence[];
  /** Deleted individually, and skipped. */
  readonly deletedByHand: readonly PlannedDowntime[];
  /** Already as planned, under another name. */
  readonly rename: readonly Rename[];
}

/** What a plan does to the downtimes of its series. */
export interface PreparedWrite extends Reconciliation {
  readonly planned: readonly PlannedDowntime[];
  readonly absences: readonly SkippedNight[];
  /** Skipped, since an identical downtime exists outside the series. */
  readonly duplicates: readonly PlannedDowntime[];
  /** Why no downtime is edited; undefined where one is. */
  readonly warning: string | undefined;
}
