/** Connections to an SQLite file, and what their errors mean. */

import { Database as Connection, SQLiteError } from "bun:sqlite";
import { Conflict, Unavailable } from "../input/problem.ts";

/** How long opening a database waits for another process that opens or closes it. */
const openPatienceMillis = 5000;
/**
 * How long a statement waits inside SQLite, which stops the whole thread. Readers never wait for a writer; they only meet a
 * process that opens or closes the database. Writers wait outside, in `commits.ts`.
 */
const readerPatienceMillis = 100;
/** The log is cut to this size once it was larger, as after an import. */
const keptLogBytes = 64 * 1024 * 1024;

/**
 * The connection that writes and the one that reads.
 * @param create whether the file is created where there is none
 * @throws Unavailable when it can't be opened, or is no database
 */
export function connectBoth(
  path: string,
  create: boolean,
): { readonly writer: Connection; readonly reader: Connection } {
  const connections: Connection[] = [];
  const open = () => {
    const connection = connect(path, create);
    connections.push(connection);
    return connection;
  };
  try {
    const writer = open();
    // The log survives a crash of the process; FULL also makes each commit survive a loss of power.
    enterWal(writer);
    writer.run("PRAGMA synchronous = FULL");
    writer.run(`PRAGMA journal_size_limit = ${keptLogBytes}`);
    // In KiB: a long import would otherwise write the same pages to the log again and again.
    writer.run("PRAGMA cache_size = -65536");
    writer.run("PRAGMA busy_timeout = 0");
    const reader = open();
    reader.run("PRAGMA query_only = ON");
    // The first thing that is read makes the file that is watched.
    reader.query("SELECT 1 FROM sqlite_master").get();
    return { writer, reader };
  } catch (error) {
    for (const connection of connections) connection.close();
    if (!(error instanceof SQLiteError)) throw error;
    throw cannotOpen(path, error);
  }
}

/** @throws Unavailable when there is no such file, or there can't be one */
export function connect(path: string, create = false): Connection {
  let connection: Connection;
  try {
    connection = new Connection(path, { create, readwrite: true, strict: true });
  } catch (error) {
    throw cannotOpen(path, error as Error);
  }
  connection.run(`PRAGMA busy_timeout = ${readerPatienceMillis}`);
  connection.run("PRAGMA foreign_keys = ON");
  return connection;
}

const cannotOpen = (path: string, { message }: Error) =>
  new Unavailable(`The database file ${path} can't be opened: ${message}.`);

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

/** Another connection is writing. */
export class Busy extends Unavailable {}

const isBusy = (error: unknown) => error instanceof SQLiteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code ?? "");

/** Codes of a file or a disk that can't be used as it is: full, failing, write-protected, damaged. */
const unusable = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|PROTOCOL|CORRUPT|NOTADB)/;

/** Does the work. @throws Busy, Conflict or Unavailable where SQLite's error means one of these */
export function translated<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (isBusy(error)) throw new Busy("The database is busy. Try again.");
    if (error instanceof SQLiteError && error.code?.startsWith("SQLITE_CONSTRAINT")) throw new Conflict(error.message);
    if (error instanceof SQLiteError && unusable.test(error.code ?? ""))
      throw Object.assign(new Unavailable("The database can't be read or written. Try again."), { cause: error });
    throw error;
  }
}
