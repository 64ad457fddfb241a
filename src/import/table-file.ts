/** Reads the rows of a CSV or JSON file of downtimes. */

import { parse } from "csv-parse/sync";
import { DowntimeSchema, requiredFields } from "../downtime/downtime.ts";
import { parsed, Refused } from "../input/terminal.ts";

export interface TableFile {
  readonly rows: readonly Record<string, unknown>[];
  /** Columns that aren't fields of a downtime. */
  readonly unknown: readonly string[];
  /** Returns a label for each row, such as `line 3`. Computed only if a row is invalid. */
  readonly labels: () => readonly string[];
}

/** Reads CSV, or JSON if the text begins with a bracket. @throws Refused if the file can't be read */
export const readRows = (text: string): TableFile => (/^\s*[[{]/.test(text) ? readJson(text) : readCsv(text));

function readJson(text: string): TableFile {
  const value: unknown = parsed("JSON", () => JSON.parse(text));
  const list = Array.isArray(value) ? value : (value as { results?: unknown }).results;
  if (!Array.isArray(list)) throw new Refused("The JSON must be a list of downtimes, or an object with `results`.");
  const rows = list.map((row) => (typeof row === "object" && row !== null ? (row as Record<string, unknown>) : {}));
  return { rows, unknown: [], labels: () => rows.map((_, index) => `row ${index + 1}`) };
}

/** The line that Excel writes before the header to declare the separator. Empty columns may follow on it. */
const separatorLine = /^\s*"?sep=([^"\r\n])"?[,;\t ]*(?=[\r\n])/i;

function readCsv(text: string): TableFile {
  // The line break stays, so that line numbers stay correct.
  const table = text.replace(separatorLine, "");
  const options = csvOptionsFor(table, separatorLine.exec(text)?.[1]);
  const [header, ...rows]: string[][] = parsed("CSV", () => parse(table, options));
  if (!header) throw new Refused("The file is empty.");
  const names = header.map((name) => name.trim().toLowerCase());
  const missing = requiredFields.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Refused(`The header is missing these columns: ${missing.join(", ")}.`);
  const duplicate = names.find((name, index) => name !== "" && names.indexOf(name) < index);
  if (duplicate !== undefined) throw new Refused(`The header has the column ${duplicate} twice. Remove one of them.`);
  const lines = () => linesOf(table, options);
  const uneven = rows.findIndex((row) => row.length !== names.length);
  if (uneven >= 0)
    throw new Refused(
      `Invalid CSV: line ${lines()[uneven]} has ${rows[uneven]?.length} columns, but the header has ${names.length}.`,
    );
  return {
    rows: rows.map((row) => fieldsOf(names, row)),
    unknown: names.filter((name) => name !== "" && !Object.hasOwn(DowntimeSchema.properties, name)),
    labels: () => lines().map((line) => `line ${line}`),
  };
}

/** Detecting one kind of line break is faster, so all kinds are allowed only if the file mixes them. */
const csvOptionsFor = (text: string, separator: string | undefined) => ({
  skip_empty_lines: true,
  // Spreadsheets write rows of separators above and below a table.
  skip_records_with_empty_values: true,
  relax_column_count: true,
  delimiter: separator ?? separatorOf(text),
  ...(/\r\n/.test(text) && /[^\r]\n|\r[^\n]/.test(text) && { record_delimiter: ["\r\n", "\n", "\r"] }),
});

const separators = [",", ";", "\t"] as const;

/** Detects the separator in the header. In many countries spreadsheets write semicolons. */
function separatorOf(text: string): string {
  const line = /^.*[^\s,;"].*$/m.exec(text)?.[0].replace(/"[^"]*"/g, "") ?? "";
  const [most = ","] = separators.toSorted((a, b) => line.split(b).length - line.split(a).length);
  return most;
}

/** A loop, because it runs for every row of files with millions of rows. */
function fieldsOf(names: readonly string[], row: readonly string[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (let index = 0; index < row.length; index++) fields[names[index] ?? ""] = row[index];
  return fields;
}

/** Returns the number of each row's last line. */
function linesOf(text: string, options: ReturnType<typeof csvOptionsFor>): number[] {
  // The types of csv-parse omit the fields added by `info: true`.
  const records = parse(text, { ...options, info: true }) as unknown as { info: { lines: number } }[];
  return records.slice(1).map(({ info }) => info.lines);
}
