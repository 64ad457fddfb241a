/** @jsxImportSource @kitajs/html */
/** `/activity`: who did what, newest first. */

import { offsetOf, type StaffPageServices } from "../account/staff-page.ts";
import { mayCreate } from "../auth/user.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { readDate } from "../input/readers.ts";
import { checkTexts, Refusal } from "../input/text.ts";
import { dayMillis } from "../time/instant.ts";
import { withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import type { Activities } from "./activity-store.ts";
import { ActivityPage } from "./activity-view.tsx";

export interface ActivityServices extends Pick<StaffPageServices, "auth" | "configdb"> {
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
