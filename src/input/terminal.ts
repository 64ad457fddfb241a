/** How commands print, fail, and read text files: UTF-8, or UTF-16 with a byte order mark. */

import { forTerminal } from "./text.ts";

/** The author of what commands write; not a valid username. */
export const commandLine = "command line";

/** Prints a line of the command's result. */
export const say = (line: string): void => void process.stdout.write(`${forTerminal(line)}\n`);

/** Prints a line on standard error. */
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
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // Guessing the encoding or inserting replacement characters would store wrong reasons.
    const name = encoding === "utf-8" ? "UTF-8" : "UTF-16";
    throw new Refused(`Line ${firstBadLine(bytes, encoding)} isn't valid ${name}. Save the file as UTF-8.`);
  }
}

function encodingOf([first, second]: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

const [lineFeed, carriageReturn] = [0x0a, 0x0d];

/** The number of the first line that can't be decoded. */
function firstBadLine(bytes: Uint8Array, encoding: string): number {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let before = "";
  let from = 0;
  try {
    for (let to = 1; to <= bytes.length; to++) {
      const last = bytes[to - 1];
      if (last !== lineFeed && last !== carriageReturn && to < bytes.length) continue;
      before += decoder.decode(bytes.subarray(from, to), { stream: true });
      from = to;
    }
  } catch {
    // `before` holds the lines that could be decoded; the bad one follows them.
  }
  return before.split(/\r\n|\r|\n/).length;
}
