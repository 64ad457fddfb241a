/** Finds a series, and describes it for the page of a downtime. */

import type { DescribeSeries } from "../downtime/page.tsx";
import { describeRule } from "./describe.ts";
import type { StoredSeries } from "./rows.ts";
import type { SeriesStore } from "./store.ts";

/** Finds a series; undefined if it doesn't exist or was deleted. */
export async function findSeries(
  { series }: { readonly series: SeriesStore },
  id: number,
): Promise<StoredSeries | undefined> {
  const last = (await series.history(id)).at(-1);
  return last && last.action !== "delete" ? series.get(id) : undefined;
}

export const createSeriesDescriber =
  (series: Pick<SeriesStore, "history">): DescribeSeries =>
  async (id) => {
    const [first, ...rest] = await series.history(id);
    if (!first) return undefined;
    const last = rest.at(-1) ?? first;
    return { words: describeRule(last.plan), createdBy: first.by, isDeleted: last.action === "delete" };
  };
