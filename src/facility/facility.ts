/** The facility: which sites, enclosures, telescopes and instrument types exist. Every rule about that is asked here. */

/** A kind of instrument on a telescope; active unless all of its instruments are disabled. */
export interface InstrumentType {
  readonly code: string;
  readonly active: boolean;
}

export interface Telescope {
  readonly code: string;
  readonly name: string;
  readonly active: boolean;
  readonly instrumentTypes: readonly InstrumentType[];
}

export interface Enclosure {
  readonly code: string;
  readonly name: string;
  readonly active: boolean;
  readonly telescopes: readonly Telescope[];
}

/** An observatory's place. Older ConfigDB servers tell neither where it is (degrees, metres) nor its IANA time zone. */
export interface Site {
  readonly code: string;
  readonly name: string;
  readonly active: boolean;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly elevation?: number;
  /** How far the horizon lies below the level one, in degrees, where that counts for sunset and sunrise. */
  readonly dip?: number;
  readonly zone?: string;
  readonly enclosures: readonly Enclosure[];
}

/** What a downtime blocks; `instrument_type` is empty when it blocks the whole telescope. */
export type Place = Readonly<Record<PlaceField, string>>;

/** The parts of a place, widest first. */
export const placeFields = ["site", "enclosure", "telescope", "instrument_type"] as const;
export type PlaceField = (typeof placeFields)[number];

/** An object with a value for each part of a place. */
export const forEachPlaceField = <T>(make: (field: PlaceField) => T): Readonly<Record<PlaceField, T>> =>
  Object.fromEntries(placeFields.map((field) => [field, make(field)])) as Record<PlaceField, T>;

/** No place yet, in a form; as a filter: any. */
export const emptyPlace: Place = forEachPlaceField(() => "");

/** All that one ConfigDB answer said. */
export class Facility {
  /** Every code that exists anywhere, in order, by field. */
  readonly codes: Readonly<Record<PlaceField, readonly string[]>>;
  readonly #known: Readonly<Record<PlaceField, ReadonlySet<string>>>;
  readonly #places: ReadonlySet<string>;

  constructor(readonly sites: readonly Site[]) {
    const known = forEachPlaceField(() => new Set<string>());
    const places = new Set<string>();
    for (const place of placesOf(sites)) {
      places.add(keyOf(place));
      for (const field of placeFields) if (place[field]) known[field].add(place[field]);
    }
    // A site or an enclosure without telescopes is still one that exists.
    for (const site of sites) {
      known.site.add(site.code);
      for (const enclosure of site.enclosures) known.enclosure.add(enclosure.code);
    }
    this.#known = known;
    this.#places = places;
    this.codes = forEachPlaceField((field) => [...known[field]].sort());
  }

  /** Whether the code exists anywhere as that field. */
  knows(field: PlaceField, code: string): boolean {
    return this.#known[field].has(code);
  }

  /** Whether this telescope stands there and, where one is named, has this instrument type. */
  has(place: Place): boolean {
    return this.#places.has(keyOf(place));
  }

  /** The code as ConfigDB spells it, when it differs from this text in case alone; otherwise the text itself. */
  spelling(field: PlaceField, text: string): string {
    if (this.knows(field, text)) return text;
    return this.codes[field].find((code) => code.toLowerCase() === text.toLowerCase()) ?? text;
  }

  /** Every telescope, and every instrument type on it, as the place that a downtime would name. */
  places(): Iterable<Place> {
    return placesOf(this.sites);
  }
}

function* placesOf(sites: readonly Site[]): Iterable<Place> {
  for (const site of sites)
    for (const enclosure of site.enclosures)
      for (const telescope of enclosure.telescopes) {
        const whole = { site: site.code, enclosure: enclosure.code, telescope: telescope.code, instrument_type: "" };
        yield whole;
        for (const { code } of telescope.instrumentTypes) yield { ...whole, instrument_type: code };
      }
}

const keyOf = (place: Place) => JSON.stringify(placeFields.map((field) => place[field]));

/** The fields with each code spelt as ConfigDB spells it, where case alone keeps them apart. */
export function spellAsConfigdb(
  fields: Readonly<Record<string, unknown>>,
  facility: Facility,
): Record<string, unknown> {
  const spelt = { ...fields };
  for (const field of placeFields) {
    const code = fields[field];
    if (typeof code === "string") spelt[field] = facility.spelling(field, code.trim());
  }
  return spelt;
}
