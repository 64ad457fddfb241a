/** Finds the closures until further notice that someone should confirm. */

import type { StaffPageServices, Visit } from "../account/staff-page.ts";
import { mayChange } from "../auth/user.ts";
import { stateOf } from "../downtime/downtime.ts";
import type { Downtimes } from "../downtime/store.ts";
import { needsConfirmation, type UntilNotice } from "../downtime/until-notice.ts";
import type { UnconfirmedClosure } from "./still-closed-view.tsx";

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
