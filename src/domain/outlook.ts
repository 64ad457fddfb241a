/** The outlook: what is down now and what comes next, in three numbers. */

import { type Downtime, stateOf } from "./downtime.ts";
import type { Instant } from "./instant.ts";

export interface Outlook {
  /** Telescopes that are down now, whole or in part. */
  readonly down: number;
  /** Downtimes that start within a day. */
  readonly soon: number;
  /** The one that starts next. */
  readonly next: Downtime | undefined;
}

/**
 * @param close every downtime that is on now or starts within a day
 * @param next the first one that starts after now
 */
export function outlookOf(close: readonly Downtime[], next: Downtime | undefined, now: Instant): Outlook {
  const on = close.filter((downtime) => stateOf(downtime, now) === "now");
  const telescopes = new Set(on.map(({ site, enclosure, telescope }) => JSON.stringify([site, enclosure, telescope])));
  return { down: telescopes.size, soon: close.length - on.length, next };
}
