/** Closures: one-time series. Finds the active ones, and the reasons to offer. */

import type { StaffPageServices, Visit } from "../account/staff-page.ts";
import { mayChange, type Visitor } from "../auth/user.ts";
import type { Category } from "../downtime/category.ts";
import { type Downtime, stateOf } from "../downtime/downtime.ts";
import type { Downtimes } from "../downtime/store.ts";
import { needsConfirmation, oneYearAfter, type UntilNotice } from "../downtime/until-notice.ts";
import type { Site } from "../facility/facility.ts";
import { sunriseAt } from "../series/once-rule.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import type { StoredSeries } from "../series/rows.ts";
import { type Instant, moved } from "../time/instant.ts";

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

/** A duration to offer. `open` is until further notice. */
export interface CloseOption {
  readonly name: "1h" | "2h" | "4h" | "sunrise" | "open";
  readonly until: Instant;
}

const hourMillis = 3_600_000;

/** The end of a one-time rule, by the name of an option; undefined for another name. */
export function endOf(name: string | null): string | null | undefined {
  if (name === "open") return null;
  return name === "1h" || name === "2h" || name === "4h" || name === "sunrise" ? name : undefined;
}

/** Returns the durations for a site. Omits sunrise if ConfigDB has no coordinates for it. */
export function closeOptionsOf(site: Site | undefined, now: Instant): readonly CloseOption[] {
  const sunrise = sunriseAt(site, now);
  return [
    { name: "1h", until: moved(now, hourMillis) },
    { name: "2h", until: moved(now, 2 * hourMillis) },
    { name: "4h", until: moved(now, 4 * hourMillis) },
    ...(sunrise ? [{ name: "sunrise" as const, until: sunrise }] : []),
    { name: "open", until: oneYearAfter(now) },
  ];
}

export interface UnconfirmedClosure {
  readonly downtime: Downtime;
  /** The id of its closure, which is confirmed as a whole. */
  readonly closure: number | undefined;
  /** The number of other downtimes of the closure. */
  readonly more: number;
  /** When someone last confirmed that it is closed until further notice. */
  readonly confirmedAt: Instant;
}

/** Returns the active ones that the user may edit, if they weren't confirmed recently. */
export async function findStillClosed(
  { auth, downtimes }: Pick<StaffPageServices, "auth"> & { readonly downtimes: Downtimes },
  { user, now }: Visit,
  untilNotice: UntilNotice,
): Promise<UnconfirmedClosure[]> {
  const ids = [...untilNotice.keys()].filter((id) => needsConfirmation({ id }, untilNotice, now));
  const stored = ids.length > 0 ? await downtimes.findAllStored(ids) : [];
  const groups = Map.groupBy(stored, ({ downtime: { id, series }, byHand }) => (!byHand && series ? `${series}` : -id));
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const { downtime, createdBy, byHand } = first;
    const confirmedAt = untilNotice.get(downtime.id);
    const isShown = stateOf(downtime, now) === "now" && mayChange(user, auth.writeAccess, createdBy);
    const closure = byHand ? undefined : downtime.series;
    return confirmedAt && isShown ? [{ downtime, closure, more: others.length, confirmedAt }] : [];
  });
}
