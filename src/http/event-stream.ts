/** Event streams: polls for changes once for all of them, and sends each the newest version and heartbeats. Limits streams. */

import { networkOf } from "../input/address.ts";
import { Overloaded, TooManyStreams } from "../input/problem.ts";
import type { Clock } from "../time/instant.ts";
import { addressOf, type Log } from "./request-context.ts";

type WatchServices = Parameters<typeof createNetworks>[0] & {
  readonly downtimes: { version(): Promise<number> };
  /** A monotonic clock: heartbeats must not pause when the time of day is set back. */
  readonly steadyClock: Clock;
  /** Dispatches an event `commit` after each transaction of this process. Other processes' changes are polled. */
  readonly commits: EventTarget;
  readonly stopping?: AbortSignal;
};

/** Waits for a new version or a heartbeat, and returns the newest version, which merges others; undefined at the end. */
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

// Kinds of streams: their names in the plural, and their limits.

/** Each has a connection and gets each change. A browser opens one for all windows; many people may share an address. */
export const eventStreams = { noun: "event streams", inAll: 1000, ofOneNetwork: 64 };
/** Each may hold a database connection while its client reads. */
export const longAnswers = { noun: "long responses", inAll: 16, ofOneNetwork: 4 };

/** @returns takes a slot, and returns how to release it. Without a known network, only the total limit applies. */
export function createStreamPlaces({ noun, inAll, ofOneNetwork }: typeof eventStreams) {
  const open = new Set<{ readonly network: string | undefined }>();
  return (network: string | undefined): (() => void) => {
    if (network !== undefined && [...open].filter((one) => one.network === network).length >= ofOneNetwork)
      throw new TooManyStreams(noun, ofOneNetwork);
    if (open.size >= inAll) throw new Overloaded(`Too many ${noun} are open. Try again later.`, 30);
    const place = { network };
    open.add(place);
    return () => void open.delete(place);
  };
}

/** Behind an untrusted proxy, all clients have its address: then their networks are unknown. */
export function createNetworks({ trustProxy, log }: { readonly trustProxy: boolean; readonly log: Pick<Log, "warn"> }) {
  let hasWarned = false;
  return (request: Request): string | undefined => {
    if (trustProxy || !request.headers.has("x-forwarded-for")) return networkOf(addressOf(request));
    if (!hasWarned)
      log.warn("X-Forwarded-For ignored: set TRUST_PROXY=true behind a proxy to apply limits to each client");
    hasWarned = true;
    return undefined;
  };
}
