/** Telescopes: which ones a question is about, and the downtimes of each. */

import { Type } from "@sinclair/typebox";
import type { Downtime } from "../downtime/downtime.ts";
import { type Filter, fits } from "../downtime/filter.ts";
import { type Facility, type Place, placeFields } from "../facility/facility.ts";
import { spotOf } from "../facility/places.ts";
import type { GeoPosition } from "../sky/sun.ts";

const orNever = "null: ConfigDB has never answered.";

/** What every answer says of a telescope. */
export const telescopeProperties = {
  site: Type.String({ description: "Site code." }),
  enclosure: Type.String({ description: "Enclosure code." }),
  telescope: Type.String({ description: "Telescope code." }),
  known: Type.Union([Type.Boolean(), Type.Null()], { description: `Whether ConfigDB knows it; ${orNever}` }),
  active: Type.Union([Type.Boolean(), Type.Null()], {
    description: `False where ConfigDB marks the telescope, its enclosure or its site inactive, or doesn't know it; ${orNever}`,
  }),
};

/** A telescope's name and standing, as every answer shows it. */
export interface TelescopeName extends Pick<Place, "site" | "enclosure" | "telescope"> {
  readonly known: boolean | null;
  readonly active: boolean | null;
}

export interface QueriedTelescope {
  readonly name: TelescopeName;
  /** Where it stands; undefined where ConfigDB doesn't say. The same object for all of a site. */
  readonly spot: GeoPosition | undefined;
  /** The downtimes that block all of it. */
  readonly whole: readonly Downtime[];
  /** Those that block one instrument type alone, by its code. */
  readonly byType: ReadonlyMap<string, readonly Downtime[]>;
}

/** The filter for the rows: those of the whole telescope count, whichever instrument types are asked for. */
export const withWhole = (filter: Filter): Filter =>
  filter.instrument_type ? { ...filter, instrument_type: ["", ...filter.instrument_type] } : filter;

/**
 * The telescopes that a filter asks for: those of ConfigDB that stand there and have one of the instrument types, then
 * those that have such a downtime and that ConfigDB doesn't know, or no longer.
 * @param downtimes what the filter lets through, with those of whole telescopes
 */
export function telescopesOf(
  facility: Facility | undefined,
  filter: Filter,
  downtimes: readonly Downtime[],
): QueriedTelescope[] {
  const types = filter.instrument_type;
  const byKey = Map.groupBy(downtimes, keyOf);
  const fitting = new Set(
    [...(facility?.places() ?? [])].filter((place) => fits(place, filter, placeFields)).map(keyOf),
  );
  const isAsked = (key: string) =>
    fitting.has(key) || byKey.get(key)?.some(({ instrument_type }) => types?.includes(instrument_type) ?? true);
  const all = new Map([...standing(facility)].map((telescope) => [keyOf(telescope.name), telescope]));
  for (const [key, [first]] of byKey)
    if (first && !all.has(key)) all.set(key, { name: nameUnknown(first, facility), spot: undefined });
  return [...all]
    .filter(([key]) => isAsked(key))
    .map(([key, telescope]) => {
      const byType = Map.groupBy(byKey.get(key) ?? [], ({ instrument_type }) => instrument_type);
      const whole = byType.get("") ?? [];
      byType.delete("");
      return { ...telescope, whole, byType };
    });
}

const keyOf = ({ site, enclosure, telescope }: Pick<Place, "site" | "enclosure" | "telescope">) =>
  `${site}\0${enclosure}\0${telescope}`;

/** Every telescope that ConfigDB knows. */
function* standing(facility: Facility | undefined): Iterable<Pick<QueriedTelescope, "name" | "spot">> {
  for (const site of facility?.sites ?? []) {
    const spot = spotOf(site);
    for (const enclosure of site.enclosures)
      for (const telescope of enclosure.telescopes) {
        const active = site.active && enclosure.active && telescope.active;
        const place = { site: site.code, enclosure: enclosure.code, telescope: telescope.code };
        yield { name: { ...place, known: true, active }, spot };
      }
  }
}

function nameUnknown({ site, enclosure, telescope }: Downtime, facility: Facility | undefined): TelescopeName {
  const isKnown = facility ? false : null;
  return { site, enclosure, telescope, known: isKnown, active: isKnown };
}
