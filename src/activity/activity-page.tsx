/** @jsxImportSource @kitajs/html */
/** `/activity`: who did what, newest first; `/admin/changesets/{id}/undo`: undoes a change set with one button. */

import { action } from "../account/staff-form.tsx";
import { offsetOf, type StaffPageServices, type Visit, withId } from "../account/staff-page.ts";
import { mayCreate } from "../auth/user.ts";
import { participles } from "../downtime/fields-view.tsx";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { tolerating } from "../input/problem.ts";
import { readDate } from "../input/readers.ts";
import { checkTexts, Refusal } from "../input/text.ts";
import { dayMillis, spellInstant } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, type PageContext, sendPage } from "../ui/page-context.ts";
import { Overtaken, undoRightsOf } from "./activity.ts";
import type { Activities } from "./activity-store.ts";
import { ActivityPage } from "./activity-view.tsx";
import type { Undo } from "./undo-store.ts";

interface ActivityServices extends Pick<StaffPageServices, "auth" | "configdb"> {
  readonly activities: Activities;
}

const pageSize = 50;

export function activityRoutes({ auth, activities, configdb }: ActivityServices, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const query = withoutEmpty(new URL(context.request.url).searchParams);
    checkTexts(query.values());
    const offset = offsetOf(query);
    const filter = {
      by: query.get("by")?.trim() ?? "",
      site: query.get("site") ?? "",
      telescope: query.get("telescope") ?? "",
      from: dayOf(query.get("from"), 0),
      to: dayOf(query.get("to"), dayMillis),
    };
    const { count, isCut, results } = await activities.list(filter, { limit: pageSize, offset });
    const frame = await getPageContext(context);
    const { user } = frame.visitor;
    const mayUndo = (by: string) =>
      user !== undefined && mayCreate(user, auth.writeAccess) && (user.staff || by === user.name);
    const markup = (
      <ActivityPage
        {...frame}
        query={query}
        codes={configdb.find()?.codes}
        activities={results}
        isCut={isCut}
        pages={{ offset, pageSize, count }}
        mayUndo={mayUndo}
      />
    );
    return sendPage(markup, context.request);
  };
  return createRoutes("activity").get("/activity", serving(show));
}

/** The start of a UTC date, plus some milliseconds; undefined if it isn't a date. */
function dayOf(text: string | null, plus: number): number | undefined {
  const date = readDate(text ?? "");
  return date instanceof Refusal ? undefined : Date.parse(date) + plus;
}

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
