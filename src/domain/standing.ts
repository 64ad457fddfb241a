/** Standings: how a telescope stands at an instant, since when, and until when. */

import { type Downtime, stateOf } from "./downtime.ts";
import type { Facility, Place } from "./facility.ts";
import type { Instant } from "./instant.ts";

/** A telescope's code, with as much of its place as somebody says. */
export interface WantedTelescope {
  readonly telescope: string;
  readonly site: string | undefined;
  readonly enclosure: string | undefined;
}

/** A telescope's place, and whether ConfigDB lets it be used. */
export interface KnownTelescope extends Omit<Place, "instrument_type"> {
  readonly active: boolean;
}

/** The telescopes with this code; at a site or in an enclosure where one is given. One code may stand at several sites. */
export function findTelescopes({ sites }: Facility, { telescope, site, enclosure }: WantedTelescope): KnownTelescope[] {
  const fits = (wanted: string | undefined, code: string) => wanted === undefined || wanted === code;
  return sites
    .filter(({ code }) => fits(site, code))
    .flatMap((at) =>
      at.enclosures
        .filter(({ code }) => fits(enclosure, code))
        .flatMap((within) =>
          within.telescopes
            .filter(({ code }) => code === telescope)
            .map(({ code, active }) => ({
              site: at.code,
              enclosure: within.code,
              telescope: code,
              active: at.active && within.active && active,
            })),
        ),
    );
}

/** How a telescope stands. */
export interface Standing {
  /** What blocks it now: the whole of it, or one instrument type. */
  readonly now: readonly Downtime[];
  /** When it can be used again: the end of what blocks the whole of it without a gap. Undefined: nothing does. */
  readonly backAt: Instant | undefined;
  /** When it is blocked next. */
  readonly downAt: Instant | undefined;
}

/**
 * How a telescope stands.
 * @param downtimes those on the telescope that aren't over, the first ones first; no more are read than are needed
 */
export async function standingAt(downtimes: AsyncIterable<readonly Downtime[]>, at: Instant): Promise<Standing> {
  const now: Downtime[] = [];
  let backAt: Instant | undefined;
  for await (const batch of downtimes)
    for (const downtime of batch) {
      const { start, end, instrument_type } = downtime;
      if (stateOf(downtime, at) === "now") now.push(downtime);
      // What was moved in may end before it starts, and blocks nothing.
      if (instrument_type !== "" || end <= start) continue;
      if (start > (backAt ?? at)) return { now, backAt, downAt: start };
      if (backAt === undefined || end > backAt) backAt = end;
    }
  return { now, backAt, downAt: undefined };
}
