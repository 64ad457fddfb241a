/** The log: a JSON line an event, on standard error. */

import {
  type Details,
  type FrequentRequests,
  type Level,
  type Log,
  levels,
  type RequestLine,
} from "./http/request-log.ts";
import { forTerminal } from "./input/text.ts";
import type { Clock } from "./time/instant.ts";

/** A line without its end; or what makes as many as there are by then, asked once, when they are written. */
export type Entry = string | (() => string);
export const textOf = (entry: Entry): string => (typeof entry === "string" ? entry : entry());

/** What writes the log. */
export interface Writer {
  /** Writes a line, or the first of an entry, soon. */
  write(entry: Entry): void;
  /** An entry that waits has another line. */
  lengthen(): void;
  /** Writes what waits. Resolves once all of it has left the process. */
  flush(): Promise<void>;
}

/** @param level what is less important than this is left out */
export function createLog(
  clock: Clock,
  writer: Pick<Writer, "write" | "lengthen"> = createWriter(clock),
  level: Level = "info",
): Log {
  const now = createStamps(clock);
  const isLeftOut = (name: Level) => levels.indexOf(name) < levels.indexOf(level);
  const at =
    (name: Level) =>
    (message: string, details: Details = {}) => {
      if (!isLeftOut(name)) writer.write(forTerminal(JSON.stringify({ at: now(), level: name, message, ...details })));
    };
  // Put together by hand: there is one for each request, and JSON.stringify takes as long as answering it from memory.
  const headOf = (stamp: string) => `{"at":"${stamp}","level":"info","message":"request","id":"`;
  const tailOf = ({ method, path, status, millis, user }: Omit<RequestLine, "id">) =>
    `","method":"${method}","path":${JSON.stringify(path)},"status":${status},"ms":${shown(millis)}` +
    `${user === undefined ? "" : `,"user":${JSON.stringify(user)}`}}`;
  const request = (line: RequestLine) => writer.write(headOf(now()) + line.id + tailOf(line));
  // There may be a hundred in a millisecond, and a text for each would take a tenth of the time in which such a request is
  // answered. So of those that took no time only the number is kept, and the lines of one moment are put together when they
  // are written.
  const frequent = ({ ids, method, path }: FrequentRequests) => {
    const lastOf = new Map<number, { readonly stamp: string; readonly numbers: number[] }>();
    return (status: number, millis: number) => {
      if (shown(millis) > 0) return request({ id: ids.prefix + ids.next(), method, path, status, millis });
      const stamp = now();
      const last = lastOf.get(status);
      if (last?.stamp === stamp) {
        last.numbers.push(ids.next());
        return writer.lengthen();
      }
      const numbers = [ids.next()];
      lastOf.set(status, { stamp, numbers });
      writer.write(() => {
        lastOf.delete(status);
        const [head, tail] = [headOf(stamp) + ids.prefix, tailOf({ method, path, status, millis })];
        return head + numbers.join(`${tail}\n${head}`) + tail;
      });
    };
  };
  const leaveOut = () => {};
  return {
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    request: isLeftOut("info") ? leaveOut : request,
    frequent: isLeftOut("info") ? () => leaveOut : frequent,
  };
}

/** Milliseconds as they are told. */
const shown = (millis: number): number => Math.round(millis * 10) / 10;

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
/** How many lines wait at most: a pipe takes some 64 KiB at once, and what it doesn't take is lost when the process ends. */
const mostWaiting = 256;

/** How much waits for a reader that is slower than the log: minutes of a busy service. */
const mostWaitingCharacters = 4 * 1024 * 1024;

/**
 * Writes to standard error, several lines at once, and what is left when the process ends. The service goes on without its
 * log: lines are dropped when their reader has gone away, and when it takes too long to read; their number is logged then.
 */
export function createWriter(clock: Clock): Writer {
  const waiting: Entry[] = [];
  let lines = 0;
  let isDue = false;
  let written = Promise.resolve();
  let unread = 0;
  let dropped = 0;

  // Without a listener the process would end when its reader is gone (EPIPE).
  process.stderr.on("error", () => {});

  const droppedLine = (lines: number) => {
    const at = new Date(clock()).toISOString();
    return JSON.stringify({ at, level: "warn", message: "log lines dropped: their reader is too slow", lines });
  };
  const flush = () => {
    if (unread > mostWaitingCharacters) {
      dropped += lines;
      waiting.length = lines = 0;
      return written;
    }
    let text = "";
    for (const entry of waiting) text += `${textOf(entry)}\n`;
    if (text && dropped > 0) text = `${droppedLine(dropped)}\n${text}`;
    waiting.length = lines = 0;
    if (!text) return written;
    dropped = 0;
    unread += text.length;
    written = new Promise((resolve) =>
      process.stderr.write(text, () => {
        unread -= text.length;
        resolve();
      }),
    );
    return written;
  };
  const lengthen = () => {
    lines += 1;
    if (lines === mostWaiting) flush();
    else if (!isDue) {
      isDue = true;
      setTimeout(() => {
        isDue = false;
        flush();
      }, waitMillis);
    }
  };
  process.on("exit", flush);
  return {
    write(entry) {
      waiting.push(entry);
      lengthen();
    },
    lengthen,
    flush,
  };
}
