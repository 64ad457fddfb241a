/** `/api/changesets/{id}/undo/`: undoes a change set. */

import { Type } from "@sinclair/typebox";
import type { StaffPageServices } from "../account/staff-page.ts";
import { authorOf } from "../auth/change-set-store.ts";
import { resource } from "../http/methods.ts";
import { answer, operation, refusal } from "../http/openapi.ts";
import { idOf, type RequestContext } from "../http/request-context.ts";
import { Overtaken, undoRightsOf } from "./undo.ts";
import type { Undo } from "./undo-store.ts";

export function undoApiRoutes({
  auth,
  undo,
  clock,
}: Pick<StaffPageServices, "auth" | "clock"> & { readonly undo: Undo }) {
  const post = async (context: RequestContext) => {
    const user = await auth.requireWriter(context.request);
    return Response.json(await undo(idOf(context), authorOf(user, clock()), undoRightsOf({ auth }, user)));
  };
  return resource("/api/changesets/:id/undo/", "Undo", auth, { POST: [post, undoOperation] });
}

const count = (description: string, example = 0) => Type.Integer({ minimum: 0, description, examples: [example] });

const UndoneSchema = Type.Object(
  {
    id: Type.Integer({ description: "The change set of the undo, which can be undone too.", examples: [18] }),
    changed: count("Downtimes that got their earlier values."),
    deleted: count("Downtimes that the change set had created or restored.", 6),
    restored: count("Downtimes that the change set had deleted."),
    begun: count("How many of the deleted downtimes had begun, so that their time no longer counts as lost."),
  },
  { $id: "Undone", description: "What an undo did." },
);

const undoOperation = operation("undoChangeSet", "Undo a change set", {
  tag: "Changes",
  access: "write",
  description:
    "Everything that one request changed is a change set; `/api/changes/` and the history of a series name it in `change_set`. An undo gives each of its downtimes, and the series, the version from before, all of them or none. It needs the same rights as the change. Imports can't be undone.",
  pathId: "The ID of the change set.",
  answers: { 200: answer("What the undo did.", UndoneSchema) },
  errors: [
    refusal(
      new Overtaken(["downtime 3813 by ben"]),
      "A downtime or the series was edited since, so nothing was undone.",
    ),
  ],
});
