/** Night: when the sun is up at a site, when it is twilight, and when it is dark. Geometry alone; no clock, no look-ups. */

import {
  Body,
  EquatorFromVector,
  GeoVector,
  MakeTime,
  RotateVector,
  Rotation_EQJ_EQD,
  SiderealTime,
} from "astronomy-engine";
import { type Instant, toInstant, toMillis } from "./instant.ts";

/** Where somebody stands, in degrees; north and east count positive. */
export interface Spot {
  readonly latitude: number;
  readonly longitude: number;
}

/** From light to dark. */
export type PhaseKind = "day" | "civil" | "nautical" | "astronomical" | "night";

/** A stretch of time, `[start, end)`, in which it stays as light or dark as the kind says. */
export interface Phase {
  readonly kind: PhaseKind;
  readonly start: Instant;
  readonly end: Instant;
}

/**
 * The altitude of the sun's centre, in degrees, under which each kind begins. Sunset is the almanacs' one, of the upper
 * limb over a level horizon: the radius (16′), the refraction (34′), and the parallax (8.8″) that lowers the sun for
 * whoever doesn't stand in the middle of the earth. How high the observatory lies doesn't count.
 */
const beginsUnder = { civil: -50 / 60 + 8.8 / 3600, nautical: -6, astronomical: -12, night: -18 } as const;
const limits = Object.values(beginsUnder);
const kinds: readonly PhaseKind[] = ["day", "civil", "nautical", "astronomical", "night"];

const secondMillis = 1000;
const dayMillis = 86_400_000;
const radians = Math.PI / 180;
/** The sun takes a fortieth of a second for it. */
const enoughDegrees = 1e-4;

/** The phases of a window, one after the other without a gap. Near the poles there may be one alone. */
export function darkness(spot: Spot, start: Instant, end: Instant): readonly Phase[] {
  const [from, to] = [toMillis(start), toMillis(end)];
  const phases: Phase[] = [];
  let began = start;
  for (const crossing of crossings(spot, from, to, limits)) {
    const at = toInstant(crossing.at);
    if (at > began) phases.push({ kind: crossing.before, start: began, end: at });
    began = at;
  }
  if (began < end) phases.push({ kind: kindAt(altitudeAt(spot, to - secondMillis)), start: began, end });
  return phases;
}

/** Seconds of a window in which it is night: the sun is 18° down or more. */
export const darkSeconds = (spot: Spot, start: Instant, end: Instant): number =>
  darkTimes(spot, toMillis(start), toMillis(end)).reduce((sum, [from, to]) => sum + (to - from) / 1000, 0);

/** From when to when it is night in a window, in order; in milliseconds since 1970, on whole seconds. */
export function darkTimes(spot: Spot, from: number, to: number): readonly (readonly [number, number])[] {
  const times: (readonly [number, number])[] = [];
  let began = from;
  let isDark = altitudeAt(spot, from) < beginsUnder.night;
  for (const crossing of crossings(spot, from, to, [beginsUnder.night])) {
    const at = Math.floor(crossing.at / secondMillis) * secondMillis;
    if (crossing.rising && at > began) times.push([began, at]);
    began = at;
    isDark = !crossing.rising;
  }
  if (isDark && began < to) times.push([began, to]);
  return times;
}

/** The next sunrise after the instant; undefined when there is none within a year. */
export const nextSunrise = (spot: Spot, after: Instant): Instant | undefined => nextHorizon(spot, after, true);

/** The next sunset after the instant; undefined when there is none within a year. */
export const nextSunset = (spot: Spot, after: Instant): Instant | undefined => nextHorizon(spot, after, false);

function nextHorizon(spot: Spot, after: Instant, rising: boolean): Instant | undefined {
  const from = toMillis(after);
  for (const crossing of crossings(spot, from, from + 366 * dayMillis, [beginsUnder.civil])) {
    const at = toInstant(crossing.at);
    if (crossing.rising === rising && at > after) return at;
  }
  return undefined;
}

const kindAt = (altitude: number): PhaseKind => kinds[limits.filter((limit) => altitude < limit).length] as PhaseKind;

interface Crossing {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly rising: boolean;
  /** What it was until then. */
  readonly before: PhaseKind;
}

/** Every time the sun passes one of the limits, in order. */
function* crossings(spot: Spot, from: number, to: number, passed: readonly number[]): Iterable<Crossing> {
  const altitude = (at: number) => altitudeAt(spot, at);
  for (const [begin, end] of monotonicParts(spot, from, to)) {
    const [first, last] = [altitude(begin), altitude(end)];
    const rising = last > first;
    const between = passed.filter((limit) => first < limit !== last < limit);
    for (const limit of rising ? [...between].sort((a, b) => a - b) : between) {
      const at = solve(altitude, limit, begin, end);
      const lower = limits.filter((other) => other > limit).length;
      yield { at, rising, before: kinds[rising ? lower + 1 : lower] as PhaseKind };
    }
  }
}

/** The window cut where the sun is highest and where it is lowest: in between it passes each limit once at the most. */
function* monotonicParts(spot: Spot, from: number, to: number): Iterable<readonly [number, number]> {
  let begin = from;
  while (begin < to) {
    // How far the sun is from the next half turn, counted from its highest place.
    const turned = hourAngleAt(spot, begin) + 180;
    const toTurn = 180 - (((turned % 180) + 180) % 180);
    const end = Math.min(to, begin + Math.max(secondMillis, (toTurn / 360) * dayMillis));
    yield [begin, end];
    begin = end;
  }
}

/** Where a monotonic function takes a value: false position, which stays between the bounds, with Illinois' halving. */
function solve(of: (at: number) => number, value: number, low: number, high: number): number {
  let [a, b] = [low, high];
  let [fa, fb] = [of(a) - value, of(b) - value];
  let side = 0;
  for (let step = 0; step < 50 && Math.abs(b - a) > 1; step++) {
    const at = b - (fb * (b - a)) / (fb - fa);
    const f = of(at) - value;
    if (Math.abs(f) < enoughDegrees) return at;
    if (f < 0 === fb < 0) {
      [b, fb] = [at, f];
      if (side === 1) fa /= 2;
      side = 1;
    } else {
      [a, fa] = [at, f];
      if (side === -1) fb /= 2;
      side = -1;
    }
  }
  return b;
}

/** The altitude of the sun's centre, in degrees, without refraction. */
function altitudeAt(spot: Spot, at: number): number {
  const sun = sunAt(at);
  const here = spot.latitude * radians;
  const there = sun.declination * radians;
  const turned = (spot.longitude - sun.longitude) * radians;
  const sine = Math.sin(here) * Math.sin(there) + Math.cos(here) * Math.cos(there) * Math.cos(turned);
  return Math.asin(Math.min(1, Math.max(-1, sine))) / radians;
}

/** How far the sun is past its highest place, in degrees. */
const hourAngleAt = (spot: Spot, at: number): number => spot.longitude - sunAt(at).longitude;

/** The place on the earth over which the sun stands, in degrees. */
interface Subsolar {
  readonly longitude: number;
  readonly declination: number;
}

/** The sun is computed for each midnight and drawn straight in between: that is off by less than a second of time. */
function sunAt(at: number): Subsolar {
  const day = Math.floor(at / dayMillis);
  const part = at / dayMillis - day;
  const [from, to] = [atMidnight(day), atMidnight(day + 1)];
  // A day is one turn, and a little more or less.
  const turn = to.longitude - from.longitude;
  return {
    longitude: from.longitude + part * (turn - 360 * (Math.round(turn / 360) + 1)),
    declination: from.declination + part * (to.declination - from.declination),
  };
}

// A midnight's sun is the same for every site and every request; those of nearly three years are remembered.
const midnights = new Map<number, Subsolar>();
const mostMidnights = 1000;

function atMidnight(day: number): Subsolar {
  const known = midnights.get(day);
  if (known) return known;
  const time = MakeTime(new Date(day * dayMillis));
  const sun = EquatorFromVector(RotateVector(Rotation_EQJ_EQD(time), GeoVector(Body.Sun, time, true)));
  const subsolar = { longitude: 15 * (sun.ra - SiderealTime(time)), declination: sun.dec };
  if (midnights.size >= mostMidnights) midnights.clear();
  midnights.set(day, subsolar);
  return subsolar;
}
