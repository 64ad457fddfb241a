/** The example observatory, in use until ConfigDB is set: what its ConfigDB would answer. */

const telescope = (code: string, ...types: readonly string[]) => ({
  code,
  instrument_set: types.map((type) => ({ instrument_type: { code: type } })),
});
const enclosure = (code: string, ...telescopes: readonly object[]) => ({ code, telescope_set: telescopes });

const laPalma = { code: "nor", lat: 28.7567, long: -17.885, elevation: 2330, tz: "Atlantic/Canary" };
const cerroTololo = { code: "sud", lat: -30.169, long: -70.806, elevation: 2200, tz: "America/Santiago" };
const sidingSpring = { code: "oce", lat: -31.2733, long: 149.0617, elevation: 1165, tz: "Australia/Sydney" };

/** A page of ConfigDB's sites. */
export const exampleObservatory = {
  results: [
    {
      ...laPalma,
      enclosure_set: [
        enclosure("doma", telescope("2m0a", "2M0-SPECTROGRAPH", "2M0-CAMERA")),
        enclosure("clma", telescope("0m4a", "0M4-CAMERA"), telescope("0m4b", "0M4-CAMERA")),
      ],
    },
    {
      ...cerroTololo,
      enclosure_set: [
        enclosure("doma", telescope("1m0a", "1M0-CAMERA", "1M0-SPECTROGRAPH")),
        enclosure("domb", telescope("1m0a", "1M0-CAMERA")),
      ],
    },
    {
      ...sidingSpring,
      enclosure_set: [
        enclosure("doma", telescope("1m0a", "1M0-CAMERA")),
        enclosure("clma", telescope("2m0a", "2M0-CAMERA", "2M0-SPECTROGRAPH"), telescope("0m4a", "0M4-CAMERA")),
      ],
    },
  ],
};
