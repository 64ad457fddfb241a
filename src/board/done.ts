/** Finds what the user just did, for the message on the next page. */

import { idsOf, type Visit } from "../account/staff-page.ts";
import { mayChange } from "../auth/user.ts";
import { findWhy, type WhyTelescope } from "../availability/why.ts";
import { stateOf } from "../downtime/downtime.ts";
import type { UntilNotice } from "../downtime/until-notice.ts";
import { telescopeName } from "../facility/facility.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import type { Instant } from "../time/instant.ts";
import { findClosures } from "./closures.ts";
import type { DoneProps } from "./done-view.tsx";

const endings: readonly string[] = ["end", "end_series"];

/** Reads what was done from the store. The query only names the change set, so that a link can't fake a message. */
export async function findDone(
  services: SeriesStaffServices,
  visit: Visit,
  untilNotice: UntilNotice,
): Promise<DoneProps | undefined> {
  const { query, now, user } = visit;
  const { auth, changeSets, downtimes } = services;
  const [changeSet = 0] = idsOf(query.getAll("saved"));
  const found = changeSet > 0 && (await changeSets.find(changeSet));
  if (!found || found.by !== user.name) return undefined;
  const versions = (await downtimes.writtenBy(changeSet)).map((one) => ({ ...one, id: one.downtime_id }));
  if (versions.length === 0) return undefined;
  const isEnd = endings.includes(found.kind);
  const freed = versions.filter((one) => stateOf(one, now) === (one.action === "delete" ? "now" : isEnd ? "past" : ""));
  const current = await downtimes.findAllStored(versions.map(({ id }) => id));
  const written = current.map(({ downtime }) => downtime);
  const mayEnd = (createdBy: string | null) => mayChange(user, auth.writeAccess, createdBy);
  const [closure] = await findClosures(services, now, written, mayEnd);
  return {
    changeSet,
    kind: found.kind,
    isEnd,
    versions,
    now,
    closure: closure?.mayChange ? closure.series.id : undefined,
    stillBlocked: await findStillBlocked(services, freed, now),
    untilNotice,
    mayEnd,
  };
}

/** Returns the telescopes of ended or deleted downtimes that other downtimes still block. */
async function findStillBlocked(
  { downtimes, configdb }: SeriesStaffServices,
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
