/** A report as CSV: a line per telescope and reason, category, kind or night. */

import { stringify } from "csv-stringify/sync";
import { forSpreadsheets } from "../downtime/csv.ts";
import type { Report, ReportTelescope } from "./report-schema.ts";

/** What the lines of a telescope are divided by; the first is the default. */
export const csvDivisions = ["reason", "category", "kind", "night"] as const;
type Division = (typeof csvDivisions)[number];

const lists = { reason: "reasons", category: "categories", kind: "kinds", night: "each_night" } as const;
const hours = (seconds: number | null | undefined) => seconds && Number((seconds / 3600).toFixed(4));

/** Returns the report as CSV. A telescope without losses has one line with an empty reason. */
export function reportCsv({ start, end, telescopes }: Report, by: Division = "reason"): string {
  type Part = Partial<ReportTelescope["reasons"][number]> & { readonly [Field in Division]?: string };
  const columns: Record<string, (telescope: ReportTelescope, part: Part) => string | number | null | undefined> = {
    start: () => start,
    end: () => end,
    site: ({ site }) => site,
    enclosure: ({ enclosure }) => enclosure,
    telescope: ({ telescope }) => telescope,
    [by]: (_, part) => part[by],
    hours_lost: (_, { seconds_lost }) => hours(seconds_lost),
    dark_hours_lost: (_, { dark_seconds_lost }) => hours(dark_seconds_lost),
    nights_lost: (_, { nights_lost }) => nights_lost,
    nights_touched: (_, { nights_touched }) => nights_touched,
    dark_hours: ({ dark_seconds }) => hours(dark_seconds),
    nights: ({ nights }) => nights,
    dark: ({ dark }) => dark,
  };
  const lines = telescopes.flatMap((telescope) => {
    const parts: readonly Part[] = telescope[lists[by]];
    const losses = parts.length > 0 ? parts : [{ ...telescope, [by]: "" }];
    return losses.map((part) => Object.values(columns).map((cell) => cell(telescope, part)));
  });
  return stringify([Object.keys(columns), ...lines], forSpreadsheets);
}
