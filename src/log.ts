/** The log: a JSON line an event, on standard error. */

import type { Clock } from "./domain/instant.ts";

export type Details = Readonly<Record<string, unknown>>;

const levels = ["info", "warn", "error"] as const;
export type Level = (typeof levels)[number];

export interface Log extends Readonly<Record<Level, (message: string, details?: Details) => void>> {}

/**
 * @param write takes a line without its end
 * @param level what is less important than this is left out
 */
export function createLog(clock: Clock, write: (line: string) => void = createWriter(), level: Level = "info"): Log {
  const at =
    (name: Level) =>
    (message: string, details: Details = {}) => {
      if (levels.indexOf(name) < levels.indexOf(level)) return;
      write(JSON.stringify({ at: new Date(clock()).toISOString(), level: name, message, ...details }));
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** How long a line may wait for others, since writing each by itself would cost more than answering a request. */
const waitMillis = 50;

/** Writes lines to standard error, several at once, and what is left when the process ends. */
export function createWriter(): (line: string) => void {
  let waiting: string[] = [];
  const flush = () => {
    const lines = waiting;
    waiting = [];
    if (lines.length > 0) process.stderr.write(`${lines.join("\n")}\n`);
  };
  process.on("exit", flush);
  return (line) => {
    if (waiting.push(line) === 1) setTimeout(flush, waitMillis);
  };
}
