/** Reads the downtimes of a calendar feed: current ones, and recently deleted ones. */

import { type Database, type Sql, sql } from "../database/sql.ts";
import type { Downtime } from "../downtime/downtime.ts";
import { type Filter, hasInstants } from "../downtime/filter.ts";
import { matching, meaningOf } from "../downtime/filter-sql.ts";
import { columns, createdColumn, draftColumns, type Row, toDowntime } from "../downtime/rows.ts";
import { containsWords } from "../input/text.ts";
import { dayMillis, type Instant, stampOf, toInstant } from "../time/instant.ts";

/** Apps remove events that are no longer listed, so the most recent deletions suffice. */
const maxCancelled = 5000;

export type Calendar = ReturnType<typeof createCalendar>;

export function createCalendar(database: Database) {
  return {
    /**
     * Returns the events by ID; undefined if more than `limit` downtimes match.
     * @param limit maximum number of current downtimes
     */
    async find(query: CalendarQuery, limit: number): Promise<CalendarEvent[] | undefined> {
      const rows = await database.all<EventRow>(calendarQuery(query, limit + 1));
      if (rows.filter(({ deleted }) => !deleted).length > limit) return undefined;
      const { reason = "" } = query.filter;
      return rows
        .filter((row) => !row.deleted || containsWords(row.reason, reason))
        .map(({ version, deleted, ...row }) => ({
          downtime: toDowntime(row),
          // Deleting creates no version, but must fall between two if the downtime is restored.
          sequence: 2 * (version - 1) + Number(deleted),
          isCancelled: Boolean(deleted),
        }));
    },
  };
}

type EventRow = Row & { readonly version: number; readonly deleted: number };

/** One statement, so that a downtime deleted meanwhile is neither missing nor listed twice. */
export function calendarQuery({ filter, deletedSince }: CalendarQuery, limit: number): Sql {
  // The history has no case-folded reasons, so the caller compares them.
  const { reason: _, ...rest } = filter;
  return sql`WITH present AS (
      SELECT ${columns}, version, 0 AS deleted FROM ${matching(filter)} LIMIT ${limit}
    ), deletion AS (
      SELECT downtime_id AS id, ${draftColumns}, series, version, 1 AS deleted, "at" AS modified, ${createdColumn}
      FROM downtime_history AS entry
      WHERE action = 'delete' AND "at" >= ${stampOf(deletedSince)} AND NOT EXISTS (
        SELECT 1 FROM downtime_history AS later WHERE later.downtime_id = entry.downtime_id AND later.id > entry.id
      )
    ), gone AS (
      SELECT ${columns}, version, deleted FROM deletion WHERE ${meaningOf(rest)}
      ORDER BY modified DESC, id DESC LIMIT ${maxCancelled}
    )
    SELECT * FROM present UNION ALL SELECT * FROM gone ORDER BY id`;
}

/** A downtime in a calendar. */
export interface CalendarEvent {
  readonly downtime: Downtime;
  /** The SEQUENCE, which increases with every revision. */
  readonly sequence: number;
  readonly isCancelled: boolean;
}

interface CalendarQuery {
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
