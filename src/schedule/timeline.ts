/** The timeline: a row per telescope with its downtimes as bars, and day, twilight and night at each site. */

import { telescopesOf } from "../availability/telescopes.ts";
import { type Downtime, type State, stateOf } from "../downtime/downtime.ts";
import type { Filter } from "../downtime/filter.ts";
import type { Facility, Site } from "../facility/facility.ts";
import { spotOf } from "../facility/places.ts";
import { darkness, type Phase } from "../sky/twilight.ts";
import type { Instant } from "../time/instant.ts";
import type { Span, Window } from "../time/interval.ts";

export interface TimelineBar {
  readonly downtime: Downtime;
  readonly state: State;
  /** Overlapping bars are in different lanes of the row; the first lane is 0. */
  readonly lane: number;
}

export interface TimelineRow {
  readonly enclosure: string;
  readonly telescope: string;
  readonly lanes: number;
  readonly bars: readonly TimelineBar[];
}

export interface TimelineGroup {
  readonly site: string;
  readonly zone: string | undefined;
  /** For each depth of twilight, the times when it is at least that dark. Drawn over each other, they show the night. */
  readonly shades: readonly (readonly Span[])[];
  readonly rows: readonly TimelineRow[];
}

/** Lanes per row. Further overlapping downtimes share the last one. */
const maxLanes = 5;

/** Returns the timeline of the downtimes that overlap a window. */
export function timelineOf(
  facility: Facility | undefined,
  filter: Filter,
  downtimes: readonly Downtime[],
  window: Window,
  now: Instant,
): TimelineGroup[] {
  const rows = telescopesOf(facility, filter, downtimes)
    .map(({ name, whole, byType }) => ({ ...name, bars: barsOf([whole, ...byType.values()].flat(), now) }))
    // Inactive telescopes, and those that are no longer in ConfigDB, are shown only with downtimes.
    .filter(({ active, bars }) => active || bars.length > 0)
    .map((row) => ({ ...row, lanes: row.bars.reduce((most, { lane }) => Math.max(most, lane + 1), 1) }));
  const sites = new Map(facility?.sites.map((site) => [site.code, site]));
  return [...Map.groupBy(rows, ({ site }) => site)].map(([code, ofSite]) => {
    const site = sites.get(code);
    return { site: code, zone: site?.zone, shades: site ? shadesOf(site, window) : [], rows: ofSite };
  });
}

/** Puts each downtime in the first lane that is free when it starts. */
function barsOf(downtimes: readonly Downtime[], now: Instant): TimelineBar[] {
  const freeFrom: Instant[] = [];
  return downtimes
    .toSorted((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : a.id - b.id))
    .map((downtime) => {
      const free = freeFrom.findIndex((from) => from <= downtime.start);
      const lane = free >= 0 ? free : Math.min(freeFrom.length, maxLanes - 1);
      freeFrom[lane] = downtime.end;
      return { downtime, state: stateOf(downtime, now), lane };
    });
}

const depths: Readonly<Record<Phase["kind"], number>> = { day: 0, civil: 1, nautical: 2, astronomical: 3, night: 4 };
/** In a month, twilight is too narrow to see: only sunset to sunrise and dark time are drawn. */
const depthsShown = { night: [1, 2, 3, 4], week: [1, 2, 3, 4], month: [1, 4] } as const;

// Caches the last window of each site, because most visitors look at the same one all day.
const lastShades = new WeakMap<Site, { readonly key: string; readonly shades: TimelineGroup["shades"] }>();

function shadesOf(site: Site, window: Window): TimelineGroup["shades"] {
  const key = `${window.kind} ${window.from} ${window.to}`;
  const last = lastShades.get(site);
  if (last?.key === key) return last.shades;
  const shades = computeShades(site, window);
  lastShades.set(site, { key, shades });
  return shades;
}

function computeShades(site: Site, { kind, from, to }: Window): TimelineGroup["shades"] {
  const spot = spotOf(site);
  if (!spot) return [];
  const phases = darkness(spot, from, to);
  return depthsShown[kind].map((depth) => {
    const spans: Span[] = [];
    for (const { kind, start, end } of phases) {
      if (depths[kind] < depth) continue;
      const last = spans.at(-1);
      if (last?.to === start) spans[spans.length - 1] = { from: last.from, to: end };
      else spans.push({ from: start, to: end });
    }
    return spans;
  });
}
