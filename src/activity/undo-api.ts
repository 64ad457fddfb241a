/** `/api/changesets/{id}/undo/`: undoes a change set. */

import type { StaffPageServices } from "../account/staff-page.ts";
import { authorOf } from "../auth/change-set-store.ts";
import { written } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { addressOf, idOf, type RequestContext } from "../http/request-context.ts";
import { undoOperation } from "./openapi.ts";
import { undoRightsOf } from "./undo-rights.ts";
import type { Undo } from "./undo-store.ts";

export interface UndoServices extends Pick<StaffPageServices, "auth" | "clock"> {
  readonly undo: Undo;
}

export function undoApiRoutes({ auth, undo, clock }: UndoServices) {
  const post = async (caller: RequestContext) => {
    const user = await auth.requireWriter(caller.request, addressOf(caller));
    return written(await undo(idOf(caller), authorOf(user, clock()), undoRightsOf({ auth }, user)), 200);
  };
  return resource("/api/changesets/:id/undo/", "Undo", auth, { POST: [post, undoOperation] });
}
