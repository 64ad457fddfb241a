/** An observatory of 31 telescopes at six sites, as ConfigDB describes it. */

const telescopes = {
  lsc: [-30.17, -70.8, "America/Santiago", "doma 1m0a, domb 1m0a, domc 1m0a, aqwa 0m4a, aqwb 0m4a, aqwc 0m4a"],
  coj: [-31.27, 149.06, "Australia/Sydney", "clma 2m0a, doma 1m0a, domb 1m0a, clma 0m4a, clma 0m4b"],
  ogg: [20.7, -156.26, "Pacific/Honolulu", "clma 2m0a, clma 0m4a, clma 0m4b, clma 0m4c"],
  cpt: [-32.38, 20.81, "Africa/Johannesburg", "doma 1m0a, domb 1m0a, domc 1m0a, aqwa 0m4a, aqwb 0m4a, aqwc 0m4a"],
  elp: [30.68, -104.02, "America/Chicago", "doma 1m0a, domb 1m0a, aqwa 0m4a, aqwb 0m4a, aqwc 0m4a"],
  tfn: [28.3, -16.51, "Atlantic/Canary", "doma 1m0a, domb 1m0a, aqwa 0m4a, aqwa 0m4b, aqwb 0m4a"],
} as const;

const instruments = ["1M0-SCICAM-SINISTRO", "1M0-NRES"].map((code) => ({
  state: "SCHEDULABLE",
  instrument_type: { code },
}));

/** Every telescope, as `lsc doma 1m0a`. */
export const names = Object.entries(telescopes).flatMap(([site, [, , , list]]) =>
  list.split(", ").map((name) => `${site} ${name}`),
);

/** The fields of a place. */
export function placeOf(name: string, instrument_type = "") {
  const [site = "", enclosure = "", telescope = ""] = name.split(" ");
  return { site, enclosure, telescope, instrument_type };
}

/** ConfigDB's response. */
export const observatory = {
  count: 6,
  next: null,
  previous: null,
  results: Object.entries(telescopes).map(([code, [lat, long, tz, list]]) => ({
    ...{ code, name: code, active: true, lat, long, elevation: 2000, tz },
    enclosure_set: [...Map.groupBy(list.split(", "), (name) => name.split(" ")[0] ?? "")].map(
      ([enclosure, inside]) => ({
        ...{ code: enclosure, name: enclosure, active: true },
        telescope_set: inside.map((name) => ({
          ...{ code: name.split(" ")[1] ?? "", name, active: true, instrument_set: instruments },
        })),
      }),
    ),
  })),
};
