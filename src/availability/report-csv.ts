/** A report as CSV: one line per telescope and reason. The lines of a telescope add up to its losses. */

import { stringify } from "csv-stringify/sync";
import { forSpreadsheets } from "../downtime/csv.ts";
import type { Report } from "./report.ts";

const columns = [
  "start",
  "end",
  "site",
  "enclosure",
  "telescope",
  "reason",
  "hours_lost",
  "dark_hours_lost",
  "nights_lost",
  "nights_touched",
  "dark_hours",
  "nights",
  "dark",
];
const hours = (seconds: number | null): number | null => seconds && Number((seconds / 3600).toFixed(4));

/** Returns the report as CSV. A telescope without losses has one line with an empty reason. */
export function reportCsv({ start, end, telescopes }: Report): string {
  const lines = telescopes.flatMap((telescope) => {
    const { site, enclosure, telescope: code, reasons } = telescope;
    const losses = reasons.length > 0 ? reasons : [{ ...telescope, reason: "" }];
    return losses.map(({ reason, seconds_lost, dark_seconds_lost, nights_lost, nights_touched }) => [
      start,
      end,
      site,
      enclosure,
      code,
      reason,
      hours(seconds_lost),
      hours(dark_seconds_lost),
      nights_lost,
      nights_touched,
      hours(telescope.dark_seconds),
      telescope.nights,
      telescope.dark,
    ]);
  });
  return stringify([columns, ...lines], forSpreadsheets);
}
