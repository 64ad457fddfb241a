/** Downtimes as CSV with the API's field names: for `import`, or for spreadsheets. */

import { stringify } from "csv-stringify/sync";
import { type Downtime, DowntimeSchema } from "./downtime.ts";

const columns = Object.keys(DowntimeSchema.properties);

/**
 * CSV for spreadsheets: with a byte order mark, so that Excel reads UTF-8, and an apostrophe before texts that would run
 * as formulas (beginning with `=`, `+`, `-`, `@`, tab or carriage return).
 */
export const forSpreadsheets = { bom: true, escape_formulas: true } as const;

const csvWith = ({ bom, escape_formulas }: { readonly bom: boolean; readonly escape_formulas: boolean }) => ({
  /** Returns the header line. */
  header: (): string => stringify([columns], { bom }),
  /** Returns one line per downtime. */
  rows: (downtimes: readonly Downtime[]): string => stringify([...downtimes], { columns, escape_formulas }),
});

/** CSV for `import`: every text unchanged. */
export const exactCsv = csvWith({ bom: false, escape_formulas: false });
export const spreadsheetCsv = csvWith(forSpreadsheets);

/** Yields downtimes as CSV in pieces, none of which is empty. */
export async function* csvOf(
  batches: AsyncIterable<readonly Downtime[]>,
  { header, rows }: typeof exactCsv,
): AsyncGenerator<string> {
  let before = header();
  for await (const batch of batches) {
    yield before + rows(batch);
    before = "";
  }
  if (before) yield before;
}
