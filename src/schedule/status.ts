/** The summary of the schedule: how many telescopes are down now, and which downtime starts next. */

import { telescopesOf } from "../availability/telescopes.ts";
import { type Downtime, stateOf } from "../downtime/downtime.ts";
import { telescopeStateOf } from "../downtime/telescope-state.ts";
import type { Facility } from "../facility/facility.ts";
import type { Instant } from "../time/instant.ts";

export type ScheduleStatus = ReturnType<typeof scheduleStatusOf>;

/**
 * Returns the summary.
 * @param near every downtime that is active now or starts in the next 24 hours
 * @param upcoming the first downtimes that start after now, in order
 */
export function scheduleStatusOf(
  facility: Facility | undefined,
  near: readonly Downtime[],
  upcoming: readonly Downtime[],
  now: Instant,
) {
  const counts = { down: 0, partly_down: 0, available: 0, inactive: 0, soon: 0 };
  for (const { name, whole, byType } of telescopesOf(facility, {}, near)) {
    const downtimes = [whole, ...byType.values()].flat();
    const state = telescopeStateOf(downtimes.filter((downtime) => stateOf(downtime, now) === "now"));
    if (name.active === false) counts.inactive += state === "available" ? 0 : 1;
    else {
      counts[state] += 1;
      // A migrated downtime may end before it starts; it blocks nothing.
      counts.soon += downtimes.filter(({ start, end }) => now < start && start < end).length;
    }
  }
  const ofActiveTelescopes = new Set(
    telescopesOf(facility, {}, upcoming).flatMap(({ name, whole, byType }) =>
      name.active === false ? [] : [whole, ...byType.values()].flat(),
    ),
  );
  return {
    /** Active telescopes that are down now. */
    down: counts.down,
    /** Active telescopes that are partly down now. */
    partlyDown: counts.partly_down,
    /** Telescopes that are down now and are inactive or not in ConfigDB. */
    inactive: counts.inactive,
    /** Downtimes of active telescopes that start in the next 24 hours. */
    soon: counts.soon,
    /** The next downtime of an active telescope to start. */
    next: upcoming.find((downtime) => ofActiveTelescopes.has(downtime)),
  };
}
