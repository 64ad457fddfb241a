/** `/api/changesets/{id}/undo/`: undoes a change set. */

import type { Auth } from "../auth/authenticate.ts";
import { authorOf } from "../auth/change-set-store.ts";
import { idOf } from "../http/id.ts";
import { written } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { addressOf, type RequestContext } from "../http/request-context.ts";
import type { Clock } from "../time/instant.ts";
import { undoOperation } from "./openapi.ts";
import { undoRightsOf } from "./undo-rights.ts";
import type { Undo } from "./undo-store.ts";

export interface UndoServices {
  readonly auth: Auth;
  readonly undo: Undo;
  readonly clock: Clock;
}

export function undoApiRoutes({ auth, undo, clock }: UndoServices) {
  const post = async (caller: RequestContext) => {
    const user = await auth.requireWriter(caller.request, addressOf(caller));
    return written(await undo(idOf(caller), authorOf(user, clock()), undoRightsOf({ auth }, user)), 200);
  };
  return resource({
    path: "/api/changesets/:id/undo/",
    name: "Undo",
    auth,
    methods: { POST: [post, undoOperation] },
  });
}
