/** The file of an SQLite database: only its owner may read it, and it stays the one that was opened. */

import { chmodSync, closeSync, existsSync, openSync, statSync } from "node:fs";
import { Unavailable } from "../input/problem.ts";

const ownerOnly = 0o600;

/**
 * Makes the file readable for its owner alone, as it holds hashes of passwords; it is created where there is none. SQLite
 * gives its log and its index the same permissions.
 */
export function protectFile(path: string): void {
  try {
    // Only a file that no connection has open yet may be closed here: closing it drops the process's locks on it.
    if (!existsSync(path)) closeSync(openSync(path, "ax", ownerOnly));
    for (const each of [path, `${path}-wal`, `${path}-shm`])
      if (existsSync(each) && (statSync(each).mode & 0o077) !== 0) chmodSync(each, ownerOnly);
  } catch {
    // Another process created it just now, or it is somebody else's; where it can't be opened either, SQLite says why.
  }
}

/** Which file a path leads to, whatever it is called; undefined when there is none. */
export function identifyFile(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev} ${stats.ino}`;
}

/**
 * Checks that a path leads to the file that was opened. While it is open it may be deleted or replaced: SQLite would go on
 * with the old one, which nobody finds again.
 * @param opened as `identifyFile` named it
 * @throws Unavailable
 */
export function checkFile(path: string, opened: string | undefined): void {
  if (identifyFile(path) === opened) return;
  const problem = new Unavailable("The database file was deleted or replaced. Restart the service.");
  throw Object.assign(problem, { cause: new Error(`${path} is not the file that was opened`) });
}
