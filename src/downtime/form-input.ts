/** Reads what people type into the forms of downtimes, and computes what their preview says. */

import type { Facility } from "../facility/facility.ts";
import { findSite, placeNotices, positionOf } from "../facility/places.ts";
import { darkSeconds } from "../sky/twilight.ts";
import { parseDuration } from "../time/duration.ts";
import { dayMillis, type Instant, parseInstant, toInstant, toMillis } from "../time/instant.ts";
import type { Draft } from "./downtime.ts";
import type { Downtimes } from "./store.ts";

/** Reads a time or the word `now`; undefined if invalid. */
export const readTypedTime = (text: string, now: Instant): Instant | undefined =>
  /^\s*now\s*$/i.test(text) ? now : parseInstant(text);

/** Reads an end: a time, or a duration from the start; undefined if invalid. */
export function readEnd(text: string, start: Instant, now: Instant): Instant | undefined {
  const seconds = parseDuration(text);
  if (seconds === undefined) return readTypedTime(text, now);
  const end = toMillis(start) + seconds * 1000;
  return end < Date.UTC(10_000, 0) ? toInstant(end) : undefined;
}

/** Returns each selected downtime's version, by its id. The form has them as `ID.VERSION`. */
export const versionsIn = (form: URLSearchParams): ReadonlyMap<number, number> =>
  new Map(
    form
      .getAll("seen")
      .filter((text) => /^\d{1,15}\.\d{1,9}$/.test(text))
      .slice(0, 1000)
      .map((text) => text.split(".").map(Number) as [number, number]),
  );

/**
 * What the preview says of a downtime.
 * @param exceptId the downtime to edit, which isn't an overlap or a duplicate of itself
 */
export async function summaryOf(
  downtimes: Pick<Downtimes, "findSame" | "overlapping">,
  facility: Facility | undefined,
  draft: Draft,
  exceptId: number | undefined,
) {
  const { start, end } = draft;
  const site = findSite(facility, draft.site);
  const position = positionOf(site);
  return {
    draft,
    zone: site?.zone,
    darkSeconds:
      position && toMillis(end) - toMillis(start) < maxDarkMillis ? darkSeconds(position, start, end) : undefined,
    overlaps: await downtimes.overlapping(draft, start, end, exceptId),
    duplicate: await downtimes.findSame(draft, exceptId),
    /** Problems found in ConfigDB, such as an inactive telescope. */
    notices: placeNotices(draft, facility),
  };
}

/** The longest downtime with dark time in the summary, because computing it takes time. */
const maxDarkMillis = 400 * dayMillis;
