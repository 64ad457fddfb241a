/** Closing: until when a telescope can be taken out of use at the press of a button. */

import { oneYearAfter } from "../downtime/until-notice.ts";
import type { Site } from "../facility/facility.ts";
import { spotOf } from "../facility/places.ts";
import { nextSunrise } from "../sky/twilight.ts";
import { type Instant, toInstant, toMillis } from "../time/instant.ts";

/** `open`: until further notice. */
export interface Closing {
  readonly name: "1h" | "4h" | "sunrise" | "open";
  readonly until: Instant;
}

const minuteMillis = 60_000;
const hourMillis = 60 * minuteMillis;
/** A sunrise nearer than this isn't the one that somebody means who closes until sunrise. */
const nearestSunriseMillis = 30 * minuteMillis;

const later = (at: Instant, millis: number) => toInstant(toMillis(at) + millis);

/** The times until which a telescope of the site can be closed; without a sunrise where nobody knows where the site is. */
export function closingsOf(site: Site | undefined, now: Instant): readonly Closing[] {
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
  if (!next || toMillis(wholeMinute(next)) - toMillis(now) >= nearestSunriseMillis) return next && wholeMinute(next);
  const following = nextSunrise(spot, next);
  return following && wholeMinute(following);
}

/** The next whole minute: nobody wants to read seconds of a sunrise. */
const wholeMinute = (at: Instant) => toInstant(Math.ceil(toMillis(at) / minuteMillis) * minuteMillis);
