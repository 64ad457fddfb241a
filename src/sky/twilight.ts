/** Day, twilight and night at a position. */

import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import { darkLimitOf } from "./dark-limit.ts";
import { altitudeAt, type Crossing, crossings, type GeoPosition, noonNear } from "./sun.ts";

/** From lightest to darkest; `civil`, `nautical` and `astronomical` are twilights. */
export type PhaseKind = "day" | "civil" | "nautical" | "astronomical" | "night";

/** An interval, `[start, end)`, of day, one twilight or night. */
export interface Phase {
  readonly kind: PhaseKind;
  readonly start: Instant;
  readonly end: Instant;
}

/**
 * The altitude of the sun's centre, in degrees, below which each phase begins. Sunset is defined as in almanacs, by the
 * sun's upper limb at a level horizon: radius (16′) plus refraction (34′) minus parallax (8.8″). A horizon below the level
 * one lowers it by its dip. Twilights depend on the sun's altitude alone.
 */
const upperLimits = ({ dip = 0 }: GeoPosition) => ({
  civil: -50 / 60 + 8.8 / 3600 - dip,
  nautical: -6,
  astronomical: -12,
  night: -18,
});
const limitsAt = (position: GeoPosition): readonly number[] => Object.values(upperLimits(position));
const kinds: readonly PhaseKind[] = ["day", "civil", "nautical", "astronomical", "night"];

const secondMillis = 1000;

/** Returns the phases of a window in order, without gaps. Near the poles there may be only one. */
export function darkness(position: GeoPosition, start: Instant, end: Instant): readonly Phase[] {
  const [from, to] = [toMillis(start), toMillis(end)];
  const phases: Phase[] = [];
  const limits = limitsAt(position);
  let began = start;
  for (const crossing of crossings(position, from, to, limits)) {
    const at = toInstant(crossing.at);
    if (at > began) phases.push({ kind: kindBefore(crossing, limits), start: began, end: at });
    began = at;
  }
  if (began < end) phases.push({ kind: kindAt(altitudeAt(position, to - secondMillis), limits), start: began, end });
  return phases;
}

/** Whether the sun is below the limit of dark. */
export const isDark = (position: GeoPosition, at: Instant): boolean =>
  altitudeAt(position, toMillis(at)) < -darkLimitOf(position);

/** Seconds of dark time in a window. */
export const darkSeconds = (position: GeoPosition, start: Instant, end: Instant): number =>
  darkTimes(position, toMillis(start), toMillis(end)).reduce((sum, [from, to]) => sum + (to - from) / 1000, 0);

/** Returns the dark times of a window as `[from, to]`, in order; in milliseconds since 1970, rounded to seconds. */
export function darkTimes(position: GeoPosition, from: number, to: number): readonly (readonly [number, number])[] {
  const times: (readonly [number, number])[] = [];
  const limit = -darkLimitOf(position);
  let began = from;
  let isDark = altitudeAt(position, from) < limit;
  for (const crossing of crossings(position, from, to, [limit])) {
    const at = Math.floor(crossing.at / secondMillis) * secondMillis;
    if (crossing.rising && at > began) times.push([began, at]);
    began = at;
    isDark = !crossing.rising;
  }
  if (isDark && began < to) times.push([began, to]);
  return times;
}

/** The first sunrise after an instant; undefined if there is none within a year. */
export function nextSunrise(position: GeoPosition, after: Instant): Instant | undefined {
  const from = toMillis(after);
  for (const crossing of crossings(position, from, from + 366 * dayMillis, [upperLimits(position).civil])) {
    const at = toInstant(crossing.at);
    if (crossing.rising && at > after) return at;
  }
  return undefined;
}

/** The phase that ends when the sun crosses a limit. */
const kindBefore = ({ altitude, rising }: Crossing, limits: readonly number[]): PhaseKind =>
  kinds[limits.indexOf(altitude) + (rising ? 1 : 0)] as PhaseKind;

const kindAt = (altitude: number, limits: readonly number[]): PhaseKind =>
  kinds[limits.filter((limit) => altitude < limit).length] as PhaseKind;

/** The sun's events from one noon to the next: which limit it crosses, and in which direction. */
const eventLimits = {
  sunset: { limit: "civil", rising: false },
  civil_dusk: { limit: "nautical", rising: false },
  nautical_dusk: { limit: "astronomical", rising: false },
  astronomical_dusk: { limit: "night", rising: false },
  astronomical_dawn: { limit: "night", rising: true },
  nautical_dawn: { limit: "astronomical", rising: true },
  civil_dawn: { limit: "nautical", rising: true },
  sunrise: { limit: "civil", rising: true },
} as const;
export const sunEvents = Object.keys(eventLimits) as readonly (keyof typeof eventLimits)[];

/** With the beginning and the end of dark time. */
const limitsOf = {
  ...eventLimits,
  ...({ dusk: { limit: "dark", rising: false }, dawn: { limit: "dark", rising: true } } as const),
};

/** Whether an event is in the evening. */
export const isDusk = (event: string): boolean => isLimited(event) && !limitsOf[event].rising;
/** Whether an event is in the morning. */
export const isDawn = (event: string): boolean => isLimited(event) && limitsOf[event].rising;
const isLimited = (event: string): event is keyof typeof limitsOf => Object.hasOwn(limitsOf, event);

/** Why an event doesn't happen: the sun stays above or below its altitude all night. */
export interface Stay {
  readonly stays: "above" | "below";
}
/**
 * When each of the sun's events happens in one night, or why it doesn't. `dusk` and `dawn` are at the limit of dark; `middle`
 * is halfway between them.
 */
export type SunOfNight = Readonly<Record<keyof typeof limitsOf | "middle", Instant | Stay>>;

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
  const timeOf = ({ limit, rising }: { limit: keyof typeof altitudes; rising: boolean }): number | Stay => {
    const altitude = altitudes[limit];
    const crossing = passed.find((other) => other.altitude === altitude && other.rising === rising);
    return crossing?.at ?? { stays: altitudeAt(position, from + dayMillis / 2) > altitude ? "above" : "below" };
  };
  const [dusk, dawn] = [timeOf(limitsOf.dusk), timeOf(limitsOf.dawn)];
  const middle = typeof dusk === "number" && typeof dawn === "number" ? (dusk + dawn) / 2 : dusk;
  const times = [
    ...Object.entries(limitsOf).map(([event, of]) => [event, timeOf(of)] as const),
    ["middle", middle],
  ] as const;
  return Object.fromEntries(
    times.map(([event, at]) => [event, typeof at === "number" ? toInstant(at) : at]),
  ) as SunOfNight;
}
