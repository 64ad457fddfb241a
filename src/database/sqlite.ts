/** The SQLite engine: one connection that writes, in turn, and one that reads what is committed. */

import { Database as Connection, SQLiteError, type SQLQueryBindings } from "bun:sqlite";
import { existsSync } from "node:fs";
import { takeTurn } from "../domain/event-loop.ts";
import { Conflict, NotFound, Unavailable } from "../domain/problem.ts";
import { createCommits } from "./commits.ts";
import { holdIndex, watchCommits } from "./log-index.ts";
import { type Batches, type Database, type Reader, type Source, type Sql, sql, type Transaction } from "./sql.ts";

/** How long opening a database waits for another process that opens or closes it. */
const openPatienceMillis = 5000;
/**
 * How long a statement waits inside SQLite, which stops the whole thread. Readers never wait for a writer; they only meet a
 * process that opens or closes the database. Writers wait outside, in `commits.ts`.
 */
const readerPatienceMillis = 100;

/** Rows that a stream holds in memory at a time. */
const batchSize = 1000;

/**
 * Opens the file, which is created where there is none.
 * @param path a file's path; each database needs a file, since its two connections must see the same data
 * @param isShared another thread of this process has it open too: whoever closes SQLite's files outside of SQLite drops the
 * whole process's locks, so that only one thread may watch them
 */
export function openSqlite(path: string, isShared = false): Database {
  const writer = connect(path);
  // The log survives a crash of the process; FULL also makes each commit survive a loss of power.
  enterWal(writer);
  writer.run("PRAGMA synchronous = FULL");
  // In KiB: a long import would otherwise write the same pages to the log again and again.
  writer.run("PRAGMA cache_size = -65536");
  writer.run("PRAGMA busy_timeout = 0");
  const reader = connect(path);
  reader.run("PRAGMA query_only = ON");
  // The first thing that is read makes the file that is watched.
  reader.query("SELECT 1 FROM sqlite_master").get();
  const watch = isShared ? undefined : watchCommits(path);

  const { all, first } = readerOf(writer);
  const tx: Transaction = {
    // A transaction may be long, and reads go on beside it.
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
  /** Settles with the last transaction that was begun. */
  let underWay: Promise<unknown> = Promise.resolve();
  const inTurn = createCommits({
    run: (statement) => void translated(() => writer.run(statement)),
    isOpen: () => writer.inTransaction,
    isBusy: (error) => error instanceof Busy,
  });
  const transaction = <Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> => {
    const done = inTurn(() => work(tx));
    underWay = done.catch(() => {});
    return done;
  };

  return {
    engine: "sqlite",
    ...sourceOf(path, reader, () => {
      const index = watch && holdIndex(path);
      return { connection: connect(path), ...(index && { close: index.release }) };
    }),
    mark: () => watch?.mark(),
    transaction,
    exclusively: transaction,
    async close() {
      // What waits is still done.
      await underWay;
      reader.close();
      writer.close();
      watch?.close();
    },
  };
}

/** Opens a file that another program writes, and that is only read here. @throws NotFound */
export function openSqliteSource(path: string): Source {
  if (!existsSync(path)) throw new NotFound(`There is no file ${path}.`);
  const open = () => new Connection(path, { readonly: true, strict: true });
  return sourceOf(path, open(), () => ({ connection: open() }));
}

/** A connection of a stream's own, and what is to be done after it was closed. */
interface Own {
  readonly connection: Connection;
  readonly close?: () => void;
}

/** @param open makes a connection for a stream */
function sourceOf(path: string, connection: Connection, open: () => Own): Source {
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
      // The table is there once any table counts its ids.
      if (!(await reader.first(sql`SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'`))) return 0;
      const row = await reader.first<{ seq: number }>(sql`SELECT seq FROM sqlite_sequence WHERE name = ${table}`);
      return row?.seq ?? 0;
    },
    close: async () => connection.close(),
  };
}

/** @throws Unavailable when there can't be such a file */
function connect(path: string): Connection {
  let connection: Connection;
  try {
    connection = new Connection(path, { create: true, readwrite: true, strict: true });
  } catch (error) {
    throw new Unavailable(`The database file ${path} can't be opened: ${(error as Error).message}.`);
  }
  connection.run(`PRAGMA busy_timeout = ${readerPatienceMillis}`);
  connection.run("PRAGMA foreign_keys = ON");
  return connection;
}

/** Two processes that create the file together can refuse each other here at once, without SQLite's own waiting. */
function enterWal(connection: Connection): void {
  const giveUpAt = performance.now() + openPatienceMillis;
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
  return {
    all: async <Row>(query: Sql) => translated(() => prepare<Row>(connection, query).all()),
    first: async <Row>(query: Sql) => translated(() => prepare<Row>(connection, query).first()),
  };
}

/** The query as a statement that is kept for the next time, with its values. */
function prepare<Row>(connection: Connection, query: Sql) {
  const { text, values } = query.render("sqlite", () => "?");
  const statement = connection.query<Row, SQLQueryBindings[]>(text);
  return {
    all: () => statement.all(...values),
    first: () => statement.get(...values) ?? undefined,
    each: () => statement.iterate(...values),
  };
}

/** On a connection of its own: an open cursor holds its connection at the moment it began, and others must not share that. */
async function* stream<Row>({ connection, close }: Own, query: Sql): Batches<Row> {
  try {
    let batch: Row[] = [];
    const rows = translated(() => prepare<Row>(connection, query).each());
    for (let next = translated(() => rows.next()); !next.done; next = translated(() => rows.next())) {
      if (batch.push(next.value) < batchSize) continue;
      yield batch;
      batch = [];
      // The cursor is synchronous: without this, whoever reads it to its end would hold up everybody.
      await takeTurn();
    }
    if (batch.length > 0) yield batch;
  } finally {
    connection.close();
    close?.();
  }
}

/** Another connection is writing. */
class Busy extends Unavailable {}

const isBusy = (error: unknown) => error instanceof SQLiteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code ?? "");

/** Codes of SQLite's errors that say that something is wrong with the file, or with where it is. */
const broken = /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|CANTOPEN|PROTOCOL)/;

function translated<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (isBusy(error)) throw new Busy("The database is busy. Try again.");
    if (error instanceof SQLiteError && error.code?.startsWith("SQLITE_CONSTRAINT")) throw new Conflict(error.message);
    if (error instanceof SQLiteError && broken.test(error.code ?? ""))
      throw Object.assign(new Unavailable("The database can't be read or written. Try again."), { cause: error });
    throw error;
  }
}
