/** The index of SQLite's log: the `-shm` file beside the database, which tells whether anybody has committed. */

import { dlopen, toArrayBuffer } from "bun:ffi";
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
 * by it SQLite itself knows that what it has read is old. Looking at those words takes nanoseconds, where `PRAGMA
 * data_version` takes microseconds and locks.
 */
export function watchCommits(path: string, openHead = (file: number): Head => mapHead(file) ?? readHead(file)) {
  const index = holdIndex(path);
  let head: Head | undefined = openHead(index.file);
  const last = new Int32Array(headWords);
  let mark = 0;
  return {
    /** Another number than before when anything was committed since. */
    mark(): number {
      const words = head?.words() ?? last;
      for (let at = 0; at < headWords; at++) {
        if (words[at] === last[at]) continue;
        last.set(words);
        mark += 1;
        return mark;
      }
      return mark;
    },
    close(): void {
      if (!head) return;
      head.close();
      head = undefined;
      index.release();
    },
  };
}

/** The head of the file. */
export interface Head {
  /** Its words as they are now. */
  words(): Int32Array;
  close(): void;
}

/** The system's library, where it maps files. */
const libraries: Partial<Record<NodeJS.Platform, string>> = { linux: "libc.so.6", darwin: "libSystem.B.dylib" };
/** `PROT_READ` and `MAP_SHARED`, which are 1 on both. */
const [toRead, shared] = [1, 1];

/**
 * The head where every process sees it, without asking the system. It is mapped by the descriptor that is held anyway:
 * `Bun.mmap` opens and closes the file, and that would take away this process's locks on it.
 * @returns undefined where the system's library isn't found, or doesn't map the file
 */
export function mapHead(file: number): Head | undefined {
  const library = openLibrary();
  if (!library) return undefined;
  const { mmap, munmap } = library.symbols;
  const bytes = headWords * Int32Array.BYTES_PER_ELEMENT;
  const address = mmap(null, bytes, toRead, shared, file, 0);
  // What says no is -1, which is no address.
  if (!address || address > Number.MAX_SAFE_INTEGER) {
    library.close();
    return undefined;
  }
  const words = new Int32Array(toArrayBuffer(address, 0, bytes));
  return {
    words: () => words,
    close() {
      munmap(address, bytes);
      library.close();
    },
  };
}

function openLibrary() {
  const name = libraries[process.platform];
  if (!name) return undefined;
  try {
    return dlopen(name, {
      mmap: { args: ["ptr", "usize", "int", "int", "int", "i64"], returns: "ptr" },
      munmap: { args: ["ptr", "usize"], returns: "int" },
    });
  } catch {
    // Some systems have it by another name: then the file is read.
    return undefined;
  }
}

/** The same by reading the file each time, at a hundred times the cost. */
export function readHead(file: number): Head {
  const words = new Int32Array(headWords);
  return {
    words() {
      readSync(file, words, 0, words.byteLength, 0);
      return words;
    },
    close() {},
  };
}
