/** Backups of the database that the settings name; those of PostgreSQL are made by its own `pg_dump`. */

import { Database as Connection } from "bun:sqlite";
import { chownSync, closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { NotFound } from "../input/problem.ts";
import { Refused } from "../input/terminal.ts";
import { checkMigrations, migrations } from "./migrate.ts";
import type { DatabaseSettings } from "./open.ts";
import { sql } from "./sql.ts";
import { openSqliteSource } from "./sqlite.ts";
import { identifyFile, ownerOnly } from "./sqlite-file.ts";

/** The ending of a backup's file name. */
export const backupEnding = ({ engine }: DatabaseSettings): string => (engine === "sqlite" ? "sqlite3" : "dump");

/** Backs up the database to a new file, while others use it. @returns what it contains, for people. @throws NotFound, Refused */
export const backUp = async (settings: DatabaseSettings, file: string): Promise<string> =>
  settings.engine === "sqlite" ? copySqlite(settings.name, file) : dumpPostgres(settings.url, file);

/** Verifies a backup. @returns what it contains, for people. @throws NotFound, Refused */
export async function verifyBackup({ engine }: DatabaseSettings, file: string): Promise<string> {
  if (engine === "sqlite") return verifySqlite(file);
  throw new Refused(`Verify PostgreSQL backups with: pg_restore --file=/dev/null ${file}`);
}

/**
 * Restores a backup, while nobody uses the database. Keeps the replaced file, whose name gets the suffix.
 * @returns what was restored, for people. @throws NotFound, Refused
 */
export async function restoreBackup(settings: DatabaseSettings, file: string, suffix: string): Promise<string> {
  if (settings.engine === "sqlite") return restoreSqlite(file, settings.name, suffix);
  const restore = `pg_restore --clean --if-exists --no-owner --single-transaction --dbname='${withoutPassword(settings.url)}'`;
  throw new Refused(`Stop the service, then restore the PostgreSQL backup with: ${restore} ${file}`);
}

/** The password of a URL, which may name several hosts. */
const passwordPattern = /(?<=^\w+:\/\/[^:@/?#]*):([^/?#]*)(?=@)/;

/** Returns the URL for a command line, which all users of the machine can see. */
const withoutPassword = (url: string) => url.replace(passwordPattern, "");

async function dumpPostgres(url: string, target: string): Promise<string> {
  const argumentsFor = (file: string) => ["--format=custom", `--file=${file}`, `--dbname=${withoutPassword(url)}`];
  if (!Bun.which("pg_dump"))
    throw new Refused(`pg_dump isn't installed. Run it elsewhere: pg_dump ${argumentsFor(target).join(" ")}`);
  const password = decodeURIComponent(passwordPattern.exec(url)?.[1] ?? "");
  return writeWhole(target, async (partial) => {
    const command = ["pg_dump", ...argumentsFor(partial)];
    // Without one in the URL, pg_dump finds it as the service does.
    const dump = password ? Bun.$`PGPASSWORD=${password} ${command}` : Bun.$`${command}`;
    const { exitCode, stderr } = await dump.quiet().nothrow();
    if (exitCode !== 0) throw new Refused(`pg_dump failed: ${stderr.toString().trim()}`);
    return "as pg_dump wrote it";
  });
}

const verifySqlite = (file: string): Promise<string> =>
  explained(`${file} isn't an intact Downtime database`, async () => {
    const source = openSqliteSource(file);
    try {
      const [result] = await source.all<{ integrity_check: string }>(sql`PRAGMA integrity_check(1)`);
      if (result?.integrity_check !== "ok") throw new Error(result?.integrity_check);
      await checkMigrations(source, migrations.sqlite);
      const counts = await source.first<Record<string, number>>(sql`SELECT (SELECT count(*) FROM downtime) AS downtimes,
        (SELECT count(*) FROM downtime_history) AS changes, (SELECT count(*) FROM downtime_user) AS users`);
      return Object.entries(counts ?? {})
        .map(([noun, count]) => `${count.toLocaleString("en")} ${noun}`)
        .join(", ");
    } finally {
      await source.close();
    }
  });

const explained = (failure: string, work: () => Promise<string>): Promise<string> =>
  work().catch((error: Error) => {
    if (error instanceof NotFound) throw error;
    throw new Refused(`${failure}: ${error.cause instanceof Error ? error.cause.message : error.message}`);
  });

/** Copies a snapshot of a database to a new file, which appears once it is complete and verified. */
async function copySqlite(path: string, target: string): Promise<string> {
  if (!existsSync(path)) throw new NotFound(`File not found: ${path}`);
  return writeWhole(target, (partial) =>
    explained(`Can't back up ${path}`, async () => {
      // Not read-only: such a connection leaves an empty log behind if nobody else has the database open.
      using connection = openOne(path);
      connection.query("VACUUM INTO ?").run(partial);
      return verifySqlite(partial);
    }),
  );
}

const openOne = (path: string) => new Connection(path, { readwrite: true, create: false });

async function restoreSqlite(file: string, path: string, suffix: string): Promise<string> {
  await verifySqlite(file);
  if (identifyFile(file) === identifyFile(path)) throw new Refused(`${file} is the database itself.`);
  const unlock = lockAlone(path);
  const fresh = `${path}.restored-${suffix}`;
  try {
    const contents = await copySqlite(file, fresh);
    const exists = existsSync(path);
    const { uid, gid } = statSync(exists ? path : dirname(path));
    if (process.getuid?.() === 0) chownSync(fresh, uid, gid);
    const kept = `${path}.replaced-${suffix}`;
    // Linked rather than renamed: without a file at this path, even for a moment, the service would start with an empty one.
    if (exists) linkSync(path, kept);
    // SQLite would apply a log that a crash left to the new file.
    for (const end of ["-wal", "-shm", "-journal"]) if (existsSync(path + end)) renameSync(path + end, kept + end);
    renameSync(fresh, path);
    sync(dirname(path));
    return exists ? `${contents}; the replaced file is now ${kept}` : contents;
  } finally {
    rmSync(fresh, { force: true });
    unlock();
  }
}

/** Locks all other processes out of a database, and merges its log into it. A damaged file needs no lock. @returns unlocks it */
function lockAlone(path: string): () => void {
  if (!existsSync(path)) return () => {};
  const connection = openOne(path);
  try {
    // Only possible while no other connection is open: each of them holds a shared lock as long as the log is in use.
    const mode = connection.query<{ journal_mode: string }, []>("PRAGMA journal_mode = DELETE").get()?.journal_mode;
    if (mode === "delete") {
      connection.run("BEGIN EXCLUSIVE");
      return () => connection.close();
    }
  } catch (error) {
    const { code = "" } = error as { code?: string };
    if (/NOTADB|CORRUPT/.test(code)) return () => connection.close();
    if (!/BUSY|LOCKED/.test(code)) throw error;
  }
  connection.close();
  throw new Refused(`${path} is in use. Stop the service first.`);
}

/** Writes a new file whole: under another name first, then renamed. @throws Refused if it exists or can't be written */
async function writeWhole(target: string, write: (path: string) => Promise<string>): Promise<string> {
  if (existsSync(target)) throw new Refused(`${target} already exists. Choose another name.`);
  const partial = `${target}.${crypto.randomUUID().slice(0, 8)}.partial`;
  try {
    closeSync(openSync(partial, "wx", ownerOnly));
    const result = await write(partial);
    sync(partial);
    renameSync(partial, target);
    sync(dirname(target));
    return result;
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw new Refused(`Can't write ${target}: ${error.message}`);
    throw error;
  } finally {
    rmSync(partial, { force: true });
  }
}

function sync(path: string): void {
  const file = openSync(path, "r");
  fsyncSync(file);
  closeSync(file);
}
