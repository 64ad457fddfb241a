/** Opens the database that the settings name. */

import type { Database } from "./sql.ts";
import { openSqlite } from "./sqlite.ts";

/** Which database: a file of SQLite. */
export interface DatabaseSettings {
  readonly engine: "sqlite" | "postgres";
  /** A file's path. */
  readonly name: string;
}

/** Opens the database. The caller closes it. */
export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  return openSqlite(settings.name);
}
