/** Dark time night by night at a position, and how much of it intervals cover. */

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

/** Dark time of one night that an interval covers. A night is the number of days from 1970 to the local date of its evening. */
interface DarkLoss {
  readonly night: number;
  readonly millis: number;
  /** The fraction of the night's dark time. */
  readonly share: number;
}

/** Returns a function that divides the dark time of intervals by night. They must come in order, in milliseconds since 1970. */
export function darkLosses(nights: Nights | undefined): (from: number, to: number) => readonly DarkLoss[] {
  let index = 0;
  return (from, to) => {
    if (!nights) return [];
    const { dark, lengths } = nights;
    while ((dark[index]?.to ?? Number.POSITIVE_INFINITY) <= from) index++;
    const lost: DarkLoss[] = [];
    for (let next = index; next < dark.length; next++) {
      const piece = dark[next];
      if (!piece || piece.from >= to) break;
      const millis = Math.min(piece.to, to) - Math.max(piece.from, from);
      lost.push({ night: piece.night, millis, share: millis / (lengths.get(piece.night) ?? millis) });
    }
    return lost;
  };
}

/** Adds up the dark time that intervals cover, in order and without overlaps. */
export class Losses {
  seconds = 0;
  darkSeconds = 0;
  /** Sum of the lost fraction of each night: half of one night and all of another are 1.5. */
  nights = 0;
  /** Number of nights that lose any dark time. */
  nightsTouched = 0;
  #lastNight: number | undefined;

  add(seconds: number, dark: readonly DarkLoss[]): void {
    this.seconds += seconds;
    for (const { night, millis, share } of dark) {
      this.darkSeconds += millis / 1000;
      this.nights += share;
      if (night !== this.#lastNight) this.nightsTouched++;
      this.#lastNight = night;
    }
  }
}

/** Computes the dark time that intervals cover. @param intervals in order, without overlaps */
export function lossOf(intervals: readonly Interval[], nights: Nights | undefined): Losses {
  const losses = new Losses();
  const darkIn = darkLosses(nights);
  for (const [from, to] of intervals.map(({ start, end }) => [toMillis(start), toMillis(end)] as const))
    losses.add((to - from) / 1000, darkIn(from, to));
  return losses;
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
