/** Closures: one-time series. Finds the active ones, and the reasons to offer. */

import { mayChange, type Visitor } from "../auth/user.ts";
import type { Category } from "../downtime/category.ts";
import { type Downtime, stateOf } from "../downtime/downtime.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import type { StoredSeries } from "../series/rows.ts";
import type { Instant } from "../time/instant.ts";

/** An active closure, with its downtimes that are active and weren't edited individually. */
export interface Closure {
  readonly series: StoredSeries;
  readonly downtimes: readonly [Downtime, ...Downtime[]];
  readonly mayChange: boolean;
}

/** Returns the closures of some active downtimes, in their order. @param mayEdit whether the user may edit one of this creator */
export async function findClosures(
  { series, downtimes }: Pick<SeriesStaffServices, "series" | "downtimes">,
  now: Instant,
  active: readonly Downtime[],
  mayEdit: (createdBy: string | null) => boolean,
): Promise<Closure[]> {
  const ids = active.filter((one) => one.series !== undefined && stateOf(one, now) === "now").map(({ id }) => id);
  const stored = (await downtimes.findAllStored(ids)).filter(({ byHand }) => !byHand);
  const found: Closure[] = [];
  for (const [id, rows] of Map.groupBy(stored, ({ downtime }) => downtime.series ?? 0)) {
    const one = await series.find(id);
    const [first, ...rest] = rows.map(({ downtime }) => downtime);
    if (first && one?.rule.kind === "once")
      found.push({
        series: one,
        downtimes: [first, ...rest],
        mayChange: mayEdit(one.createdBy),
      });
  }
  return found;
}

export type Editable = Awaited<ReturnType<typeof findEditable>>;

/** Returns the closures of some active downtimes, and the ids of those that the visitor may edit one by one. */
export async function findEditable(
  services: Pick<SeriesStaffServices, "series" | "downtimes" | "auth">,
  { user }: Pick<Visitor, "user">,
  now: Instant,
  active: readonly Downtime[],
) {
  const mayEdit = (createdBy: string | null) =>
    user !== undefined && mayChange(user, services.auth.writeAccess, createdBy);
  const stored = await services.downtimes.findAllStored(active.map(({ id }) => id));
  return {
    closures: await findClosures(services, now, active, mayEdit),
    mayEdit: new Set(stored.filter(({ createdBy }) => mayEdit(createdBy)).map(({ downtime }) => downtime.id)),
  };
}

const categoryOf: Readonly<Record<string, Category>> = {
  Storm: "weather",
  Wind: "weather",
  Humidity: "weather",
  Clouds: "weather",
  Technical: "fault",
};

const mostRecent = 5;

/** Returns the reasons to offer with their categories: the usual ones, and the last ones used. */
export async function findReasons({
  series,
}: Pick<SeriesStaffServices, "series">): Promise<ReadonlyMap<string, Category>> {
  const { results } = await series.list({ limit: 50, offset: 0, kinds: ["once"] });
  const usual = new Map(Object.entries(categoryOf));
  const used = results.filter(({ reason }) => reason !== "" && !usual.has(reason));
  const recent = new Map(used.toReversed().map(({ reason, category = "closure" }) => [reason, category]));
  return new Map([...usual, ...[...recent].reverse().slice(0, mostRecent)]);
}
