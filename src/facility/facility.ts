/** The facility: its sites, enclosures, telescopes and instrument types. */

interface FacilityPart {
  readonly code: string;
  readonly name: string;
  readonly active: boolean;
}

interface Telescope extends FacilityPart {
  /** A type is active unless all instruments of the type are disabled. */
  readonly instrumentTypes: readonly Omit<FacilityPart, "name">[];
}

interface Enclosure extends FacilityPart {
  readonly telescopes: readonly Telescope[];
}

/** A site. Older ConfigDB servers send neither its position (degrees, metres) nor its IANA time zone. */
export interface Site extends FacilityPart {
  readonly latitude?: number;
  readonly longitude?: number;
  readonly elevation?: number;
  /** How far the visible horizon is below the level one, in degrees; set only if sunset and sunrise depend on it. */
  readonly dip?: number;
  /** The limit of dark, in degrees below the horizon; 12 by default. */
  readonly darkLimit?: number;
  readonly zone?: string;
  readonly enclosures: readonly Enclosure[];
}

/** What a downtime affects; an empty `instrument_type` means the whole telescope. */
export type Place = Readonly<Record<PlaceField, string>>;

/** The fields that identify a telescope. */
export const telescopeFields = ["site", "enclosure", "telescope"] as const;
/** The fields of a place, from site to instrument type. */
export const placeFields = [...telescopeFields, "instrument_type"] as const;
export type PlaceField = (typeof placeFields)[number];

/** Creates an object with a value for each field of a place. */
export const forEachPlaceField = <T>(make: (field: PlaceField) => T): Readonly<Record<PlaceField, T>> =>
  Object.fromEntries(placeFields.map((field) => [field, make(field)])) as Record<PlaceField, T>;

/** In a form, nothing selected; as a filter, any place. */
export const emptyPlace: Place = forEachPlaceField(() => "");

/** A telescope's full name, as a key: `ogg clma 2m0a` */
export const telescopeName = ({ site, enclosure, telescope }: Omit<Place, "instrument_type">): string =>
  `${site} ${enclosure} ${telescope}`;

/** The facility as in one ConfigDB response. */
export class Facility {
  /** All codes of each field, sorted. */
  readonly codes: Readonly<Record<PlaceField, readonly string[]>>;
  /** Place → whether it, and all that it is part of, is active. */
  readonly #places: ReadonlyMap<string, boolean>;

  constructor(readonly sites: readonly Site[]) {
    const places = [...placesOf(sites)];
    this.#places = new Map(places.map(([place, active]) => [keyOf(place), active]));
    // Sites and enclosures without telescopes are valid codes too.
    const codes = forEachPlaceField((field) => places.map(([place]) => place[field]));
    codes.site.push(...sites.map(({ code }) => code));
    codes.enclosure.push(...sites.flatMap(({ enclosures }) => enclosures.map(({ code }) => code)));
    this.codes = forEachPlaceField((field) => [...new Set(codes[field])].filter(Boolean).sort());
  }

  /** Whether any place has this code in this field. */
  readonly knows = (field: PlaceField, code: string): boolean => this.codes[field].includes(code);

  /** Whether the telescope exists at this site and enclosure and, if one is given, has the instrument type. */
  readonly has = (place: Place): boolean => this.#places.has(keyOf(place));

  /** Whether the place exists, and neither it nor what it is part of is inactive. */
  readonly isActive = (place: Place): boolean => this.#places.get(keyOf(place)) === true;

  /** Returns ConfigDB's spelling of a code that differs only in case; any other text unchanged. */
  spelling(field: PlaceField, text: string): string {
    if (this.knows(field, text)) return text;
    return this.codes[field].find((code) => code.toLowerCase() === text.toLowerCase()) ?? text;
  }

  /** Each telescope, and each of its instrument types, as a place. */
  readonly places = (): Place[] => [...placesOf(this.sites)].map(([place]) => place);
}

function* placesOf(sites: readonly Site[]): Iterable<readonly [Place, boolean]> {
  for (const site of sites)
    for (const enclosure of site.enclosures)
      for (const telescope of enclosure.telescopes) {
        const whole = { site: site.code, enclosure: enclosure.code, telescope: telescope.code, instrument_type: "" };
        const isActive = site.active && enclosure.active && telescope.active;
        yield [whole, isActive];
        for (const { code, active } of telescope.instrumentTypes)
          yield [{ ...whole, instrument_type: code }, isActive && active];
      }
}

const keyOf = (place: Place) => JSON.stringify(placeFields.map((field) => place[field]));

/** Replaces codes that differ only in case with ConfigDB's spelling. */
export function spellAsConfigdb(fields: Readonly<Record<string, unknown>>, facility: Facility) {
  const spelt: Record<string, unknown> = { ...fields };
  for (const field of placeFields) {
    const code = fields[field];
    if (typeof code === "string") spelt[field] = facility.spelling(field, code.trim());
  }
  return spelt;
}
