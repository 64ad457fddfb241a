/** Undo of change sets: what can be undone, and by whom. */

import { checkMayChange, checkMayDelete, checkMayRestore, type StaffPageServices } from "../account/staff-page.ts";
import type { User } from "../auth/user.ts";
import { Conflict } from "../input/problem.ts";

/** Imports may have written any number of downtimes, so they can't be undone. */
export const canUndo = (kind: string): boolean => kind !== "import" && kind !== "migrate";

const maxNamed = 20;

/** Something was edited after the change set, so nothing is undone. */
export class Overtaken extends Conflict {
  /** @param later what was edited and by whom: `downtime 3813 by ben` */
  constructor(later: readonly string[]) {
    const more = later.length > maxNamed ? `, and ${later.length - maxNamed} more` : "";
    super(`Nothing was undone. Edited since: ${later.slice(0, maxNamed).join(", ")}${more}.`);
  }
}

/** Each throws if the user may not edit, delete or restore a downtime. A series needs the right to edit it. */
export type UndoRights = ReturnType<typeof undoRightsOf>;

export const undoRightsOf = (services: Pick<StaffPageServices, "auth">, user: User) => ({
  edit: (createdBy: string | null): void => checkMayChange(services, user, createdBy),
  delete: (createdBy: string | null, reason: string): void => checkMayDelete(services, user, createdBy, reason),
  restore: (createdBy: string | null, reason: string, deletedBy: string): void =>
    checkMayRestore(services, user, createdBy, reason, deletedBy),
});
