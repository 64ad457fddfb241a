/** The SQLite file: restricts its permissions, and detects when it is deleted or replaced. */

import { chmodSync, closeSync, existsSync, openSync, statSync } from "node:fs";
import { Unavailable } from "../input/problem.ts";

/** The mode of files that contain password hashes. */
export const ownerOnly = 0o600;

/**
 * Makes the file readable only by its owner, since it contains password hashes. Creates a missing file; SQLite gives its
 * `-wal` and `-shm` files the same permissions.
 */
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
