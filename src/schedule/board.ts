/** The board: the telescopes of each site with their states now, those that are down first. */

import type { TelescopeStatus } from "../availability/telescope-status.ts";
import { telescopesOf } from "../availability/telescopes.ts";
import type { Downtime } from "../downtime/downtime.ts";
import type { Filter } from "../downtime/filter.ts";
import type { TelescopeState } from "../downtime/telescope-state.ts";
import type { Facility } from "../facility/facility.ts";
import { findSite, spotOf } from "../facility/places.ts";
import { darkness, type PhaseKind } from "../sky/twilight.ts";
import { type Instant, moved } from "../time/instant.ts";

export interface BoardSite {
  /** Undefined for the telescopes that are inactive or not in ConfigDB, which are shown only while they are down. */
  readonly code: string | undefined;
  readonly zone: string | undefined;
  /** Day, twilight or night; undefined if ConfigDB has no coordinates for the site. */
  readonly phase: PhaseKind | undefined;
  readonly down: readonly TelescopeStatus[];
  readonly available: readonly TelescopeStatus[];
}

const ranks: Readonly<Record<TelescopeState, number>> = { down: 0, partly_down: 1, available: 2 };
const selecting = ["site", "enclosure", "telescope"] as const;

/** Returns the sites, those with a telescope that is down first. Of a filter, only its sites and telescopes count. */
export function boardOf(
  facility: Facility | undefined,
  telescopes: readonly TelescopeStatus[],
  filter: Filter,
  now: Instant,
): BoardSite[] {
  const shown = telescopes
    .filter(({ name, state }) => name.active !== false || state !== "available")
    .filter(({ name }) => selecting.every((field) => !filter[field]?.length || filter[field].includes(name[field])))
    .toSorted((a, b) => ranks[a.state] - ranks[b.state]);
  const sites = Map.groupBy(shown, ({ name }) => (name.active === false ? undefined : name.site));
  const inactive = sites.get(undefined);
  sites.delete(undefined);
  return [...sites, ...(inactive ? [[undefined, inactive] as const] : [])].map(([code, ofSite]) => {
    const site = code === undefined ? undefined : findSite(facility, code);
    const spot = spotOf(site);
    return {
      code,
      zone: site?.zone,
      phase: spot && darkness(spot, now, moved(now, 1000))[0]?.kind,
      down: ofSite.filter(({ state }) => state !== "available"),
      available: ofSite.filter(({ state }) => state === "available"),
    };
  });
}

export type ScheduleStatus = ReturnType<typeof scheduleStatusOf>;

/** Returns the summary of the active telescopes. @param upcoming the first downtimes that start after now, in order */
export function scheduleStatusOf(
  facility: Facility | undefined,
  telescopes: readonly TelescopeStatus[],
  upcoming: readonly Downtime[],
) {
  const active = telescopes.filter(({ name }) => name.active !== false);
  const count = (state: TelescopeState) => active.filter((one) => one.state === state).length;
  const ofActiveTelescopes = new Set(
    telescopesOf(facility, {}, upcoming).flatMap(({ name, whole, byType }) =>
      name.active === false ? [] : [whole, ...byType.values()].flat(),
    ),
  );
  return {
    down: count("down"),
    partlyDown: count("partly_down"),
    /** Telescopes that are down now and are inactive or not in ConfigDB. */
    inactive: telescopes.filter(({ name, state }) => name.active === false && state !== "available").length,
    soon: active.reduce((sum, { soon }) => sum + soon, 0),
    next: upcoming.find((downtime) => ofActiveTelescopes.has(downtime)),
  };
}
