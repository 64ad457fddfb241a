/** The log: one JSON line per event, on standard error. */

import { type Details, type Level, type Log, levels, type RequestLine } from "./http/request-log.ts";
import { forTerminal } from "./input/text.ts";
import type { Clock } from "./time/instant.ts";

export interface Writer {
  /** Writes a line soon. @param line without the line break */
  write(line: string): void;
  /** Writes waiting lines. Resolves once all of them have left the process. */
  flush(): Promise<void>;
}

/** @param level the least important level to write */
export function createLog(
  clock: Clock,
  writer: Pick<Writer, "write"> = createWriter(clock),
  level: Level = "info",
): Log {
  const now = createStamps(clock);
  const isLeftOut = (name: Level) => levels.indexOf(name) < levels.indexOf(level);
  const at =
    (name: Level) =>
    (message: string, details: Details = {}) => {
      if (!isLeftOut(name)) writer.write(forTerminal(JSON.stringify({ at: now(), level: name, message, ...details })));
    };
  // Hot path: JSON.stringify of the whole line takes as long as responding to a request from the cache.
  const request = ({ id, method, path, status, millis, user, address }: RequestLine) =>
    writer.write(
      `{"at":"${now()}","level":"info","message":"request","id":"${id}","method":"${method}","path":${JSON.stringify(path)},` +
        `"status":${status},"ms":${Math.round(millis * 10) / 10}${user === undefined ? "" : `,"user":${JSON.stringify(user)}`}` +
        `${address === undefined ? "" : `,"address":${JSON.stringify(address)}`}}`,
    );
  return { info: at("info"), warn: at("warn"), error: at("error"), request: isLeftOut("info") ? () => {} : request };
}

/** Formats the time, once for all lines of a millisecond. */
function createStamps(clock: Clock): () => string {
  let [at, stamp] = [Number.NaN, ""];
  return () => {
    const now = clock();
    if (now !== at) [at, stamp] = [now, new Date(now).toISOString()];
    return stamp;
  };
}

/** How long a line waits for others: writing each separately takes longer than responding to a request. */
const waitMillis = 50;
/** A pipe accepts about 64 KiB at once; the rest would be lost when the process exits. */
const maxWaitingLines = 256;
/** Maximum that may wait for a slow reader: minutes of a busy service. */
const maxWaitingCharacters = 4 * 1024 * 1024;

/**
 * Writes to standard error, several lines at once, and the rest on exit. The service continues without a reader of its log:
 * lines are dropped if the reader has exited or is too slow, and their number is logged later.
 */
export function createWriter(clock: Clock): Writer {
  let text = "";
  let lines = 0;
  let isDue = false;
  let written = Promise.resolve();
  let unread = 0;
  let dropped = 0;

  // Without a listener, EPIPE would end the process when the reader exits.
  process.stderr.on("error", () => {});

  const droppedLine = () => {
    const at = new Date(clock()).toISOString();
    const message = "log lines dropped: the reader is too slow";
    return `${JSON.stringify({ at, level: "warn", message, lines: dropped })}\n`;
  };
  const flush = () => {
    const [taken, count] = [text, lines];
    text = "";
    lines = 0;
    if (count === 0) return written;
    if (unread > maxWaitingCharacters) {
      dropped += count;
      return written;
    }
    const sent = (dropped > 0 ? droppedLine() : "") + taken;
    dropped = 0;
    unread += sent.length;
    written = new Promise((resolve) =>
      process.stderr.write(sent, () => {
        unread -= sent.length;
        resolve();
      }),
    );
    return written;
  };
  process.on("exit", flush);
  return {
    write(line) {
      text += `${line}\n`;
      lines += 1;
      if (lines === maxWaitingLines) flush();
      if (isDue) return;
      isDue = true;
      setTimeout(() => {
        isDue = false;
        flush();
      }, waitMillis);
    },
    flush,
  };
}
