#!/usr/bin/env bun
/** The command line: reads the settings, opens what they name, and runs one command. The only owner of the clock. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import packageJson from "../package.json";
import { addUser } from "./account/user-command.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { MigrationError } from "./database/migrate.ts";
import { AddressError } from "./database/postgres-address.ts";
import { addCreate } from "./downtime/create-command.ts";
import { demoDowntimes } from "./downtime/demo-data.ts";
import { addExport } from "./downtime/export-command.ts";
import { addImport } from "./import/import-command.ts";
import { Invalid, Problem } from "./input/problem.ts";
import { Refused, say, warn } from "./input/terminal.ts";
import { createLog, createWriter } from "./log.ts";
import { addSeries } from "./series/command.ts";
import { openServices, type Services } from "./services.ts";

const clock = Date.now;
/** Begins with the time of day, and goes on as time does, also when the time of day is set back. */
const steadyClock = () => performance.timeOrigin + performance.now();
const writer = createWriter(clock);

/** The settings, and a log as they want it. */
function begin() {
  const config = readConfig();
  return { config, log: createLog(clock, writer, config.LOG_LEVEL) };
}

/** Opens everything for the work, and closes it after. */
async function withParts(work: (parts: Services) => Promise<void>): Promise<void> {
  const { config, log } = begin();
  const parts = await openServices(config, clock, log, steadyClock);
  try {
    await work(parts);
  } finally {
    await parts.close();
  }
}

/** Loaded when it is wanted: other commands have no use for a web server, and begin a third sooner without. */
const serve: typeof import("./server.ts").serve = async (...all) => {
  isServing = true;
  return (await import("./server.ts")).serve(...all);
};
let isServing = false;

async function demo(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "downtime-demo-"));
  const { config: settings, log } = begin();
  const config: Config = {
    ...settings,
    DB_ENGINE: "sqlite",
    DATABASE_URL: undefined,
    DB_NAME: join(folder, "demo.sqlite3"),
  };
  const parts = await openServices(config, clock, log, steadyClock);
  const drafts = demoDowntimes(parts.configdb.get(), clock());
  await parts.downtimes.addAll(drafts, { by: "demonstration", at: clock() });
  say(`A demonstration with ${drafts.length} downtimes, which is thrown away at the end.`);
  await serve(parts, config, log, async () => {
    await rm(folder, { recursive: true, force: true });
    await writer.flush();
  });
}

const program = new Command("downtime")
  .description("Which telescope may not be used, from when to when, and why.")
  .version(packageJson.version)
  .exitOverride()
  .configureHelp({ showGlobalOptions: true });

program
  .command("serve", { isDefault: true })
  .description("answer requests until told to stop (the default)")
  .action(async () => {
    const { config, log } = begin();
    await serve(await openServices(config, clock, log, steadyClock), config, log, writer.flush);
  });
program.command("demo").description("serve a throw-away database with a year of downtimes").action(demo);
program
  .command("migrate")
  .description("bring the database up to date, and say what was done")
  .action(() =>
    withParts(async ({ migrated }) => say(migrated.length > 0 ? `Applied ${migrated.join(", ")}` : "Nothing to do")),
  );
addCreate(program, withParts);
addImport(program, withParts);
addExport(program, withParts);
addSeries(program, withParts);
addUser(program, withParts);

/** What happened, and what lies behind it. */
const explain = ({ message, cause }: Error) => (cause instanceof Error ? `${message} (${cause.message})` : message);

/** 1: refused; 2: the command line can't be understood. */
function exitStatusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const lines = error instanceof Invalid ? error.lines : [];
  const isExpected = [Problem, Refused, ConfigError, AddressError, MigrationError].some(
    (kind) => error instanceof kind,
  );
  warn(lines.join("\n") || (isExpected ? explain(error as Error) : ((error as Error).stack ?? String(error))));
  return 1;
}

/** What the default command would call an argument too many. @throws CommanderError */
function checkCommand(word = ""): void {
  const names = ["help", ...program.commands.map((command) => command.name())];
  if (/^[^-]/.test(word) && !names.includes(word))
    program.error(`error: unknown command '${word}'; --help shows those there are`);
}

// A reader such as `head` has read enough; the service goes on without one.
process.stdout.on("error", (error: Error & { code?: string }) => {
  if (error.code !== "EPIPE") throw error;
  if (!isServing) process.exit(0);
});

try {
  checkCommand(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitStatusOf(error);
}
