/** The state of each telescope now, and the summary: how many telescopes are down, and which downtime starts next. */

import { type QueriedTelescope, telescopesOf } from "../availability/telescopes.ts";
import { telescopeStatusAt } from "../availability/why.ts";
import type { Downtime } from "../downtime/downtime.ts";
import { type TelescopeState, telescopeStateOf } from "../downtime/telescope-state.ts";
import type { Facility } from "../facility/facility.ts";
import { dayMillis, type Instant, moved } from "../time/instant.ts";

/** A telescope now. */
export interface TelescopeStatus {
  readonly name: QueriedTelescope["name"];
  readonly state: TelescopeState;
  /** The active downtimes: those of the whole telescope first, and of these, the last one to end. */
  readonly blocking: readonly Downtime[];
  /** When the state changes, if it does within 24 hours; if it is down for longer, at least until then. */
  readonly until: Instant | undefined;
  /** The number of downtimes that start within 24 hours. */
  readonly soon: number;
}

/** Returns the status of every telescope. @param near every downtime that is active now or starts in the next 24 hours */
export const telescopeStatusesOf = (
  facility: Facility | undefined,
  near: readonly Downtime[],
  now: Instant,
): TelescopeStatus[] => telescopesOf(facility, {}, near).map((telescope) => statusOf(telescope, now));

function statusOf(telescope: QueriedTelescope, now: Instant): TelescopeStatus {
  const { whole, byType } = telescopeStatusAt(telescope, now, moved(now, dayMillis));
  const blocking = [whole, ...byType.values()].flatMap((status) => status.blocking);
  const lastOfTypes = [...byType.values()]
    .map(({ until }) => until)
    .sort()
    .at(-1);
  const isPartly = whole.blocking.length === 0 && lastOfTypes !== undefined;
  return {
    name: telescope.name,
    state: telescopeStateOf(blocking),
    blocking: blocking.toSorted((a, b) => rankOf(a) - rankOf(b) || (a.end > b.end ? -1 : 1)),
    until: isPartly ? [lastOfTypes, whole.until].filter((at) => at !== undefined).sort()[0] : whole.until,
    // A migrated downtime may end before it starts; it blocks nothing.
    soon: [telescope.whole, ...telescope.byType.values()].flat().filter(({ start, end }) => now < start && start < end)
      .length,
  };
}

const rankOf = ({ instrument_type }: Downtime) => (instrument_type === "" ? 0 : 1);

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
