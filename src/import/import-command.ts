/** `import`: imports downtimes from a file, or migrates them from another service; all or none. */

import { type Command, InvalidArgumentError } from "commander";
import { brokenRule, type CheckedDraft, checkDraft, maxReasonLength } from "../downtime/downtime.ts";
import type { CoreServices } from "../downtime/store.ts";
import { type Facility, spellAsConfigdb } from "../facility/facility.ts";
import { Conflict, Invalid, tolerating } from "../input/problem.ts";
import { commandLine, Refused, type Run, readText, say, warn } from "../input/terminal.ts";
import { parseImportedInstant } from "../time/instant.ts";
import { openOriginal } from "./django-database.ts";
import type { ImportStore } from "./import-store.ts";
import { type ImportedData, type ImportedDowntime, type SourceRow, toImportedDowntime } from "./imported-downtime.ts";
import { readDowntimes } from "./remote-client.ts";
import { readRows, type TableFile } from "./table-file.ts";

type ImportServices = CoreServices & { readonly importStore: ImportStore };

function listed(items: readonly unknown[], separator: string, most = 20): string {
  const rest = items.length > most ? [`… and ${items.length - most} more`] : [];
  return [...items.slice(0, most), ...rest].join(separator);
}

export function addImport(program: Command, run: Run<ImportServices>): void {
  program
    .command("import")
    .description("import downtimes from a CSV or JSON file, all or none; duplicates are skipped")
    .argument("[file]", "path of the file, or - for standard input")
    .option(
      "--from-django [source]",
      "migrate from an OCS downtime database: a SQLite file or a postgres:// URL; without a value, this service's database",
    )
    .option("--from-api <url>", "migrate from the API of another downtime service", webAddress)
    .option("--dry-run", "check and count the rows without importing them")
    .option("--chunk <rows>", "commit so many rows at a time, so that others can write in between", wholeNumber)
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
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Must be a whole number of rows, 1 or more.");
};

const webAddress = (text: string): string => {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw new InvalidArgumentError("Must be a URL that starts with https:// or http://.");
};

/** The pause between chunks: longer than the delay between two attempts of another writer. */
const pauseMillis = 25;

/** @param chunk rows per transaction; all rows if undefined */
async function importFile(file: string, services: ImportServices, dryRun: boolean, chunk?: number): Promise<void> {
  const { downtimes, configdb, clock } = services;
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

function checkRows({ rows, labels }: TableFile, facility: Facility): CheckedDraft[] {
  const drafts: CheckedDraft[] = [];
  const bad = new Map<number, string>();
  for (const [index, row] of rows.entries())
    try {
      drafts.push(checkDraft(normalized(spellAsConfigdb(row, facility)), facility));
    } catch (error) {
      bad.set(index, tolerating(Invalid)(error).message);
    }
  if (bad.size === 0) return drafts;
  const labelOf = labels();
  const errors = [...bad].map(([index, message]) => `${labelOf[index]}: ${message}`);
  throw new Refused(`Nothing imported: ${bad.size} of ${rows.length} rows are invalid.\n${listed(errors, "\n")}`);
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

/** @param address path of the SQLite file, or a `postgres://…` URL; true for this service's own database */
async function migrateFromDjango(address: string | true, services: ImportServices, dryRun: boolean): Promise<void> {
  const original = address === true ? services.importStore.ownDatabase : await openOriginal(address);
  try {
    say(`Reading ${original.description}`);
    const data = await original.read();
    await migrate(data, services, dryRun);
    const withoutPassword = data.users.filter(({ passwordHash }) => passwordHash === null).map(({ name }) => name);
    if (withoutPassword.length > 0) say(`Users who need a new password: ${withoutPassword.join(", ")}`);
  } finally {
    if (address !== true) await original.close();
  }
}

/**
 * Migrates from another service's `/api/`, which has no users. Reads everything before the first write, because other
 * writers would have to wait while a transaction waits for a slow service. Skips downtimes with invalid times and lists them.
 */
async function migrateFromApi(url: string, services: ImportServices, dryRun: boolean): Promise<void> {
  say(`Reading ${url}`);
  const batches = await readDowntimes(url, services.clock);
  const skipped: string[] = [];
  const read = (row: SourceRow) => {
    try {
      return toImportedDowntime(row);
    } catch (error) {
      skipped.push(tolerating(Conflict)(error).message);
      return [];
    }
  };
  const downtimes = async function* () {
    for await (const rows of batches) yield rows.flatMap(read);
  };
  await migrate({ downtimes: downtimes(), lastId: 0, users: [] }, services, dryRun);
  if (skipped.length > 0) warn(`Skipped: ${skipped.length}\n${listed(skipped, "\n", 100)}`);
}

async function migrate(data: ImportedData, { importStore, configdb, clock }: ImportServices, dryRun: boolean) {
  const facility = configdb.find();
  /** Warning → the IDs of the downtimes that it applies to. */
  const warnings = new Map<string, number[]>();
  const watched = async function* () {
    for await (const batch of data.downtimes) {
      for (const downtime of batch)
        for (const warning of warningsOf(downtime, facility)) {
          const ids = warnings.get(warning) ?? [];
          warnings.set(warning, ids);
          ids.push(downtime.id);
        }
      yield batch;
    }
  };
  const result = await importStore.importAll({ ...data, downtimes: watched() }, clock(), dryRun);
  const total = (counts: typeof result.users, noun: string) =>
    `${noun}: ${counts.read} read, ${counts.written} ${dryRun ? "would be imported" : "imported"}, ${counts.read - counts.written} already exist`;
  say(total(result.downtimes, "Downtimes"));
  if (result.users.read > 0) say(total(result.users, "Users"));
  for (const { user, name } of result.takenTokens)
    say(`Skipped token ${name} of ${user}: another user has the same token here.`);
  for (const [warning, ids] of warnings)
    say(`Warning (imported anyway): ${warning}: ${ids.length} (${listed(ids, ", ", 100)})`);
  if (warnings.size === 0) say("No warnings");
}

/** Returns the rules for new downtimes that a downtime breaks, and the adjustments made to it. */
function warningsOf(downtime: ImportedDowntime, facility: Facility | undefined): string[] {
  const isLong = [...downtime.reason].length > maxReasonLength;
  const long = isLong ? `Reason is longer than ${maxReasonLength} characters` : [];
  return [downtime.adjustments, brokenRule(downtime, facility) ?? [], long].flat();
}

/** Prints a progress bar; nothing if standard error isn't a terminal. */
function showProgress(done: number, total: number): void {
  if (!process.stderr.isTTY) return;
  const bar = "#".repeat(Math.round((40 * done) / total)).padEnd(40);
  process.stderr.write(`\r[${bar}] ${done}/${total}${done >= total ? "\n" : ""}`);
}
