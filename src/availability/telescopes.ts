/** The telescopes that a filter selects, each with its downtimes. */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import type { Downtime } from "../downtime/downtime.ts";
import { type Filter, fits } from "../downtime/filter.ts";
import { type Facility, type Place, placeFields } from "../facility/facility.ts";
import { positionOf } from "../facility/places.ts";
import { type DarkLimits, darkLimitOf, nameOfDarkLimit } from "../sky/dark-limit.ts";
import type { GeoPosition } from "../sky/sun.ts";
import type { Instant } from "../time/instant.ts";

const nullMeaning = "Null if ConfigDB hasn't been reached yet.";

/** The fields of a telescope in every response. */
export const telescopeProperties = {
  site: Type.String({ description: "Site code.", examples: ["sud"] }),
  enclosure: Type.String({ description: "Enclosure code.", examples: ["doma"] }),
  telescope: Type.String({ description: "Telescope code.", examples: ["1m0a"] }),
  known: Type.Union([Type.Boolean(), Type.Null()], {
    description: `Whether the telescope is in ConfigDB. ${nullMeaning}`,
  }),
  active: Type.Union([Type.Boolean(), Type.Null()], {
    description: `False if the telescope, its enclosure or its site is inactive, or not in ConfigDB. ${nullMeaning}`,
  }),
};

/** The limit of dark that a response used; each telescope has that of its site. */
export const darkProperty = {
  dark: Type.Union([Type.String(), Type.Null()], {
    description:
      "The limit of dark that was used: how far the sun is below the horizon in dark time. civil (6°), nautical (12°), astronomical (18°), or degrees. Null if ConfigDB has no coordinates for the site.",
    examples: ["nautical"],
  }),
};
export const darkOf = (position: GeoPosition | undefined): Static<TObject<typeof darkProperty>> => ({
  dark: position ? nameOfDarkLimit(darkLimitOf(position)) : null,
});

type TelescopeName = Static<TObject<typeof telescopeProperties>>;

/** Returns the schema of a time, which `format=mjd` turns into a number. */
export const timeSchema = (description: string, example: string) =>
  Type.Unsafe<Instant>({
    type: ["string", "number"],
    description: `${description} With \`format=mjd\`, a Modified Julian Date (number).`,
    examples: [example],
  });

/** A telescope with its downtimes, or with what they add up to, in all and by instrument type. */
export interface QueriedTelescope<Of = Downtime> {
  readonly name: TelescopeName;
  /** The site's coordinates; undefined if ConfigDB has none. The same object for all telescopes of a site. */
  readonly position: GeoPosition | undefined;
  readonly whole: readonly Of[];
  readonly byType: ReadonlyMap<string, readonly Of[]>;
}

/** Adds downtimes of the whole telescope to a filter by instrument type, because they block every instrument. */
export const withWholeTelescope = (filter: Filter): Filter =>
  filter.instrument_type ? { ...filter, instrument_type: ["", ...filter.instrument_type] } : filter;

/** Returns a function that finds a telescope's position; undefined if it or its site's position isn't in ConfigDB. */
export function positionsIn(facility: Facility | undefined, dark?: DarkLimits) {
  const positions = new Map(facility?.sites.map((site) => [site.code, positionOf(site, dark)]));
  return (place: Place) => (facility?.has({ ...place, instrument_type: "" }) ? positions.get(place.site) : undefined);
}

/**
 * Returns the telescopes that a filter selects: first those in ConfigDB, then those with a matching downtime that
 * aren't in ConfigDB.
 * @param downtimes the ones that match the filter, and those of whole telescopes
 */
export function telescopesOf<Of extends Place = Downtime>(
  facility: Facility | undefined,
  filter: Filter,
  downtimes: readonly Of[],
  positionOf = positionsIn(facility),
): QueriedTelescope<Of>[] {
  const types = filter.instrument_type;
  const byKey = Map.groupBy(downtimes, keyOf);
  const places = facility?.places() ?? [];
  const matching = new Set(places.filter((place) => fits(place, filter, placeFields)).map(keyOf));
  const all = new Map([...places, ...downtimes].map((place: Place) => [keyOf(place), place]));
  return [...all].flatMap(([key, place]) => {
    const { site, enclosure, telescope } = place;
    const of = byKey.get(key) ?? [];
    const isSelected = matching.has(key) || of.some(({ instrument_type: type }) => types?.includes(type) ?? true);
    if (!isSelected) return [];
    const whole = { site, enclosure, telescope, instrument_type: "" };
    const known = facility?.has(whole) ?? null;
    const name = { site, enclosure, telescope, known, active: facility?.isActive(whole) ?? null };
    const byType = Map.groupBy(of, ({ instrument_type }) => instrument_type);
    byType.delete("");
    return { name, position: positionOf(place), whole: of.filter((one) => one.instrument_type === ""), byType };
  });
}

const keyOf = ({ site, enclosure, telescope }: Place) => `${site}\0${enclosure}\0${telescope}`;
