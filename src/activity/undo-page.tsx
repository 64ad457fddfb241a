/** @jsxImportSource @kitajs/html */
/** `/admin/changesets/{id}/undo`: undoes a change set with one button. */

import { action } from "../account/staff-form.ts";
import { type StaffPageServices, tolerating, type Visit, withId } from "../account/staff-page.ts";
import { createRoutes } from "../http/request-context.ts";
import { sendPage } from "../ui/page-context.ts";
import { Overtaken } from "./overtaken.ts";
import { OvertakenPage } from "./overtaken-view.tsx";
import { undoRightsOf } from "./undo-rights.ts";
import type { Undo } from "./undo-store.ts";

export function undoRoutes(services: StaffPageServices & { readonly undo: Undo }) {
  const undo = async ({ caller, frame, user, author }: Visit, id: number) => {
    const refused = await services.undo(id, author, undoRightsOf(services, user)).catch(tolerating(Overtaken));
    if (!(refused instanceof Overtaken)) return undefined;
    return sendPage(<OvertakenPage {...frame} later={refused.later} />, caller.request, 409);
  };
  return createRoutes("undo").post("/admin/changesets/:id/undo", action(services, withId(undo)));
}
