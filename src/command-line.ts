/** The command line: its commands, what they open, and how they end. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import packageJson from "../package.json";
import { addUser } from "./account/user-command.ts";
import { type Config, ConfigError } from "./config.ts";
import { MigrationError } from "./database/migrate.ts";
import { AddressError } from "./database/postgres-address.ts";
import { addCreate } from "./downtime/create-command.ts";
import { demoDowntimes } from "./downtime/demo-data.ts";
import { addExport } from "./downtime/export-command.ts";
import { addImport } from "./import/import-command.ts";
import { Invalid, Problem } from "./input/problem.ts";
import { Refused, type Run, say, warn } from "./input/terminal.ts";
import { createLog, type Writer } from "./log.ts";
import { addSeries } from "./series/command.ts";
import type { serve } from "./server.ts";
import { openServices, type Services } from "./services.ts";
import type { Clock } from "./time/instant.ts";

/** What the commands need of the process. */
export interface Surroundings {
  readonly readConfig: () => Config;
  readonly clock: Clock;
  readonly steadyClock: Clock;
  readonly writer: Writer;
  readonly serve: typeof serve;
}

/**
 * Runs one command.
 * @param args what stands after the program's name
 * @returns the exit status. 1: refused; 2: the command line can't be understood
 */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    const program = createProgram(surroundings);
    checkCommand(program, args[0]);
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    return exitStatusOf(error);
  }
}

/** The settings, and a log as they want it. */
function begin({ readConfig, clock, writer }: Surroundings) {
  const config = readConfig();
  return { config, log: createLog(clock, writer, config.LOG_LEVEL) };
}

async function startServing(surroundings: Surroundings): Promise<void> {
  const { clock, steadyClock, writer, serve } = surroundings;
  const { config, log } = begin(surroundings);
  await serve(await openServices(config, clock, log, steadyClock), config, log, writer.flush);
}

async function demonstrate(surroundings: Surroundings): Promise<void> {
  const { clock, steadyClock, writer, serve } = surroundings;
  const folder = await mkdtemp(join(tmpdir(), "downtime-demo-"));
  const { config: settings, log } = begin(surroundings);
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

function createProgram(surroundings: Surroundings): Command {
  /** Opens everything for the work, and closes it after. */
  const withParts: Run<Services> = async (work) => {
    const { config, log } = begin(surroundings);
    const parts = await openServices(config, surroundings.clock, log, surroundings.steadyClock);
    try {
      await work(parts);
    } finally {
      await parts.close();
    }
  };
  const program = new Command("downtime")
    .description("Which telescope may not be used, from when to when, and why.")
    .version(packageJson.version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  program
    .command("serve", { isDefault: true })
    .description("answer requests until told to stop (the default)")
    .action(() => startServing(surroundings));
  program
    .command("demo")
    .description("serve a throw-away database with a year of downtimes")
    .action(() => demonstrate(surroundings));
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
  return program;
}

/** What happened, and what lies behind it. */
const explain = ({ message, cause }: Error) => (cause instanceof Error ? `${message} (${cause.message})` : message);

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
function checkCommand(program: Command, word = ""): void {
  const names = ["help", ...program.commands.map((command) => command.name())];
  if (/^[^-]/.test(word) && !names.includes(word))
    program.error(`error: unknown command '${word}'; --help shows those there are`);
}
