/** Validates ConfigDB's responses and converts them to domain types. */

import { type Static, Type } from "@sinclair/typebox";
import { maybe, mismatchOf, readTolerantly } from "../input/tolerant.ts";
import { isZone } from "../time/zone.ts";
import type { Site } from "./facility.ts";

const code = Type.String({ minLength: 1 });
const part = { code, name: maybe(Type.String()), active: maybe(Type.Boolean()) };

/** A page of `GET {CONFIGDB_URL}/sites/`. */
const PageSchema = Type.Object({ next: maybe(Type.String()), results: Type.Array(Type.Unknown()) });

/** The fields of sites that are used here. Older servers omit most of the optional ones. */
const SitesSchema = Type.Array(
  Type.Object({
    ...part,
    lat: maybe(Type.Number({ minimum: -90, maximum: 90 })),
    long: maybe(Type.Number({ minimum: -180, maximum: 360 })),
    elevation: maybe(Type.Number()),
    tz: maybe(Type.String()),
    enclosure_set: Type.Array(
      Type.Object({
        ...part,
        telescope_set: Type.Array(
          Type.Object({
            ...part,
            instrument_set: Type.Array(
              Type.Object({ state: maybe(Type.String()), instrument_type: Type.Object({ code }) }),
            ),
          }),
        ),
      }),
    ),
  }),
);
export type SiteAnswer = Static<typeof SitesSchema>[number];
type InstrumentAnswer = SiteAnswer["enclosure_set"][number]["telescope_set"][number]["instrument_set"][number];

/** A page of ConfigDB's sites. */
export interface Answer {
  /** The total number of sites on all pages, if the server sends it. */
  readonly count: number | undefined;
  readonly next: string | null | undefined;
  /** The valid sites, without their invalid parts. */
  readonly results: readonly SiteAnswer[];
  /** How many sites the page has, including invalid ones. */
  readonly sent: number;
  /** The paths of the invalid parts, for people. */
  readonly leftOut: readonly string[];
}

/** @throws Error if this isn't a page of ConfigDB's sites */
export function checkAnswer(answer: unknown): Answer {
  const mismatch = mismatchOf(PageSchema, answer);
  if (mismatch) throw new Error(mismatch);
  const { count, next, results } = answer as Static<typeof PageSchema> & { count?: unknown };
  const leftOut: string[] = [];
  const sites = readTolerantly(SitesSchema, results, (part, cause) => {
    leftOut.push(cause === part ? part : `${part} (because of ${cause})`);
  });
  return {
    count: typeof count === "number" ? count : undefined,
    next,
    results: sites as SiteAnswer[],
    sent: results.length,
    leftOut,
  };
}

/** Converts a site to the domain type. */
export function toSite(site: SiteAnswer): Site {
  return {
    ...toPart(site),
    ...(typeof site.lat === "number" && { latitude: site.lat }),
    ...(typeof site.long === "number" && { longitude: site.long > 180 ? site.long - 360 : site.long }),
    ...(typeof site.elevation === "number" && { elevation: site.elevation }),
    ...(site.tz && isZone(site.tz) && { zone: site.tz }),
    enclosures: site.enclosure_set.map((enclosure) => ({
      ...toPart(enclosure),
      telescopes: enclosure.telescope_set.map((telescope) => ({
        ...toPart(telescope),
        instrumentTypes: toInstrumentTypes(telescope.instrument_set),
      })),
    })),
  };
}

const toPart = ({ code, name, active }: Pick<SiteAnswer, "code" | "name" | "active">) => ({
  code,
  name: name ?? "",
  active: active ?? true,
});

function toInstrumentTypes(instruments: readonly InstrumentAnswer[]) {
  const active = new Map<string, boolean>();
  for (const { state, instrument_type } of instruments)
    active.set(instrument_type.code, active.get(instrument_type.code) || state !== "DISABLED");
  return [...active].map(([code, isActive]) => ({ code, active: isActive }));
}
