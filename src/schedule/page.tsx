/** @jsxImportSource @kitajs/html */
/** `/`: the schedule, as a page or, for htmx, its main part only; `/downtimes.csv`: its rows as CSV. */

import { csvOf, spreadsheetCsv } from "../downtime/csv.ts";
import { readListing } from "../downtime/list-query.ts";
import { type NextVersion, streamHeaders, type Watch } from "../http/event-stream.ts";
import { basePathOf, createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { sendPieces } from "../http/send.ts";
import { createLatest } from "../input/latest.ts";
import { toInstant } from "../time/instant.ts";
import { Layout, titleOf } from "../ui/layout.tsx";
import { withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { ScheduleView } from "./page-view.tsx";
import { type Asked, findSchedule, type ScheduleServices } from "./schedule.ts";

export function scheduleRoutes(services: ScheduleServices, getPageContext: GetPageContext) {
  const { downtimes, configdb, clock } = services;

  const show = async (context: RequestContext) => {
    const url = new URL(context.request.url);
    const isKiosk = url.searchParams.has("kiosk");
    const query = withoutEmpty(url.searchParams);
    query.delete("saved");
    const path = isKiosk ? `/${url.search}` : query.size > 0 ? `/?${query}` : "/";
    const pageContext = await getPageContext(context);
    const { down, safeSchedule } = await renderOnce({ ...pageContext, query, path, isKiosk });
    const title = `${down > 0 ? `(${down}) ` : ""}Schedule`;
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
      <Layout {...pageContext} title={title} live={isKiosk ? "kiosk" : "page"}>
        {safeSchedule}
      </Layout>,
      context.request,
    );
  };

  // Every open page requests an update after a change, so each of 100 queries is rendered once per second.
  const once = createLatest<{ readonly down: number; readonly safeSchedule: string }>(100);

  const renderOnce = async (asked: Asked) => {
    const now = toInstant(clock());
    // Read before the downtimes: a change in between updates the page twice, but is never missed.
    const version = await downtimes.version();
    const facility = configdb.find();
    const { user, mayCreate } = asked.visitor;
    const key = JSON.stringify([mayCreate, user && (user.staff || user.name), asked.zone, asked.origin, asked.path]);
    return once([now, version, facility], key, async () => {
      const found = await findSchedule(services, asked, facility, now, version);
      return { down: found.status.down, safeSchedule: await (<ScheduleView {...found} />) };
    });
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

/** Returns the header that updates the browser's address, if it changed. */
function pushUrlHeader(path: string, request: Request): Record<string, string> {
  const current = request.headers.get("hx-current-url") ?? "";
  const shown = URL.canParse(current) ? new URL(current) : undefined;
  return shown && shown.pathname + shown.search !== basePathOf(request) + path ? { "hx-push-url": path } : {};
}

const encoder = new TextEncoder();

type LiveServices = Pick<ScheduleServices, "downtimes" | "clock"> & { readonly watch: Watch };

export function eventRoutes({ downtimes, clock, watch }: LiveServices) {
  /** Yields the newest change with the current time, so that a page can show when it was last up to date. */
  async function* messages(next: NextVersion) {
    for (let version: number | undefined = await downtimes.version(); version !== undefined; version = await next())
      yield encoder.encode(`id: ${version}\ndata: ${toInstant(clock())}\n\n`);
  }

  const open = async (context: RequestContext) => {
    // Responds with 503 instead of a stream if the database can't be reached.
    await downtimes.version();
    return watch.stream(context.request, messages);
  };

  return (
    createRoutes("events")
      .get("/events", serving(open))
      // Elysia's own HEAD would wait for the end of the stream to find its length.
      .head("/events", () => new Response(null, { headers: streamHeaders }))
  );
}
