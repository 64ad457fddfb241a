/** Sun: how high it stands at a place on the earth, and when it passes an altitude. Geometry alone; no clock, no look-ups. */

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

/** Where somebody stands, in degrees; north and east count positive. */
export interface GeoPosition {
  readonly latitude: number;
  readonly longitude: number;
  /** How far the horizon lies below the level one; 0 unless given. */
  readonly dip?: number;
}

/** More than the dip of any observatory, and less than civil twilight. */
const mostDip = 5;

/** The dip of the sea's horizon in degrees, with refraction, as the Nautical Almanac has it: 1.76′ √metres. */
export const dipOf = (elevation: number): number => Math.min(mostDip, (1.76 / 60) * Math.sqrt(Math.max(0, elevation)));

const secondMillis = 1000;
const radians = Math.PI / 180;
/** The sun takes a fortieth of a second for it. */
const enoughDegrees = 1e-4;

/** The moment in which the sun's centre passes an altitude. */
export interface Crossing {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly rising: boolean;
  /** In degrees, without refraction. */
  readonly altitude: number;
}

/**
 * Every time the sun passes one of the altitudes, in order.
 * @param altitudes in degrees, the highest first
 */
export function* crossings(
  spot: GeoPosition,
  from: number,
  to: number,
  altitudes: readonly number[],
): Iterable<Crossing> {
  const altitudeThen = (at: number) => altitudeAt(spot, at);
  for (const [begin, end] of monotonicParts(spot, from, to)) {
    const [first, last] = [altitudeThen(begin), altitudeThen(end)];
    const rising = last > first;
    const between = altitudes.filter((altitude) => first < altitude !== last < altitude);
    for (const altitude of rising ? between.reverse() : between)
      yield { at: solve(altitudeThen, altitude, begin, end), rising, altitude };
  }
}

/** The window cut where the sun is highest and where it is lowest: in between it passes each limit once at the most. */
function* monotonicParts(spot: GeoPosition, from: number, to: number): Iterable<readonly [number, number]> {
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
export function altitudeAt(spot: GeoPosition, at: number): number {
  const sun = sunAt(at);
  const here = spot.latitude * radians;
  const there = sun.declination * radians;
  const turned = (spot.longitude - sun.longitude) * radians;
  const sine = Math.sin(here) * Math.sin(there) + Math.cos(here) * Math.cos(there) * Math.cos(turned);
  return Math.asin(Math.min(1, Math.max(-1, sine))) / radians;
}

/** How far the sun is past its highest place, in degrees, with any number of whole turns. */
const hourAngleAt = (spot: GeoPosition, at: number): number => spot.longitude - sunAt(at).longitude;

/** The moment nearest to this one at which the sun stands highest, both in milliseconds since 1970. */
export function noonNear(spot: GeoPosition, at: number): number {
  const turned = hourAngleAt(spot, at) / 360;
  return at - (turned - Math.round(turned)) * dayMillis;
}

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
