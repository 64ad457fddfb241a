/** The index of SQLite's log: the `-shm` file beside the database, which tells whether anybody has committed. */

import { closeSync, openSync, readSync } from "node:fs";

/** The `-shm` files that this process watches, and how many of its connections need them. */
const watched = new Map<string, { readonly file: number; users: number }>();

/**
 * Keeps the database's `-shm` file open. Closing it takes away all locks that this process has on it, so that it is done
 * once, after the last connection that was opened meanwhile is closed.
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

/** SQLite keeps two copies of the index of its log's end at the head of the file, of twelve words of four bytes each. */
const headWords = 2 * 12;

/**
 * Tells whether anybody has committed, in this process or another. Each commit writes the head anew before it returns, and
 * by it SQLite itself knows that what it has read is old. Reading it takes half a microsecond, where `PRAGMA data_version`
 * takes two and locks.
 */
export function watchCommits(path: string) {
  const index = holdIndex(path);
  let isOpen = true;
  const words = new Int32Array(headWords);
  const last = new Int32Array(headWords);
  let mark = 0;
  return {
    /** Another number than before when anything was committed since. */
    mark(): number {
      if (isOpen) readSync(index.file, words, 0, words.byteLength, 0);
      if (words.some((word, at) => word !== last[at])) {
        last.set(words);
        mark += 1;
      }
      return mark;
    },
    close(): void {
      if (!isOpen) return;
      isOpen = false;
      index.release();
    },
  };
}
