/** The database file and its backups: restricts permissions, detects when the file is deleted or replaced, writes whole files. */

import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Unavailable } from "../input/problem.ts";
import { Refused } from "../input/terminal.ts";

/** The mode of files that contain password hashes. */
const ownerOnly = 0o600;

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

/**
 * Writes a new file.
 * @param write writes to another path, where an empty file is
 * @throws Refused if the file exists or can't be written
 */
export async function writeWhole<Result>(target: string, write: (path: string) => Promise<Result>): Promise<Result> {
  if (existsSync(target)) throw new Refused(`${target} exists already. Choose another name.`);
  const partial = `${target}.${crypto.randomUUID().slice(0, 8)}.partial`;
  try {
    closeSync(openSync(partial, "wx", ownerOnly));
    const result = await write(partial);
    sync(partial);
    renameSync(partial, target);
    sync(dirname(target));
    return result;
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw new Refused(`Can't write ${target}: ${error.message}`);
    throw error;
  } finally {
    rmSync(partial, { force: true });
  }
}

/** Waits until the file or folder is on the disk. */
export function sync(path: string): void {
  const file = openSync(path, "r");
  fsyncSync(file);
  closeSync(file);
}
