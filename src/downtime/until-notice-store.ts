/** Finds the downtimes until further notice: those whose current end was written by such a change set. */

import { type Database, sql } from "../database/sql.ts";
import { type Instant, instantOf } from "../time/instant.ts";
import type { UntilNotice } from "./until-notice.ts";

/** Returns those that end after a time. Editing the end makes one an ordinary downtime. */
export async function readUntilNotice(database: Database, now: Instant): Promise<UntilNotice> {
  const rows = await database.all<{ id: number; at: string }>(
    sql`SELECT downtime.id, max(said."at") AS "at" FROM downtime_change_set AS said
      JOIN downtime_history AS wrote ON wrote.change_set = said.id
      JOIN downtime ON downtime.id = wrote.downtime_id AND downtime."end" = wrote."end"
      WHERE said.kind = 'until_notice' AND downtime."end" > ${now} GROUP BY downtime.id`,
  );
  return new Map(rows.map(({ id, at }) => [id, instantOf(at)]));
}
