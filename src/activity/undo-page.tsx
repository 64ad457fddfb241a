/** @jsxImportSource @kitajs/html */
/** `/admin/changesets/{id}/undo`: undoes a change set with one button. */

import { action } from "../account/staff-form.tsx";
import { type StaffPageServices, tolerating, type Visit, withId } from "../account/staff-page.ts";
import { participles } from "../downtime/fields-view.tsx";
import { createRoutes } from "../http/request-context.ts";
import { spellInstant } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { type PageContext, sendPage } from "../ui/page-context.ts";
import { Overtaken, undoRightsOf } from "./activity.ts";
import type { Undo } from "./undo-store.ts";

export function undoRoutes(services: StaffPageServices & { readonly undo: Undo }) {
  const undo = async ({ caller, frame, user, author }: Visit, id: number) => {
    const refused = await services.undo(id, author, undoRightsOf(services, user)).catch(tolerating(Overtaken));
    if (!(refused instanceof Overtaken)) return undefined;
    return sendPage(<OvertakenPage {...frame} later={refused.later} />, caller.request, 409);
  };
  return createRoutes("undo").post("/admin/changesets/:id/undo", action(services, withId(undo)));
}

/** The page of a refused undo: who edited what since. */
function OvertakenPage({ later, ...frame }: PageContext & Pick<Overtaken, "later">): JSX.Element {
  return (
    <Layout {...frame} title="Nothing was undone">
      <h1>Nothing was undone</h1>
      <div class="message error" role="alert">
        <p>Someone edited this since, and an undo would lose that.</p>
        <ul>
          {later.map(({ what, id, action, by, at }) => (
            <li>
              <a href={`/${what}/${id}`} safe>
                {`${what === "series" ? "Series" : "Downtime"} ${id}`}
              </a>{" "}
              <span safe>{`${participles[action]} by ${by}, ${spellInstant(at)}`}</span>
            </li>
          ))}
        </ul>
      </div>
      <p>
        <a href="/admin/downtimes">All downtimes</a>
      </p>
    </Layout>
  );
}
