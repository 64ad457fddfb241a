/** The message about what the user just did, on whatever page follows. */

import { mayChange, type User } from "../auth/user.ts";
import { findWhy, type WhyTelescope } from "../availability/why.ts";
import { stateOf } from "../downtime/downtime.ts";
import type { Version } from "../downtime/rows.ts";
import { telescopeName } from "../facility/facility.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { findClosures } from "./closures.ts";

const endings: readonly string[] = ["end", "end_series"];

export type Done = NonNullable<Awaited<ReturnType<typeof findDone>>>;
export type DoneServices = Pick<
  SeriesStaffServices,
  "auth" | "changeSets" | "downtimes" | "series" | "configdb" | "clock"
>;

/** Reads what was done from the store; undefined if it was someone else. */
export async function findDone(services: DoneServices, user: User, changeSet: number) {
  const { auth, changeSets, downtimes } = services;
  const found = await changeSets.find(changeSet);
  if (!found || found.by !== user.name) return undefined;
  const versions = (await downtimes.writtenBy(changeSet)).map((one) => ({ ...one, id: one.downtime_id }));
  if (versions.length === 0) return undefined;
  const now = toInstant(services.clock());
  const isEnd = endings.includes(found.kind);
  const freed = versions.filter((one) => stateOf(one, now) === (one.action === "delete" ? "now" : isEnd ? "past" : ""));
  const current = await downtimes.findAllStored(versions.map(({ id }) => id));
  const mayEnd = (createdBy: string | null) => mayChange(user, auth.writeAccess, createdBy);
  const written = current.map(({ downtime }) => downtime);
  const [closure] = await findClosures(services, now, written, mayEnd);
  const [only, ...others] = current.filter(({ createdBy }) => mayEnd(createdBy));
  const isActive = only !== undefined && others.length === 0 && stateOf(only.downtime, now) === "now";
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
    stillBlocked: await findStillBlocked(services, freed, now),
    untilNotice: await downtimes.untilNotice(now),
    /** Whether the user may end a downtime of this creator. */
    mayEnd,
  };
}

/** Returns the telescopes of ended or deleted downtimes that other downtimes still block. */
async function findStillBlocked(
  { downtimes, configdb }: DoneServices,
  freed: readonly Pick<Version, "site" | "enclosure" | "telescope">[],
  now: Instant,
): Promise<WhyTelescope[]> {
  const still: WhyTelescope[] = [];
  for (const { site, enclosure, telescope } of new Map(freed.map((one) => [telescopeName(one), one])).values()) {
    const filter = { site: [site], enclosure: [enclosure], telescope: [telescope] };
    still.push(...(await findWhy(downtimes, configdb.find(), filter, now)).telescopes);
  }
  return still.filter(({ state }) => state !== "available");
}
