/** Backups of the database that the settings name; those of PostgreSQL are made by its own `pg_dump`. */

import { Database as Connection } from "bun:sqlite";
import { chownSync, existsSync, linkSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { NotFound } from "../input/problem.ts";
import { Refused } from "../input/terminal.ts";
import { checkMigrations } from "./migrate.ts";
import type { DatabaseSettings } from "./open.ts";
import { sql } from "./sql.ts";
import { openSqliteSource } from "./sqlite.ts";
import { identifyFile, sync, writeWhole } from "./sqlite-file.ts";

/** The ending of a backup's file name. */
export const backupEnding = ({ engine }: DatabaseSettings): string => (engine === "sqlite" ? "sqlite3" : "dump");

const describe = ({ downtimes, changes, users }: Contents) =>
  `${downtimes.toLocaleString("en")} downtimes, ${changes.toLocaleString("en")} changes, ${users.toLocaleString("en")} users`;

/**
 * Backs up the database to a new file, while others use it.
 * @returns what the backup contains, for people
 * @throws NotFound, Refused
 */
export async function backUp(settings: DatabaseSettings, file: string): Promise<string> {
  if (settings.engine === "sqlite") return describe(await copySqlite(settings.name, file));
  await dumpPostgres(settings.url, file);
  return "as pg_dump wrote it";
}

/** Verifies a backup. @returns what it contains, for people. @throws NotFound, Refused */
export async function verifyBackup(settings: DatabaseSettings, file: string): Promise<string> {
  if (settings.engine === "sqlite") return describe(await verifySqlite(file));
  throw new Refused(`Backups of PostgreSQL are verified by: pg_restore --file=/dev/null ${file}`);
}

/**
 * Restores a backup, while nobody uses the database.
 * @param suffix what the name of the replaced file gets
 * @returns what was restored, for people. @throws NotFound, Refused
 */
export async function restoreBackup(settings: DatabaseSettings, file: string, suffix: string): Promise<string> {
  if (settings.engine === "postgres")
    throw new Refused(
      `Backups of PostgreSQL are restored, while the service is stopped, by: ${pgRestore(settings.url, file)}`,
    );
  const { kept, ...counts } = await restoreSqlite(file, settings.name, suffix);
  return `${describe(counts)}${kept ? `; the replaced file is now ${kept}` : ""}`;
}

/** The password of a URL, which may name several hosts. */
const passwordPattern = /(?<=^\w+:\/\/[^:@/?#]*):([^/?#]*)(?=@)/;

/** Returns the URL for a command line, which all users of the machine can see. */
const withoutPassword = (url: string) => url.replace(passwordPattern, "");

/** A command for people to run. */
const pgRestore = (url: string, file: string): string =>
  `pg_restore --clean --if-exists --no-owner --single-transaction --dbname='${withoutPassword(url)}' ${file}`;

/** @throws Refused if the file exists, or if `pg_dump` is missing or fails */
function dumpPostgres(url: string, target: string): Promise<void> {
  const commandFor = (file: string) => [
    "pg_dump",
    "--format=custom",
    `--file=${file}`,
    `--dbname=${withoutPassword(url)}`,
  ];
  if (!Bun.which("pg_dump"))
    throw new Refused(`pg_dump isn't installed. Run it elsewhere: ${commandFor(target).join(" ")}`);
  const password = decodeURIComponent(passwordPattern.exec(url)?.[1] ?? "");
  return writeWhole(target, async (partial) => {
    const command = commandFor(partial);
    const dump = password ? Bun.$`PGPASSWORD=${password} ${command}` : Bun.$`${command}`;
    const { exitCode, stderr } = await dump.quiet().nothrow();
    if (exitCode !== 0) throw new Refused(`pg_dump failed: ${stderr.toString().trim()}`);
  });
}

interface Contents {
  readonly downtimes: number;
  /** Entries of the history, which only grows. */
  readonly changes: number;
  readonly users: number;
}

/**
 * Reads the whole file: its structure, its migrations and its rows.
 * @throws NotFound, Refused if it is no intact database of this program
 */
async function verifySqlite(file: string): Promise<Contents> {
  const failure = `${file} isn't an intact Downtime database`;
  const source = await explained(failure, async () => openSqliteSource(file));
  return explained(failure, async () => {
    const [result] = await source.all<{ integrity_check: string }>(sql`PRAGMA integrity_check(1)`);
    if (result?.integrity_check !== "ok") throw new Error(result?.integrity_check);
    await checkMigrations(source, "sqlite");
    return (await source.first<Contents>(sql`SELECT (SELECT count(*) FROM downtime) AS downtimes,
      (SELECT count(*) FROM downtime_history) AS changes, (SELECT count(*) FROM downtime_user) AS users`)) as Contents;
  }).finally(source.close);
}

/** Does the work. @throws NotFound, Refused with the reason for any other error */
async function explained<Result>(failure: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NotFound) throw error;
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new Refused(`${failure}: ${reason}`);
  }
}

/**
 * Copies a database to a new file, which appears once it is complete and verified, readable for its owner alone. The copy is
 * one snapshot; others read and write meanwhile.
 * @throws NotFound, Refused if the target exists or the copy isn't valid
 */
function copySqlite(path: string, target: string): Promise<Contents> {
  if (!existsSync(path)) throw new NotFound(`File not found: ${path}`);
  return writeWhole(target, async (partial) => {
    const changesBefore = await explained(`Can't back up ${path}`, async () => copyInto(path, partial));
    const contents = await verifySqlite(partial);
    if (contents.changes < changesBefore) throw new Refused(`The copy of ${path} lacks changes.`);
    return contents;
  });
}

const openOne = (path: string) => new Connection(path, { readwrite: true, create: false });

/** @returns the number of changes before the copy began */
function copyInto(path: string, target: string): number {
  // Not read-only: such a connection leaves an empty log behind if nobody else has the database open.
  using connection = openOne(path);
  const [before] = connection.query<{ changes: number }, []>("SELECT count(*) AS changes FROM downtime_history").all();
  connection.query("VACUUM INTO ?").run(target);
  return before?.changes ?? 0;
}

/**
 * Replaces a database by a copy of a backup, and keeps the replaced file.
 * @param suffix what the kept file's name gets
 * @returns the counts, and the kept file's path
 * @throws NotFound, Refused if the backup isn't valid or the database is in use; nothing has changed then
 */
async function restoreSqlite(file: string, path: string, suffix: string) {
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
    return { ...contents, kept: exists ? kept : undefined };
  } finally {
    rmSync(fresh, { force: true });
    unlock();
  }
}

/**
 * Locks a database out of any other process, and merges its log into it. A damaged file can't be locked; it is restored all
 * the same.
 * @returns unlocks it
 * @throws Refused if any process has it open
 */
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
