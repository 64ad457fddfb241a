/** Who may undo what: an undo needs the same rights as the edit itself. */

import { checkMayChange, checkMayDelete, checkMayRestore, type StaffPageServices } from "../account/staff-page.ts";
import type { User } from "../auth/user.ts";

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
