/** Choices: which codes a filter can still be given when the others are set. */

import { type Category, categories } from "../downtime/category.ts";
import { type ChoiceField, type Filter, fits } from "../downtime/filter.ts";
import { type Facility, forEachPlaceField, type PlaceField, placeFields } from "../facility/facility.ts";

/** A code that can be chosen. */
export interface FilterChoice {
  readonly code: string;
  readonly chosen: boolean;
}

export type FilterChoices = Readonly<Record<ChoiceField, readonly FilterChoice[]>>;

/** For each field the codes that exist together with what the other fields are set to; what is chosen always stays. */
export function choicesOf(facility: Facility | undefined, filter: Filter): FilterChoices {
  const places = facility ? [...facility.places()] : [];
  const choices = (field: PlaceField): FilterChoice[] => {
    const others = placeFields.filter((other) => other !== field);
    const codes = new Set(filter[field]);
    for (const place of places) if (place[field] && fits(place, filter, others)) codes.add(place[field]);
    return [...codes].sort().map((code) => ({ code, chosen: Boolean(filter[field]?.includes(code)) }));
  };
  const isChosen = (category: Category) => Boolean(filter.category?.includes(category));
  return {
    ...forEachPlaceField(choices),
    category: categories.map((code) => ({ code, chosen: isChosen(code) })),
  };
}
