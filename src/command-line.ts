/** The command line: defines the commands, opens their services and sets the exit status. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import packageJson from "../package.json";
import { addUser } from "./account/user-command.ts";
import { addClose } from "./board/close-command.ts";
import { type Config, ConfigError, databaseSettingsOf } from "./config.ts";
import { backUp, restoreBackup, verifyBackup } from "./database/backup.ts";
import { MigrationError } from "./database/migrate.ts";
import { AddressError } from "./database/postgres-address.ts";
import { demoDowntimes } from "./downtime/demo-data.ts";
import { addCreate, addExport } from "./downtime/downtime-command.ts";
import { addImport } from "./import/import-command.ts";
import { Invalid, Problem } from "./input/problem.ts";
import { Refused, type Run, say, warn } from "./input/terminal.ts";
import { createLog, type Writer } from "./log.ts";
import { addSeries } from "./series/command.ts";
import { openServices } from "./services.ts";
import { type Clock, toFileStamp } from "./time/instant.ts";

type OpenServices = Awaited<ReturnType<typeof openServices>>;

interface Surroundings {
  readonly readConfig: () => Config;
  readonly clock: Clock;
  readonly steadyClock: Clock;
  readonly writer: Writer;
}

/** Loaded on demand: other commands start a third faster without the web server. */
const serve: typeof import("./server.ts").serve = async (...all) => (await import("./server.ts")).serve(...all);

/** Runs a command. @returns the exit status: 0 for success, 1 for failure, 2 for invalid usage */
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

function open({ readConfig, clock, steadyClock, writer }: Surroundings, changes: Partial<Config> = {}) {
  const config = { ...readConfig(), ...changes };
  return openServices(config, clock, createLog(clock, writer, config.LOG_LEVEL), steadyClock);
}

async function runDemo(surroundings: Surroundings): Promise<void> {
  const { clock, writer } = surroundings;
  const folder = await mkdtemp(join(tmpdir(), "downtime-demo-"));
  const services = await open(surroundings, {
    DB_ENGINE: "sqlite",
    DATABASE_URL: undefined,
    BACKUP_DIR: undefined,
    DB_NAME: join(folder, "demo.sqlite3"),
  });
  const drafts = demoDowntimes(services.configdb.get(), clock());
  await services.downtimes.addAll(drafts, { by: "demo", at: clock() });
  say(`Demo with ${drafts.length.toLocaleString("en")} sample downtimes. Data is deleted on exit.`);
  await serve(services, async () => {
    await rm(folder, { recursive: true, force: true });
    await writer.flush();
  });
}

function createProgram(surroundings: Surroundings): Command {
  const withServices: Run<OpenServices> = async (work) => {
    const services = await open(surroundings);
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
    .action(async () => serve(await open(surroundings), surroundings.writer.flush));
  program
    .command("demo")
    .description("run a demo with temporary sample data")
    .action(() => runDemo(surroundings));
  program
    .command("migrate")
    .description("run database migrations")
    .action(() =>
      withServices(async ({ migrated: names }) =>
        say(names.length > 0 ? `Applied ${names.join(", ")}` : "Already up to date"),
      ),
    );
  addBackup(program, surroundings);
  addHealth(program, surroundings);
  for (const add of [addCreate, addImport, addExport, addSeries, addClose, addUser]) add(program, withServices);
  return program;
}

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

/** Checks a service that runs on this machine, as a container's health check does. */
function addHealth(program: Command, { readConfig }: Surroundings): void {
  program
    .command("health")
    .description("check the running service: exit status 1 unless it works")
    .action(async () => {
      const { HOST, PORT } = readConfig();
      const url = `http://${HOST.includes(":") ? `[${HOST}]` : HOST}:${PORT}/health`;
      // ALLOWED_HOSTS always allows this name. The service takes 5 s to say that its database doesn't answer.
      const init = { headers: { host: "localhost" }, signal: AbortSignal.timeout(5500) };
      const answer = await fetch(url, init).catch(({ message }: Error) => {
        throw new Refused(`The service can't be reached at ${url}: ${message}`);
      });
      const text = await answer.text();
      if (!answer.ok) throw new Refused(text);
      say(text);
    });
}

/** These commands run no migrations, since a backup is taken before them. */
function addBackup(program: Command, { readConfig, clock }: Surroundings): void {
  const settings = () => databaseSettingsOf(readConfig());
  program
    .command("backup")
    .argument("<file>", "a new file")
    .description("back up the database to a file and verify it, while the service runs")
    .action(async (file) => say(`Backed up to ${file}: ${await backUp(settings(), file)}`));
  program
    .command("restore")
    .argument("<file>", "a backup")
    .description("replace the database with a backup, while the service is stopped; the replaced file is kept")
    .action(async (file) => say(`Restored: ${await restoreBackup(settings(), file, toFileStamp(clock()))}`));
  program
    .command("verify")
    .argument("<file>", "a backup")
    .description("check that a backup is intact, and count what it contains")
    .action(async (file) => say(`Intact: ${await verifyBackup(settings(), file)}`));
}
