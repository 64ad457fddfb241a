/** Reads and changes the downtimes around granted nights. Those that they made are known by their change sets. */

import { type Author, openChangeSet } from "../auth/change-set-store.ts";
import { type Database, type Reader, sql } from "../database/sql.ts";
import { chunksOf, insertAll } from "../downtime/add-store.ts";
import type { CheckedDraft } from "../downtime/downtime.ts";
import { removeAll, type Stored, type StoredRow, storedColumns, toStored } from "../downtime/rows.ts";
import { update } from "../downtime/store-write.ts";
import type { Place } from "../facility/facility.ts";
import type { Interval } from "../time/interval.ts";
import type { Down, UptimePlan } from "./uptime.ts";

/** A stored downtime of a telescope. */
export interface UptimeRow extends Stored, Down {}

export const createUptimes = (database: Database) => ({
  /** Reads the downtimes of exactly this telescope and instrument type that overlap a span, in order. */
  find: (place: Place, span: Interval): Promise<UptimeRow[]> => read(database, place, span),

  /** Changes them in one change set, as planned for what is stored then. */
  change: (
    { place, semester }: { readonly place: Place; readonly semester: Interval },
    author: Author,
    plan: (rows: readonly UptimeRow[]) => UptimePlan<UptimeRow, CheckedDraft>,
  ): Promise<void> =>
    database.transaction(async (tx) => {
      const changeSet = await openChangeSet(tx, "uptime", author);
      const { create, change, remove } = plan(await read(tx, place, semester));
      for (const ids of chunksOf(remove.map(({ downtime }) => downtime.id))) await removeAll(tx, ids, changeSet);
      // Only one writer at a time, so they are as they were read.
      for (const { row, to } of change) await update(tx, row, to, changeSet);
      for (const fresh of chunksOf(create.map((draft) => ({ draft })))) await insertAll(tx, fresh, changeSet);
    }),
});

async function read(reader: Reader, place: Place, { start, end }: Interval): Promise<UptimeRow[]> {
  const found = await reader.all<StoredRow & { own: boolean | number }>(
    sql`SELECT ${storedColumns}, EXISTS (
        SELECT 1 FROM downtime_history AS past JOIN downtime_change_set AS made ON made.id = past.change_set
        WHERE past.downtime_id = downtime.id AND made.kind = 'uptime'
        AND (past.action = 'create' OR past.version = downtime.version)
      ) AS own
      FROM downtime WHERE site = ${place.site} AND enclosure = ${place.enclosure} AND telescope = ${place.telescope}
      AND instrument_type = ${place.instrument_type} AND "start" < ${end} AND "end" > ${start} AND "start" < "end"
      ORDER BY "start", id`,
  );
  return found.map(({ own, ...row }) => ({ ...toStored(row), start: row.start, end: row.end, isOwn: Boolean(own) }));
}
