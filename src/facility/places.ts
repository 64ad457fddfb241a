/** Places: what can be chosen of them, and what somebody should know of one before they say that it is down. */

import type { GeoPosition } from "../sky/sun.ts";
import { type Facility, forEachPlaceField, type Place, type PlaceField, placeFields, type Site } from "./facility.ts";

/** The site with this code, as ConfigDB has it. */
export const findSite = (facility: Facility | undefined, code: string): Site | undefined =>
  facility?.sites.find((site) => site.code === code);

/** Where a site is; undefined where ConfigDB doesn't say. */
export function spotOf(site: Site | undefined): GeoPosition | undefined {
  if (site?.latitude === undefined || site.longitude === undefined) return undefined;
  const { latitude, longitude, dip = 0 } = site;
  return { latitude, longitude, dip };
}

/** What ConfigDB marks inactive on the way to the place, and whether it knows the place at all; the widest first. */
export function placeNotices(place: Place, facility: Facility | undefined): readonly string[] {
  if (!facility) return ["ConfigDB has never answered, so nobody can say whether this telescope exists."];
  const site = findSite(facility, place.site);
  const enclosure = site?.enclosures.find(({ code }) => code === place.enclosure);
  const telescope = enclosure?.telescopes.find(({ code }) => code === place.telescope);
  const type = telescope?.instrumentTypes.find(({ code }) => code === place.instrument_type);
  const inactive = [
    site?.active === false && `Site ${place.site} is marked inactive in ConfigDB.`,
    enclosure?.active === false && `Enclosure ${place.enclosure} at ${place.site} is marked inactive in ConfigDB.`,
    telescope?.active === false && `Telescope ${place.telescope} is marked inactive in ConfigDB.`,
    type?.active === false && `Every ${place.instrument_type} on ${place.telescope} is disabled in ConfigDB.`,
    place.telescope !== "" && !facility.has(place) && "ConfigDB doesn't know this place, or no longer.",
  ];
  return inactive.filter((notice) => notice !== false);
}

/** The codes that can be chosen for each part of a place, given the wider ones. */
export type PlaceChoices = Readonly<Record<PlaceField, readonly string[]>>;

/**
 * What can be chosen: of the parts below a site only those that exist there, below an enclosure only those in it, and
 * so on. What isn't chosen yet narrows nothing.
 */
export function placeChoices(facility: Facility | undefined, chosen: Place): PlaceChoices {
  const places = facility ? [...facility.places()] : [];
  return forEachPlaceField((field) => {
    const wider = placeFields.slice(0, placeFields.indexOf(field));
    const isIn = (place: Place) => wider.every((other) => chosen[other] === "" || place[other] === chosen[other]);
    return [...new Set(places.filter(isIn).map((place) => place[field]))].filter(Boolean).sort();
  });
}

/** The place without what can't be there, and with what can only be one thing: after somebody chose a wider part anew. */
export function settlePlace(facility: Facility | undefined, chosen: Place): Place {
  let place = chosen;
  for (const field of ["enclosure", "telescope", "instrument_type"] as const) {
    const codes = placeChoices(facility, place)[field];
    const only = field !== "instrument_type" && place.site !== "" && codes.length === 1 ? (codes[0] ?? "") : "";
    // What ConfigDB knows nowhere stays, so that somebody sees it; it is refused in the end.
    if (!codes.includes(place[field]) && (place[field] === "" || facility?.knows(field, place[field])))
      place = { ...place, [field]: only };
  }
  return place;
}
