/** What the schedule shows: the summary, the board or the timeline, and a page of the table. */

import { telescopeStatusesOf } from "../availability/telescope-status.ts";
import { findEditable } from "../board/closures.ts";
import { stateOf } from "../downtime/downtime.ts";
import { bySoonest, type Filter } from "../downtime/filter.ts";
import type { Facility } from "../facility/facility.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { dayMillis, type Instant, moved } from "../time/instant.ts";
import type { PageContext } from "../ui/page-context.ts";
import { boardOf, scheduleStatusOf } from "./board.ts";
import { choicesOf, readScheduleQuery, toLinkQuery } from "./query.ts";
import { timelineOf } from "./timeline.ts";

/** Upcoming downtimes to search for the next one of an active telescope. */
const maxUpcoming = 100;
/** Downtimes per timeline. More would be too dense to read. */
export const maxInTimeline = 2500;

export interface Asked extends PageContext {
  readonly query: URLSearchParams;
  /** Whether it is shown on a wall: without filters and table. */
  readonly isKiosk: boolean;
}

export type ScheduleServices = Pick<SeriesStaffServices, "downtimes" | "series" | "configdb" | "clock" | "auth">;
export type Schedule = Awaited<ReturnType<typeof findSchedule>>;

/** @param version the number of the newest change that is shown for sure */
export async function findSchedule(
  services: ScheduleServices,
  { query, path, isKiosk, visitor, zoneOf, origin }: Asked,
  facility: Facility | undefined,
  now: Instant,
  version: number,
) {
  const { downtimes } = services;
  const scheduleQuery = readScheduleQuery(query, facility, now);
  const { filter, timelineFilter, window } = scheduleQuery;
  const soonest = (filter: Filter, limit: number) => downtimes.list({ filter, order: bySoonest, limit, offset: 0 });
  const [page, total, inWindow, near, upcoming, untilNotice] = await Promise.all([
    downtimes.list(scheduleQuery.listing),
    downtimes.count({}),
    query.get("view") === "timeline" ? soonest(timelineFilter, maxInTimeline) : undefined,
    downtimes.during({}, { start: now, end: moved(now, dayMillis) }),
    soonest({ starts_after: moved(now, 1000) }, maxUpcoming),
    downtimes.untilNotice(now),
  ]);
  const telescopes = telescopeStatusesOf(facility, near, now);
  const isStaff = visitor.user !== undefined && visitor.mayCreate && !isKiosk;
  const active = isStaff ? near.filter((downtime) => stateOf(downtime, now) === "now") : [];
  return {
    ...{
      path,
      isKiosk,
      isStaff,
      mayCreate: visitor.mayCreate,
      zoneOf,
      origin,
      now,
      version,
      scheduleQuery,
      untilNotice,
    },
    query: toLinkQuery(query, scheduleQuery),
    choices: choicesOf(facility, filter),
    downtimes: page.results,
    count: page.count,
    total,
    creators: await downtimes.creatorsOf(page.results),
    sites: boardOf(facility, telescopes, filter, now),
    editable: await findEditable(services, visitor, now, active),
    status: scheduleStatusOf(facility, telescopes, upcoming.results),
    /** Undefined if the board is shown. */
    timeline: inWindow && {
      groups: timelineOf(facility, filter, inWindow.results, window, now),
      hiddenCount: inWindow.count - inWindow.results.length,
    },
  };
}
