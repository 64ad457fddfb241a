/** Opens the database that the settings name. */

import type { PostgresSettings } from "./postgres.ts";
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

/**
 * Opens the database. The caller closes it.
 * @param shared what another thread of this process has open too, which answers most requests
 */
export async function openDatabase(settings: DatabaseSettings, shared?: Pick<Database, "file">): Promise<Database> {
  if (settings.engine === "sqlite") return openSqlite(settings.name, shared?.file);
  return (await postgres()).openPostgres(shared ? { ...settings, connections: connectionsBeside } : settings);
}

/** One question at a time, and as many streams as a worker sends. */
const connectionsBeside = 8;

/**
 * Opens another program's database to read it.
 * @param where a file of SQLite, or the URL of a PostgreSQL
 * @throws NotFound when there is no such file
 */
export const openSource = async (where: string): Promise<Source> =>
  /^postgres(ql)?:\/\//.test(where) ? (await postgres()).openPostgresSource(where) : openSqliteSource(where);

/** Loaded when it is wanted: who works with SQLite begins sooner without. */
const postgres = () => import("./postgres.ts");
