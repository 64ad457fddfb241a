/** The downtimes of a calendar: those that are there, and those that were deleted lately. */

import { type Database, type Sql, sql } from "../database/sql.ts";
import { matching, meaningOf } from "../downtime/filter-sql.ts";
import { columns, draftColumns, type Row, toDowntime } from "../downtime/rows.ts";
import { containsWords } from "../input/text.ts";
import { stampOf } from "../time/instant.ts";
import type { CalendarEvent, CalendarQuery } from "./subscription.ts";

/** The most that are told as cancelled, the last deleted first: what isn't told any more is gone from the calendar too. */
const mostCancelled = 5000;

export type Calendar = ReturnType<typeof createCalendar>;

export function createCalendar(database: Database) {
  return {
    /**
     * The entries by id, all from one moment.
     * @param most how many may be there; undefined when there are more
     */
    async find(question: CalendarQuery, most: number): Promise<CalendarEvent[] | undefined> {
      const rows = await database.all<EntryRow>(calendarQuery(question, most + 1));
      const entries = rows.map(({ version, deleted, ...row }) => ({
        downtime: toDowntime(row),
        version,
        isCancelled: Boolean(deleted),
      }));
      if (entries.filter(({ isCancelled }) => !isCancelled).length > most) return undefined;
      const { reason } = question.filter;
      return entries.filter(
        ({ downtime, isCancelled }) => !isCancelled || !reason || containsWords(downtime.reason, reason),
      );
    },
  };
}

type EntryRow = Row & { readonly version: number; readonly deleted: number };

/** One statement, so that a downtime that is deleted meanwhile is neither missing nor there twice. */
export function calendarQuery({ filter, deletedSince }: CalendarQuery, most: number): Sql {
  // The history holds no folded reasons: they are compared afterwards.
  const { reason: _, ...rest } = filter;
  return sql`WITH present AS (
      SELECT ${columns}, version, 0 AS deleted FROM ${matching(filter)} LIMIT ${most}
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
      ORDER BY modified DESC, id DESC LIMIT ${mostCancelled}
    )
    SELECT * FROM present UNION ALL SELECT * FROM gone ORDER BY id`;
}
