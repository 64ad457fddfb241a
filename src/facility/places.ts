/** Places: the options of a form's fields, and notices about a place. */

import { type DarkLimits, darkLimitAt, darkLimitOf } from "../sky/dark-limit.ts";
import type { GeoPosition } from "../sky/sun.ts";
import { type Facility, forEachPlaceField, type Place, type PlaceField, placeFields, type Site } from "./facility.ts";

/** Returns the site with this code; undefined if there is none. */
export const findSite = (facility: Facility | undefined, code: string): Site | undefined =>
  facility?.sites.find((site) => site.code === code);

/** Returns a site's position; undefined if ConfigDB doesn't have it. @param dark instead of the site's own limit of dark */
export function positionOf(site: Site | undefined, dark?: DarkLimits): GeoPosition | undefined {
  if (site?.latitude === undefined || site.longitude === undefined) return undefined;
  const { latitude, longitude, dip = 0 } = site;
  return { latitude, longitude, dip, darkLimit: dark ? darkLimitAt(dark, site.code) : darkLimitOf(site) };
}

/** Returns notices for people: which parts of a place ConfigDB marks inactive, and whether the place exists. */
export function placeNotices(place: Place, facility: Facility | undefined): readonly string[] {
  if (!facility) return ["ConfigDB hasn't been reached yet, so this telescope can't be verified."];
  const site = findSite(facility, place.site);
  const enclosure = site?.enclosures.find(({ code }) => code === place.enclosure);
  const telescope = enclosure?.telescopes.find(({ code }) => code === place.telescope);
  const type = telescope?.instrumentTypes.find(({ code }) => code === place.instrument_type);
  const parts = { Site: site, Enclosure: enclosure, Telescope: telescope, "Instrument type": type };
  const inactive = Object.entries(parts).filter(([, part]) => part?.active === false);
  const isUnknown = place.telescope === "" ? !site : !facility.has(place);
  return [
    ...inactive.map(([noun, part]) => `${noun} ${part?.code} is marked inactive in ConfigDB.`),
    ...(isUnknown ? [`This ${place.telescope === "" ? "site" : "telescope"} isn't in ConfigDB.`] : []),
  ];
}

export type PlaceChoices = Readonly<Record<PlaceField, readonly string[]>>;

/** Returns the codes to offer: for each field, those that exist together with what is selected in the fields before it. */
export function placeChoices(facility: Facility | undefined, selected: Place): PlaceChoices {
  const places = facility?.places() ?? [];
  return forEachPlaceField((field) => {
    const wider = placeFields.slice(0, placeFields.indexOf(field));
    const isIn = (place: Place) => wider.every((other) => selected[other] === "" || place[other] === selected[other]);
    return [...new Set(places.filter(isIn).map((place) => place[field]))].filter(Boolean).sort();
  });
}

/** Clears the fields that no longer match one that was changed. @param fills whether it fills in those with one option */
export function settlePlace(facility: Facility | undefined, selected: Place, fills = true): Place {
  let place = selected;
  for (const field of ["enclosure", "telescope", "instrument_type"] as const) {
    const codes = placeChoices(facility, place)[field];
    const isFilled = fills && field !== "instrument_type" && place.site !== "" && codes.length === 1;
    const only = isFilled ? (codes[0] ?? "") : "";
    // A code that doesn't exist anywhere stays, so that the user sees it in the error.
    if (!codes.includes(place[field]) && (place[field] === "" || facility?.knows(field, place[field])))
      place = { ...place, [field]: only };
  }
  return place;
}

/** Fills in the site and enclosure of a telescope that exists only once among the places selected. */
export function fillPlace(facility: Facility | undefined, selected: Place): Place {
  const isMeant = (place: Place) =>
    placeFields.every((field) => selected[field] === "" || place[field] === selected[field]);
  const found = (facility?.places() ?? []).filter(isMeant);
  const { site, enclosure } = found[0] ?? selected;
  const isOnly = found.every((one) => one.site === site && one.enclosure === enclosure);
  return isOnly ? { ...selected, site, enclosure } : selected;
}
