/** The downtimes until further notice of which somebody should say whether they still hold. */

import type { StaffPageServices, Visit } from "../account/staff-page.ts";
import { mayChange } from "../auth/user.ts";
import { stateOf } from "../downtime/downtime.ts";
import type { Downtimes } from "../downtime/store.ts";
import { isQuestionable, type UntilNotice } from "../downtime/until-notice.ts";
import type { Questionable } from "./still-closed-view.tsx";

/** Those that the visitor may end or keep. */
export async function findStillClosed(
  { auth, downtimes }: Pick<StaffPageServices, "auth"> & { readonly downtimes: Downtimes },
  { user, now }: Visit,
  untilNotice: UntilNotice,
): Promise<Questionable[]> {
  const ids = [...untilNotice.keys()].filter((id) => isQuestionable({ id }, untilNotice, now));
  const stored = ids.length > 0 ? await downtimes.findAllStored(ids) : [];
  return stored.flatMap(({ downtime, createdBy }) => {
    const saidAt = untilNotice.get(downtime.id);
    const isAsked = stateOf(downtime, now) === "now" && mayChange(user, auth.writeAccess, createdBy);
    return saidAt && isAsked ? [{ downtime, saidAt }] : [];
  });
}
