/** The migrations of each engine. */

import { readMigrations } from "./migration-files.ts" with { type: "macro" };

/** The SQL of a migration by its file's name, in order. */
export type Migrations = Readonly<Record<string, string>>;

export const migrations: Readonly<Record<"postgres" | "sqlite", Migrations>> = {
  postgres: readMigrations("postgres"),
  sqlite: readMigrations("sqlite"),
};
