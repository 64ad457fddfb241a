/** The outlook: how many telescopes are down now, and what comes next. */

import { telescopesOf } from "../availability/telescopes.ts";
import { type Downtime, stateOf } from "../downtime/downtime.ts";
import { telescopeStateOf } from "../downtime/telescope-state.ts";
import type { Facility } from "../facility/facility.ts";
import type { Instant } from "../time/instant.ts";

export interface ScheduleStatus {
  /** Telescopes that are down now. Like all that follows but `inactive`, without those that aren't in use. */
  readonly down: number;
  /** Telescopes that are partly down now. */
  readonly partlyDown: number;
  /** Telescopes blocked now that ConfigDB marks inactive or doesn't know. */
  readonly inactive: number;
  /** Downtimes that start within a day. */
  readonly soon: number;
  /** The one that starts next. */
  readonly next: Downtime | undefined;
}

/**
 * @param close every downtime that is active now or starts within a day
 * @param coming the first ones that start after now, in order
 */
export function scheduleStatusOf(
  facility: Facility | undefined,
  close: readonly Downtime[],
  coming: readonly Downtime[],
  now: Instant,
): ScheduleStatus {
  const counts = { down: 0, partly_down: 0, available: 0, inactive: 0, soon: 0 };
  for (const { name, whole, byType } of telescopesOf(facility, {}, close)) {
    const downtimes = [whole, ...byType.values()].flat();
    const state = telescopeStateOf(downtimes.filter((downtime) => stateOf(downtime, now) === "now"));
    if (name.active === false) counts.inactive += state === "available" ? 0 : 1;
    else {
      counts[state] += 1;
      // What was moved in from another program may end before it starts, and blocks nothing.
      counts.soon += downtimes.filter(({ start, end }) => now < start && start < end).length;
    }
  }
  const inUse = new Set(
    telescopesOf(facility, {}, coming).flatMap(({ name, whole, byType }) =>
      name.active === false ? [] : [whole, ...byType.values()].flat(),
    ),
  );
  return {
    down: counts.down,
    partlyDown: counts.partly_down,
    inactive: counts.inactive,
    soon: counts.soon,
    next: coming.find((downtime) => inUse.has(downtime)),
  };
}
