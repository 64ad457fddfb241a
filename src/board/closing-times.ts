/** The durations offered for closing telescopes at short notice. */

import { oneYearAfter } from "../downtime/until-notice.ts";
import type { Site } from "../facility/facility.ts";
import { sunriseAt } from "../series/once-rule.ts";
import { type Instant, moved } from "../time/instant.ts";

/** A duration to offer. `open` is until further notice. */
export interface CloseOption {
  readonly name: "1h" | "2h" | "4h" | "sunrise" | "open";
  readonly until: Instant;
}

const hourMillis = 3_600_000;

/** The end of a one-time rule, by the name of an option; undefined for another name. */
export function endOf(name: string | null): string | null | undefined {
  if (name === "open") return null;
  return name === "1h" || name === "2h" || name === "4h" || name === "sunrise" ? name : undefined;
}

/** Returns the durations for a site. Omits sunrise if ConfigDB has no coordinates for it. */
export function closeOptionsOf(site: Site | undefined, now: Instant): readonly CloseOption[] {
  const sunrise = sunriseAt(site, now);
  return [
    { name: "1h", until: moved(now, hourMillis) },
    { name: "2h", until: moved(now, 2 * hourMillis) },
    { name: "4h", until: moved(now, 4 * hourMillis) },
    ...(sunrise ? [{ name: "sunrise" as const, until: sunrise }] : []),
    { name: "open", until: oneYearAfter(now) },
  ];
}
