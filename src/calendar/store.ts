/** Reads the downtimes of a calendar: current ones, and recently deleted ones. */

import { type Database, type Sql, sql } from "../database/sql.ts";
import { matching, meaningOf } from "../downtime/filter-sql.ts";
import { columns, draftColumns, type Row, toDowntime } from "../downtime/rows.ts";
import { containsWords } from "../input/text.ts";
import { stampOf } from "../time/instant.ts";
import type { CalendarEvent, CalendarQuery } from "./subscription.ts";

/** Deleted downtimes listed as cancelled, the most recent first. Apps remove events that are no longer listed. */
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
      const events = rows.map(({ version, deleted, ...row }) => ({
        downtime: toDowntime(row),
        version,
        isCancelled: Boolean(deleted),
      }));
      if (events.filter(({ isCancelled }) => !isCancelled).length > limit) return undefined;
      const { reason } = query.filter;
      return events.filter(
        ({ downtime, isCancelled }) => !isCancelled || !reason || containsWords(downtime.reason, reason),
      );
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
      SELECT downtime_id AS id, ${draftColumns}, series, version, 1 AS deleted, "at" AS modified, (
          SELECT first."at" FROM downtime_history AS first
          WHERE first.downtime_id = last.downtime_id ORDER BY first.id LIMIT 1
        ) AS created
      FROM downtime_history AS last
      WHERE action = 'delete' AND "at" >= ${stampOf(deletedSince)} AND NOT EXISTS (
        SELECT 1 FROM downtime_history AS later WHERE later.downtime_id = last.downtime_id AND later.id > last.id
      )
    ), gone AS (
      SELECT ${columns}, version, deleted FROM deletion WHERE ${meaningOf(rest)}
      ORDER BY modified DESC, id DESC LIMIT ${maxCancelled}
    )
    SELECT * FROM present UNION ALL SELECT * FROM gone ORDER BY id`;
}
