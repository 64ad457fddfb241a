/** @jsxImportSource @kitajs/html */
/** `/`: the schedule, whole for a browser and its main part alone for htmx; and the same rows as CSV. */

import { spreadsheetCsv } from "../downtime/csv.ts";
import type { Downtime } from "../downtime/downtime.ts";
import { bySoonest } from "../downtime/filter.ts";
import { readListing } from "../downtime/list-query.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { Configdb } from "../facility/configdb.ts";
import type { Facility } from "../facility/facility.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { sendPieces } from "../http/send.ts";
import { type Clock, dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { choicesOf } from "./filter-choices.ts";
import { Schedule, type ScheduleProps } from "./page-view.tsx";
import { readScheduleQuery, spellQuery } from "./query.ts";
import { scheduleStatusOf } from "./status.ts";
import { timelineOf } from "./timeline.ts";

interface ScheduleServices {
  readonly downtimes: Downtimes;
  readonly configdb: Configdb;
  readonly clock: Clock;
}

/** Bars that a picture holds: more could neither be told apart nor be sent in good time. */
const mostBars = 2500;
/** Coming downtimes among which the next one of a telescope in use is looked for. */
const mostComing = 100;
/** Different questions of one second whose answers are kept. */
const mostShared = 100;

export function scheduleRoutes({ downtimes, configdb, clock }: ScheduleServices, frameOf: GetPageContext) {
  const show = async (caller: RequestContext) => {
    const url = new URL(caller.request.url);
    const query = withoutEmpty(url.searchParams);
    const path = query.size > 0 ? `/?${query}` : "/";
    const frame = await frameOf(caller);
    const safeSchedule = await shared(query, frame.visitor.mayCreate);
    if (caller.request.headers.get("hx-request-type") === "partial")
      return sendPage(safeSchedule, caller.request, 200, pushing(path, caller.request));
    return sendPage(
      <Layout {...frame} title="Schedule" live>
        {safeSchedule}
      </Layout>,
      caller.request,
    );
  };

  // Everybody's open page asks again as soon as something changes: what the same second shows is made once.
  let moment: readonly unknown[] = [];
  const made = new Map<string, Promise<string>>();

  const shared = async (query: URLSearchParams, mayCreate: boolean): Promise<string> => {
    const now = toInstant(clock());
    // Read first: a change that comes in between is then told once more, never missed.
    const version = await downtimes.version();
    const facility = configdb.find();
    const present = [now, version, facility];
    if (present.some((part, index) => part !== moment[index])) made.clear();
    moment = present;
    const key = `${mayCreate} ${query}`;
    const known =
      made.get(key) ??
      ask(query, facility, now, version).then((props) => <Schedule {...props} mayCreate={mayCreate} />);
    if (made.size < mostShared) made.set(key, known);
    return known;
  };

  const ask = async (
    query: URLSearchParams,
    facility: Facility | undefined,
    now: Instant,
    version: number,
  ): Promise<Omit<ScheduleProps, "mayCreate">> => {
    const agenda = readScheduleQuery(query, facility, now);
    const { filter, drawn, window } = agenda;
    const [{ count, results }, total, inWindow, outlook, untilNotice] = await Promise.all([
      downtimes.list(agenda.listing),
      downtimes.count({}),
      downtimes.list({ filter: drawn, order: bySoonest, limit: mostBars, offset: 0 }),
      readStatus(facility, now),
      downtimes.untilNotice(now),
    ]);
    const zones = new Map(facility?.sites.map(({ code, zone }) => [code, zone]));
    return {
      asked: query,
      query: spellQuery(query, agenda),
      agenda,
      choices: choicesOf(facility, agenda.filter),
      downtimes: results,
      count,
      total,
      groups: timelineOf(facility, filter, inWindow.results, window, now),
      left: inWindow.count - inWindow.results.length,
      outlook,
      untilNotice,
      now,
      version,
      zoneOf: (site) => zones.get(site),
    };
  };

  const readStatus = async (facility: Facility | undefined, now: Instant) => {
    const tomorrow = toInstant(toMillis(now) + dayMillis);
    const close = await downtimes.during({}, { start: now, end: tomorrow });
    const soon = close.filter(({ start }) => start > now);
    const status = scheduleStatusOf(facility, close, soon, now);
    if (status.next) return status;
    const later = { filter: { starts_after: tomorrow }, order: bySoonest, limit: mostComing, offset: 0 };
    return scheduleStatusOf(facility, close, (await downtimes.list(later)).results, now);
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

/** The browser's address follows what is shown, when it changed. */
function pushing(path: string, request: Request): Record<string, string> {
  const current = request.headers.get("hx-current-url") ?? "";
  const shown = URL.canParse(current) ? new URL(current) : undefined;
  return shown && shown.pathname + shown.search !== path ? { "hx-push-url": path } : {};
}

/** The file, a batch of rows at a time. */
async function* csvOf(batches: AsyncIterable<readonly Downtime[]>): AsyncGenerator<string> {
  let before = spreadsheetCsv.header();
  for await (const batch of batches) {
    yield before + spreadsheetCsv.rows(batch);
    before = "";
  }
  if (before) yield before;
}
