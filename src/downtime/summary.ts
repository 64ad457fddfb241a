/** The summary of the form's input: how long it is, how dark, what else is down then, and what ConfigDB says. */

import type { Facility } from "../facility/facility.ts";
import { findSite, placeNotices, spotOf } from "../facility/places.ts";
import { darkSeconds } from "../sky/twilight.ts";
import { dayMillis, type Instant, toMillis } from "../time/instant.ts";
import { describePlace } from "./downtime.ts";
import type { Reading } from "./form-input.ts";
import type { Downtimes } from "./store.ts";
import type { SummaryProps } from "./summary-view.tsx";

/**
 * Sums up what the form's input means.
 * @param exceptId the downtime that is edited
 * @param copyOf the downtime of which the form is a copy
 */
export async function summaryOf(
  downtimes: Pick<Downtimes, "findSame" | "overlapping">,
  facility: Facility | undefined,
  { entry, start, end, draft }: Reading,
  now: Instant,
  { exceptId, copyOf }: { readonly exceptId?: number | undefined; readonly copyOf?: number | undefined },
): Promise<SummaryProps> {
  const same = draft && (await downtimes.findSame(draft, exceptId));
  const site = findSite(facility, entry.site);
  const isWindow = start && end && start < end;
  const spot = spotOf(site);
  const isShort = isWindow && toMillis(end) - toMillis(start) < longestDarkMillis;
  return {
    where: describePlace(entry),
    start,
    end,
    // A length, too, means nothing without a start.
    unread: [start ? "" : entry.start, end || !start ? "" : entry.end].filter((text) => text.trim() !== ""),
    now,
    zone: site?.zone,
    darkSeconds: spot && isShort ? darkSeconds(spot, start, end) : undefined,
    overlaps: isWindow && entry.telescope !== "" ? await downtimes.overlapping(entry, start, end, exceptId) : [],
    same,
    isCopy: same !== undefined && same.id === copyOf,
    notices: entry.site === "" ? [] : placeNotices(entry, facility),
  };
}

/** Of longer windows nobody asks how much is dark, and it would take long to say. */
const longestDarkMillis = 400 * dayMillis;
