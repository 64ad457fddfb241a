/** The timeline: a row per telescope with its downtimes as bars, and day, twilight and night at each site. */

import { telescopesOf } from "../availability/telescopes.ts";
import { type Downtime, type State, stateOf } from "../downtime/downtime.ts";
import type { Filter } from "../downtime/filter.ts";
import type { Facility, Site } from "../facility/facility.ts";
import { positionOf } from "../facility/places.ts";
import { darkness, type Phase } from "../sky/twilight.ts";
import { type Instant, toMillis } from "../time/instant.ts";
import { inOrder, merged, type Window } from "../time/interval.ts";

export interface TimelineBar {
  /** One downtime; or a cluster of short ones near each other, by start time. */
  readonly downtimes: Downtimes;
  readonly state: State;
  readonly end: Instant;
  /** Overlapping bars are in different lanes of the row; the first lane is 0. */
  readonly lane: number;
}

type Downtimes = readonly [Downtime, ...Downtime[]];

export type TimelineGroup = ReturnType<typeof timelineOf>[number];

/** Lanes per row. Further overlapping downtimes share the last one. */
const maxLanes = 5;

/** In percent of the window: downtimes that are shorter and nearer to each other are clustered. The first that keeps the page small is used. */
const clusterWidths = [0.75, 1.5, 3, 6, 12, 25, 50, 100] as const;
/** More bars would make the page larger than 100 kB. A cluster weighs as much as several. */
const maxWeight = 100;
const weightOf = ({ length }: Downtimes) => (length === 1 ? 1 : 1.5 + length / 30);

/** Returns the timeline of the downtimes that overlap a window: the telescopes of each site. */
export function timelineOf(
  facility: Facility | undefined,
  filter: Filter,
  downtimes: readonly Downtime[],
  window: Window,
  now: Instant,
) {
  const byTelescope = telescopesOf(facility, filter, downtimes)
    .map(({ name, whole, byType }) => ({ ...name, downtimes: inOrder([whole, ...byType.values()].flat()) }))
    // Inactive telescopes, and those that are no longer in ConfigDB, are shown only with downtimes.
    .filter(({ active, downtimes }) => active || downtimes.length > 0);
  const allDowntimes = byTelescope.map((row) => row.downtimes);
  const clusters = clustered(allDowntimes, window, now);
  const rows = byTelescope.map((row, index) => {
    const bars = inLanes(clusters[index] ?? [], now);
    return { ...row, bars, lanes: Math.max(1, ...bars.map(({ lane }) => lane + 1)) };
  });
  const sites = new Map(facility?.sites.map((site) => [site.code, site]));
  return [...Map.groupBy(rows, ({ site }) => site)].map(([code, ofSite]) => {
    const site = sites.get(code);
    return { site: code, zone: site?.zone, shades: shadesOf(site, window), rows: ofSite };
  });
}

/** A downtime with its times in milliseconds, which are parsed only once. */
interface Timed {
  readonly downtime: Downtime;
  readonly state: State;
  readonly from: number;
  readonly to: number;
}

/** Clusters the downtimes of all rows until few enough bars are left. */
function clustered(rows: readonly (readonly Downtime[])[], { from, to }: Window, now: Instant): readonly Downtimes[][] {
  const timed = rows.map((downtimes) =>
    downtimes.map((downtime): Timed => {
      const { start, end } = downtime;
      return { downtime, state: stateOf(downtime, now), from: toMillis(start), to: toMillis(end) };
    }),
  );
  const percentMillis = (toMillis(to) - toMillis(from)) / 100;
  let clusters: Downtimes[][] = [];
  for (const width of clusterWidths) {
    clusters = timed.map((row) => clustersOf(row, width * percentMillis));
    if (clusters.flat().reduce((sum, cluster) => sum + weightOf(cluster), 0) <= maxWeight) break;
  }
  return clusters;
}

/** Joins downtimes of the same state that are shorter than a time and nearer to each other. */
function clustersOf(row: readonly Timed[], mostMillis: number): Downtimes[] {
  const open = new Map<State, { readonly cluster: Downtime[]; to: number }>();
  return row.flatMap(({ downtime, state, from, to }) => {
    const isShort = to - from < mostMillis;
    const last = isShort ? open.get(state) : undefined;
    if (last && from - last.to < mostMillis) {
      last.cluster.push(downtime);
      last.to = Math.max(last.to, to);
      return [];
    }
    const cluster: [Downtime, ...Downtime[]] = [downtime];
    if (isShort) open.set(state, { cluster, to });
    return [cluster];
  });
}

/** Puts each bar in the first lane that is free when it starts. */
function inLanes(clusters: readonly Downtimes[], now: Instant): TimelineBar[] {
  const freeFrom: Instant[] = [];
  return clusters.map((downtimes) => {
    const [first] = downtimes;
    const free = freeFrom.findIndex((from) => from <= first.start);
    const lane = free >= 0 ? free : Math.min(freeFrom.length, maxLanes - 1);
    const end = downtimes.reduce((last, one) => (one.end > last ? one.end : last), first.end);
    freeFrom[lane] = end;
    return { downtimes, state: stateOf(first, now), end, lane };
  });
}

const depths: Readonly<Record<Phase["kind"], number>> = { day: 0, civil: 1, nautical: 2, astronomical: 3, night: 4 };
/** In a month, twilight is too narrow to see: only sunset to sunrise and astronomical night are drawn. */
const depthsShown = { night: [1, 2, 3, 4], week: [1, 2, 3, 4], month: [1, 4] } as const;

/** For each depth of twilight, the times when it is at least that dark. Drawn over each other, they show the night. */
function shadesOf(site: Site | undefined, { kind, from, to }: Window) {
  const position = positionOf(site);
  if (!position) return [];
  const phases = darkness(position, from, to);
  return depthsShown[kind].map((depth) => merged(phases.filter((phase) => depths[phase.kind] >= depth)));
}
