/** The SQLite engine: one connection that writes, in turn, and one that reads what is committed. */

import { Database as Connection, type SQLQueryBindings } from "bun:sqlite";
import { existsSync } from "node:fs";
import { NotFound } from "../input/problem.ts";
import { takeTurn } from "../time/event-loop.ts";
import { createGroupCommit } from "./group-commit.ts";
import { type Batches, type Database, type Reader, type Source, type Sql, sql, type Transaction } from "./sql.ts";
import { Busy, connect, connectBoth, translated } from "./sqlite-connection.ts";
import { checkFile, identifyFile, protectFile } from "./sqlite-file.ts";
import { holdIndex, watchCommits } from "./wal-watch.ts";

/** Rows that a stream holds in memory at a time. */
const batchSize = 1000;

/**
 * Opens the file, which is created where there is none.
 * @param path a file's path; each database needs a file, since its two connections must see the same data
 * @param shared the file that another thread of this process has open too: whoever closes SQLite's files outside of SQLite
 * drops the whole process's locks, so that only one thread may watch them
 * @throws Unavailable when it can't be opened, or isn't that file any more
 */
export function openSqlite(path: string, shared?: string): Database {
  if (shared === undefined) protectFile(path);
  else checkFile(path, shared);
  const { writer, reader } = connectBoth(path, shared === undefined);
  const file = shared ?? identifyFile(path);
  const watch = shared === undefined ? watchCommits(path) : undefined;

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
  const inTurn = createGroupCommit({
    run(statement) {
      if (statement === "BEGIN IMMEDIATE" || statement === "COMMIT") checkFile(path, file);
      translated(() => writer.run(statement));
    },
    isOpen: () => writer.inTransaction,
    isBusy: (error) => error instanceof Busy,
  });
  const transaction = <Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> => {
    const done = inTurn(() => work(tx));
    underWay = done.catch(() => {});
    return done;
  };

  const source = sourceOf(path, reader, () => {
    // Another file must not be read in its place, and none must be created.
    checkFile(path, file);
    const index = watch && holdIndex(path);
    return { connection: connect(path), ...(index && { close: index.release }) };
  });

  return {
    engine: "sqlite",
    file,
    ...source,
    async check(query) {
      checkFile(path, file);
      await source.all(query);
      // A connection of its own reads the file, where the others may know the rows from memory.
      const connection = connect(path);
      try {
        translated(() => prepare(connection, query).all());
      } finally {
        connection.close();
      }
    },
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
  if (!existsSync(path)) throw new NotFound(`File not found: ${path}`);
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
