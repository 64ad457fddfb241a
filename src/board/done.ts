/** What was done in a change set, and what it left as it was, for the message about it. */

import { mayChange, type User } from "../auth/user.ts";
import { findWhy, type WhyTelescope } from "../availability/why.ts";
import { stateOf } from "../downtime/downtime.ts";
import { telescopeName } from "../facility/facility.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { toInstant } from "../time/instant.ts";
import { findClosures, findLeft } from "./closures.ts";

export type Done = NonNullable<Awaited<ReturnType<typeof findDone>>>;
export type DoneServices = Pick<
  SeriesStaffServices,
  "auth" | "changeSets" | "downtimes" | "series" | "configdb" | "clock"
>;

/** Reads what was done from the store; undefined if it was someone else. */
export async function findDone(services: DoneServices, user: User, changeSet: number) {
  const { auth, changeSets, configdb, downtimes } = services;
  const found = await changeSets.find(changeSet);
  if (!found || found.by !== user.name) return undefined;
  const versions = (await downtimes.writtenBy(changeSet)).map((one) => ({ ...one, id: one.downtime_id }));
  if (versions.length === 0) return undefined;
  const now = toInstant(services.clock());
  const isEnd = found.kind === "end" || found.kind === "end_series";
  const freed = versions.filter((one) => stateOf(one, now) === (one.action === "delete" ? "now" : isEnd ? "past" : ""));
  const current = await downtimes.findAllStored(versions.map(({ id }) => id));
  const mayEnd = (createdBy: string | null) => mayChange(user, auth.writeAccess, createdBy);
  const written = current.map(({ downtime }) => downtime);
  const [closure] = await findClosures(services, now, written, mayEnd);
  const left = found.kind.startsWith("end") || found.kind === "extend" ? await findLeft(services, now, written) : [];
  const rest = left.filter(({ byHand }) => !byHand).map(({ downtime }) => downtime);
  const [only, ...others] = current.filter(({ createdBy }) => mayEnd(createdBy));
  const isActive = only !== undefined && others.length === 0 && stateOf(only.downtime, now) === "now";
  const stillBlocked: WhyTelescope[] = [];
  for (const { site, enclosure, telescope } of new Map(freed.map((one) => [telescopeName(one), one])).values()) {
    const filter = { site: [site], enclosure: [enclosure], telescope: [telescope] };
    stillBlocked.push(...(await findWhy(downtimes, configdb.find(), filter, now)).telescopes);
  }
  return {
    changeSet,
    /** What the change set was, such as `end` or `undo`. */
    kind: found.kind,
    /** What it wrote, and nobody has edited since. */
    versions,
    now,
    /** The id of the active closure that it wrote. */
    closure: closure?.mayChange ? closure.series.id : undefined,
    /** The id of the only downtime that it wrote, if that is active. */
    active: isActive ? only.downtime.id : undefined,
    /** The telescopes that other downtimes still block. */
    stillBlocked: stillBlocked.filter(({ state }) => state !== "available"),
    /** The other active downtimes of its closures, which it left as they were; and the closure of those not edited individually. */
    left,
    rest: (await findClosures(services, now, rest, mayEnd)).find((one) => one.mayChange),
    untilNotice: await downtimes.untilNotice(now),
    /** Whether the user may end a downtime of this creator. */
    mayEnd,
  };
}
