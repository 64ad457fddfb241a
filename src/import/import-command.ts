/** `import`: stores the downtimes of a file, or moves in from another program; all of them or none. */

import { type Command, InvalidArgumentError } from "commander";
import { type CheckedDraft, checkDraft } from "../downtime/downtime.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { Configdb } from "../facility/configdb.ts";
import { type Facility, spellAsConfigdb } from "../facility/facility.ts";
import { Invalid } from "../input/problem.ts";
import { commandLine, Refused, type Run, say, warn } from "../input/terminal.ts";
import { readText } from "../input/text-file.ts";
import { type Clock, parseImportedInstant } from "../time/instant.ts";
import type { ImportStore } from "./import-store.ts";
import { moveFromApi, moveFromDjango } from "./migrate-command.ts";
import { type Rows, readRows } from "./table-file.ts";

/** What the command works with. */
export interface ImportServices {
  readonly downtimes: Downtimes;
  readonly moving: ImportStore;
  readonly configdb: Configdb;
  readonly clock: Clock;
}

/** Bad rows that are named; of more than these nobody reads on. */
const mostNamed = 20;

export function addImport(program: Command, run: Run<ImportServices>): void {
  program
    .command("import")
    .description("store the downtimes of a CSV or JSON file, all or none; what is there already is left out")
    .argument("[file]", "the file; - for standard input")
    .option(
      "--from-django [source]",
      "move in from the original's database: its SQLite file, or postgres://…; none: the own one",
    )
    .option("--from-api <url>", "move in from another service, page by page")
    .option("--dry-run", "check and count, but store nothing")
    .option(
      "--chunk <rows>",
      "commit a file's rows so many at a time, so that others can write in between",
      wholeNumber,
    )
    .action((file: string | undefined, { fromDjango, fromApi, dryRun = false, chunk }: Options, command: Command) => {
      if (chunk !== undefined && file === undefined) command.error("error: --chunk works with a file only");
      if ([file, fromDjango, fromApi].filter((source) => source !== undefined).length !== 1)
        command.error("error: name one thing to import: a file, or --from-django, or --from-api");
      return run(async (services) => {
        if (fromDjango !== undefined) await moveFromDjango(fromDjango, services, dryRun);
        else if (fromApi !== undefined) await moveFromApi(fromApi, services, dryRun);
        else await importFile(file as string, services, dryRun, chunk);
      });
    });
}

interface Options {
  readonly fromDjango?: string | true;
  readonly fromApi?: string;
  readonly dryRun?: boolean;
  readonly chunk?: number;
}

const wholeNumber = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Enter a whole number of rows, 1 or more.");
  return Number(text);
};

/** The pause between two chunks: longer than other writers wait between two attempts. */
const pauseMillis = 25;

/** @param chunk rows in a transaction; undefined: all of them */
async function importFile(
  file: string,
  { downtimes, configdb, clock }: ImportServices,
  dryRun: boolean,
  chunk: number | undefined,
): Promise<void> {
  const rows = readRows(await readText(file));
  if (rows.unknown.length > 0) warn(`Columns that mean nothing here: ${rows.unknown.join(", ")}`);
  const drafts = checkRows(rows, configdb.get());
  const progress = createProgress(drafts.length);
  const addInChunks = async (size: number) => {
    let added = 0;
    for (let from = 0; from < drafts.length; from += size) {
      if (from > 0) await Bun.sleep(pauseMillis);
      const part = drafts.slice(from, from + size);
      const stored = await downtimes.addAll(part, { by: commandLine, at: clock() }, (done) => progress(from + done));
      added += stored.added;
    }
    return { added, duplicates: drafts.length - added };
  };
  const { added, duplicates } = dryRun
    ? await downtimes.tryAll(drafts)
    : await addInChunks(chunk ?? Math.max(1, drafts.length));
  say(
    `${drafts.length} rows read, ${added} ${dryRun ? "would be added" : "added"}, ${duplicates} exact duplicates left out`,
  );
}

/** @throws Refused naming the bad rows */
function checkRows({ rows, places }: Rows, facility: Facility): CheckedDraft[] {
  const drafts: CheckedDraft[] = [];
  const bad = new Map<number, string>();
  for (const [index, row] of rows.entries())
    try {
      drafts.push(checkDraft(withInstants(spellAsConfigdb(row, facility)), facility));
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      bad.set(index, error.message);
    }
  if (bad.size === 0) return drafts;
  const where = places();
  const named = [...bad].slice(0, mostNamed).map(([index, message]) => `${where[index]}: ${message}`);
  const rest = bad.size > mostNamed ? [`… and ${bad.size - mostNamed} more`] : [];
  throw new Refused([`${bad.size} of ${rows.length} rows can't be stored, so none was:`, ...named, ...rest].join("\n"));
}

function withInstants(row: Record<string, unknown>): Record<string, unknown> {
  for (const field of ["start", "end"] as const) {
    const value = row[field];
    if (typeof value === "string") row[field] = parseImportedInstant(value) ?? value;
  }
  return row;
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
