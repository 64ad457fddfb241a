/** Downtimes that are selected in a form, each in the version that was shown. */

/** Returns each selected downtime's version, by its id. The form has them as `ID.VERSION`. */
export const versionsIn = (form: URLSearchParams): ReadonlyMap<number, number> =>
  new Map(
    form
      .getAll("seen")
      .filter((text) => /^\d{1,15}\.\d{1,9}$/.test(text))
      .slice(0, 1000)
      .map((text) => text.split(".").map(Number) as [number, number]),
  );
