/** An observatory on four continents and near both ends of the year's light, for the tests of series. */

import { Facility, type Site } from "../../src/facility/facility.ts";
import { Invalid } from "../../src/input/problem.ts";
import { expand } from "../../src/series/occurrences.ts";
import { checkSeries } from "../../src/series/series.ts";
import type { Instant } from "../../src/time/instant.ts";

const telescope = (code: string, types: readonly string[] = [], active = true) => ({
  code,
  name: "",
  active,
  instrumentTypes: types.map((type) => ({ code: type, active: true })),
});

const site = (code: string, place: Partial<Site>, telescopes = [telescope("1m0a")]): Site => ({
  code,
  name: "",
  active: true,
  ...place,
  enclosures: [{ code: "doma", name: "", active: true, telescopes }],
});

export const observatory = new Facility([
  site("sso", { latitude: -31.2729, longitude: 149.0709, zone: "Australia/Sydney" }, [
    telescope("1m0a", ["CAMERA", "SPECTROGRAPH"]),
    telescope("2m0a", ["CAMERA"]),
    telescope("old", ["CAMERA"], false),
  ]),
  site("cta", { latitude: -30.1674, longitude: -70.8048, zone: "America/Santiago" }),
  site("lap", { latitude: 28.7606, longitude: -17.8816, zone: "Atlantic/Canary" }),
  site("mko", { latitude: 19.8267, longitude: -155.4747, zone: "Pacific/Honolulu" }),
  site("lyr", { latitude: 78.22, longitude: 15.65, zone: "Arctic/Longyearbyen" }),
  site("uio", { latitude: 0, longitude: -78.5, zone: "America/Guayaquil" }),
  site("nowhere", {}),
  site("shut", { active: false, latitude: 0, longitude: 0, zone: "UTC" }),
]);

export const now = "2026-11-22T12:00:00Z" as Instant;

/** The expansion of a plan for one telescope, with some fields changed. */
export const expansionOf = (rule: Record<string, unknown>, fields: Record<string, unknown> = {}, at = now) =>
  expand(checkSeries({ scopes: [{ site: "mko" }], rule, ...fields }, observatory, at), observatory, at);

/** What is wrong with a plan; undefined when it can be stored. */
export function errorsOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof Invalid) return error.errors;
    throw error;
  }
  return undefined;
}
