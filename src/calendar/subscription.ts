/** Calendars: which downtimes people who subscribe see, and how each one's entry is numbered. */

import type { Downtime } from "../downtime/downtime.ts";
import { type Filter, hasInstants } from "../downtime/filter.ts";
import { dayMillis, type Instant, toInstant } from "../time/instant.ts";

/** A downtime in a calendar. */
export interface CalendarEvent {
  /** As it is; or as it was when it was deleted, which then was its last change. */
  readonly downtime: Downtime;
  /** Counts the downtime's versions from 1; of a deleted one, which of them was deleted. */
  readonly version: number;
  readonly isCancelled: boolean;
}

/** What a calendar asks for. */
export interface CalendarQuery {
  readonly filter: Filter;
  /** Those that were deleted since are still told, as cancelled. */
  readonly deletedSince: Instant;
}

/** How long a calendar keeps what is over, unless the filters say so, and tells what was deleted. */
export const keptDays = 90;

/** What a calendar asks for. It is the same all day long, so that a program that has it needn't be sent it again. */
export function calendarQueryOf(filter: Filter, now: number): CalendarQuery {
  const since = toInstant((Math.floor(now / dayMillis) - keptDays) * dayMillis);
  return { filter: hasInstants(filter) ? filter : { ...filter, ends_after: since }, deletedSince: since };
}

/**
 * The number of an entry's revision: each one's is greater than that of the one before. Twice the version, since a delete
 * has no version of its own and comes between two when the downtime is brought back.
 */
export const sequenceOf = ({ version, isCancelled }: CalendarEvent): number =>
  2 * (version - 1) + (isCancelled ? 1 : 0);
