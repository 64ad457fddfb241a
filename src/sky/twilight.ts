/** Night: when the sun is up at a site, when it is twilight, and when it is dark. */

import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import { altitudeAt, type Crossing, crossings, type GeoPosition, noonNear } from "./sun.ts";

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
 * whoever doesn't stand in the middle of the earth; lower by the dip of the horizon, where the spot has one. Twilights are
 * told by the sun's altitude alone.
 */
const beginsUnder = ({ dip = 0 }: GeoPosition) => ({
  civil: -50 / 60 + 8.8 / 3600 - dip,
  nautical: -6,
  astronomical: -12,
  night: nightAltitude,
});
const nightAltitude = -18;
const limitsAt = (spot: GeoPosition): readonly number[] => Object.values(beginsUnder(spot));
const kinds: readonly PhaseKind[] = ["day", "civil", "nautical", "astronomical", "night"];

const secondMillis = 1000;

/** The phases of a window, one after the other without a gap. Near the poles there may be one alone. */
export function darkness(spot: GeoPosition, start: Instant, end: Instant): readonly Phase[] {
  const [from, to] = [toMillis(start), toMillis(end)];
  const phases: Phase[] = [];
  const limits = limitsAt(spot);
  let began = start;
  for (const crossing of crossings(spot, from, to, limits)) {
    const at = toInstant(crossing.at);
    if (at > began) phases.push({ kind: kindBefore(crossing, limits), start: began, end: at });
    began = at;
  }
  if (began < end) phases.push({ kind: kindAt(altitudeAt(spot, to - secondMillis), limits), start: began, end });
  return phases;
}

/** Seconds of a window in which it is night: the sun is 18° down or more. */
export const darkSeconds = (spot: GeoPosition, start: Instant, end: Instant): number =>
  darkTimes(spot, toMillis(start), toMillis(end)).reduce((sum, [from, to]) => sum + (to - from) / 1000, 0);

/** From when to when it is night in a window, in order; in milliseconds since 1970, on whole seconds. */
export function darkTimes(spot: GeoPosition, from: number, to: number): readonly (readonly [number, number])[] {
  const times: (readonly [number, number])[] = [];
  let began = from;
  let isDark = altitudeAt(spot, from) < nightAltitude;
  for (const crossing of crossings(spot, from, to, [nightAltitude])) {
    const at = Math.floor(crossing.at / secondMillis) * secondMillis;
    if (crossing.rising && at > began) times.push([began, at]);
    began = at;
    isDark = !crossing.rising;
  }
  if (isDark && began < to) times.push([began, to]);
  return times;
}

/** The next sunrise after the instant; undefined when there is none within a year. */
export const nextSunrise = (spot: GeoPosition, after: Instant): Instant | undefined => nextHorizon(spot, after, true);

/** The next sunset after the instant; undefined when there is none within a year. */
export const nextSunset = (spot: GeoPosition, after: Instant): Instant | undefined => nextHorizon(spot, after, false);

function nextHorizon(spot: GeoPosition, after: Instant, rising: boolean): Instant | undefined {
  const from = toMillis(after);
  for (const crossing of crossings(spot, from, from + 366 * dayMillis, [beginsUnder(spot).civil])) {
    const at = toInstant(crossing.at);
    if (crossing.rising === rising && at > after) return at;
  }
  return undefined;
}

/** What it was until the sun passed a limit. */
const kindBefore = ({ altitude, rising }: Crossing, limits: readonly number[]): PhaseKind =>
  kinds[limits.indexOf(altitude) + (rising ? 1 : 0)] as PhaseKind;

const kindAt = (altitude: number, limits: readonly number[]): PhaseKind =>
  kinds[limits.filter((limit) => altitude < limit).length] as PhaseKind;

/** The events of a night that the sun makes, from its highest place to the next: which limit it passes, and how. */
const passages = {
  sunset: { limit: "civil", rising: false },
  civil_dusk: { limit: "nautical", rising: false },
  nautical_dusk: { limit: "astronomical", rising: false },
  astronomical_dusk: { limit: "night", rising: false },
  astronomical_dawn: { limit: "night", rising: true },
  nautical_dawn: { limit: "astronomical", rising: true },
  civil_dawn: { limit: "nautical", rising: true },
  sunrise: { limit: "civil", rising: true },
} as const;
export type SunEvent = keyof typeof passages;
export const sunEvents = Object.keys(passages) as readonly SunEvent[];

/** Whether an event is of the evening, or of the morning. */
export const isDusk = (event: string): boolean => isPassage(event) && !passages[event].rising;
export const isDawn = (event: string): boolean => isPassage(event) && passages[event].rising;
const isPassage = (event: string): event is SunEvent => Object.hasOwn(passages, event);

/** Why an event doesn't happen: the sun stays above its altitude, or below. */
export interface Stay {
  readonly stays: "above" | "below";
}
/** What the sun does in one night, and what not. */
export type SunOfNight = Readonly<Record<SunEvent, Instant | Stay>>;

/**
 * What the sun does in one night: from its highest place to the next.
 * @param noon milliseconds since 1970 of a moment within half a day of the highest place at which it begins
 */
export function sunOfNight(spot: GeoPosition, noon: number): SunOfNight {
  const from = noonNear(spot, noon);
  const passed = [...crossings(spot, from, from + dayMillis, limitsAt(spot))];
  const altitudes = beginsUnder(spot);
  const tell = (event: SunEvent): Instant | Stay => {
    const { limit, rising } = passages[event];
    const altitude = altitudes[limit];
    const crossing = passed.find((other) => other.altitude === altitude && other.rising === rising);
    if (crossing) return toInstant(crossing.at);
    return { stays: altitudeAt(spot, from + dayMillis / 2) > altitude ? "above" : "below" };
  };
  return Object.fromEntries(sunEvents.map((event) => [event, tell(event)])) as SunOfNight;
}
