/** The log: a JSON line an event, on standard error. */

import type { Clock } from "./domain/instant.ts";

export type Details = Readonly<Record<string, unknown>>;

const levels = ["info", "warn", "error"] as const;
export type Level = (typeof levels)[number];

/** What is told of each request. */
export interface RequestLine {
  /** Names the request. */
  readonly id: string;
  readonly method: string;
  /** Without what stands behind the question mark, which may be anything. */
  readonly path: string;
  readonly status: number;
  /** How long the answer took. */
  readonly millis: number;
  /** The user whom it turned out to come from. */
  readonly user?: string | undefined;
}

export interface Log extends Readonly<Record<Level, (message: string, details?: Details) => void>> {
  readonly request: (line: RequestLine) => void;
}

/**
 * @param write takes a line without its end
 * @param level what is less important than this is left out
 */
export function createLog(clock: Clock, write: (line: string) => void = createWriter(), level: Level = "info"): Log {
  const now = createStamps(clock);
  const isLeftOut = (name: Level) => levels.indexOf(name) < levels.indexOf(level);
  const at =
    (name: Level) =>
    (message: string, details: Details = {}) => {
      if (!isLeftOut(name)) write(JSON.stringify({ at: now(), level: name, message, ...details }));
    };
  // Put together by hand: there is one for each request, and JSON.stringify takes as long as answering it from memory.
  const request = ({ id, method, path, status, millis, user }: RequestLine) =>
    write(
      `{"at":"${now()}","level":"info","message":"request","id":"${id}","method":"${method}","path":${JSON.stringify(path)},` +
        `"status":${status},"ms":${Math.round(millis * 10) / 10}${user === undefined ? "" : `,"user":${JSON.stringify(user)}`}}`,
    );
  return {
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    request: isLeftOut("info") ? () => {} : request,
  };
}

/** The instant as text, which many lines share. */
function createStamps(clock: Clock): () => string {
  let [at, stamp] = [Number.NaN, ""];
  return () => {
    const now = clock();
    if (now !== at) [at, stamp] = [now, new Date(now).toISOString()];
    return stamp;
  };
}

/** How long a line may wait for others, since writing each by itself would cost more than answering a request. */
const waitMillis = 50;
/** How many letters wait at most: more would grow old together, and be looked at by each garbage collection. */
const mostWaiting = 32 * 1024;

/** Writes lines to standard error, several at once, and what is left when the process ends. */
export function createWriter(): (line: string) => void {
  let waiting = "";
  let isDue = false;
  const flush = () => {
    const lines = waiting;
    waiting = "";
    if (lines) process.stderr.write(lines);
  };
  process.on("exit", flush);
  return (line) => {
    waiting += `${line}\n`;
    if (waiting.length > mostWaiting) flush();
    else if (!isDue) {
      isDue = true;
      setTimeout(() => {
        isDue = false;
        flush();
      }, waitMillis);
    }
  };
}
