/** Migrations: numbered SQL files, run once each, in order. */

import { Conflict, Problem } from "../input/problem.ts";
import { readMigrations } from "./migration-files.ts" with { type: "macro" };
import { columnsOf, type Database, type Engine, type Reader, sql } from "./sql.ts";

/** The SQL of a migration by its file's name, in order. */
export type Migrations = Readonly<Record<string, string>>;

export const migrations: Readonly<Record<Engine, Migrations>> = {
  postgres: readMigrations("postgres"),
  sqlite: readMigrations("sqlite"),
};

/** The files don't match the migrations that the database has. The message says what to do. */
export class MigrationError extends Error {}

const checksumOf = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

/**
 * Checks that a database's migrations are among these, unchanged.
 * @returns the names of the migrations that have run
 * @throws MigrationError
 */
export async function checkMigrations(reader: Reader, texts: Migrations): Promise<Set<string>> {
  const rows = await reader
    .all<{ name: string; checksum: string }>(sql`SELECT name, checksum FROM downtime_migration`)
    .catch((error) => {
      if (error instanceof Problem) throw error;
      throw new MigrationError(
        `Its migrations can't be read: ${error.message}. Does the database belong to another program?`,
      );
    });
  for (const { name, checksum } of rows) {
    const text = texts[name];
    if (text === undefined)
      throw new MigrationError(
        `The database has migration ${name}, but its file is missing. Is this version older than the data?`,
      );
    if (checksumOf(text) !== checksum)
      throw new MigrationError(`Migration ${name} was edited after it was applied. Restore the released file.`);
  }
  return new Set(rows.map(({ name }) => name));
}

/**
 * Runs the missing migrations, each in a transaction; processes that start together take turns.
 * @param now a stamp, stored with each migration
 * @param texts the migrations, in order
 * @returns the names of the files that it ran
 * @throws MigrationError if a file is missing or was edited
 */
export async function migrate(database: Database, now: string, texts = migrations[database.engine]): Promise<string[]> {
  // Reads first, so that commands that only read don't wait for another process's long write.
  const isNew = (await columnsOf(database, "downtime_migration")).length === 0;
  const known = isNew ? new Set() : await checkMigrations(database, texts);
  if (isNew)
    await database.exclusively((tx) =>
      tx.script(
        "CREATE TABLE IF NOT EXISTS downtime_migration (name text PRIMARY KEY, checksum text NOT NULL, applied text NOT NULL)",
      ),
    );
  const done: string[] = [];
  for (const [name, text] of Object.entries(texts).filter(([name]) => !known.has(name)))
    await database.exclusively(async (tx) => {
      // Another process may have run it meanwhile.
      if ((await checkMigrations(tx, texts)).has(name)) return;
      await tx.script(text).catch((error) => {
        if (error instanceof Problem && !(error instanceof Conflict)) throw error;
        throw new MigrationError(
          `Migration ${name} failed: ${error.message}. Does the database belong to another program?`,
        );
      });
      const row = sql`(${name}, ${checksumOf(text)}, ${now})`;
      await tx.all(sql`INSERT INTO downtime_migration (name, checksum, applied) VALUES ${row}`);
      done.push(name);
    });
  return done;
}
