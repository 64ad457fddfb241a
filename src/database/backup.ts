/** Backups of the database that the settings name; those of PostgreSQL are made by its own `pg_dump`. */

import { Refused } from "../input/terminal.ts";
import type { DatabaseSettings } from "./open.ts";
import { copySqlite, restoreSqlite, verifySqlite } from "./sqlite-backup.ts";
import { writeWhole } from "./sqlite-file.ts";

/** The ending of a backup's file name. */
export const backupEnding = ({ engine }: DatabaseSettings): string => (engine === "sqlite" ? "sqlite3" : "dump");

const describe = ({ downtimes, changes, users }: Awaited<ReturnType<typeof verifySqlite>>) =>
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
