/** Opens the database that the settings name. */

import { openPostgres, openPostgresSource, type PostgresSettings } from "./postgres.ts";
import type { Database, Source } from "./sql.ts";
import { openSqlite, openSqliteSource } from "./sqlite.ts";

/** Which database: a file of SQLite, or one on a PostgreSQL server. */
export type DatabaseSettings =
  | {
      readonly engine: "sqlite";
      /** The file's path. */
      readonly name: string;
    }
  | ({ readonly engine: "postgres" } & PostgresSettings);

/** Opens the database. The caller closes it. */
export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  return settings.engine === "sqlite" ? openSqlite(settings.name) : openPostgres(settings);
}

/**
 * Opens another program's database to read it.
 * @param where a file of SQLite, or the URL of a PostgreSQL
 * @throws NotFound when there is no such file
 */
export const openSource = (where: string): Source =>
  /^postgres(ql)?:\/\//.test(where) ? openPostgresSource(where) : openSqliteSource(where);
