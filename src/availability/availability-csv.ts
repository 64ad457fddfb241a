/** Availability as a table for planners: a line per interval, as CSV or ECSV (which astropy's Table.read reads). */

import { stringify } from "csv-stringify/sync";
import { toMjd } from "../time/instant.ts";
import type { Availability } from "./availability.ts";

/** Column → its type in ECSV. */
const columns = {
  ...{ site: "string", enclosure: "string", telescope: "string", instrument_type: "string" },
  ...{ state: "string", start: "string", end: "string", start_mjd: "float64", end_mjd: "float64" },
  ...{ dark: "string", downtimes: "string" },
};

/** Returns the intervals in which telescopes and instrument types are down, and telescopes available, in order. */
export function availabilityCsv({ start, end, telescopes }: Availability, format: "csv" | "ecsv"): string {
  const lines = telescopes.flatMap(({ site, enclosure, telescope, free, blocked, instrument_types, dark }) =>
    [{ instrument_type: "", blocked }, ...instrument_types]
      .flatMap(({ instrument_type, blocked }) => blocked.map((one) => ({ instrument_type, state: "down", ...one })))
      .concat(free.map((one) => ({ instrument_type: "", state: "available", ...one, downtimes: [] })))
      .sort((a, b) => (a.start < b.start ? -1 : 1))
      .map((one) => ({
        ...{ site, enclosure, telescope, ...one, dark, downtimes: one.downtimes.join(" ") },
        ...{ start_mjd: toMjd(one.start), end_mjd: toMjd(one.end) },
      })),
  );
  const names = Object.keys(columns);
  if (format === "csv") return stringify(lines, { header: true, columns: names, escape_formulas: true });
  const types = Object.entries(columns).map(([name, type]) => `# - {name: ${name}, datatype: ${type}}`);
  const meta = `# meta: !!omap\n# - {start: '${start}'}\n# - {end: '${end}'}`;
  const head = ["# %ECSV 1.0", "# ---", "# delimiter: ','", "# datatype:", ...types, meta, "# schema: astropy-2.0"];
  return `${head.join("\n")}\n${stringify(lines, { header: true, columns: names })}`;
}
