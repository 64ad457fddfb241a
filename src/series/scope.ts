/** Scopes: which telescopes, or instrument types on them, a series blocks. */

import { type Static, Type } from "@sinclair/typebox";
import { type Facility, type Place, type PlaceField, placeFields } from "../facility/facility.ts";
import { isRefused, type Reader, readObject } from "../input/readers.ts";
import { Refusal, readText } from "../input/text.ts";

const code = (description: string, example: string) => Type.Optional(Type.String({ description, examples: [example] }));

/** Blocks each telescope (or instrument type) that matches. A part that is absent or empty matches all. */
export const ScopeSchema = Type.Object(
  {
    site: code("Site code.", "sud"),
    enclosure: code("Enclosure code.", "doma"),
    telescope: code("Telescope code.", "1m0a"),
    instrument_type: code("Instrument type code: blocks only this, on each telescope that has it.", "1M0-CAMERA"),
  },
  {
    description: "At least one part is required. Inactive telescopes are included only by their full name.",
    examples: [{ site: "sud", telescope: "1m0a" }],
  },
);
export type Scope = Readonly<Static<typeof ScopeSchema>>;

/** Reads a scope that matches at least one telescope. */
export const readScope =
  (facility: Facility): Reader<Scope> =>
  (value) => {
    const codeOf = (field: PlaceField) => (sent: unknown) => {
      const text = readText(sent);
      if (text instanceof Refusal || facility.knows(field, text)) return text;
      return new Refusal(`"${text}" is not a valid choice.`);
    };
    const readers = Object.fromEntries(placeFields.map((field) => [field, codeOf(field)]));
    const scope = readObject<Scope>(ScopeSchema, readers)(value);
    if (isRefused(scope)) return scope;
    const named = placeFields.flatMap((field) => scope[field] ?? []);
    if (named.length === 0)
      return new Refusal("At least one of site, enclosure, telescope and instrument type is required.");
    if (placesIn([scope], facility).length > 0) return scope;
    const fits = facility.places().some((place) => isIn(place, scope));
    return new Refusal(
      fits
        ? `Only inactive telescopes match ${named.join(" · ")}. To include one, enter its site, enclosure and telescope${isWhole(scope) ? "" : ", and the instrument type"}.`
        : `No telescope matches ${named.join(" · ")}.`,
    );
  };

/** Whether it blocks whole telescopes, rather than an instrument type. */
const isWhole = (scope: Scope) => !scope.instrument_type;

const isIn = (place: Place, scope: Scope): boolean =>
  isWhole(scope) === (place.instrument_type === "") &&
  placeFields.every((field) => !scope[field] || scope[field] === place[field]);

const isFullName = (scope: Scope): boolean => Boolean(scope.site && scope.enclosure && scope.telescope);

/** Returns each place that matches any of the scopes, in ConfigDB's order. */
export function placesIn(scopes: readonly Scope[], facility: Facility): readonly Place[] {
  const wanted = (place: Place) =>
    scopes.some((scope) => isIn(place, scope) && (isFullName(scope) || facility.isActive(place)));
  return facility.places().filter(wanted);
}
