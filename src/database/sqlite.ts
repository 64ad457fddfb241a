/** The SQLite engine: a connection for transactions, which take turns, and one for reading committed data. */

import { Database as Connection, type SQLQueryBindings } from "bun:sqlite";
import { existsSync } from "node:fs";
import { NotFound } from "../input/problem.ts";
import { takeTurn } from "../time/event-loop.ts";
import { createGroupCommit } from "./group-commit.ts";
import { type Batches, type Database, type Reader, type Source, type Sql, sql, type Transaction } from "./sql.ts";
import { Busy, openReader, openWriter, translated } from "./sqlite-connection.ts";
import { checkFile, identifyFile, protectFile } from "./sqlite-file.ts";
import { holdIndex, watchCommits } from "./wal-watch.ts";

/** Rows of a stream in memory at once. */
const batchSize = 1000;

/** The page cache of a connection that writes: on the main thread, which imports, and in a worker, which writes series. */
const cacheMebibytes = 64;
const workerCacheMebibytes = 16;

/**
 * Opens a database. Creates a missing file.
 * @param path of a file; `:memory:` doesn't work, since the connections must see the same data
 * @throws Unavailable if it can't be opened
 */
export function openSqlite(path: string): Database {
  protectFile(path);
  const writer = openWriter(path, cacheMebibytes);
  const reader = openReader(path);
  const file = identifyFile(path);
  const watch = watchCommits(path);
  const source = sourceOf(path, reader, () => {
    // Never read a replacement.
    checkFile(path, file);
    return { connection: openReader(path), close: holdIndex(path).release };
  });
  const writing = createWriting(path, file, writer, watch.forget);
  return {
    engine: "sqlite",
    file,
    ...source,
    ...writing,
    async check(query) {
      checkFile(path, file);
      await source.all(query);
      // Reads the file through a new connection: the others may have the rows in their page cache.
      const connection = openReader(path);
      try {
        translated(() => prepare(connection, query).all());
      } finally {
        connection.close();
      }
    },
    mark: watch.mark,
    async close() {
      await writing.close();
      await source.close();
      watch.close();
    },
  };
}

/**
 * Opens a worker's database. The file isn't watched: closing SQLite's files outside of SQLite drops the whole process's
 * locks, so only the main thread may open them. The connection that writes is opened for the first transaction. Workers
 * write what they plan, because a COMMIT of thousands of rows is one call, which would hold up the main thread.
 * @param file that the main thread has open
 * @throws Unavailable if it can't be opened, or was replaced
 */
export function openWorkerSqlite(path: string, file: string | undefined): Database {
  const open = () => {
    checkFile(path, file);
    return openReader(path);
  };
  let opened: Writing | undefined;
  const writing = () => {
    checkFile(path, file);
    opened ??= createWriting(path, file, openWriter(path, workerCacheMebibytes));
    return opened;
  };
  const source = sourceOf(path, open(), () => ({ connection: open() }));
  return {
    engine: "sqlite",
    file,
    ...source,
    check: async (query) => void (await source.all(query)),
    mark: () => undefined,
    transaction: async (work) => writing().transaction(work),
    exclusively: async (work) => writing().exclusively(work),
    async close() {
      await opened?.close();
      await source.close();
    },
  };
}

type Writing = ReturnType<typeof createWriting>;

/** Transactions of a connection, which take turns. */
function createWriting(path: string, file: string | undefined, writer: Connection, onCommit = () => {}) {
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
  /** Settles with the newest transaction. */
  let lastTransaction: Promise<unknown> = Promise.resolve();
  const inTurn = createGroupCommit({
    run(statement) {
      if (statement === "BEGIN IMMEDIATE" || statement === "COMMIT") checkFile(path, file);
      translated(() => writer.run(statement));
      if (statement === "COMMIT") onCommit();
    },
    isOpen: () => writer.inTransaction,
    isBusy: (error) => error instanceof Busy,
  });
  const transaction = <Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> => {
    const done = inTurn(() => work(tx));
    lastTransaction = done.catch(() => {});
    return done;
  };
  return {
    transaction,
    exclusively: transaction,
    async close() {
      // Waiting transactions still run.
      await lastTransaction;
      writer.close();
    },
  };
}

/** Opens another program's database for reading. @throws NotFound */
export function openSqliteSource(path: string): Source {
  if (!existsSync(path)) throw new NotFound(`File not found: ${path}`);
  const open = () => new Connection(path, { readonly: true, strict: true });
  return sourceOf(path, open(), () => ({ connection: open() }));
}

/** A stream's connection, and what to do after closing it. */
interface StreamConnection {
  readonly connection: Connection;
  readonly close?: () => void;
}

/** @param open opens a connection for a stream */
function sourceOf(path: string, connection: Connection, open: () => StreamConnection): Source {
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
async function* stream<Row>({ connection, close }: StreamConnection, query: Sql): Batches<Row> {
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
    close?.();
  }
}
