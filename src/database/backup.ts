/** Backups of the database that the settings name. */

import { Refused } from "../input/terminal.ts";
import type { DatabaseSettings } from "./open.ts";
import { type ChildEnvironment, dumpPostgres, pgRestore } from "./postgres-backup.ts";
import { copySqlite, restoreSqlite, verifySqlite } from "./sqlite-backup.ts";

/** The ending of a backup's file name. */
export const backupEnding = ({ engine }: DatabaseSettings): string => (engine === "sqlite" ? "sqlite3" : "dump");

type Counts = Awaited<ReturnType<typeof verifySqlite>>;
const describe = ({ downtimes, changes, users }: Counts) =>
  `${downtimes.toLocaleString("en")} downtimes, ${changes.toLocaleString("en")} changes, ${users.toLocaleString("en")} users`;

/**
 * Backs up the database to a new file, while others use it.
 * @returns what the backup contains, for people
 * @throws NotFound, Refused
 */
export async function backUp(settings: DatabaseSettings, file: string, environment: ChildEnvironment): Promise<string> {
  if (settings.engine === "sqlite") return describe(await copySqlite(settings.name, file));
  await dumpPostgres(settings.url, file, environment);
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
