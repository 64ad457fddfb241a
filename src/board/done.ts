/** The message about what the user just did, on whatever page follows. */

import { mayChange, type User, type Visitor } from "../auth/user.ts";
import { findWhy, type WhyTelescope } from "../availability/why.ts";
import { stateOf } from "../downtime/downtime.ts";
import { telescopeName } from "../facility/facility.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { findClosures } from "./closures.ts";
import { type DoneProps, Toast } from "./done-view.tsx";

const endings: readonly string[] = ["end", "end_series"];

type DoneServices = Pick<SeriesStaffServices, "auth" | "changeSets" | "downtimes" | "series" | "configdb" | "clock">;

/** Creates the function that renders what a visitor did. The query only names the change set, so a link can't fake a message. */
export const createDoneMessage =
  (services: DoneServices) =>
  async (changeSet: number, { user, csrf }: Visitor, path: string): Promise<JSX.Element | undefined> => {
    if (!user || !csrf || !Number.isSafeInteger(changeSet)) return undefined;
    const done = changeSet === 0 ? undefined : await findDone(services, user, changeSet);
    return changeSet === 0 || done ? Toast({ done, csrf, path }) : undefined;
  };

/** Reads what was done from the store; undefined if it was someone else. */
async function findDone(services: DoneServices, user: User, changeSet: number): Promise<DoneProps | undefined> {
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
    kind: found.kind,
    versions,
    now,
    closure: closure?.mayChange ? closure.series.id : undefined,
    active: isActive ? only.downtime.id : undefined,
    stillBlocked: await findStillBlocked(services, freed, now),
    untilNotice: await downtimes.untilNotice(now),
    mayEnd,
  };
}

/** Returns the telescopes of ended or deleted downtimes that other downtimes still block. */
async function findStillBlocked(
  { downtimes, configdb }: DoneServices,
  freed: DoneProps["versions"],
  now: Instant,
): Promise<WhyTelescope[]> {
  const still: WhyTelescope[] = [];
  for (const { site, enclosure, telescope } of new Map(freed.map((one) => [telescopeName(one), one])).values()) {
    const filter = { site: [site], enclosure: [enclosure], telescope: [telescope] };
    still.push(...(await findWhy(downtimes, configdb.find(), filter, now)).telescopes);
  }
  return still.filter(({ state }) => state !== "available");
}
