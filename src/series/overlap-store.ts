/** Reads the stored downtimes that overlap planned ones. */

import { type Database, sql } from "../database/sql.ts";
import type { Downtime } from "../downtime/downtime.ts";
import { matching } from "../downtime/filter-sql.ts";
import { columns, type Row, toDowntime } from "../downtime/rows.ts";
import { overlapTest, spanOf } from "./overlaps.ts";
import type { PlannedDowntime } from "./planned.ts";

/** Reads those on the planned downtimes' telescopes. @param exceptSeries a series whose own downtimes are left out */
export async function readOverlaps(
  database: Database,
  planned: readonly PlannedDowntime[],
  exceptSeries: number,
): Promise<Downtime[]> {
  const drafts = planned.map(({ draft }) => draft);
  const span = spanOf(drafts);
  if (!span) return [];
  const codes = (field: "site" | "telescope") => [...new Set(drafts.map((draft) => draft[field]))];
  const filter = { ends_after: span.from, starts_before: span.to, site: codes("site"), telescope: codes("telescope") };
  const query = sql`SELECT ${columns} FROM ${matching(filter)} AND (series IS NULL OR series <> ${exceptSeries}) ORDER BY "start", id`;
  const isOverlapping = overlapTest(drafts);
  const found: Downtime[] = [];
  // One query for all. It streams years of downtimes, of which only the overlapping ones are kept in memory.
  for await (const batch of database.stream<Row>(query)) found.push(...batch.filter(isOverlapping).map(toDowntime));
  return found;
}
