/** The durations offered for closing a telescope at short notice. */

import { oneYearAfter } from "../downtime/until-notice.ts";
import type { Site } from "../facility/facility.ts";
import { spotOf } from "../facility/places.ts";
import { nextSunrise } from "../sky/twilight.ts";
import { type Instant, toInstant, toMillis } from "../time/instant.ts";

/** A duration to offer. `open` is until further notice. */
export interface CloseOption {
  readonly name: "1h" | "4h" | "sunrise" | "open";
  readonly until: Instant;
}

const minuteMillis = 60_000;
const hourMillis = 60 * minuteMillis;
/** Minimum time before a sunrise. Closer to it, "until sunrise" means the next one. */
const minSunriseMillis = 30 * minuteMillis;

const later = (at: Instant, millis: number) => toInstant(toMillis(at) + millis);

/** Returns the durations for a site. Omits sunrise if ConfigDB has no coordinates for it. */
export function closeOptionsOf(site: Site | undefined, now: Instant): readonly CloseOption[] {
  const sunrise = site && sunriseAt(site, now);
  return [
    { name: "1h", until: later(now, hourMillis) },
    { name: "4h", until: later(now, 4 * hourMillis) },
    ...(sunrise ? [{ name: "sunrise" as const, until: sunrise }] : []),
    { name: "open", until: oneYearAfter(now) },
  ];
}

function sunriseAt(site: Site, now: Instant): Instant | undefined {
  const spot = spotOf(site);
  if (!spot) return undefined;
  const next = nextSunrise(spot, now);
  if (!next || toMillis(roundUpToMinute(next)) - toMillis(now) >= minSunriseMillis)
    return next && roundUpToMinute(next);
  const following = nextSunrise(spot, next);
  return following && roundUpToMinute(following);
}

/** Rounds up, so that buttons show no seconds and the telescope doesn't open before sunrise. */
const roundUpToMinute = (at: Instant) => toInstant(Math.ceil(toMillis(at) / minuteMillis) * minuteMillis);
