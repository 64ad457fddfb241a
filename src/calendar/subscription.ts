/** Calendar feeds: which downtimes they contain, and the sequence numbers of their events. */

import type { Downtime } from "../downtime/downtime.ts";
import { type Filter, hasInstants } from "../downtime/filter.ts";
import { dayMillis, type Instant, toInstant } from "../time/instant.ts";

/** A downtime in a calendar. */
export interface CalendarEvent {
  /** The current version, or the last one before the downtime was deleted. */
  readonly downtime: Downtime;
  /** The version number, from 1; of a deleted downtime, the last version. */
  readonly version: number;
  readonly isCancelled: boolean;
}

/** The query of a calendar. */
export interface CalendarQuery {
  readonly filter: Filter;
  /** Downtimes deleted since this time are listed as cancelled. */
  readonly deletedSince: Instant;
}

/** Days that a calendar contains past downtimes without a time filter, and deleted ones. */
const retentionDays = 90;

/** Returns the query for a filter. It changes at midnight UTC only, so that a client's copy stays valid all day. */
export function calendarQueryOf(filter: Filter, now: number): CalendarQuery {
  const since = toInstant((Math.floor(now / dayMillis) - retentionDays) * dayMillis);
  return { filter: hasInstants(filter) ? filter : { ...filter, ends_after: since }, deletedSince: since };
}

/**
 * Returns the SEQUENCE of an event, which increases with every revision. Twice the version, because deleting creates no
 * version but must fall between two versions if the downtime is restored.
 */
export const sequenceOf = ({ version, isCancelled }: CalendarEvent): number =>
  2 * (version - 1) + (isCancelled ? 1 : 0);
