/** Event streams: polls for changes once for all of them, and sends each the newest version and heartbeats. */

import type { Clock } from "../time/instant.ts";
import type { RequestContext } from "./request-context.ts";
import { createNetworks, createStreamPlaces, type NetworkSettings } from "./stream-places.ts";

interface WatchServices extends NetworkSettings {
  readonly downtimes: { version(): Promise<number> };
  /** A monotonic clock: heartbeats must not pause when the time of day is set back. */
  readonly steadyClock: Clock;
  /** Dispatches an event `commit` after each transaction of this process. Other processes' changes are polled. */
  readonly commits: EventTarget;
  readonly stopping?: AbortSignal;
}

/** The source of a stream's events. */
export interface Listener {
  /**
   * Waits for a new version or a heartbeat, and returns the newest version; undefined at the end. Versions that arrive
   * between two calls are merged.
   */
  next(): Promise<number | undefined>;
  leave(): void;
}

export type Watch = ReturnType<typeof createWatch>;

/** How often other processes' changes are polled. */
const pollMillis = 1000;
/** The delay after a commit of this process, which merges several commits. */
const commitMillis = 10;
/** Proxies often close idle connections after 30 s. */
const heartbeatMillis = 15_000;

export function createWatch({ downtimes, steadyClock, commits, stopping, ...settings }: WatchServices) {
  const places = createStreamPlaces();
  const networkFrom = createNetworks(settings);
  const listeners = new Set<Listener & { wake(): void }>();
  const keepers: ((version: number) => void)[] = [];
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
      for (const keep of keepers) keep(version);
      if (version !== sent.version || steadyClock() - sent.at >= heartbeatMillis) {
        sent = { version, at: steadyClock() };
        for (const listener of listeners) listener.wake();
      }
    }
    isLooking = false;
    schedule();
  };

  const schedule = () => {
    clearTimeout(timer);
    timer = undefined;
    if (isLooking || isClosed || listeners.size + keepers.length === 0) return;
    timer = setTimeout(look, hasCommitted ? commitMillis : pollMillis);
    // Doesn't keep the process alive.
    timer.unref();
  };

  commits.addEventListener("commit", () => {
    if (hasCommitted) return;
    hasCommitted = true;
    schedule();
  });

  const end = () => {
    for (const listener of listeners) listener.leave();
  };
  stopping?.addEventListener("abort", end);

  /** Starts to receive versions. Call it before reading the current state, so that no change is missed. */
  const listen = (): Listener => {
    let news = Promise.withResolvers<void>();
    const listener = {
      wake: () => news.resolve(),
      async next() {
        if (listeners.has(listener)) await news.promise;
        news = Promise.withResolvers();
        return listeners.has(listener) ? sent.version : undefined;
      },
      leave() {
        listeners.delete(listener);
        news.resolve();
      },
    };
    if (!stopping?.aborted) listeners.add(listener);
    if (!timer) schedule();
    return listener;
  };

  return {
    count: () => listeners.size,

    version: () => sent.version,

    /** Calls `keep` with the version after each poll, changed or not. */
    keep(keep: (version: number) => void): void {
      keepers.push(keep);
      hasCommitted = true;
      schedule();
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
      context: RequestContext,
      pieces: (listener: Listener) => AsyncGenerator<Uint8Array>,
      headers: Readonly<Record<string, string>> = {},
    ): Response {
      const release = places.take(networkFrom(context));
      const listener = listen();
      const end = () => {
        listener.leave();
        release();
      };
      const iterator = pieces(listener);
      const body = new ReadableStream<Uint8Array>({
        async pull(stream) {
          // If the database can't be read, ends the stream; the client reconnects.
          const next = await iterator.next().catch(() => undefined);
          if (next?.value) return stream.enqueue(next.value);
          end();
          stream.close();
        },
        cancel: end,
      });
      return new Response(body, { headers: { ...streamHeaders, ...headers } });
    },
  };
}

export const streamHeaders = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
};
