/** The summary of the schedule: how many telescopes are down now, and which downtime starts next. */

import type { TelescopeStatus } from "../availability/telescope-status.ts";
import { telescopesOf } from "../availability/telescopes.ts";
import type { Downtime } from "../downtime/downtime.ts";
import type { TelescopeState } from "../downtime/telescope-state.ts";
import type { Facility } from "../facility/facility.ts";

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
