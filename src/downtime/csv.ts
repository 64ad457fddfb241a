/** Downtimes as CSV with the API's field names: for `import`, or for spreadsheets. */

import { stringify } from "csv-stringify/sync";
import { type Downtime, DowntimeSchema } from "./downtime.ts";

const columns = Object.keys(DowntimeSchema.properties);

/**
 * CSV for spreadsheets: with a byte order mark, so that Excel reads UTF-8, and an apostrophe before texts that would run
 * as formulas (beginning with `=`, `+`, `-`, `@`, tab or carriage return).
 */
export const forSpreadsheets = { bom: true, escape_formulas: true } as const;

const csvWith = ({ bom, escape_formulas }: { readonly [Option in keyof typeof forSpreadsheets]: boolean }) => ({
  header: (): string => stringify([columns], { bom }),
  rows: (downtimes: readonly Downtime[]): string => stringify([...downtimes], { columns, escape_formulas }),
});

/** CSV for `import`: every text unchanged. */
export const exactCsv = csvWith({ bom: false, escape_formulas: false });
export const spreadsheetCsv = csvWith(forSpreadsheets);

/** Yields downtimes as CSV in pieces. */
export async function* csvOf(
  batches: AsyncIterable<readonly Downtime[]>,
  csv: typeof exactCsv,
): AsyncGenerator<string> {
  yield csv.header();
  for await (const batch of batches) yield csv.rows(batch);
}
