/** What the schedule shows: the summary, the board or the timeline, and a page of the table. */

import { type TelescopeStatus, telescopeStatusesOf } from "../availability/why.ts";
import { findEditable } from "../board/closures.ts";
import { stateOf } from "../downtime/downtime.ts";
import { bySoonest, type Filter } from "../downtime/filter.ts";
import type { TelescopeState } from "../downtime/state.ts";
import { type Facility, telescopeFields } from "../facility/facility.ts";
import { findSite, positionOf } from "../facility/places.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { darkness } from "../sky/twilight.ts";
import { dayMillis, type Instant, moved } from "../time/instant.ts";
import type { PageContext } from "../ui/page-context.ts";
import { choicesOf, readScheduleQuery, toLinkQuery } from "./query.ts";
import { timelineOf } from "./timeline.ts";

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
  const shown = { filter: timelineFilter, order: bySoonest, limit: maxInTimeline, offset: 0 };
  const [page, total, inWindow, near, untilNotice] = await Promise.all([
    downtimes.list(scheduleQuery.listing),
    downtimes.count({}),
    query.get("view") === "timeline" ? downtimes.list(shown) : undefined,
    downtimes.during({}, { start: now, end: moved(now, dayMillis) }),
    downtimes.untilNotice(now),
  ]);
  const telescopes = telescopeStatusesOf(facility, near, now);
  const { mayCreate } = visitor;
  const isStaff = visitor.user !== undefined && mayCreate && !isKiosk;
  const active = isStaff ? near.filter((downtime) => stateOf(downtime, now) === "now") : [];
  return {
    ...{ path, isKiosk, isStaff, mayCreate, zoneOf, origin, now, version, scheduleQuery, untilNotice, total },
    query: toLinkQuery(query, scheduleQuery),
    choices: choicesOf(facility, filter),
    downtimes: page.results,
    count: page.count,
    creators: await downtimes.creatorsOf(page.results),
    sites: boardOf(facility, telescopes, filter, now),
    editable: await findEditable(services, visitor, now, active),
    status: scheduleStatusOf(telescopes),
    /** Undefined if the board is shown. */
    timeline: inWindow && {
      groups: timelineOf(facility, filter, inWindow.results, window, now),
      hiddenCount: inWindow.count - inWindow.results.length,
    },
  };
}

export type BoardSite = ReturnType<typeof boardOf>[number];

/** The order of states, the worst first. */
export const ranks: Readonly<Record<TelescopeState, number>> = { down: 0, partly_down: 1, available: 2 };

/**
 * Returns the telescopes by site, those that are down first. Only the places of a filter count. Telescopes that are
 * inactive or not in ConfigDB come last, without a site's code, and only while they are down or partly down.
 */
export function boardOf(
  facility: Facility | undefined,
  telescopes: readonly TelescopeStatus[],
  filter: Filter,
  now: Instant,
) {
  const shown = telescopes
    .filter(({ name, state }) => name.active !== false || state !== "available")
    .filter(({ name }) =>
      telescopeFields.every((field) => !filter[field]?.length || filter[field].includes(name[field])),
    )
    .toSorted((a, b) => ranks[a.state] - ranks[b.state]);
  const [active, inactive] = [true, false].map((isActive) =>
    shown.filter(({ name }) => (name.active !== false) === isActive),
  );
  const sites = [
    ...Map.groupBy(active ?? [], ({ name }): string | undefined => name.site),
    ...Map.groupBy(inactive ?? [], () => undefined),
  ];
  return sites.map(([code, ofSite]) => {
    const site = code === undefined ? undefined : findSite(facility, code);
    const position = positionOf(site);
    return {
      code,
      zone: site?.zone,
      /** Day, twilight or night; undefined if ConfigDB has no coordinates for the site. */
      phase: position && darkness(position, now, moved(now, 1000))[0]?.kind,
      down: ofSite.filter(({ state }) => state !== "available"),
      available: ofSite.filter(({ state }) => state === "available"),
    };
  });
}

/** Counts the telescopes that are down now, those that are inactive or not in ConfigDB apart, and what starts soon at the active ones. */
export function scheduleStatusOf(telescopes: readonly TelescopeStatus[]) {
  const count = (isActive: boolean, ...states: readonly TelescopeState[]) =>
    telescopes.filter(({ name, state }) => (name.active !== false) === isActive && states.includes(state)).length;
  return {
    down: count(true, "down"),
    partlyDown: count(true, "partly_down"),
    inactive: count(false, "down", "partly_down"),
    soon: telescopes.reduce((sum, { name, soon }) => sum + (name.active === false ? 0 : soon), 0),
  };
}
