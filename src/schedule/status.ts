/** The summary of the schedule: how many telescopes are down now, and which downtime starts next. */

import type { TelescopeStatus } from "../availability/telescope-status.ts";
import { telescopesOf } from "../availability/telescopes.ts";
import type { Downtime } from "../downtime/downtime.ts";
import type { TelescopeState } from "../downtime/telescope-state.ts";
import type { Facility } from "../facility/facility.ts";

export type ScheduleStatus = ReturnType<typeof scheduleStatusOf>;

/** Returns the summary. @param upcoming the first downtimes that start after now, in order */
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
    /** Active telescopes that are down now. */
    down: count("down"),
    /** Active telescopes that are partly down now. */
    partlyDown: count("partly_down"),
    /** Telescopes that are down now and are inactive or not in ConfigDB. */
    inactive: telescopes.filter(({ name, state }) => name.active === false && state !== "available").length,
    /** Downtimes of active telescopes that start in the next 24 hours. */
    soon: active.reduce((sum, { soon }) => sum + soon, 0),
    /** The next downtime of an active telescope to start. */
    next: upcoming.find((downtime) => ofActiveTelescopes.has(downtime)),
  };
}
