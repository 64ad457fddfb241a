/** Opens databases of either engine. */

import type { PostgresSettings } from "./postgres.ts";
import type { Database, Source } from "./sql.ts";
import { openSqlite, openSqliteSource } from "./sqlite.ts";

/** Where the database is. */
export type DatabaseSettings =
  | { readonly engine: "sqlite"; readonly name: string }
  | ({ readonly engine: "postgres" } & PostgresSettings);

/**
 * Opens the service's database. The caller closes it.
 * @param shared in a worker: the database as the main thread has it open
 */
export async function openDatabase(settings: DatabaseSettings, shared?: Pick<Database, "file">): Promise<Database> {
  if (settings.engine === "sqlite") return openSqlite(settings.name, shared);
  // Loaded on demand: with SQLite, the service starts faster without.
  const { openPostgres } = await import("./postgres.ts");
  const { findPooler } = await import("./postgres-connection.ts");
  const connections = shared ? 8 : settings.connections;
  return openPostgres({ ...settings, connections, isPooled: await findPooler(settings.url) });
}

/**
 * Opens another program's database for reading.
 * @param address an SQLite file, or a PostgreSQL URL
 * @throws NotFound if the file doesn't exist
 */
export const openSource = async (address: string): Promise<Source> =>
  /^postgres(ql)?:\/\//.test(address)
    ? openDatabase({ engine: "postgres", url: address, connections: 1 })
    : openSqliteSource(address);

/** Wraps a database to call `onCommit` after each transaction; `openWrites` counts those that wait or run. */
export function signalCommits(database: Database, onCommit: () => void): Database & { openWrites(): number } {
  let open = 0;
  const signalling = async <Result>(commit: Promise<Result>): Promise<Result> => {
    open++;
    const result = await commit.finally(() => open--);
    onCommit();
    return result;
  };
  return {
    ...database,
    openWrites: () => open,
    transaction: (work) => signalling(database.transaction(work)),
    exclusively: (work) => signalling(database.exclusively(work)),
  };
}
