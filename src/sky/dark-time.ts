/** Nights: the dark time of a span at a spot, night by night, and how much of it is lost. */

import { dayMillis, type Instant, toMillis } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import type { GeoPosition } from "./sun.ts";
import { darkTimes } from "./twilight.ts";

/**
 * The nights of a span. A night lasts from one mean noon at the spot to the next one, so that each dark time between
 * dusk and dawn is one night, and near the poles, where it may be dark for weeks, there is still one a day.
 */
export interface Nights {
  /** Its dark times in order, in milliseconds since 1970, each within one night. */
  readonly dark: readonly { readonly from: number; readonly to: number; readonly night: number }[];
  /** How many dark milliseconds each night has in all, also beyond the span. */
  readonly lengths: ReadonlyMap<number, number>;
}

/** What intervals take of the nights. */
export interface Loss {
  readonly darkSeconds: number;
  /** The lost part of each night's dark time, added up: half of one and all of another are 1.5. */
  readonly nights: number;
  /** Nights of which any dark time is lost. */
  readonly nightsTouched: number;
}

/** The nights that a span has a part in. */
export function nightsOf(spot: GeoPosition, { start, end }: Interval): Nights {
  const turned = spot.longitude / 360 - 0.5;
  const nightAt = (at: number) => Math.floor(at / dayMillis + turned);
  const noonBefore = (night: number) => Math.round((night - turned) * 86_400) * 1000;
  const dark: { from: number; to: number; night: number }[] = [];
  const lengths = new Map<number, number>();
  const [first, last] = [nightAt(toMillis(start)), nightAt(toMillis(end))];
  // Half a second, since noon lies on a whole one.
  for (const [from, to] of darkTimes(spot, noonBefore(first), noonBefore(last + 1)))
    for (let at = from; at < to; ) {
      const night = nightAt(at + 500);
      const until = Math.min(to, noonBefore(night + 1));
      dark.push({ from: at, to: until, night });
      lengths.set(night, (lengths.get(night) ?? 0) + until - at);
      at = until;
    }
  return { dark, lengths };
}

/** What intervals take of the nights. They come in order and don't overlap. */
export function lossOf(intervals: readonly Interval[], { dark, lengths }: Nights): Loss {
  let [darkMillis, nights, nightsTouched] = [0, 0, 0];
  let [index, last] = [0, Number.NaN];
  for (const { start, end } of intervals) {
    const [from, to] = [toMillis(start), toMillis(end)];
    while ((dark[index]?.to ?? Number.POSITIVE_INFINITY) <= from) index++;
    for (let next = index; next < dark.length; next++) {
      const piece = dark[next];
      if (!piece || piece.from >= to) break;
      const lost = Math.min(piece.to, to) - Math.max(piece.from, from);
      darkMillis += lost;
      nights += lost / (lengths.get(piece.night) ?? lost);
      if (piece.night !== last) nightsTouched++;
      last = piece.night;
    }
  }
  return { darkSeconds: darkMillis / 1000, nights, nightsTouched };
}

/** The nights of a span for any number of telescopes: those that stand at the same spot share them. */
export function nightsFor(start: Instant, end: Instant): (spot: GeoPosition | undefined) => Nights | undefined {
  const known = new Map<GeoPosition, Nights>();
  return (spot) => {
    if (!spot) return undefined;
    const nights = known.get(spot) ?? nightsOf(spot, { start, end });
    known.set(spot, nights);
    return nights;
  };
}
