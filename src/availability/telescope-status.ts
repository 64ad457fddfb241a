/** The state of each telescope now, and the downtimes that cause it. */

import type { Downtime } from "../downtime/downtime.ts";
import { type TelescopeState, telescopeStateOf } from "../downtime/telescope-state.ts";
import type { Facility } from "../facility/facility.ts";
import { dayMillis, type Instant, moved } from "../time/instant.ts";
import { type QueriedTelescope, telescopesOf } from "./telescopes.ts";
import { telescopeStatusAt } from "./why.ts";

export interface TelescopeStatus {
  readonly name: QueriedTelescope["name"];
  readonly state: TelescopeState;
  /** The active downtimes: those of the whole telescope first, and of these, the last one to end. */
  readonly blocking: readonly Downtime[];
  /** When the state changes, if it does within 24 hours; if it is down for longer, at least until then. */
  readonly until: Instant | undefined;
}

/** Returns the status of every telescope. @param near every downtime that is active now or starts in the next 24 hours */
export const telescopeStatusesOf = (
  facility: Facility | undefined,
  near: readonly Downtime[],
  now: Instant,
): TelescopeStatus[] => telescopesOf(facility, {}, near).map((telescope) => statusOf(telescope, now));

function statusOf(telescope: QueriedTelescope, now: Instant): TelescopeStatus {
  const { whole, byType, all } = telescopeStatusAt(telescope, now, moved(now, dayMillis));
  const blocking = all.flatMap((status) => status.blocking);
  const lastOfTypes = [...byType.values()].flatMap(({ until }) => until ?? []).sort();
  const isPartly = whole.blocking.length === 0;
  return {
    name: telescope.name,
    state: telescopeStateOf(blocking),
    blocking: blocking.toSorted((a, b) => rankOf(a) - rankOf(b) || (a.end > b.end ? -1 : 1)),
    until: isPartly ? [...lastOfTypes.slice(-1), whole.until].filter((at) => at !== undefined).sort()[0] : whole.until,
  };
}

const rankOf = ({ instrument_type }: Downtime) => (instrument_type === "" ? 0 : 1);
