/** The log: a JSON line an event, on standard error. */

import type { Clock } from "./domain/instant.ts";

export type Details = Readonly<Record<string, unknown>>;

export interface Log {
  info(message: string, details?: Details): void;
  warn(message: string, details?: Details): void;
  error(message: string, details?: Details): void;
}

/** @param write takes a line without its end */
export function createLog(
  clock: Clock,
  write: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): Log {
  const at =
    (level: string) =>
    (message: string, details: Details = {}) =>
      write(JSON.stringify({ at: new Date(clock()).toISOString(), level, message, ...details }));
  return { info: at("info"), warn: at("warn"), error: at("error") };
}
