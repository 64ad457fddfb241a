/** Activity: change sets as they are listed and undone. */

import { checkMayChange, checkMayDelete, checkMayRestore, type StaffPageServices } from "../account/staff-page.ts";
import type { User } from "../auth/user.ts";
import type { Draft } from "../downtime/downtime.ts";
import type { participles } from "../downtime/fields-view.tsx";
import type { Version } from "../downtime/rows.ts";
import { Conflict } from "../input/problem.ts";
import type { Plan } from "../series/plan.ts";
import type { SeriesVersion } from "../series/rows.ts";
import type { Instant } from "../time/instant.ts";

export interface ActivityFilter {
  /** A username, or the name of a command. */
  readonly by?: string;
  /** Milliseconds since 1970, inclusive and exclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly site?: string;
  readonly telescope?: string;
}

/** The downtimes of a change set with the same action. */
export interface DowntimeActivity extends Draft, Pick<Version, "action"> {
  readonly changeSet: number;
  readonly count: number;
  /** The first one: its id, and whether nobody has edited it since. Its other fields are those after the change. */
  readonly id: number;
  readonly isNewest: boolean;
}

/** The series of a change set, with the numbers of downtimes. */
export interface SeriesActivity extends Pick<SeriesVersion, "action" | "created" | "changed" | "deleted" | "warning"> {
  readonly changeSet: number;
  readonly id: number;
  /** As it is after the change; as it was, if it was deleted. */
  readonly plan: Plan;
  readonly isNewest: boolean | number;
}

/** The most downtimes of a change set that are counted. Only imports may have more. */
export const maxCounted = 10_000;

export interface Activity {
  readonly id: number;
  /** The kind of the change set. */
  readonly kind: string;
  readonly at: Instant;
  readonly by: string;
  readonly downtimes: readonly DowntimeActivity[];
  readonly series: SeriesActivity | undefined;
}

/** Imports may have written any number of downtimes, so they can't be undone. */
export const canUndo = (kind: string): boolean => kind !== "import" && kind !== "migrate";

/** Whether an undo may succeed: nobody has edited the series, or the first downtimes, since. */
export const mayBeUndone = ({ kind, downtimes, series }: Activity): boolean =>
  canUndo(kind) && (series ? Boolean(series.isNewest) : downtimes.every(({ isNewest }) => isNewest));

/** A version that was written after the change set. */
export interface LaterVersion extends Pick<Version, "id" | "by" | "at"> {
  readonly what: "downtimes" | "series";
  readonly action: keyof typeof participles;
}

const maxNamed = 20;

/** Something was edited after the change set, so nothing is undone. */
export class Overtaken extends Conflict {
  constructor(readonly later: readonly LaterVersion[]) {
    const names = later.map(({ what, id, by }) => `${what === "series" ? "series" : "downtime"} ${id} by ${by}`);
    const more = names.length > maxNamed ? `, and ${names.length - maxNamed} more` : "";
    super(`Nothing was undone. Edited since: ${names.slice(0, maxNamed).join(", ")}${more}.`);
  }
}

/** Each throws when the user may not edit, delete or restore a downtime. A series needs the right to edit it. */
export interface UndoRights {
  edit(createdBy: string | null): void;
  delete(createdBy: string | null, reason: string): void;
  restore(createdBy: string | null, reason: string, deletedBy: string): void;
}

export const undoRightsOf = (services: Pick<StaffPageServices, "auth">, user: User): UndoRights => ({
  edit: (createdBy) => checkMayChange(services, user, createdBy),
  delete: (...downtime) => checkMayDelete(services, user, ...downtime),
  restore: (...deleted) => checkMayRestore(services, user, ...deleted),
});
