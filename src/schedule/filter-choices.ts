/** The codes that a filter offers, given the other filters. */

import { type Category, categories } from "../downtime/category.ts";
import { type ChoiceField, type Filter, fits } from "../downtime/filter.ts";
import { type Facility, forEachPlaceField, type PlaceField, placeFields } from "../facility/facility.ts";

/** A code to select. */
export interface FilterChoice {
  readonly code: string;
  readonly selected: boolean;
}

export type FilterChoices = Readonly<Record<ChoiceField, readonly FilterChoice[]>>;

/** Returns for each field the codes that exist in combination with the other filters. Selected codes always stay. */
export function choicesOf(facility: Facility | undefined, filter: Filter): FilterChoices {
  const places = facility?.places() ?? [];
  const choices = (field: PlaceField): FilterChoice[] => {
    const others = placeFields.filter((other) => other !== field);
    const codes = new Set(filter[field]);
    for (const place of places) if (place[field] && fits(place, filter, others)) codes.add(place[field]);
    return [...codes].sort().map((code) => ({ code, selected: Boolean(filter[field]?.includes(code)) }));
  };
  const isChosen = (category: Category) => Boolean(filter.category?.includes(category));
  return {
    ...forEachPlaceField(choices),
    category: categories.map((code) => ({ code, selected: isChosen(code) })),
  };
}
