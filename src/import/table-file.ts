/** Import rows: the downtimes of a CSV or JSON file, as its text names them. */

import { parse } from "csv-parse/sync";
import { DowntimeSchema, requiredFields } from "../downtime/downtime.ts";
import { Refused } from "../input/terminal.ts";

/** The rows of a file, and how to find one of them in it. */
export interface Rows {
  readonly rows: readonly Record<string, unknown>[];
  /** Columns that mean nothing here. */
  readonly unknown: readonly string[];
  /** Where each row stands, for people; looked up only when one is bad, since most files are good. */
  readonly places: () => readonly string[];
}

/** @throws Refused when the text is no such file */
export const readRows = (text: string): Rows => (/^\s*[[{]/.test(text) ? readJson(text) : readCsv(text));

function readJson(text: string): Rows {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refused(`The file is no JSON: ${(error as Error).message}`);
  }
  const list = Array.isArray(value) ? value : (value as { results?: unknown }).results;
  if (!Array.isArray(list)) throw new Refused("The JSON is neither a list of downtimes nor an object with results.");
  const rows = list.map((row) => (typeof row === "object" && row !== null ? (row as Record<string, unknown>) : {}));
  return { rows, unknown: [], places: () => rows.map((_, index) => `row ${index + 1}`) };
}

/** What spreadsheets write before the header to name the separator; the rest of the line may be empty columns. */
const separatorLine = /^\s*"?sep=([^"\r\n])"?[,;\t ]*(?=[\r\n])/i;

function readCsv(text: string): Rows {
  // Replaced by nothing, so that lines keep their numbers.
  const table = text.replace(separatorLine, "");
  const options = csvOptionsFor(table, separatorLine.exec(text)?.[1]);
  let records: string[][];
  try {
    records = parse(table, options);
  } catch (error) {
    throw new Refused(`The file is no CSV: ${(error as Error).message}`);
  }
  const [header, ...rows] = records;
  if (!header) throw new Refused("The file is empty.");
  const names = header.map((name) => name.trim().toLowerCase());
  const missing = requiredFields.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Refused(`The first line must name the columns; it lacks ${missing.join(", ")}.`);
  const twice = names.find((name, index) => name !== "" && names.indexOf(name) < index);
  if (twice !== undefined) throw new Refused(`The first line names the column ${twice} twice. Keep one of them.`);
  const lines = () => linesOf(table, options);
  const uneven = rows.findIndex((row) => row.length !== names.length);
  if (uneven >= 0)
    throw new Refused(
      `The file is no CSV: line ${lines()[uneven]} has ${rows[uneven]?.length} columns, the first line has ${names.length}`,
    );
  return {
    rows: rows.map((row) => fieldsOf(names, row)),
    unknown: names.filter((name) => name !== "" && !Object.hasOwn(DowntimeSchema.properties, name)),
    places: () => lines().map((line) => `line ${line}`),
  };
}

/** Lines end as the first one does; only where several ends are mixed is each looked at, which takes longer. */
const csvOptionsFor = (text: string, separator: string | undefined) => ({
  skip_empty_lines: true,
  // Spreadsheets write rows of separators alone below and above a table, in any length.
  skip_records_with_empty_values: true,
  relax_column_count: true,
  delimiter: separator ?? separatorOf(text),
  ...(/\r\n/.test(text) && /[^\r]\n|\r[^\n]/.test(text) && { record_delimiter: ["\r\n", "\n", "\r"] }),
});

const separators = [",", ";", "\t"] as const;

/** The one that the first line with names has most of: spreadsheets of half the world write semicolons. */
function separatorOf(text: string): string {
  const line = /^.*[^\s,;"].*$/m.exec(text)?.[0].replace(/"[^"]*"/g, "") ?? "";
  const [most = ","] = separators.toSorted((a, b) => line.split(b).length - line.split(a).length);
  return most;
}

/** A loop, since it runs once for each row of a file that may have millions. */
function fieldsOf(names: readonly string[], row: readonly string[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (let index = 0; index < row.length; index++) fields[names[index] ?? ""] = row[index];
  return fields;
}

/** The number of each row's last line. */
function linesOf(text: string, options: ReturnType<typeof csvOptionsFor>): number[] {
  // The types of csv-parse leave out what `info: true` adds to each record.
  const records = parse(text, { ...options, info: true }) as unknown as { info: { lines: number } }[];
  return records.slice(1).map(({ info }) => info.lines);
}
