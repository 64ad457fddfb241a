/** @jsxImportSource @kitajs/html */
/** `/downtimes/{id}`: one downtime with its history, even if it was deleted. */

import type { Auth } from "../auth/authenticate.ts";
import { mayChange, mayDelete, mayRestore, type User } from "../auth/user.ts";
import { createRoutes, idOf, type RequestContext, serving } from "../http/request-context.ts";
import { NotFound } from "../input/problem.ts";
import { toInstant } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { Actions } from "./actions-view.tsx";
import { stateOf } from "./downtime.ts";
import { DowntimeView, titleOf } from "./page-view.tsx";
import { createdByOf, type Version } from "./rows.ts";
import type { CoreServices } from "./store.ts";

/** Describes a series, even a deleted one; undefined if it never existed. */
export type DescribeSeries = (
  id: number,
) => Promise<{ readonly words: string; readonly createdBy: string; readonly isDeleted: boolean } | undefined>;

interface DowntimePageServices extends CoreServices {
  readonly auth: Pick<Auth, "writeAccess">;
  readonly describeSeries: DescribeSeries;
}

export function downtimePageRoutes(
  { auth, downtimes, describeSeries, clock }: DowntimePageServices,
  getPageContext: GetPageContext,
) {
  /** Returns the link to the downtime's series; undefined if it has none. */
  const seriesLinkOf = async ({ downtime_id, series: id, by_hand }: Version, user: User | undefined) => {
    const series = id === null ? undefined : await describeSeries(id);
    if (id === null || !series) return undefined;
    const [stored] = await downtimes.findAllStored([downtime_id]);
    const may = user && mayChange(user, auth.writeAccess, series.createdBy) && !series.isDeleted;
    // A one-time series has no dates, so nothing follows.
    const date = may ? /^\d{4}-\d{2}-\d{2}/.exec(stored?.occurrence ?? "")?.[0] : undefined;
    return { id, description: series.words, date, isEdited: by_hand };
  };

  const show = async (context: RequestContext) => {
    const id = idOf(context);
    const [first, ...rest] = await downtimes.history(id);
    if (!first) throw new NotFound("Downtime not found.");
    const latest = rest.at(-1) ?? first;
    const now = toInstant(clock());
    const frame = await getPageContext(context);
    const { user, csrf = "" } = frame.visitor;
    const createdBy = createdByOf(first);
    const may = {
      change: user !== undefined && mayChange(user, auth.writeAccess, createdBy),
      delete:
        user !== undefined &&
        (latest.action === "delete"
          ? mayRestore(user, auth.writeAccess, createdBy, latest.reason, latest.by)
          : mayDelete(user, auth.writeAccess, createdBy, latest.reason)),
    };
    const seriesLink = await seriesLinkOf(latest, user);
    const untilNotice = await downtimes.untilNotice(now);
    const state = latest.action === "delete" ? "deleted" : stateOf(latest, now);
    return sendPage(
      <Layout {...frame} title={titleOf(latest)}>
        <DowntimeView
          id={id}
          versions={[first, ...rest]}
          zone={frame.zoneOf(latest.site)}
          now={now}
          untilNotice={untilNotice}
          series={seriesLink}
          csrf={may.change ? csrf : undefined}
        >
          {may.delete ? (
            <Actions id={id} state={state} csrf={csrf} mayChange={may.change} untilNotice={untilNotice} />
          ) : null}
        </DowntimeView>
      </Layout>,
      context.request,
    );
  };
  return createRoutes("downtime").get("/downtimes/:id", serving(show));
}
