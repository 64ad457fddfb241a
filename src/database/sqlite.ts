/** The SQLite engine: one connection that writes, in turn, and one that reads what is committed. */

import { Database as Connection, SQLiteError, type SQLQueryBindings } from "bun:sqlite";
import { Conflict, Unavailable } from "../domain/problem.ts";
import type { Batches, Database, Reader, Sql, Transaction } from "./sql.ts";

/** How long a connection waits for another process that writes. */
const busyTimeoutMillis = 5000;

/** Rows that a stream holds in memory at a time. */
const batchSize = 1000;

/**
 * Opens the file, which is created where there is none.
 * @param path a file's path; each database needs a file, since its two connections must see the same data
 */
export function openSqlite(path: string): Database {
  const writer = connect(path);
  // The log survives a crash of the process; FULL also makes each commit survive a loss of power.
  enterWal(writer);
  writer.run("PRAGMA synchronous = FULL");
  const reader = connect(path);
  reader.run("PRAGMA query_only = ON");

  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = last.then(work, work);
    last = result.catch(() => {});
    return result;
  };

  const tx: Transaction = { ...readerOf(writer), script: async (text) => void translated(() => writer.run(text)) };
  const transaction = <Result>(work: (tx: Transaction) => Promise<Result>) =>
    inTurn(async () => {
      // IMMEDIATE takes the lock at once: a transaction that reads first could not be upgraded past another's write.
      translated(() => writer.run("BEGIN IMMEDIATE"));
      try {
        const result = await work(tx);
        translated(() => writer.run("COMMIT"));
        return result;
      } catch (error) {
        if (writer.inTransaction) writer.run("ROLLBACK");
        throw error;
      }
    });

  return {
    engine: "sqlite",
    description: `SQLite, ${path}`,
    ...readerOf(reader),
    stream: (query) => stream(path, query),
    transaction,
    exclusively: transaction,
    close: () =>
      inTurn(async () => {
        reader.close();
        writer.close();
      }),
  };
}

function connect(path: string): Connection {
  const connection = new Connection(path, { create: true, readwrite: true, strict: true });
  connection.run(`PRAGMA busy_timeout = ${busyTimeoutMillis}`);
  connection.run("PRAGMA foreign_keys = ON");
  return connection;
}

/** Two processes that create the file together can refuse each other here at once, without SQLite's own waiting. */
function enterWal(connection: Connection): void {
  const giveUpAt = performance.now() + busyTimeoutMillis;
  for (;;)
    try {
      connection.run("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAt) throw error;
      Bun.sleepSync(10);
    }
}

function readerOf(connection: Connection): Reader {
  const statement = (query: Sql) => connection.query<unknown, SQLQueryBindings[]>(query.render(() => "?"));
  return {
    all: async <Row>(query: Sql) => translated(() => statement(query).all(...query.values) as Row[]),
    first: async <Row>(query: Sql) =>
      translated(() => (statement(query).get(...query.values) ?? undefined) as Row | undefined),
  };
}

/** On a connection of its own: an open cursor holds its connection at the moment it began, and others must not share that. */
async function* stream<Row>(path: string, query: Sql): Batches<Row> {
  const connection = connect(path);
  try {
    let batch: Row[] = [];
    for (const row of connection.query<Row, SQLQueryBindings[]>(query.render(() => "?")).iterate(...query.values)) {
      if (batch.push(row) < batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    connection.close();
  }
}

const isBusy = (error: unknown) => error instanceof SQLiteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code ?? "");

function translated<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (isBusy(error)) throw new Unavailable("The database is busy. Try again.");
    if (error instanceof SQLiteError && error.code?.startsWith("SQLITE_CONSTRAINT")) throw new Conflict(error.message);
    throw error;
  }
}
