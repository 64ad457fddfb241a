/** Until further notice: a downtime whose end nobody knows yet. It is stored with an end one year ahead, so that only a person reopens the telescope. */

import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import type { Downtime } from "./downtime.ts";

/** The downtimes that last until further notice, by id, each with the time when somebody last said so. */
export type UntilNotice = ReadonlyMap<number, Instant>;

/** The words for it, wherever an end is shown. */
export const untilNoticeWords = "until further notice";

/** Days after which somebody is asked whether it still holds. */
const askAfterDays = 14;

/** The end that is stored: the same date and time a year later. */
export function oneYearAfter(now: Instant): Instant {
  const end = new Date(toMillis(now));
  end.setUTCFullYear(end.getUTCFullYear() + 1);
  return toInstant(end.getTime());
}

/** Whether it is time to ask "Still closed?". */
export const isQuestionable = ({ id }: Pick<Downtime, "id">, untilNotice: UntilNotice, now: Instant): boolean => {
  const saidAt = untilNotice.get(id);
  return saidAt !== undefined && toMillis(now) - toMillis(saidAt) >= askAfterDays * dayMillis;
};
