/** Downtimes as CSV, with the API's field names: exactly as `import` reads it, or for spreadsheets. */

import { stringify } from "csv-stringify/sync";
import { type Downtime, DowntimeSchema } from "./downtime.ts";

const columns = Object.keys(DowntimeSchema.properties);

/**
 * What spreadsheets need: a byte order mark, without which they read another encoding than UTF-8, and an apostrophe before
 * texts that they would run as formulas (`=`, `+`, `-`, `@`, tab and carriage return).
 */
export const forSpreadsheets = { bom: true, escape_formulas: true } as const;

const csvWith = ({ bom, escape_formulas }: { readonly bom: boolean; readonly escape_formulas: boolean }) => ({
  /** The first line. */
  header: (): string => stringify([columns], { bom }),
  /** A line for each downtime. */
  rows: (downtimes: readonly Downtime[]): string => stringify([...downtimes], { columns, escape_formulas }),
});

/** Every text as it is stored, for `import`. */
export const exactCsv = csvWith({ bom: false, escape_formulas: false });
export const spreadsheetCsv = csvWith(forSpreadsheets);
