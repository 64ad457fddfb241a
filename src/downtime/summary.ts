/** Computes the summary of the form's input: times, dark time, overlaps and warnings. */

import type { Facility } from "../facility/facility.ts";
import { findSite, placeNotices, spotOf } from "../facility/places.ts";
import { darkSeconds } from "../sky/twilight.ts";
import { dayMillis, type Instant, toMillis } from "../time/instant.ts";
import type { ParsedInput } from "./form-input.ts";
import type { Downtimes } from "./store.ts";

/**
 * Returns the summary.
 * @param exceptId the downtime to edit, which isn't an overlap or a duplicate of itself
 * @param copyOf the downtime that is duplicated
 */
export async function summaryOf(
  downtimes: Pick<Downtimes, "findSame" | "overlapping">,
  facility: Facility | undefined,
  { input, start, end, draft }: ParsedInput,
  now: Instant,
  { exceptId, copyOf }: { readonly exceptId?: number | undefined; readonly copyOf?: number | undefined },
) {
  const same = draft && (await downtimes.findSame(draft, exceptId));
  const site = findSite(facility, input.site);
  const isWindow = start && end && start < end;
  const spot = spotOf(site);
  const isShort = isWindow && toMillis(end) - toMillis(start) < maxDarkMillis;
  return {
    where: input,
    start,
    end,
    /** Input that isn't a valid time. A duration without a start isn't among them. */
    invalidTimes: [start ? "" : input.start, end || !start ? "" : input.end].filter((text) => text.trim() !== ""),
    now,
    zone: site?.zone,
    /** Undefined if unknown. */
    darkSeconds: spot && isShort ? darkSeconds(spot, start, end) : undefined,
    /** Downtimes of the same telescope at that time. */
    overlaps: isWindow && input.telescope !== "" ? await downtimes.overlapping(input, start, end, exceptId) : [],
    /** An identical stored downtime. */
    duplicate: same,
    /** Whether the form is still an unedited copy of it, which isn't an error yet. */
    isCopy: same !== undefined && same.id === copyOf,
    /** Problems found in ConfigDB, such as an inactive telescope. */
    notices: input.site === "" ? [] : placeNotices(input, facility),
  };
}

/** The error that refuses to save an identical downtime. */
export const duplicateErrors = ({ duplicate }: Pick<Awaited<ReturnType<typeof summaryOf>>, "duplicate">) =>
  duplicate && { reason: `An identical downtime already exists (#${duplicate.id}).` };

/** The longest window with dark time in the summary, because computing it takes time. */
const maxDarkMillis = 400 * dayMillis;
