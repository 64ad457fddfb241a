/** `import`: stores the downtimes of a file, all of them or none. */

import type { Command } from "commander";
import { parse } from "csv-parse/sync";
import { type CheckedDraft, checkDraft } from "../domain/downtime.ts";
import type { Facility } from "../domain/facility.ts";
import { parseImportedInstant } from "../domain/instant.ts";
import { Invalid } from "../domain/problem.ts";
import { commandLine, Refused, type Run, readText, say, spellAsConfigdb } from "./parts.ts";

/** A row of a file, and where it stands in it. */
interface Row {
  readonly where: string;
  readonly fields: Record<string, unknown>;
}

/** Bad rows that are named; of more than these nobody reads on. */
const mostNamed = 20;

export function addImport(program: Command, run: Run): void {
  program
    .command("import")
    .description("store the downtimes of a CSV or JSON file, all or none; what is there already is left out")
    .argument("<file>", "the file; - for standard input")
    .option("--dry-run", "check and count, but store nothing")
    .action((file: string, { dryRun }: { dryRun?: boolean }) =>
      run(async ({ downtimes, configdb, clock }) => {
        const drafts = checkRows(readRows(await readText(file)), configdb.get());
        const progress = createProgress(drafts.length);
        const { added, duplicates } = dryRun
          ? await downtimes.tryAll(drafts)
          : await downtimes.addAll(drafts, { by: commandLine, at: clock() }, progress);
        say(
          `${drafts.length} rows read, ${added} ${dryRun ? "would be added" : "added"}, ${duplicates} exact duplicates left out`,
        );
      }),
    );
}

/** @throws Refused when the text is no such file */
export function readRows(text: string): Row[] {
  const content = text.replace(/^\uFEFF/, "");
  return /^\s*[[{]/.test(content) ? readJson(content) : readCsv(content);
}

function readJson(text: string): Row[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refused(`The file is no JSON: ${(error as Error).message}`);
  }
  const list = Array.isArray(value) ? value : (value as { results?: unknown }).results;
  if (!Array.isArray(list)) throw new Refused("The JSON is neither a list of downtimes nor an object with results.");
  return list.map((fields, index) => ({
    where: `row ${index + 1}`,
    fields: typeof fields === "object" && fields !== null ? (fields as Record<string, unknown>) : {},
  }));
}

interface CsvRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

function readCsv(text: string): Row[] {
  let records: CsvRecord[];
  try {
    records = parse(text, {
      record_delimiter: ["\r\n", "\n", "\r"],
      skip_empty_lines: true,
      info: true,
    }) as unknown as CsvRecord[];
  } catch (error) {
    throw new Refused(`The file is no CSV: ${(error as Error).message}`);
  }
  const [header, ...rows] = records;
  if (!header) throw new Refused("The file is empty.");
  const names = header.record.map((name) => name.trim().toLowerCase());
  const missing = ["start", "end", "site", "enclosure", "telescope"].filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Refused(`The first line must name the columns; it lacks ${missing.join(", ")}.`);
  return rows.map(({ record, info }) => ({
    where: `line ${info.lines}`,
    fields: Object.fromEntries(names.map((name, index) => [name, record[index]])),
  }));
}

/** @throws Refused naming the bad rows */
function checkRows(rows: readonly Row[], facility: Facility): CheckedDraft[] {
  const drafts: CheckedDraft[] = [];
  const bad: string[] = [];
  for (const { where, fields } of rows)
    try {
      drafts.push(checkDraft(spellAsConfigdb(withInstants(fields), facility), facility));
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      bad.push(`${where}: ${error.message}`);
    }
  if (bad.length === 0) return drafts;
  const rest = bad.length > mostNamed ? [`… and ${bad.length - mostNamed} more`] : [];
  throw new Refused(
    [`${bad.length} of ${rows.length} rows can't be stored, so none was:`, ...bad.slice(0, mostNamed), ...rest].join(
      "\n",
    ),
  );
}

function withInstants(fields: Record<string, unknown>): Record<string, unknown> {
  const read = (value: unknown) => (typeof value === "string" ? (parseImportedInstant(value) ?? value) : value);
  return { ...fields, start: read(fields.start), end: read(fields.end) };
}

/** A bar on a terminal, nothing elsewhere. */
function createProgress(total: number): (done: number) => void {
  if (!process.stderr.isTTY) return () => {};
  const width = 40;
  return (done) => {
    const filled = Math.round((done / total) * width);
    process.stderr.write(
      `\r[${"#".repeat(filled)}${" ".repeat(width - filled)}] ${done}/${total}${done >= total ? "\n" : ""}`,
    );
  };
}
