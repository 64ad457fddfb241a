/** The SQLite engine: a connection for transactions, which take turns, and one for reading committed data. */

import { Database as Connection, type SQLQueryBindings } from "bun:sqlite";
import { existsSync } from "node:fs";
import { NotFound } from "../input/problem.ts";
import { takeTurn } from "../time/event-loop.ts";
import { createGroupCommit } from "./group-commit.ts";
import { type Batches, type Database, type Reader, type Source, type Sql, sql, type Transaction } from "./sql.ts";
import { Busy, openReader, openWriter, translated } from "./sqlite-connection.ts";
import { checkFile, identifyFile, protectFile } from "./sqlite-file.ts";

/** Rows of a stream in memory at once. */
const batchSize = 1000;

/** The page cache of a connection that writes: on the main thread, which imports, and in a worker, which writes series. */
const cacheMebibytes = 64;
const workerCacheMebibytes = 16;

/**
 * Opens a database. Creates a missing file.
 * @param path of a file; `:memory:` doesn't work, since the connections must see the same data
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
  const source = sourceOf(path, reader, open);
  const { mark, forget } = createMark(reader);
  let lastTransaction: Promise<unknown> = Promise.resolve();
  const inTurn = createGroupCommit({
    run(statement) {
      if (statement === "BEGIN IMMEDIATE" || statement === "COMMIT") check();
      writer ??= openWriter(path, workerCacheMebibytes);
      const connection = writer;
      translated(() => connection.run(statement));
      if (statement === "COMMIT") forget();
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
    ...source,
    transaction,
    exclusively: transaction,
    async check(query) {
      await source.all(query);
      // Reads the file through a new connection: the others may have the rows in their page cache.
      using connection = open();
      await readerOf(connection).all(query);
    },
    // Messages to a worker may arrive later in the turn than its commits.
    mark: shared ? () => undefined : mark,
    async close() {
      // Waiting transactions still run.
      await lastTransaction;
      writer?.close();
      await source.close();
    },
  };
}

/**
 * Detects commits of any process. Reads once per turn of the event loop: requests of the same turn had arrived before the
 * read, so they can't follow a commit that it missed, except one of this thread, after which `forget` must be called.
 */
function createMark(reader: Connection) {
  const query = reader.query<{ data_version: number }, []>("PRAGMA data_version");
  let mark: number | undefined;
  const forget = () => {
    mark = undefined;
  };
  return {
    forget,
    mark(): number | undefined {
      if (mark !== undefined) return mark;
      setImmediate(forget);
      try {
        mark = query.get()?.data_version;
      } catch {
        // A query will report why.
      }
      return mark;
    },
  };
}

function transactionOf(writer: Connection): Transaction {
  const { all, first } = readerOf(writer);
  const tx: Transaction = {
    // Lets reads run between the statements of a long transaction.
    async all<Row>(query: Sql) {
      await takeTurn();
      return all<Row>(query);
    },
    async first<Row>(query: Sql) {
      await takeTurn();
      return first<Row>(query);
    },
    script: async (text) => void translated(() => writer.run(text)),
    async continueIds(table, id) {
      const known = await tx.all(
        sql`UPDATE sqlite_sequence SET seq = max(seq, ${id}) WHERE name = ${table} RETURNING seq`,
      );
      if (known.length === 0) await tx.all(sql`INSERT INTO sqlite_sequence (name, seq) VALUES (${table}, ${id})`);
    },
  };
  return tx;
}

/** Opens another program's database for reading. @throws NotFound */
export function openSqliteSource(path: string): Source {
  if (!existsSync(path)) throw new NotFound(`File not found: ${path}`);
  const open = () => new Connection(path, { readonly: true, strict: true });
  return sourceOf(path, open(), open);
}

/** @param open opens a connection for a stream */
function sourceOf(path: string, connection: Connection, open: () => Connection): Source {
  const reader = readerOf(connection);
  return {
    ...reader,
    description: `SQLite, ${path}`,
    stream: (query) => stream(open(), query),
    async columnsOf(table) {
      const rows = await reader.all<{ name: string }>(sql`SELECT name FROM pragma_table_info(${table})`);
      return rows.map(({ name }) => name);
    },
    async lastIdOf(table) {
      // The table exists only if some table uses AUTOINCREMENT.
      if (!(await reader.first(sql`SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'`))) return 0;
      const row = await reader.first<{ seq: number }>(sql`SELECT seq FROM sqlite_sequence WHERE name = ${table}`);
      return row?.seq ?? 0;
    },
    close: async () => connection.close(),
  };
}

function readerOf(connection: Connection): Reader {
  return {
    all: async <Row>(query: Sql) => translated(() => prepare<Row>(connection, query).all()),
    first: async <Row>(query: Sql) => translated(() => prepare<Row>(connection, query).first()),
  };
}

/** Prepares a query. bun:sqlite caches the statement. */
function prepare<Row>(connection: Connection, query: Sql) {
  const { text, values } = query.render("sqlite", () => "?");
  const statement = connection.query<Row, SQLQueryBindings[]>(text);
  return {
    all: () => statement.all(...values),
    first: () => statement.get(...values) ?? undefined,
    each: () => statement.iterate(...values),
  };
}

/** Streams a query on its own connection: an open cursor pins the connection's snapshot, which other reads must not see. */
async function* stream<Row>(connection: Connection, query: Sql): Batches<Row> {
  try {
    let batch: Row[] = [];
    const rows = translated(() => prepare<Row>(connection, query).each());
    for (let next = translated(() => rows.next()); !next.done; next = translated(() => rows.next())) {
      if (batch.push(next.value) < batchSize) continue;
      yield batch;
      batch = [];
      // The cursor is synchronous: without this, a reader that never waits would block the event loop.
      await takeTurn();
    }
    if (batch.length > 0) yield batch;
  } finally {
    connection.close();
  }
}
