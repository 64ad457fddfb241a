/** The sun's altitude at a position on the earth, and when it crosses a given altitude. */

import {
  Body,
  EquatorFromVector,
  GeoVector,
  MakeTime,
  RotateVector,
  Rotation_EQJ_EQD,
  SiderealTime,
} from "astronomy-engine";
import { dayMillis } from "../time/instant.ts";

/** A position on the earth, in degrees; north and east are positive. */
export interface GeoPosition {
  readonly latitude: number;
  readonly longitude: number;
  /** How far the visible horizon is below the level one, in degrees; 0 by default. */
  readonly dip?: number;
  /** How far below the horizon the sun is when dark time begins, in degrees; 12 by default. */
  readonly darkLimit?: number;
}

/** More than the dip at any observatory (2.8° on Everest), and less than civil twilight (6°). */
const maxDip = 5;

/** The dip of the sea horizon in degrees, including refraction (Nautical Almanac: 1.76′ √metres). @param elevation in metres */
export const dipOf = (elevation: number): number => Math.min(maxDip, (1.76 / 60) * Math.sqrt(Math.max(0, elevation)));

const radians = Math.PI / 180;
/** The sun moves this far in 1/40 s. */
const toleranceDegrees = 1e-4;

/** The time at which the sun's centre crosses an altitude. */
interface Crossing {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly rising: boolean;
  /** In degrees, without refraction. */
  readonly altitude: number;
}

/**
 * Yields each time the sun crosses one of the altitudes, in order.
 * @param from, to in milliseconds since 1970
 * @param altitudes in degrees, highest first
 */
export function* crossings(
  position: GeoPosition,
  from: number,
  to: number,
  altitudes: readonly number[],
): Iterable<Crossing> {
  const altitudeThen = (at: number) => altitudeAt(position, at);
  for (const [begin, end] of monotonicParts(position, from, to)) {
    const [first, last] = [altitudeThen(begin), altitudeThen(end)];
    const rising = last > first;
    const between = altitudes.filter((altitude) => first < altitude !== last < altitude);
    for (const altitude of rising ? between.reverse() : between)
      yield { at: solve(altitudeThen, altitude, begin, end), rising, altitude };
  }
}

/** Splits a time range at the sun's highest and lowest points: in between, the sun crosses each altitude at most once. */
function* monotonicParts(position: GeoPosition, from: number, to: number): Iterable<readonly [number, number]> {
  let begin = from;
  while (begin < to) {
    // Degrees of hour angle until the sun is highest (0°) or lowest (180°).
    const hourAngle = hourAngleAt(position, begin) + 180;
    const remaining = 180 - (((hourAngle % 180) + 180) % 180);
    const end = Math.min(to, begin + Math.max(1000, (remaining / 360) * dayMillis));
    yield [begin, end];
    begin = end;
  }
}

/** Finds where a monotonic function takes a value, by the Illinois variant of regula falsi, which stays within the bounds. */
function solve(of: (at: number) => number, value: number, low: number, high: number): number {
  let [a, b] = [low, high];
  let [fa, fb] = [of(a) - value, of(b) - value];
  let side = 0;
  for (let step = 0; step < 50 && Math.abs(b - a) > 1; step++) {
    const at = b - (fb * (b - a)) / (fb - fa);
    const f = of(at) - value;
    if (Math.abs(f) < toleranceDegrees) return at;
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
export function altitudeAt(position: GeoPosition, at: number): number {
  const sun = sunAt(at);
  const here = position.latitude * radians;
  const there = sun.declination * radians;
  const turned = (position.longitude - sun.longitude) * radians;
  const sine = Math.sin(here) * Math.sin(there) + Math.cos(here) * Math.cos(there) * Math.cos(turned);
  return Math.asin(Math.min(1, Math.max(-1, sine))) / radians;
}

/** In degrees, plus any number of full turns. */
const hourAngleAt = (position: GeoPosition, at: number): number => position.longitude - sunAt(at).longitude;

/** The time of the sun's highest point nearest to a given time, both in milliseconds since 1970. */
export function noonNear(position: GeoPosition, at: number): number {
  const turned = hourAngleAt(position, at) / 360;
  return at - (turned - Math.round(turned)) * dayMillis;
}

/** The point on the earth where the sun is overhead, in degrees. */
type Subsolar = Readonly<Record<"longitude" | "declination", number>>;

/** Computes the sun at each midnight and interpolates linearly in between: the error is below 1 s of time. */
function sunAt(at: number): Subsolar {
  const day = Math.floor(at / dayMillis);
  const part = at / dayMillis - day;
  const [from, to] = [atMidnight(day), atMidnight(day + 1)];
  // The subsolar point moves west by one full turn a day, give or take half a minute.
  const turn = to.longitude - from.longitude;
  return {
    longitude: from.longitude + part * (turn - 360 * (Math.round(turn / 360) + 1)),
    declination: from.declination + part * (to.declination - from.declination),
  };
}

// The same for every site and request. 4000 entries cover nearly eleven years.
const midnights = new Map<number, Subsolar>();
const maxMidnights = 4000;

function atMidnight(day: number): Subsolar {
  const known = midnights.get(day);
  if (known) return known;
  const time = MakeTime(new Date(day * dayMillis));
  const sun = EquatorFromVector(RotateVector(Rotation_EQJ_EQD(time), GeoVector(Body.Sun, time, true)));
  const subsolar = { longitude: 15 * (sun.ra - SiderealTime(time)), declination: sun.dec };
  if (midnights.size >= maxMidnights) midnights.clear();
  midnights.set(day, subsolar);
  return subsolar;
}
