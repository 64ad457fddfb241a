/** The command line: defines the commands, opens their services and sets the exit status. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import packageJson from "../package.json";
import { addUser } from "./account/user-command.ts";
import { addBackup } from "./backup-command.ts";
import { addClose } from "./board/close-command.ts";
import { type Config, ConfigError } from "./config.ts";
import { MigrationError } from "./database/migrate.ts";
import { AddressError } from "./database/postgres-address.ts";
import { addCreate } from "./downtime/create-command.ts";
import { demoDowntimes } from "./downtime/demo-data.ts";
import { addExport } from "./downtime/export-command.ts";
import { addHealth } from "./health-command.ts";
import { addImport } from "./import/import-command.ts";
import { Invalid, Problem } from "./input/problem.ts";
import { Refused, type Run, say, warn } from "./input/terminal.ts";
import { createLog, type Writer } from "./log.ts";
import { addSeries } from "./series/command.ts";
import type { serve } from "./server.ts";
import { openServices, type Services } from "./services.ts";
import type { Clock } from "./time/instant.ts";

/** What commands need from the process. */
interface Surroundings {
  readonly readConfig: () => Config;
  readonly clock: Clock;
  readonly steadyClock: Clock;
  readonly writer: Writer;
  readonly serve: typeof serve;
}

/**
 * Runs a command.
 * @param args the arguments after the program's name
 * @returns the exit status: 0 for success, 1 for failure, 2 for invalid usage
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

/** Reads the settings, and creates the log. */
function readSettings({ readConfig, clock, writer }: Surroundings) {
  const config = readConfig();
  return { config, log: createLog(clock, writer, config.LOG_LEVEL) };
}

async function startServing(surroundings: Surroundings): Promise<void> {
  const { clock, steadyClock, writer, serve } = surroundings;
  const { config, log } = readSettings(surroundings);
  await serve(await openServices(config, clock, log, steadyClock), config, log, writer.flush);
}

async function runDemo(surroundings: Surroundings): Promise<void> {
  const { clock, steadyClock, writer, serve } = surroundings;
  const folder = await mkdtemp(join(tmpdir(), "downtime-demo-"));
  const { config: settings, log } = readSettings(surroundings);
  const config: Config = {
    ...settings,
    DB_ENGINE: "sqlite",
    DATABASE_URL: undefined,
    BACKUP_DIR: undefined,
    DB_NAME: join(folder, "demo.sqlite3"),
  };
  const services = await openServices(config, clock, log, steadyClock);
  const drafts = demoDowntimes(services.configdb.get(), clock());
  await services.downtimes.addAll(drafts, { by: "demo", at: clock() });
  say(`Demo with ${drafts.length.toLocaleString("en")} sample downtimes. Data is deleted on exit.`);
  await serve(services, config, log, async () => {
    await rm(folder, { recursive: true, force: true });
    await writer.flush();
  });
}

function createProgram(surroundings: Surroundings): Command {
  const withServices: Run<Services> = async (work) => {
    const { config, log } = readSettings(surroundings);
    const services = await openServices(config, surroundings.clock, log, surroundings.steadyClock);
    try {
      await work(services);
    } finally {
      await services.close();
    }
  };
  const program = new Command("downtime")
    .description("Track which telescopes are unavailable, when, and why.")
    .version(packageJson.version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  program
    .command("serve", { isDefault: true })
    .description("start the web server (the default)")
    .action(() => startServing(surroundings));
  program
    .command("demo")
    .description("run a demo with temporary sample data")
    .action(() => runDemo(surroundings));
  program
    .command("migrate")
    .description("run database migrations")
    .action(() =>
      withServices(async ({ migrated }) =>
        say(migrated.length > 0 ? `Applied ${migrated.join(", ")}` : "Already up to date"),
      ),
    );
  addBackup(program, surroundings.readConfig, surroundings.clock);
  addHealth(program, surroundings.readConfig);
  addCreate(program, withServices);
  addImport(program, withServices);
  addExport(program, withServices);
  addSeries(program, withServices);
  addClose(program, withServices);
  addUser(program, withServices);
  return program;
}

/** An error's message, with its cause. */
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

/** Rejects unknown commands, which the default command would take for an argument. @throws CommanderError */
function checkCommand(program: Command, word = ""): void {
  const names = ["help", ...program.commands.map((command) => command.name())];
  if (/^[^-]/.test(word) && !names.includes(word))
    program.error(`error: unknown command '${word}'; run \`downtime --help\` for a list`);
}
