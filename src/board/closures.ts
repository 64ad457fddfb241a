/** Closures: one-time series. Finds the active ones, and the reasons to offer. */

import type { Visit } from "../account/staff-page.ts";
import { mayChange, type Visitor } from "../auth/user.ts";
import { telescopeStatusesOf } from "../availability/why.ts";
import { type Category, type Downtime, stateOf } from "../downtime/downtime.ts";
import { needsConfirmation, type UntilNotice } from "../downtime/state.ts";
import { type Facility, telescopeFields } from "../facility/facility.ts";
import { findSite } from "../facility/places.ts";
import { safeNext } from "../http/path.ts";
import { sunriseAt } from "../series/once-rule.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { planNew } from "../series/plan.ts";
import { type Instant, moved } from "../time/instant.ts";

/** An active closure, with its downtimes that are active and weren't edited individually. */
export type Closure = Awaited<ReturnType<typeof findClosures>>[number];

/** Returns the closures of some active downtimes, in their order. @param mayEdit whether the user may edit one of this creator */
export async function findClosures(
  { series, downtimes }: Pick<SeriesStaffServices, "series" | "downtimes">,
  now: Instant,
  active: readonly Downtime[],
  mayEdit: (createdBy: string | null) => boolean,
) {
  const ids = active.filter((one) => one.series !== undefined && stateOf(one, now) === "now").map(({ id }) => id);
  const stored = (await downtimes.findAllStored(ids)).filter(({ byHand }) => !byHand);
  const found = [];
  for (const [id, rows] of Map.groupBy(stored, ({ downtime }) => downtime.series ?? 0)) {
    const one = await series.find(id);
    if (one?.rule.kind === "once")
      found.push({ series: one, downtimes: rows.map(({ downtime }) => downtime), mayChange: mayEdit(one.createdBy) });
  }
  return found;
}

/** Plans to close telescopes from now on. @throws Invalid */
export function planClosure(body: object, end: string | null, facility: Facility, now: Instant) {
  const planned = planNew({ ...body, rule: { kind: "once", start: "now", end } }, facility, now);
  return { ...planned, kind: planned.kind ?? "close" };
}

/** Returns the closures of some active downtimes, and the ids of the others that the visitor may edit: a closure is edited as a whole. */
export async function findEditable(
  services: Pick<SeriesStaffServices, "series" | "downtimes" | "auth">,
  { user }: Pick<Visitor, "user">,
  now: Instant,
  active: readonly Downtime[],
) {
  const mayEdit = (createdBy: string | null) =>
    user !== undefined && mayChange(user, services.auth.writeAccess, createdBy);
  const stored = await services.downtimes.findAllStored(active.map(({ id }) => id));
  const closures = await findClosures(services, now, active, mayEdit);
  const grouped = new Set(closures.flatMap((one) => (one.mayChange ? one.downtimes.map(({ id }) => id) : [])));
  const single = stored.filter(({ createdBy, downtime }) => mayEdit(createdBy) && !grouped.has(downtime.id));
  return { closures, mayEdit: new Set(single.map(({ downtime }) => downtime.id)) };
}

const weather = ["Storm", "Wind", "Humidity", "Clouds"].map((reason) => [reason, "weather"] as const);
const mostRecent = 5;

/** Returns the reasons to offer with their categories: the usual ones, and the last ones used. */
export async function findReasons({ series }: Pick<SeriesStaffServices, "series">) {
  const { results } = await series.list({ limit: 50, offset: 0, kinds: ["once"] });
  const reasons = new Map<string, Category>([...weather, ["Technical", "fault"]]);
  const most = reasons.size + mostRecent;
  for (const { reason, category = "closure" } of results)
    if (reason !== "" && !reasons.has(reason) && reasons.size < most) reasons.set(reason, category);
  return reasons;
}

/** Returns the active closures until further notice that the user may edit, if they weren't confirmed recently. */
export async function findStillClosed(
  { auth, downtimes }: Pick<SeriesStaffServices, "auth" | "downtimes">,
  { user, now }: Visit,
  untilNotice: UntilNotice,
) {
  const ids = [...untilNotice.keys()].filter((id) => needsConfirmation({ id }, untilNotice, now));
  const stored = (await downtimes.findAllStored(ids)).filter(
    ({ downtime, createdBy }) => stateOf(downtime, now) === "now" && mayChange(user, auth.writeAccess, createdBy),
  );
  // A closure is confirmed as a whole.
  const groups = Map.groupBy(stored, ({ downtime: { id, series }, byHand }) =>
    byHand || !series ? `/admin/downtimes/${id}` : `/admin/series/${series}`,
  );
  return [...groups].flatMap(([path, [first, ...{ length: more }]]) => (first ? [{ path, ...first, more }] : []));
}

export type CloseNow = Awaited<ReturnType<typeof findCloseNow>>;

/** Returns what the page Close now shows: the active closures, and the telescopes that the query selects, by site. */
export async function findCloseNow(services: SeriesStaffServices, visit: Visit) {
  const { pageContext, csrf, now, query, form: sent } = visit;
  const { downtimes, configdb } = services;
  const facility = configdb.get();
  const untilNotice = await downtimes.untilNotice(now);
  const active = await downtimes.during({}, { start: now, end: moved(now, 1000) });
  const { closures, mayEdit } = await findEditable(services, visit, now, active);
  const telescopes = telescopeStatusesOf(facility, active, now)
    .filter(({ name }) => telescopeFields.every((field) => (query.get(field) || name[field]) === name[field]))
    // Inactive telescopes are included only while they are down.
    .filter(({ name, blocking }) => name.known && (name.active || blocking.length > 0));
  return {
    ...{ csrf, now, sent, query, untilNotice, closures, mayEdit },
    /** The page to go to afterwards. */
    next: query.has("next") ? safeNext(query.get("next")) : pageContext.path,
    unconfirmed: await findStillClosed(services, visit, untilNotice),
    reasons: [...(await findReasons(services)).keys()],
    sites: [...Map.groupBy(telescopes, ({ name }) => name.site)].map(([code, atSite]) => {
      const site = findSite(facility, code);
      return { code, zone: site?.zone, sunrise: sunriseAt(site, now), telescopes: atSite };
    }),
  };
}
