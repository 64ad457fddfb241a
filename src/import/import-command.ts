/** `import`: imports downtimes from a file, or migrates them from another service; all or none. */

import { type Command, InvalidArgumentError } from "commander";
import { type CheckedDraft, checkDraft } from "../downtime/downtime.ts";
import type { CoreServices } from "../downtime/store.ts";
import { type Facility, spellAsConfigdb } from "../facility/facility.ts";
import { Invalid } from "../input/problem.ts";
import { commandLine, Refused, type Run, readText, say, warn } from "../input/terminal.ts";
import { parseImportedInstant } from "../time/instant.ts";
import type { ImportStore } from "./import-store.ts";
import { migrateFromApi, migrateFromDjango } from "./migrate-command.ts";
import { readRows, type TableFile } from "./table-file.ts";

/** The services that the command uses. */
interface ImportServices extends CoreServices {
  readonly importStore: ImportStore;
}

/** Invalid rows listed in the error message. */
const maxListed = 20;

export function addImport(program: Command, run: Run<ImportServices>): void {
  program
    .command("import")
    .description("import downtimes from a CSV or JSON file, all or none; duplicates are skipped")
    .argument("[file]", "path of the file, or - for standard input")
    .option(
      "--from-django [source]",
      "migrate from an OCS downtime database: a SQLite file or a postgres:// URL; without a value, this service's database",
    )
    .option("--from-api <url>", "migrate from the API of another downtime service")
    .option("--dry-run", "check and count the rows without importing them")
    .option("--chunk <rows>", "commit after every so many rows, so that other writers don't have to wait", wholeNumber)
    .action((file: string | undefined, { fromDjango, fromApi, dryRun = false, chunk }: Options, command: Command) => {
      if (chunk !== undefined && file === undefined) command.error("error: --chunk requires a file");
      if ([file, fromDjango, fromApi].filter((source) => source !== undefined).length !== 1)
        command.error("error: specify exactly one source: a file, --from-django or --from-api");
      return run(async (services) => {
        if (fromDjango !== undefined) await migrateFromDjango(fromDjango, services, dryRun);
        else if (fromApi !== undefined) await migrateFromApi(fromApi, services, dryRun);
        else await importFile(file as string, services, dryRun, chunk);
      });
    });
}

type Options = Readonly<{ fromDjango?: string | true; fromApi?: string; dryRun?: boolean; chunk?: number }>;

const wholeNumber = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Must be a whole number of rows, 1 or more.");
  return Number(text);
};

/** The pause between chunks: longer than the delay between two attempts of another writer. */
const pauseMillis = 25;

/** @param chunk rows per transaction; all rows if undefined */
async function importFile(
  file: string,
  { downtimes, configdb, clock }: ImportServices,
  dryRun: boolean,
  chunk: number | undefined,
): Promise<void> {
  const rows = readRows(await readText(file));
  if (rows.unknown.length > 0) warn(`Ignored columns: ${rows.unknown.join(", ")}`);
  const drafts = checkRows(rows, configdb.get());
  const size = chunk ?? Math.max(1, drafts.length);
  let added = dryRun ? await downtimes.tryAll(drafts) : 0;
  for (let from = 0; from < drafts.length && !dryRun; from += size) {
    if (from > 0) await Bun.sleep(pauseMillis);
    const author = { by: commandLine, at: clock() };
    const onProgress = (done: number) => showProgress(from + done, drafts.length);
    added += await downtimes.addAll(drafts.slice(from, from + size), author, onProgress);
  }
  const outcome = dryRun ? "would be imported" : "imported";
  say(`${drafts.length} rows read, ${added} ${outcome}, ${drafts.length - added} duplicates skipped`);
}

/** @throws Refused with the invalid rows and their errors */
function checkRows({ rows, labels }: TableFile, facility: Facility): CheckedDraft[] {
  const drafts: CheckedDraft[] = [];
  const bad = new Map<number, string>();
  for (const [index, row] of rows.entries())
    try {
      drafts.push(checkDraft(normalized(spellAsConfigdb(row, facility)), facility));
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      bad.set(index, error.message);
    }
  if (bad.size === 0) return drafts;
  const labelOf = labels();
  const listed = [...bad].slice(0, maxListed).map(([index, message]) => `${labelOf[index]}: ${message}`);
  const rest = bad.size > maxListed ? [`… and ${bad.size - maxListed} more`] : [];
  throw new Refused(
    [`Nothing imported: ${bad.size} of ${rows.length} rows are invalid.`, ...listed, ...rest].join("\n"),
  );
}

/** Tables may spell times in many ways, and categories with capitals. */
function normalized(row: Record<string, unknown>): Record<string, unknown> {
  if (typeof row.category === "string") row.category = row.category.toLowerCase();
  for (const field of ["start", "end"] as const) {
    const value = row[field];
    if (typeof value === "string") row[field] = parseImportedInstant(value) ?? value;
  }
  return row;
}

/** Prints a progress bar; nothing if standard error isn't a terminal. */
function showProgress(done: number, total: number): void {
  if (!process.stderr.isTTY) return;
  const bar = "#".repeat(Math.round((40 * done) / total)).padEnd(40);
  process.stderr.write(`\r[${bar}] ${done}/${total}${done >= total ? "\n" : ""}`);
}
