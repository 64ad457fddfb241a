/** The telescopes that a filter selects, each with its downtimes. */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import type { Downtime } from "../downtime/downtime.ts";
import { type Filter, fits } from "../downtime/filter.ts";
import { type Facility, type Place, placeFields } from "../facility/facility.ts";
import { spotOf } from "../facility/places.ts";
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

export interface QueriedTelescope {
  readonly name: TelescopeName;
  /** The site's coordinates; undefined if ConfigDB has none. The same object for all telescopes of a site. */
  readonly position: GeoPosition | undefined;
  readonly whole: readonly Downtime[];
  readonly byType: ReadonlyMap<string, readonly Downtime[]>;
}

/** Adds downtimes of the whole telescope to a filter by instrument type, because they block every instrument. */
export const withWholeTelescope = (filter: Filter): Filter =>
  filter.instrument_type ? { ...filter, instrument_type: ["", ...filter.instrument_type] } : filter;

/**
 * Returns the telescopes that a filter selects: first those in ConfigDB, then those with a matching downtime that
 * aren't in ConfigDB.
 * @param downtimes the ones that match the filter, and those of whole telescopes
 * @param dark instead of the sites' own limits of dark
 */
export function telescopesOf(
  facility: Facility | undefined,
  filter: Filter,
  downtimes: readonly Downtime[],
  dark?: DarkLimits,
): QueriedTelescope[] {
  const types = filter.instrument_type;
  const byKey = Map.groupBy(downtimes, keyOf);
  const matching = facility?.places().filter((place) => fits(place, filter, placeFields)) ?? [];
  const matchingKeys = new Set(matching.map(keyOf));
  const isSelected = (key: string) =>
    matchingKeys.has(key) || byKey.get(key)?.some(({ instrument_type }) => types?.includes(instrument_type) ?? true);
  const positions = new Map(facility?.sites.map((site) => [site.code, spotOf(site, dark)]));
  const inConfigdb = facility?.places().filter(({ instrument_type }) => instrument_type === "") ?? [];
  const known = inConfigdb.map((place) => {
    const name = { ...nameOf(place), known: true, active: facility?.isActive(place) ?? null };
    return [keyOf(place), { name, position: positions.get(place.site) }] as const;
  });
  const all = new Map<string, Pick<QueriedTelescope, "name" | "position">>(known);
  const unknown = facility ? false : null;
  for (const [key, [first]] of byKey)
    if (first && !all.has(key))
      all.set(key, { name: { ...nameOf(first), known: unknown, active: unknown }, position: undefined });
  return [...all]
    .filter(([key]) => isSelected(key))
    .map(([key, telescope]) => {
      const byType = Map.groupBy(byKey.get(key) ?? [], ({ instrument_type }) => instrument_type);
      const whole = byType.get("") ?? [];
      byType.delete("");
      return { ...telescope, whole, byType };
    });
}

type Name = Pick<Place, "site" | "enclosure" | "telescope">;
const keyOf = ({ site, enclosure, telescope }: Name) => `${site}\0${enclosure}\0${telescope}`;
const nameOf = ({ site, enclosure, telescope }: Name) => ({ site, enclosure, telescope });
