/** The log: one JSON line per event, on standard error. */

import { type Details, type Level, type Log, levels, type RequestLine } from "./http/request-context.ts";
import { forTerminal } from "./input/text.ts";
import type { Clock } from "./time/instant.ts";

/** How long a line waits for others: writing each separately takes longer than responding to a request. */
const waitMillis = 50;
/** A pipe accepts about 64 KiB at once; the rest would be lost when the process exits. */
const maxTextLength = 32 * 1024;
/** Maximum that may wait for a slow reader: minutes of a busy service. */
const maxUnread = 4 * 1024 * 1024;

export type Writer = ReturnType<typeof createWriter>;

/** @param level the least important level to write */
export function createLog(
  clock: Clock,
  writer: Pick<Writer, "write"> = createWriter(clock),
  level: Level = "info",
): Log {
  let [at, stamp] = [Number.NaN, ""];
  /** Formats the time, once for all lines of a millisecond. */
  const now = () => {
    const millis = clock();
    if (millis !== at) [at, stamp] = [millis, new Date(millis).toISOString()];
    return stamp;
  };
  const isLeftOut = (name: Level) => levels.indexOf(name) < levels.indexOf(level);
  const to =
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
  return { info: to("info"), warn: to("warn"), error: to("error"), request: isLeftOut("info") ? () => {} : request };
}

/**
 * Writes to standard error, several lines at once, and the rest on exit. The service continues without a reader of its log:
 * lines are dropped if the reader has exited or is too slow, and the log says so later.
 */
export function createWriter(clock: Clock) {
  let text = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let written = Promise.resolve();
  let unread = 0;

  // Without a listener, EPIPE would end the process when the reader exits.
  process.stderr.on("error", () => {});

  /** Writes waiting lines. Resolves once all of them have left the process. */
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (text === "") return written;
    if (unread > maxUnread) {
      const message = "log lines dropped: the reader is too slow";
      text = `${JSON.stringify({ at: new Date(clock()).toISOString(), level: "warn", message })}\n`;
      return written;
    }
    const sent = text;
    text = "";
    unread += sent.length;
    const { promise, resolve } = Promise.withResolvers<void>();
    process.stderr.write(sent, () => {
      unread -= sent.length;
      resolve();
    });
    written = promise;
    return written;
  };
  process.on("exit", flush);
  return {
    /** Writes a line soon. @param line without the line break */
    write(line: string): void {
      text += `${line}\n`;
      if (text.length > maxTextLength) flush();
      timer ??= setTimeout(flush, waitMillis);
    },
    flush,
  };
}
