/** The database file: restricts permissions, detects when it is deleted or replaced, opens connections. */

import { Database as Connection, SQLiteError } from "bun:sqlite";
import { chmodSync, closeSync, existsSync, openSync, statSync } from "node:fs";
import { Conflict, Unavailable } from "../input/problem.ts";

/** The mode of files that contain password hashes. */
export const ownerOnly = 0o600;

/** Makes the file readable only by its owner. Creates a missing file; SQLite gives its `-wal` and `-shm` files the same mode. */
export function protectFile(path: string): void {
  try {
    // Closing a file drops all of this process's POSIX locks on it, so this must run before SQLite opens it.
    if (!existsSync(path)) closeSync(openSync(path, "ax", ownerOnly));
    for (const each of [path, `${path}-wal`, `${path}-shm`])
      if (existsSync(each) && (statSync(each).mode & 0o077) !== 0) chmodSync(each, ownerOnly);
  } catch {
    // Another process just created it, or another user owns it. If it can't be opened, SQLite reports that.
  }
}

/** Identifies the file at a path by device and inode; undefined if there is none. */
export function identifyFile(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev} ${stats.ino}`;
}

/**
 * Checks that the path is still the file that was opened. If it was deleted or replaced, SQLite would keep writing to the
 * old file, which is lost when the process exits.
 * @param opened the result of `identifyFile` when it was opened
 * @throws Unavailable
 */
export function checkFile(path: string, opened: string | undefined): void {
  if (identifyFile(path) === opened) return;
  const problem = new Unavailable("The database file was deleted or replaced. Restart the service.");
  throw Object.assign(problem, { cause: new Error(`${path} is not the file that was opened`) });
}

/** How long opening a database waits for another process that opens or closes it. */
const openTimeoutMillis = 5000;
/** Blocks the thread. In WAL mode, readers wait only for a process that opens or closes the database. */
const readerTimeoutMillis = 100;
/** The WAL is truncated to this size after it was larger, as after an import. */
const maxWalBytes = 64 * 1024 * 1024;

/**
 * Opens a connection for writing. Creates a missing file.
 * @param cacheMebibytes of the page cache; with SQLite's 2 MB, a large import writes the same pages to the WAL again and again
 * @throws Unavailable if it can't be opened, or isn't a database
 */
export const openWriter = (path: string, cacheMebibytes: number): Connection =>
  connect(path, { readwrite: true, create: true }, (connection) => {
    enterWal(connection);
    // FULL: commits also survive a power failure. Writers wait outside of SQLite, in `group-commit.ts`.
    connection.run(`PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 0;
      PRAGMA journal_size_limit = ${maxWalBytes}; PRAGMA cache_size = -${1024 * cacheMebibytes}`);
  });

/** Opens a read-only connection. @throws Unavailable if the file is missing, can't be opened, or isn't a database */
export const openReader = (path: string): Connection =>
  connect(path, { readonly: true }, (connection) => void connection.query("SELECT 1 FROM sqlite_master").get());

function connect(path: string, access: object, prepare: (connection: Connection) => void): Connection {
  let connection: Connection | undefined;
  try {
    connection = new Connection(path, { ...access, strict: true });
    connection.run(`PRAGMA busy_timeout = ${readerTimeoutMillis}`);
    prepare(connection);
    return connection;
  } catch (error) {
    connection?.close();
    if (!(error instanceof SQLiteError)) throw error;
    throw new Unavailable(`The database file ${path} can't be opened: ${error.message}.`);
  }
}

/** Switches to WAL mode. Retries, since SQLite's busy timeout doesn't apply if two processes create the file together. */
function enterWal(connection: Connection): void {
  const giveUpAt = performance.now() + openTimeoutMillis;
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

const unusable = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|PROTOCOL|CORRUPT|NOTADB)/;

/** Runs the work, and translates SQLite's errors. @throws Busy, Conflict, Unavailable */
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
