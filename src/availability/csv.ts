/** A report as CSV: a line per telescope and reason, category, kind or night. */

import { stringify } from "csv-stringify/sync";
import { forSpreadsheets } from "../downtime/csv.ts";
import { toMjd } from "../time/instant.ts";
import type { Availability } from "./availability.ts";
import type { Report, ReportTelescope } from "./report-schema.ts";

/** What the lines of a telescope are divided by; the first is the default. */
export const csvDivisions = ["reason", "category", "kind", "night"] as const;
type Division = (typeof csvDivisions)[number];

const lists = { reason: "reasons", category: "categories", kind: "kinds", night: "each_night" } as const;
const hours = (seconds: number | null | undefined) => seconds && Number((seconds / 3600).toFixed(4));

/** Returns the report as CSV. A telescope without losses has one line with an empty reason. */
export function reportCsv({ start, end, telescopes }: Report, by: Division = "reason"): string {
  type Part = Partial<ReportTelescope["reasons"][number]> & { readonly [Field in Division]?: string };
  const lines = telescopes.flatMap(({ dark_seconds, nights, dark, ...telescope }) => {
    const parts: readonly Part[] = telescope[lists[by]];
    return (parts.length > 0 ? parts : [{ ...telescope, [by]: "" }]).map((part) => ({
      ...{ start, end, ...telescope, nights_touched: undefined, ...part },
      ...{ hours_lost: hours(part.seconds_lost), dark_hours_lost: hours(part.dark_seconds_lost) },
      ...{ dark_hours: hours(dark_seconds), nights, dark },
    }));
  });
  const losses = ["hours_lost", "dark_hours_lost", "nights_lost", "nights_touched", "dark_hours", "nights", "dark"];
  const columns = ["start", "end", "site", "enclosure", "telescope", by, ...losses];
  return stringify(lines, { header: true, columns, ...forSpreadsheets });
}

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
