/** Previews: what somebody should see of a series before it is stored. */

import type { Draft } from "../downtime/downtime.ts";
import type { Facility, Site } from "../facility/facility.ts";
import { spotOf } from "../facility/places.ts";
import { darkSeconds } from "../sky/twilight.ts";
import { secondsBetween } from "../time/duration.ts";
import type { Instant } from "../time/instant.ts";
import type { Expansion, Occurrence } from "./occurrences.ts";
import type { SkippedNight } from "./rule-time.ts";
import { inactivePlaces } from "./scope.ts";

/** A row of the series, and what is odd about it. */
export interface PreviewRow<Stored extends Draft> extends Occurrence {
  /** Stored downtimes that block the same in the same time, whole or in part: the first ones. */
  readonly overlaps: readonly Stored[];
  /** How many there are in all. */
  readonly overlapCount: number;
  /** Another row of the series blocks the same in the same time. */
  readonly overlapsOwn: boolean;
  /** How long it is. */
  readonly seconds: number;
  /** How much of it isn't astronomical night; undefined where nobody knows where the site is. */
  readonly lightSeconds: number | undefined;
  /** ConfigDB calls the telescope, its enclosure, its site or each such instrument inactive. */
  readonly isInactive: boolean;
}

interface Preview<Stored extends Draft> {
  readonly rows: readonly PreviewRow<Stored>[];
  readonly absences: readonly SkippedNight[];
}

/** From the first start to the last end: what is stored in this time must be known for a preview. */
export function spanOf({ rows }: Expansion): { readonly from: Instant; readonly to: Instant } | undefined {
  const [first] = rows;
  if (!first) return undefined;
  const to = rows.reduce((latest, { draft }) => (draft.end > latest ? draft.end : latest), first.draft.end);
  return { from: first.draft.start, to };
}

/** @param stored every downtime that may overlap, without those of the series itself */
export function previewOf<Stored extends Draft>(
  { rows, absences }: Expansion,
  stored: readonly Stored[],
  facility: Facility,
): Preview<Stored> {
  const drafts = rows.map(({ draft }) => draft);
  const overlaps = overlapsOf(drafts, stored);
  const own = overlapsOf(drafts, drafts);
  const isInactive = inactivePlaces(facility);
  const lightSeconds = lightSecondsIn(facility);
  const seen = rows.map((row, index): PreviewRow<Stored> => {
    const { draft } = row;
    return {
      ...row,
      overlaps: overlaps[index]?.first ?? [],
      overlapCount: overlaps[index]?.count ?? 0,
      // Each overlaps itself.
      overlapsOwn: (own[index]?.count ?? 0) > 1,
      seconds: secondsBetween(draft.start, draft.end),
      lightSeconds: lightSeconds(draft),
      isInactive: isInactive(draft),
    };
  });
  return { rows: seen, absences };
}

const telescopeOf = ({ site, enclosure, telescope }: Draft) => JSON.stringify([site, enclosure, telescope]);

/** Whether both can't be used in a time in which one of them isn't. */
const sharesInstruments = (a: Draft, b: Draft): boolean =>
  a.instrument_type === "" || b.instrument_type === "" || a.instrument_type === b.instrument_type;

/** Overlaps that are named for each row: thousands of rows may overlap thousands of downtimes each. */
export const mostOverlaps = 20;

interface Overlaps<Other> {
  readonly first: readonly Other[];
  readonly count: number;
}

/**
 * For each draft the others that block the same in the same time.
 * @param drafts by their start
 */
function overlapsOf<Other extends Draft>(
  drafts: readonly Draft[],
  others: readonly Other[],
): readonly Overlaps<Other>[] {
  const byTelescope = Map.groupBy(others, telescopeOf);
  const queues = new Map(
    [...byTelescope].map(([key, list]) => [key, { next: 0, open: [] as Other[], list: list.sort(byStart) }]),
  );
  return drafts.map((draft) => {
    const queue = queues.get(telescopeOf(draft));
    if (!queue) return { first: [], count: 0 };
    // Drafts come by their start: what is over when this one starts is over for each later one.
    for (let other = queue.list[queue.next]; other && other.start < draft.end; other = queue.list[++queue.next])
      queue.open.push(other);
    queue.open = queue.open.filter(({ end }) => end > draft.start);
    const found = queue.open.filter((other) => other.start < draft.end && sharesInstruments(draft, other));
    return { first: found.slice(0, mostOverlaps), count: found.length };
  });
}

const byStart = (a: Draft, b: Draft) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0);

/** Dusk and dawn are each computed to about a second. */
const errorSeconds = 2;

/** Tells how much of a window at a site isn't night, once for all telescopes there. */
function lightSecondsIn(facility: Facility): (draft: Draft) => number | undefined {
  const sites = new Map<string, Site>(facility.sites.map((site) => [site.code, site]));
  const known = new Map<string, number>();
  return ({ site, start, end }) => {
    const spot = spotOf(sites.get(site));
    if (!spot) return undefined;
    const key = `${site} ${start} ${end}`;
    const seconds = known.get(key) ?? secondsBetween(start, end) - darkSeconds(spot, start, end);
    known.set(key, seconds);
    return seconds > errorSeconds ? seconds : 0;
  };
}
