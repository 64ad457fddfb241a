/** TODO: say what this file is. */

import type { StoredSeries } from "../../store/series-rows.ts";
import type { AdminParts } from "./admin/staff.ts";

/** The series, unless there is none or no longer. */
export async function findSeries({ series }: AdminParts, id: number): Promise<StoredSeries | undefined> {
  const last = (await series.history(id)).at(-1);
  return last && last.action !== "delete" ? series.get(id) : undefined;
}
