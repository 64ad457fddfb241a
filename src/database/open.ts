/** Opens the database that the settings name. */

import { openPostgres, type PostgresSettings } from "./postgres.ts";
import type { Database } from "./sql.ts";
import { openSqlite } from "./sqlite.ts";

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
