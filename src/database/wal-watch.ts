/** Watches the WAL index, SQLite's `-shm` file, for commits of any process. */

import { closeSync, openSync, readSync } from "node:fs";

/** The open `-shm` files, and how many users each has. */
const watched = new Map<string, { readonly file: number; users: number }>();

/**
 * Opens the database's `-shm` file. Closing it drops all of this process's POSIX locks on it, so it is closed only after
 * the last connection that needs it.
 */
export function holdIndex(path: string) {
  const index = watched.get(path) ?? { file: openSync(`${path}-shm`, "r"), users: 0 };
  index.users += 1;
  watched.set(path, index);
  return {
    file: index.file,
    release(): void {
      index.users -= 1;
      if (index.users > 0) return;
      watched.delete(path);
      closeSync(index.file);
    },
  };
}

/** The file begins with two copies of the WAL index header, of twelve 4-byte words each (https://sqlite.org/walformat.html). */
const headWords = 2 * 12;

/**
 * Detects commits of any process. Each commit updates the header before it returns; SQLite itself uses it to detect stale
 * caches. It is read once per turn of the event loop: requests of the same turn had arrived before the read, so they can't
 * follow a commit that it missed, except one of this thread.
 */
export function watchCommits(path: string) {
  const index = holdIndex(path);
  let isOpen = true;
  const words = new Int32Array(headWords);
  const last = new Int32Array(headWords);
  let mark = 0;
  let isCurrent = false;
  const forget = () => {
    isCurrent = false;
  };
  return {
    /** Returns a number that changes after each commit. */
    mark(): number {
      if (isCurrent || !isOpen) return mark;
      isCurrent = true;
      setImmediate(forget);
      readSync(index.file, words, 0, words.byteLength, 0);
      if (words.some((word, at) => word !== last[at])) {
        last.set(words);
        mark += 1;
      }
      return mark;
    },
    /** Must be called after each commit of this thread. */
    forget,
    close(): void {
      if (!isOpen) return;
      isOpen = false;
      index.release();
    },
  };
}
