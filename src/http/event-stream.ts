/** Event streams: polls for changes once for all of them, and sends each the newest version and heartbeats. */

import type { Clock } from "../time/instant.ts";
import { createNetworks, createStreamPlaces, eventStreams } from "./stream-places.ts";

type WatchServices = Parameters<typeof createNetworks>[0] & {
  readonly downtimes: { version(): Promise<number> };
  /** A monotonic clock: heartbeats must not pause when the time of day is set back. */
  readonly steadyClock: Clock;
  /** Dispatches an event `commit` after each transaction of this process. Other processes' changes are polled. */
  readonly commits: EventTarget;
  readonly stopping?: AbortSignal;
};

/**
 * Waits for a new version or a heartbeat, and returns the newest version; undefined at the end. Versions that arrive between
 * two calls are merged.
 */
export type NextVersion = () => Promise<number | undefined>;

export type Watch = ReturnType<typeof createWatch>;

/** How often other processes' changes are polled. */
const pollMillis = 1000;
/** The delay after a commit of this process, which merges several commits. */
const commitMillis = 10;
/** Proxies often close idle connections after 30 s. */
const heartbeatMillis = 15_000;

export const streamHeaders = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
};

export function createWatch({ downtimes, steadyClock, commits, stopping, ...settings }: WatchServices) {
  const takePlace = createStreamPlaces(eventStreams);
  const networkOf = createNetworks(settings);
  /** For each stream, the function that wakes it. */
  const streams = new Set<() => void>();
  let keep: ((version: number) => void) | undefined;
  let sent = { version: 0, at: 0 };
  // One timer for all streams, and none without streams.
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isLooking = false;
  let hasCommitted = false;
  let isClosed = false;

  const look = async () => {
    isLooking = true;
    hasCommitted = false;
    const version = await downtimes.version().catch(() => undefined);
    // If the version is unknown, ends all streams: clients then show that the connection is lost, and reconnect.
    if (version === undefined) end();
    else {
      keep?.(version);
      if (version !== sent.version || steadyClock() - sent.at >= heartbeatMillis) {
        sent = { version, at: steadyClock() };
        for (const wake of streams) wake();
      }
    }
    isLooking = false;
    schedule();
  };

  const schedule = () => {
    clearTimeout(timer);
    timer = undefined;
    if (isLooking || isClosed || (streams.size === 0 && !keep)) return;
    // Doesn't keep the process alive.
    timer = setTimeout(look, hasCommitted ? commitMillis : pollMillis).unref();
  };

  const lookSoon = () => {
    if (hasCommitted) return;
    hasCommitted = true;
    schedule();
  };
  commits.addEventListener("commit", lookSoon);

  const end = () => {
    const ended = [...streams];
    streams.clear();
    for (const wake of ended) wake();
  };
  stopping?.addEventListener("abort", end);

  return {
    count: () => streams.size,

    version: () => sent.version,

    /** Calls a function with the version after each poll, changed or not. */
    keep(work: (version: number) => void): void {
      keep = work;
      lookSoon();
    },

    /** Stops polling, and ends all streams. */
    close(): void {
      isClosed = true;
      schedule();
      end();
    },

    /**
     * Responds with server-sent events. A piece is generated only after the client has received the one before.
     * @throws TooManyStreams, Overloaded if too many are open
     */
    stream(
      request: Request,
      pieces: (next: NextVersion) => AsyncGenerator<Uint8Array>,
      headers: Readonly<Record<string, string>> = {},
    ): Response {
      const release = takePlace(networkOf(request));
      let news = Promise.withResolvers<void>();
      const wake = () => news.resolve();
      // Before the first piece reads the current state, so that no change is missed.
      if (!stopping?.aborted) streams.add(wake);
      if (!timer) schedule();
      const iterator = pieces(async () => {
        if (streams.has(wake)) await news.promise;
        news = Promise.withResolvers();
        return streams.has(wake) ? sent.version : undefined;
      });
      const leave = () => {
        streams.delete(wake);
        wake();
        release();
      };
      const body = new ReadableStream<Uint8Array>({
        async pull(stream) {
          // If the database can't be read, ends the stream; the client reconnects.
          const next = await iterator.next().catch(() => undefined);
          if (next?.value) return stream.enqueue(next.value);
          leave();
          stream.close();
        },
        cancel: leave,
      });
      return new Response(body, { headers: { ...streamHeaders, ...headers } });
    },
  };
}
