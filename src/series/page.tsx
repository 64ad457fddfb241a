/** @jsxImportSource @kitajs/html */
/** `/series/{id}`: a series with its downtimes and its history, also after it was deleted. */

import { offsetOf } from "../account/staff-page.ts";
import { mayChange } from "../auth/user.ts";
import { stateOf } from "../downtime/downtime.ts";
import { idOf } from "../http/id.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { NotFound } from "../input/problem.ts";
import { toInstant } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import type { SeriesServices } from "./api.ts";
import { SeriesView } from "./page-view.tsx";

const pageSize = 25;

export function seriesPageRoutes({ auth, series, clock }: Omit<SeriesServices, "configdb">, frameOf: GetPageContext) {
  const show = async (caller: RequestContext) => {
    const id = idOf(caller);
    const query = new URL(caller.request.url).searchParams;
    const [first, ...rest] = await series.history(id);
    if (!first) throw new NotFound("Series not found.");
    const frame = await frameOf(caller);
    const { user, csrf = "" } = frame.visitor;
    const now = toInstant(clock());
    const rows = await series.rows(id);
    const open = rows.filter(({ downtime }) => stateOf(downtime, now) !== "past");
    const past = query.has("past");
    const listed = past ? rows : open;
    const offset = offsetOf(query);
    return sendPage(
      <Layout {...frame} title={`Series ${id}`}>
        <SeriesView
          id={id}
          versions={[first, ...rest]}
          csrf={csrf}
          may={user !== undefined && mayChange(user, auth.writeAccess, first.by)}
          now={now}
          counts={{ all: rows.length, open: open.length, byHand: rows.filter(({ byHand }) => byHand).length }}
          rows={listed.slice(offset, offset + pageSize)}
          part={{ offset, pageSize, count: listed.length, past }}
          deletedByHand={[...(await series.deletedByHand(id))].sort()}
          done={Number(query.get("done") ?? 0)}
        />
      </Layout>,
      caller.request,
    );
  };
  return createRoutes("series-page").get("/series/:id", serving(show));
}
