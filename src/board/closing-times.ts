/** The durations offered for closing a telescope at short notice. */

import { oneYearAfter } from "../downtime/until-notice.ts";
import type { Site } from "../facility/facility.ts";
import { sunriseAt } from "../series/once-rule.ts";
import { type Instant, toInstant, toMillis } from "../time/instant.ts";

/** A duration to offer. `open` is until further notice. */
export interface CloseOption {
  readonly name: "1h" | "4h" | "sunrise" | "open";
  readonly until: Instant;
}

const hourMillis = 3_600_000;

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
