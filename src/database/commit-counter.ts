/** Counts the commits to an SQLite file, by all processes. */

import { type Pointer, toArrayBuffer } from "bun:ffi";
import { readFileSync, realpathSync } from "node:fs";

/** See `WalIndexHdr` in SQLite's source. */
const walIndexHeaderBytes = 48;

/**
 * Creates a function that returns another number after each commit of any process, without a system call. It reads the
 * header of the WAL index (the `-shm` file), which each commit updates before it returns, in the memory to which SQLite has
 * mapped it. It can be called as long as a connection to the file is open in WAL mode.
 * @returns undefined if the file isn't found in `/proc`, which only Linux has
 */
export function createCommitCounter(path: string): (() => number) | undefined {
  try {
    const file = `${realpathSync(path)}-shm`;
    const regions = readFileSync("/proc/self/maps", "utf8").split("\n");
    const first = regions.find((line) => line.endsWith(` ${file}`) && line.includes(" 00000000 "));
    if (!first) return undefined;
    // The line begins with the address. Cast: Bun's type of addresses.
    const header = new DataView(toArrayBuffer(Number.parseInt(first, 16) as Pointer, 0, walIndexHeaderBytes));
    // The numbers of commits, and of frames in the log, because recovery after a crash resets the first.
    return () => header.getUint32(8, true) * 2 ** 20 + header.getUint32(16, true);
  } catch {
    return undefined;
  }
}
