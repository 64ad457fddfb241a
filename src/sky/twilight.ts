/** Day, twilight and night at a position. */

import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { darkLimitOf, twilightDepths } from "./dark-limit.ts";
import { altitudeAt, crossings, type GeoPosition, noonNear } from "./sun.ts";

/** From lightest to darkest; `civil`, `nautical` and `astronomical` are twilights. */
const kinds = ["day", "civil", "nautical", "astronomical", "night"] as const;
export type PhaseKind = (typeof kinds)[number];

/** An interval of day, one twilight or night. */
export interface Phase extends Interval {
  readonly kind: PhaseKind;
}

/**
 * The altitude of the sun's centre, in degrees, below which each phase begins. Sunset is defined as in almanacs, by the
 * sun's upper limb at a level horizon: radius (16′) plus refraction (34′) minus parallax (8.8″). A horizon below the level
 * one lowers it by its dip. Twilights depend on the sun's altitude alone.
 */
const upperLimits = ({ dip = 0 }: GeoPosition) => ({
  civil: -50 / 60 + 8.8 / 3600 - dip,
  nautical: -twilightDepths.civil,
  astronomical: -twilightDepths.nautical,
  night: -twilightDepths.astronomical,
});

/**
 * Yields the parts of a time range in which the sun is between the same limits: `[from, to, limits above the sun]`, in
 * milliseconds since 1970, rounded to seconds.
 * @param limits in degrees, highest first
 */
function* partsOf(position: GeoPosition, from: number, to: number, limits: readonly number[]) {
  const altitude = altitudeAt(position, from);
  let [began, depth] = [from, limits.filter((limit) => altitude < limit).length];
  for (const crossing of crossings(position, from, to, limits)) {
    const at = Math.floor(crossing.at / 1000) * 1000;
    const index = limits.indexOf(crossing.altitude);
    if (at > began) yield [began, at, index + Number(crossing.rising)] as const;
    [began, depth] = [at, index + Number(!crossing.rising)];
  }
  if (began < to) yield [began, to, depth] as const;
}

/** Returns the phases of a window in order, without gaps. Near the poles there may be only one. */
export const darkness = (position: GeoPosition, start: Instant, end: Instant): readonly Phase[] =>
  [...partsOf(position, toMillis(start), toMillis(end), Object.values(upperLimits(position)))].map(
    ([from, to, depth]) => ({ kind: kinds[depth] as PhaseKind, start: toInstant(from), end: toInstant(to) }),
  );

/** Whether the sun is below the limit of dark. */
export const isDark = (position: GeoPosition, at: Instant): boolean =>
  altitudeAt(position, toMillis(at)) < -darkLimitOf(position);

/** Seconds of dark time in a window. */
export const darkSeconds = (position: GeoPosition, start: Instant, end: Instant): number =>
  darkTimes(position, toMillis(start), toMillis(end)).reduce((sum, [from, to]) => sum + (to - from) / 1000, 0);

/** Returns the dark times of a window as `[from, to]`, in order; in milliseconds since 1970, rounded to seconds. */
export const darkTimes = (position: GeoPosition, from: number, to: number) =>
  [...partsOf(position, from, to, [-darkLimitOf(position)])].filter(([, , depth]) => depth > 0);

/** The first sunrise after an instant; undefined if there is none within a year. */
export function nextSunrise(position: GeoPosition, after: Instant): Instant | undefined {
  const from = toMillis(after);
  for (const crossing of crossings(position, from, from + 366 * dayMillis, [upperLimits(position).civil])) {
    const at = toInstant(crossing.at);
    if (crossing.rising && at > after) return at;
  }
  return undefined;
}

/** The sun's events from one noon to the next: which limit it crosses, and in which direction; of dark time last. */
const limitsOf = {
  sunset: { limit: "civil", rising: false },
  civil_dusk: { limit: "nautical", rising: false },
  nautical_dusk: { limit: "astronomical", rising: false },
  astronomical_dusk: { limit: "night", rising: false },
  astronomical_dawn: { limit: "night", rising: true },
  nautical_dawn: { limit: "astronomical", rising: true },
  civil_dawn: { limit: "nautical", rising: true },
  sunrise: { limit: "civil", rising: true },
  dusk: { limit: "dark", rising: false },
  dawn: { limit: "dark", rising: true },
} as const;
type SunEvent = keyof typeof limitsOf;
const isSunEvent = (event: string): event is SunEvent => Object.hasOwn(limitsOf, event);

/** The events that don't depend on the limit of dark. */
export const sunEvents = Object.keys(limitsOf).slice(0, -2) as readonly Exclude<SunEvent, "dusk" | "dawn">[];
/** Whether an event is in the evening. */
export const isDusk = (event: string): boolean => isSunEvent(event) && !limitsOf[event].rising;
/** Whether an event is in the morning. */
export const isDawn = (event: string): boolean => isSunEvent(event) && limitsOf[event].rising;

/** Why an event doesn't happen: the sun stays above or below its altitude all night. */
export type Stay = Readonly<Record<"stays", "above" | "below">>;

/** Event → its time, or why it doesn't happen. `dusk` and `dawn` are at the limit of dark, `middle` is halfway between them. */
export type SunOfNight = Readonly<Record<SunEvent | "middle", Instant | Stay>>;

/** Portion of a night → where it begins and ends. The halves share the middle, so that they make the whole. */
export const portionEdges = {
  all: ["dusk", "dawn"],
  first_half: ["dusk", "middle"],
  second_half: ["middle", "dawn"],
} as const satisfies Record<string, readonly (keyof SunOfNight)[]>;

/**
 * Computes the sun's events of one night, from solar noon to solar noon.
 * @param noon in milliseconds since 1970, at most half a day from the solar noon at which the night begins
 */
export function sunOfNight(position: GeoPosition, noon: number): SunOfNight {
  const from = noonNear(position, noon);
  const altitudes = { ...upperLimits(position), dark: -darkLimitOf(position) };
  const highestFirst = [...new Set(Object.values(altitudes))].sort((a, b) => b - a);
  const passed = [...crossings(position, from, from + dayMillis, highestFirst)];
  const timeOf = (event: SunEvent): number | Stay => {
    const altitude = altitudes[limitsOf[event].limit];
    const crossing = passed.find((other) => other.altitude === altitude && other.rising === limitsOf[event].rising);
    return crossing?.at ?? { stays: altitudeAt(position, from + dayMillis / 2) > altitude ? "above" : "below" };
  };
  const [dusk, dawn] = [timeOf("dusk"), timeOf("dawn")];
  const middle = typeof dusk === "number" && typeof dawn === "number" ? (dusk + dawn) / 2 : dusk;
  const times = Object.keys(limitsOf)
    .filter(isSunEvent)
    .map((event) => [event, timeOf(event)] as const);
  return Object.fromEntries(
    [...times, ["middle", middle] as const].map(([event, at]) => [event, typeof at === "number" ? toInstant(at) : at]),
  ) as SunOfNight;
}
