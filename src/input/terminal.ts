/** How commands print, fail, and read text files: UTF-8, or UTF-16 with a byte order mark. */

import { isUtf8 } from "node:buffer";
import { forTerminal } from "./text.ts";

/** The author of what commands write; not a valid username. */
export const commandLine = "command line";

export const say = (line: string): void => void process.stdout.write(`${forTerminal(line)}\n`);

export const warn = (line: string): void => void process.stderr.write(`${forTerminal(line)}\n`);

/** Opens the services that a command needs, and closes them afterwards. */
export type Run<Services> = (work: (services: Services) => Promise<void>) => Promise<void>;

/** The command failed; the message says why. Exit status 1. */
export class Refused extends Error {}

/** Reads a file, or standard input for `-`. @throws Refused if the file doesn't exist or can't be decoded */
export async function readText(file: string): Promise<string> {
  const source = file === "-" ? Bun.stdin : Bun.file(file);
  if (file !== "-" && !(await source.exists())) throw new Refused(`File not found: ${file}`);
  return decodeText(await source.bytes());
}

/** Parses a file's text by a function that throws. @throws Refused */
export function parsed<Value>(format: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new Refused(`Invalid ${format}: ${(error as Error).message}`);
  }
}

function decodeText(bytes: Uint8Array): string {
  const wide: Readonly<Record<string, string>> = { "255,254": "utf-16le", "254,255": "utf-16be" };
  const encoding = wide[bytes.subarray(0, 2).join()] ?? "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // Guessing the encoding or inserting replacement characters would store wrong reasons.
    if (encoding !== "utf-8") throw new Refused("The file isn't valid UTF-16. Save it as UTF-8.");
    const lines = Buffer.from(bytes)
      .toString("latin1")
      .split(/\r\n|\r|\n/);
    const bad = lines.findIndex((line) => !isUtf8(Buffer.from(line, "latin1")));
    throw new Refused(`Line ${bad + 1} isn't valid UTF-8. Save the file as UTF-8.`);
  }
}
