/** Until further notice: a downtime whose end isn't known yet. Its stored end is one year ahead, so that only a person reopens the telescope. */

import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import type { Downtime } from "./downtime.ts";

/** The downtimes until further notice: ID → when someone last confirmed it. */
export type UntilNotice = ReadonlyMap<number, Instant>;

/** The text shown instead of an end time. */
export const untilNoticeText = "until further notice";

/** Days after which someone is asked to confirm that it is still closed. */
const askAfterDays = 14;

/** Returns the end to store: the same date and time a year later. */
export function oneYearAfter(now: Instant): Instant {
  const end = new Date(toMillis(now));
  end.setUTCFullYear(end.getUTCFullYear() + 1);
  return toInstant(end.getTime());
}

/** Whether to ask "Still closed?". */
export const needsConfirmation = ({ id }: Pick<Downtime, "id">, untilNotice: UntilNotice, now: Instant): boolean => {
  const saidAt = untilNotice.get(id);
  return saidAt !== undefined && toMillis(now) - toMillis(saidAt) >= askAfterDays * dayMillis;
};
