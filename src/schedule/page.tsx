/** @jsxImportSource @kitajs/html */
/** `/`: the schedule, as a page or, for htmx, its main part only; `/downtimes.csv`: its rows as CSV. */

import { spreadsheetCsv } from "../downtime/csv.ts";
import type { Downtime } from "../downtime/downtime.ts";
import { bySoonest } from "../downtime/filter.ts";
import { readListing } from "../downtime/list-query.ts";
import type { CoreServices } from "../downtime/store.ts";
import type { Facility } from "../facility/facility.ts";
import { basePathOf, createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { sendPieces } from "../http/send.ts";
import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { choicesOf } from "./filter-choices.ts";
import { Schedule, type ScheduleProps } from "./page-view.tsx";
import { readScheduleQuery, toLinkQuery } from "./query.ts";
import { scheduleStatusOf } from "./status.ts";
import { timelineOf } from "./timeline.ts";

/** Bars per timeline. More would be too dense to read and too slow to send. */
const maxBars = 2500;
/** Upcoming downtimes to search for the next one of an active telescope. */
const maxUpcoming = 100;
/** Rendered queries to cache within one second. */
const maxRendered = 100;

export function scheduleRoutes({ downtimes, configdb, clock }: CoreServices, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const url = new URL(context.request.url);
    const query = withoutEmpty(url.searchParams);
    const path = query.size > 0 ? `/?${query}` : "/";
    const frame = await getPageContext(context);
    const safeSchedule = await renderOnce(query, frame.visitor.mayCreate, frame.zone);
    if (context.request.headers.get("hx-request-type") === "partial")
      return sendPage(safeSchedule, context.request, 200, pushUrlHeader(path, context.request));
    return sendPage(
      <Layout {...frame} title="Schedule" live>
        {safeSchedule}
      </Layout>,
      context.request,
    );
  };

  // Every open page requests an update after a change, so each query is rendered once per second.
  let current: readonly unknown[] = [];
  const rendered = new Map<string, Promise<string>>();

  const renderOnce = async (query: URLSearchParams, mayCreate: boolean, zone?: string): Promise<string> => {
    const now = toInstant(clock());
    // Read before the downtimes: a change in between updates the page twice, but is never missed.
    const version = await downtimes.version();
    const facility = configdb.find();
    const latest = [now, version, facility];
    if (latest.some((value, index) => value !== current[index])) rendered.clear();
    current = latest;
    const key = `${mayCreate} ${zone} ${query}`;
    const known =
      rendered.get(key) ??
      load(query, facility, now, version).then((props) => (
        <Schedule {...props} mayCreate={mayCreate} {...(zone && { zoneOf: () => zone })} />
      ));
    if (rendered.size < maxRendered) rendered.set(key, known);
    return known;
  };

  const load = async (
    query: URLSearchParams,
    facility: Facility | undefined,
    now: Instant,
    version: number,
  ): Promise<Omit<ScheduleProps, "mayCreate">> => {
    const scheduleQuery = readScheduleQuery(query, facility, now);
    const { filter, timelineFilter, window } = scheduleQuery;
    const [{ count, results }, total, inWindow, status, untilNotice] = await Promise.all([
      downtimes.list(scheduleQuery.listing),
      downtimes.count({}),
      downtimes.list({ filter: timelineFilter, order: bySoonest, limit: maxBars, offset: 0 }),
      readStatus(facility, now),
      downtimes.untilNotice(now),
    ]);
    const zones = new Map(facility?.sites.map(({ code, zone }) => [code, zone]));
    return {
      requestQuery: query,
      query: toLinkQuery(query, scheduleQuery),
      scheduleQuery,
      choices: choicesOf(facility, filter),
      downtimes: results,
      count,
      total,
      groups: timelineOf(facility, filter, inWindow.results, window, now),
      hiddenCount: inWindow.count - inWindow.results.length,
      status,
      untilNotice,
      now,
      version,
      zoneOf: (site) => zones.get(site),
    };
  };

  const readStatus = async (facility: Facility | undefined, now: Instant) => {
    const tomorrow = toInstant(toMillis(now) + dayMillis);
    const near = await downtimes.during({}, { start: now, end: tomorrow });
    const soon = near.filter(({ start }) => start > now);
    const status = scheduleStatusOf(facility, near, soon, now);
    if (status.next) return status;
    const later = { filter: { starts_after: tomorrow }, order: bySoonest, limit: maxUpcoming, offset: 0 };
    return scheduleStatusOf(facility, near, (await downtimes.list(later)).results, now);
  };

  const csv = (request: Request) => {
    const listing = readListing(new URL(request.url).searchParams, configdb.find());
    return sendPieces(request, csvOf(downtimes.stream(listing)), {
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

/** Yields the CSV file in batches of rows. */
async function* csvOf(batches: AsyncIterable<readonly Downtime[]>): AsyncGenerator<string> {
  let before = spreadsheetCsv.header();
  for await (const batch of batches) {
    yield before + spreadsheetCsv.rows(batch);
    before = "";
  }
  if (before) yield before;
}
