/** Migrations: numbered SQL files, run once each, in order. */

import { Conflict, Problem } from "../input/problem.ts";
import { readMigrations } from "./migration-files.ts" with { type: "macro" };
import { type Database, type Reader, sql } from "./sql.ts";

/** The files don't match the migrations that the database has. The message says what to do. */
export class MigrationError extends Error {}

const checksumOf = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

async function readApplied(reader: Reader): Promise<Map<string, string>> {
  const rows = await reader.all<{ name: string; checksum: string }>(sql`SELECT name, checksum FROM downtime_migration`);
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

/** Checks that the applied migrations are the first files, unchanged. @throws MigrationError */
function checkApplied(
  files: readonly { name: string; checksum: string }[],
  applied: ReadonlyMap<string, string>,
): void {
  const known = new Map(files.map((file) => [file.name, file.checksum]));
  for (const [name, checksum] of applied) {
    if (!known.has(name))
      throw new MigrationError(
        `The database has migration ${name}, but its file is missing. Is this version older than the data?`,
      );
    if (known.get(name) !== checksum)
      throw new MigrationError(`Migration ${name} was edited after it was applied. Restore the released file.`);
  }
  const gap = files.slice(0, applied.size).find((file) => !applied.has(file.name));
  if (gap) throw new MigrationError(`Migration ${gap.name} wasn't applied, but a later one was.`);
}

const filesOf = (texts: Migrations) =>
  Object.entries(texts).map(([name, text]) => ({ name, text, checksum: checksumOf(text) }));

/** Checks that this program knows the migrations of a database. @throws MigrationError */
export const checkMigrations = async (source: Reader, engine: Database["engine"]): Promise<void> =>
  checkApplied(filesOf(migrations[engine]), await readApplied(source));

/**
 * Runs the missing migrations, each in a transaction; processes that start together take turns.
 * @param now a stamp, stored with each migration
 * @param texts the migrations, in order
 * @returns the names of the files that it ran
 * @throws MigrationError if a file is missing or was edited
 */
export async function migrate(
  database: Database,
  now: string,
  texts: Migrations = migrations[database.engine],
): Promise<string[]> {
  const files = filesOf(texts);
  // Reads first, so that commands that only read don't wait for another process's long write.
  if ((await database.columnsOf("downtime_migration")).length > 0) {
    const applied = await readApplied(database).catch((error) => {
      if (error instanceof Problem) throw error;
      throw new MigrationError(`The table downtime_migration belongs to another program: ${(error as Error).message}.`);
    });
    checkApplied(files, applied);
    if (files.every(({ name }) => applied.has(name))) return [];
  }
  const applied = await database.exclusively(async (tx) => {
    await tx.script(
      "CREATE TABLE IF NOT EXISTS downtime_migration (name text PRIMARY KEY, checksum text NOT NULL, applied text NOT NULL)",
    );
    return readApplied(tx);
  });
  checkApplied(files, applied);
  const done: string[] = [];
  for (const { name, text, checksum } of files)
    await database.exclusively(async (tx) => {
      if ((await readApplied(tx)).has(name)) return;
      await tx.script(text).catch((error) => {
        if (error instanceof Problem && !(error instanceof Conflict)) throw error;
        throw new MigrationError(
          `Migration ${name} failed: ${(error as Error).message}. Does the database belong to another program?`,
        );
      });
      await tx.all(sql`INSERT INTO downtime_migration (name, checksum, applied) VALUES (${name}, ${checksum}, ${now})`);
      done.push(name);
    });
  return done;
}

/** The SQL of a migration by its file's name, in order. */
export type Migrations = Readonly<Record<string, string>>;

export const migrations: Readonly<Record<"postgres" | "sqlite", Migrations>> = {
  postgres: readMigrations("postgres"),
  sqlite: readMigrations("sqlite"),
};
