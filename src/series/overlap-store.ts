/** Beside: the stored downtimes that share time with some that are planned. */

import { type Database, sql } from "../database/sql.ts";
import type { Downtime, Draft } from "../downtime/downtime.ts";
import { matching } from "../downtime/filter-sql.ts";
import { columns, type Row, toDowntime } from "../downtime/rows.ts";
import type { Instant } from "../time/instant.ts";
import type { PlannedDowntime } from "./planned.ts";
import { spanOf } from "./preview.ts";

/**
 * Those on the telescopes that are planned for.
 * @param exceptSeries a series whose own downtimes don't count
 */
export async function readOverlaps(
  database: Database,
  planned: readonly PlannedDowntime[],
  exceptSeries: number,
): Promise<Downtime[]> {
  const span = spanOf({ rows: planned, absences: [] });
  if (!span) return [];
  const codes = (field: "site" | "telescope") => [...new Set(planned.map(({ draft }) => draft[field]))];
  const filter = { ends_after: span.from, starts_before: span.to, site: codes("site"), telescope: codes("telescope") };
  const query = sql`SELECT ${columns} FROM ${matching(filter)} AND (series IS NULL OR series <> ${exceptSeries}) ORDER BY "start", id`;
  const sharesTime = sharingWith(planned);
  const found: Downtime[] = [];
  // One question for all; years of an observatory pass by, and only what matters is held.
  for await (const batch of database.stream<Row>(query)) found.push(...batch.filter(sharesTime).map(toDowntime));
  return found;
}

type Window = Pick<Draft, "start" | "end" | "site" | "enclosure" | "telescope">;
const telescopeOf = ({ site, enclosure, telescope }: Window) => `${site} ${enclosure} ${telescope}`;

/** Tells whether a window shares time with any one that is planned on its telescope. */
function sharingWith(planned: readonly PlannedDowntime[]): (window: Window) => boolean {
  // By their start, each with the latest end until then.
  const windows = new Map<string, { readonly start: Instant; readonly latest: Instant }[]>();
  const drafts = planned.map(({ draft }) => draft).sort((a, b) => (a.start < b.start ? -1 : 1));
  for (const draft of drafts) {
    const known = windows.get(telescopeOf(draft)) ?? [];
    const before = known.at(-1)?.latest ?? draft.end;
    known.push({ start: draft.start, latest: draft.end > before ? draft.end : before });
    windows.set(telescopeOf(draft), known);
  }
  return (window) => {
    const known = windows.get(telescopeOf(window)) ?? [];
    let [low, high] = [0, known.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((known[middle]?.start ?? "") < window.end) low = middle + 1;
      else high = middle;
    }
    return (known[low - 1]?.latest ?? "") > window.start;
  };
}
