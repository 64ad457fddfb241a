/** @jsxImportSource @kitajs/html */
/** `/`: the schedule, as a page or, for htmx, its main part only; `/downtimes.csv`: its rows as CSV. */

import { telescopeStatusesOf } from "../availability/telescope-status.ts";
import { findEditable } from "../board/closures.ts";
import { csvOf, spreadsheetCsv } from "../downtime/csv.ts";
import { stateOf } from "../downtime/downtime.ts";
import { bySoonest, type Filter } from "../downtime/filter.ts";
import { readListing } from "../downtime/list-query.ts";
import type { Facility } from "../facility/facility.ts";
import { basePathOf, createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { sendPieces } from "../http/send.ts";
import { createLatest } from "../input/latest.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { dayMillis, type Instant, moved, toInstant } from "../time/instant.ts";
import { Layout, titleOf } from "../ui/layout.tsx";
import { withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, type PageContext, sendPage } from "../ui/page-context.ts";
import { boardOf, scheduleStatusOf } from "./board.ts";
import { choicesOf } from "./filter-choices.ts";
import { Schedule } from "./page-view.tsx";
import { readScheduleQuery, toLinkQuery } from "./query.ts";
import { timelineOf } from "./timeline.ts";

/** Bars per timeline. More would be too dense to read and too slow to send. */
const maxBars = 2500;
/** Upcoming downtimes to search for the next one of an active telescope. */
const maxUpcoming = 100;
/** Rendered queries to cache within one second. */
const maxRendered = 100;

type ScheduleServices = Pick<SeriesStaffServices, "downtimes" | "series" | "configdb" | "clock" | "auth">;

export function scheduleRoutes(services: ScheduleServices, getPageContext: GetPageContext) {
  const { downtimes, configdb, clock } = services;

  const show = async (context: RequestContext) => {
    const url = new URL(context.request.url);
    const isKiosk = url.searchParams.has("kiosk");
    const query = withoutEmpty(url.searchParams);
    query.delete("saved");
    const path = isKiosk ? `/${url.search}` : query.size > 0 ? `/?${query}` : "/";
    const frame = await getPageContext(context);
    const { status, safeSchedule } = await renderOnce({ ...frame, query, path, isKiosk });
    const title = `${status.down > 0 ? `(${status.down}) ` : ""}Schedule`;
    if (context.request.headers.get("hx-request-type") === "partial")
      return sendPage(
        // htmx sets it as the page's title.
        <>
          {safeSchedule}
          <title safe>{titleOf(title)}</title>
        </>,
        context.request,
        200,
        pushUrlHeader(path, context.request),
      );
    return sendPage(
      <Layout {...frame} title={title} live={isKiosk ? "kiosk" : "page"}>
        {safeSchedule}
      </Layout>,
      context.request,
    );
  };

  // Every open page requests an update after a change, so each query is rendered once per second.
  const once = createLatest<Awaited<ReturnType<typeof render>>>(maxRendered);

  const renderOnce = async (asked: Asked) => {
    const now = toInstant(clock());
    // Read before the downtimes: a change in between updates the page twice, but is never missed.
    const version = await downtimes.version();
    const facility = configdb.find();
    const { user, mayCreate } = asked.visitor;
    const key = JSON.stringify([mayCreate, user && (user.staff || user.name), asked.zone, asked.path]);
    return once([now, version, facility], key, () => render(asked, facility, now, version));
  };

  const render = async (asked: Asked, facility: Facility | undefined, now: Instant, version: number) => {
    const { query, path, isKiosk, visitor, zoneOf, origin } = asked;
    const scheduleQuery = readScheduleQuery(query, facility, now);
    const { filter, timelineFilter, window } = scheduleQuery;
    const soonest = (filter: Filter, limit: number) => downtimes.list({ filter, order: bySoonest, limit, offset: 0 });
    const [{ count, results }, total, inWindow, near, upcoming, untilNotice] = await Promise.all([
      downtimes.list(scheduleQuery.listing),
      downtimes.count({}),
      query.get("view") === "timeline" ? soonest(timelineFilter, maxBars) : undefined,
      downtimes.during({}, { start: now, end: moved(now, dayMillis) }),
      soonest({ starts_after: moved(now, 1000) }, maxUpcoming),
      downtimes.untilNotice(now),
    ]);
    const telescopes = telescopeStatusesOf(facility, near, now);
    const status = scheduleStatusOf(facility, telescopes, upcoming.results);
    const isStaff = visitor.user !== undefined && visitor.mayCreate && !isKiosk;
    const active = isStaff ? near.filter((downtime) => stateOf(downtime, now) === "now") : [];
    const safeSchedule = await (
      <Schedule
        path={path}
        isKiosk={isKiosk}
        query={toLinkQuery(query, scheduleQuery)}
        scheduleQuery={scheduleQuery}
        choices={choicesOf(facility, filter)}
        downtimes={results}
        count={count}
        total={total}
        sites={boardOf(facility, telescopes, filter, now)}
        timeline={
          inWindow && {
            groups: timelineOf(facility, filter, inWindow.results, window, now),
            hiddenCount: inWindow.count - inWindow.results.length,
          }
        }
        mayCreate={visitor.mayCreate}
        isStaff={isStaff}
        editable={await findEditable(services, visitor, now, active)}
        status={status}
        untilNotice={untilNotice}
        now={now}
        version={version}
        zoneOf={zoneOf}
        origin={origin}
        authors={await downtimes.authorsOf(results)}
      />
    );
    return { status, safeSchedule };
  };

  const csv = (request: Request) => {
    const listing = readListing(new URL(request.url).searchParams, configdb.find());
    return sendPieces(request, csvOf(downtimes.stream(listing), spreadsheetCsv), {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="downtimes.csv"',
      "cache-control": "no-store",
    });
  };

  return createRoutes("schedule")
    .get("/", serving(show))
    .get("/downtimes.csv", ({ request }) => csv(request))
    .head("/downtimes.csv", ({ request }) => csv(request));
}

interface Asked extends PageContext {
  readonly query: URLSearchParams;
  readonly isKiosk: boolean;
}

/** Returns the header that updates the browser's address, if it changed. */
function pushUrlHeader(path: string, request: Request): Record<string, string> {
  const current = request.headers.get("hx-current-url") ?? "";
  const shown = URL.canParse(current) ? new URL(current) : undefined;
  return shown && shown.pathname + shown.search !== basePathOf(request) + path ? { "hx-push-url": path } : {};
}
