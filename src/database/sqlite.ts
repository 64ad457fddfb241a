/** The SQLite engine: a connection for transactions, which take turns, and one for reading committed data. */

import type { Database as Connection, SQLQueryBindings } from "bun:sqlite";
import { existsSync } from "node:fs";
import { NotFound } from "../input/problem.ts";
import { takeTurn } from "../time/event-loop.ts";
import { createCommitCounter } from "./commit-counter.ts";
import { createGroupCommit } from "./group-commit.ts";
import { type Batches, type Database, readerOf, type Source, type Sql, type Transaction } from "./sql.ts";
import { Busy, checkFile, identifyFile, openReader, openWriter, protectFile, translated } from "./sqlite-file.ts";

const batchSize = 1000;

/** The page cache of a connection that writes: on the main thread, which imports, and in a worker, which writes series. */
const cacheMebibytes = 64;
const workerCacheMebibytes = 16;

/**
 * Opens a database. Creates a missing file.
 * @param shared in a worker: the database as the main thread has it open. The connection that writes is then opened for the
 * first transaction. Workers write what they plan, because a COMMIT of thousands of rows is one call, which would hold up
 * the main thread.
 * @throws Unavailable if it can't be opened, or was replaced
 */
export function openSqlite(path: string, shared?: Pick<Database, "file">): Database {
  if (!shared) protectFile(path);
  let writer = shared ? undefined : openWriter(path, cacheMebibytes);
  const file = shared ? shared.file : identifyFile(path);
  // Never use a replacement.
  const check = () => checkFile(path, file);
  const open = () => {
    check();
    return openReader(path);
  };
  const reader = open();
  const version = reader.query<{ data_version: number }, []>("PRAGMA data_version");
  let countCommits = createCommitCounter(path);
  let lastTransaction: Promise<unknown> = Promise.resolve();
  const inTurn = createGroupCommit({
    run(statement) {
      if (statement === "BEGIN IMMEDIATE" || statement === "COMMIT") check();
      writer ??= openWriter(path, workerCacheMebibytes);
      const connection = writer;
      translated(() => connection.run(statement));
    },
    isOpen: () => writer?.inTransaction ?? false,
    isBusy: (error) => error instanceof Busy,
  });
  const transaction = <Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> => {
    // Cast: it has begun, so the connection is open.
    const done = inTurn(() => work(transactionOf(writer as Connection)));
    lastTransaction = done.catch(() => {});
    return done;
  };
  return {
    engine: "sqlite",
    file,
    ...sourceOf(path, reader, open),
    transaction,
    exclusively: transaction,
    async check(query) {
      await allOf(reader)(query);
      // Reads the file through a new connection: the others may have the rows in their page cache.
      using connection = open();
      await allOf(connection)(query);
    },
    fileVersion() {
      // Read for each request: Bun also accepts connections that were opened after the turn of the event loop began, so that
      // one value for all of a turn would miss commits that their clients know of.
      if (countCommits) return countCommits();
      try {
        return version.get()?.data_version;
      } catch {
        // A query will report why.
        return undefined;
      }
    },
    async close() {
      // Waiting transactions still run.
      await lastTransaction;
      countCommits = undefined;
      reader.close();
      // Last, because it deletes the log.
      writer?.close();
    },
  };
}

function transactionOf(writer: Connection): Transaction {
  const all = allOf(writer);
  return {
    ...readerOf(async <Row>(query: Sql) => {
      // Lets reads run between the statements of a long transaction.
      await takeTurn();
      return all<Row>(query);
    }),
    script: async (text) => void translated(() => writer.run(text)),
  };
}

/** Opens another program's database, or a backup, for reading. @throws NotFound, Unavailable */
export function openSqliteSource(path: string): Source {
  if (!existsSync(path)) throw new NotFound(`File not found: ${path}`);
  const open = () => openReader(path);
  return sourceOf(path, open(), open);
}

/** @param open opens a connection for a stream: an open cursor pins its snapshot, which other reads must not see */
const sourceOf = (path: string, connection: Connection, open: () => Connection): Source => ({
  ...readerOf(allOf(connection)),
  description: `SQLite, ${path}`,
  stream: (query) => stream(open(), query),
  close: async () => connection.close(),
});

/** Prepares a query. bun:sqlite caches the statement. */
function prepare<Row>(connection: Connection, query: Sql) {
  const { text, values } = query.render("sqlite", () => "?");
  return [connection.query<Row, SQLQueryBindings[]>(text), values] as const;
}

const allOf =
  (connection: Connection) =>
  async <Row>(query: Sql): Promise<Row[]> =>
    translated(() => {
      const [statement, values] = prepare<Row>(connection, query);
      return statement.all(...values);
    });

async function* stream<Row>(connection: Connection, query: Sql): Batches<Row> {
  try {
    let batch: Row[] = [];
    const [statement, values] = translated(() => prepare<Row>(connection, query));
    const rows = statement.iterate(...values);
    for (let next = translated(() => rows.next()); !next.done; next = translated(() => rows.next())) {
      // The cursor is synchronous, and while an import keeps the disk busy, each row may take a millisecond.
      const turn = takeTurn();
      if (turn) await turn;
      if (batch.push(next.value) < batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    connection.close();
  }
}
