/** What granted nights change in the downtimes of a telescope: they are up, and the rest of the semester is down. */

import { clipped, gapsOf, type Interval, merged } from "../time/interval.ts";

/** A stored downtime of the telescope. */
export interface Down extends Interval {
  /** Whether granted nights created it or changed it last. */
  readonly isOwn: boolean;
}

/** A night, or a part of it, that is added or removed; what is both is removed. */
export interface UptimePart extends Interval {
  readonly remove: boolean;
  /** All of the night; by default, the part itself. */
  readonly night?: Interval;
}

/** A downtime that there should be, and the stored one that it is a part of. */
type Wanted<Row> = Interval & { readonly from?: Row | undefined };

export interface UptimePlan<Row, Target> {
  readonly create: readonly Target[];
  readonly change: readonly { readonly row: Row; readonly to: Target }[];
  readonly remove: readonly Row[];
  /** What there should be, by the stored downtime that it is a part of. */
  readonly wanted: ReadonlyMap<Row | undefined, readonly Interval[]>;
}

/** Whether a downtime is cut where a night or a part of it is granted: others' only if they contain all of the night. */
export const givesWay = (row: Down, night: Interval, semester: Interval): boolean =>
  row.isOwn || clipped([night], semester).every(({ start, end }) => row.start <= start && end <= row.end);

/**
 * Plans a grant within a semester. A semester without downtimes of granted nights is closed first, unless downtimes cover
 * both of its ends: then what is between them is already granted, as after a migration.
 * @param rows the telescope's downtimes that overlap the semester
 * @param toTarget makes what is stored, for parts that are new or have other times
 */
export function planUptime<Row extends Down, Target>(
  rows: readonly Row[],
  semester: Interval,
  parts: readonly UptimePart[],
  toTarget: (wanted: Wanted<Row>) => Target,
): UptimePlan<Row, Target> {
  const all = clipped(parts, semester);
  const taken = merged(all.filter(({ remove }) => remove));
  const granted = without(all, taken);
  const cut = (row: Row): Wanted<Row>[] => {
    const holes = row.isOwn
      ? granted
      : without(
          all.filter(({ night, ...part }) => givesWay(row, night ?? part, semester)),
          taken,
        );
    return without([row], holes).map((part) => ({ ...part, from: row }));
  };
  const { own = [], foreign = [] } = Object.groupBy(rows.flatMap(cut), ({ from }) => (from?.isOwn ? "own" : "foreign"));
  if (!isManaged(rows, semester)) own.push(...without([semester], granted));
  const closed = without(
    taken.filter((night) => !foreign.some((part) => contains(part, night))),
    merged(own),
  );
  const joined = merged<Wanted<Row>>([...closed, ...own]).map(({ start, end, parts }): Wanted<Row> => {
    return { start, end, from: parts.find(({ from }) => from)?.from };
  });
  const wanted = Map.groupBy([...foreign, ...joined], ({ from }) => from);
  // The first part of a stored downtime keeps its id.
  const change = [...wanted].flatMap(([row, [to]]) =>
    row && to && (to.start !== row.start || to.end !== row.end) ? { row, to: toTarget(to) } : [],
  );
  const create = [...wanted].flatMap(([row, all]) => (row ? all.slice(1) : all)).map(toTarget);
  return { create, change, remove: rows.filter((row) => !wanted.has(row)), wanted };
}

/** The parts of a span that no downtime covers. */
export const upIn = (rows: readonly Interval[], span: Interval): Interval[] =>
  gapsOf(merged(clipped(rows, span)), span);

/** Whether nights of a semester were granted. */
export const isManaged = (rows: readonly Down[], semester: Interval): boolean =>
  rows.some(({ isOwn }) => isOwn) ||
  (rows.some(({ start }) => start <= semester.start) && rows.some(({ end }) => end >= semester.end));

/** The parts of intervals that holes leave. @param holes merged, once for all rows */
const without = (intervals: readonly Interval[], holes: readonly Interval[]): Interval[] =>
  merged(intervals).flatMap((part) => gapsOf(clipped(holes, part), part));

const contains = (outer: Interval, inner: Interval): boolean => outer.start <= inner.start && inner.end <= outer.end;
