/** Files that appear under their names once they are complete, readable for their owner alone. */

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { Refused } from "../input/terminal.ts";
import { ownerOnly } from "./sqlite-file.ts";

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
