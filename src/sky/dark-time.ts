/** Dark time night by night at a position, and how much of it intervals take away. */

import { dayMillis, type Instant, toMillis } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import type { GeoPosition } from "./sun.ts";
import { darkTimes } from "./twilight.ts";

/**
 * The nights of an interval. A night lasts from one local mean noon to the next, so that the dark time between dusk and
 * dawn is one night, and near the poles, where it may be dark for weeks, there is still one night a day.
 */
export interface Nights {
  /** The dark times in order, in milliseconds since 1970, each within one night. */
  readonly dark: readonly { readonly from: number; readonly to: number; readonly night: number }[];
  /** Night → its dark time in milliseconds, including any outside the interval. */
  readonly lengths: ReadonlyMap<number, number>;
}

/** The dark time that intervals take away. */
interface Loss {
  readonly darkSeconds: number;
  /** Sum of the lost fraction of each night: half of one night and all of another are 1.5. */
  readonly nights: number;
  /** Number of nights that lose any dark time. */
  readonly nightsTouched: number;
}

/** Returns the nights that an interval overlaps. */
export function nightsOf(position: GeoPosition, { start, end }: Interval): Nights {
  const turned = position.longitude / 360 - 0.5;
  const nightAt = (at: number) => Math.floor(at / dayMillis + turned);
  const noonBefore = (night: number) => Math.round((night - turned) * 86_400) * 1000;
  const dark: { from: number; to: number; night: number }[] = [];
  const lengths = new Map<number, number>();
  const [first, last] = [nightAt(toMillis(start)), nightAt(toMillis(end))];
  for (const [from, to] of darkTimes(position, noonBefore(first), noonBefore(last + 1)))
    for (let at = from; at < to; ) {
      // Plus half a second: noon is rounded to the second, so the exact time may still be in the night before.
      const night = nightAt(at + 500);
      const until = Math.min(to, noonBefore(night + 1));
      dark.push({ from: at, to: until, night });
      lengths.set(night, (lengths.get(night) ?? 0) + until - at);
      at = until;
    }
  return { dark, lengths };
}

/** An interval in milliseconds since 1970, which are parsed only once. */
export interface MillisInterval {
  readonly from: number;
  readonly to: number;
}

/** What takes dark time away. */
export interface Lossy {
  /** A night is the number of days from 1970 to the local date of its evening. */
  readonly lost: readonly (readonly [night: number, millis: number])[];
}

/** Adds to each interval the dark time that it takes away, night by night. @param intervals in order, without overlaps */
export function withLosses<T extends MillisInterval>(intervals: readonly T[], { dark }: Nights): (T & Lossy)[] {
  let index = 0;
  return intervals.map((interval) => {
    const { from, to } = interval;
    while ((dark[index]?.to ?? Number.POSITIVE_INFINITY) <= from) index++;
    const lost: [night: number, millis: number][] = [];
    for (let next = index; next < dark.length; next++) {
      const piece = dark[next];
      if (!piece || piece.from >= to) break;
      lost.push([piece.night, Math.min(piece.to, to) - Math.max(piece.from, from)]);
    }
    return { ...interval, lost };
  });
}

/** Adds up by night. */
export function byNight(losses: readonly Lossy[]): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const { lost } of losses) for (const [night, millis] of lost) sums.set(night, (sums.get(night) ?? 0) + millis);
  return sums;
}

export function sumOfLosses(losses: readonly Lossy[], { lengths }: Nights): Loss {
  const sums = [...byNight(losses)];
  const darkSeconds = sums.reduce((sum, [, lost]) => sum + lost, 0) / 1000;
  const nights = sums.reduce((sum, [night, lost]) => sum + lost / (lengths.get(night) ?? lost), 0);
  return { darkSeconds, nights, nightsTouched: sums.length };
}

/** Computes the dark time that intervals take away. @param intervals in order, without overlaps */
export function lossOf(intervals: readonly Interval[], nights: Nights): Loss {
  const spans = intervals.map(({ start, end }) => ({ from: toMillis(start), to: toMillis(end) }));
  return sumOfLosses(withLosses(spans, nights), nights);
}

/** Returns a function that computes the nights at a position, once for each position. */
export function nightsFor(start: Instant, end: Instant): (position: GeoPosition | undefined) => Nights | undefined {
  const known = new Map<GeoPosition, Nights>();
  return (position) => {
    if (!position) return undefined;
    const nights = known.get(position) ?? nightsOf(position, { start, end });
    known.set(position, nights);
    return nights;
  };
}
