/** The watch: looks for changes once for all streams, and tells each that there may be news, or at least that it lives. */

import type { Clock } from "../time/instant.ts";
import { createNetworks, type NetworkSettings } from "./network.ts";
import type { RequestContext } from "./request-context.ts";
import { createStreamPlaces } from "./stream-places.ts";

export interface WatchServices extends NetworkSettings {
  readonly downtimes: { version(): Promise<number> };
  /** Never goes back: heartbeats must not stop for as long as the time of day was set back. */
  readonly steadyClock: Clock;
  /** Tells with an event `commit` that this process has written. Other processes' changes are looked for. */
  readonly commits: EventTarget;
  /** Ends every stream: the service stops. */
  readonly stopping?: AbortSignal;
}

/** One that listens. */
export interface Listener {
  /**
   * The newest change's number, once there is one that wasn't told yet, or after a while without any; undefined when it
   * is over. What comes while nobody asks is told once, by its newest number.
   */
  next(): Promise<number | undefined>;
  /** Ends it. */
  leave(): void;
}

export type Watch = ReturnType<typeof createWatch>;

/** How soon a change of another process is told, and one of our own: many commits are one change. */
const pollMillis = 1000;
const commitMillis = 10;
/** An idle connection is closed somewhere on its way after half a minute. */
const beatMillis = 15_000;

export function createWatch({ downtimes, steadyClock, commits, stopping, ...settings }: WatchServices) {
  const places = createStreamPlaces();
  const networkFrom = createNetworks(settings);
  const listeners = new Set<Listener & { tell(version: number): void }>();
  const keepers: ((version: number) => void)[] = [];
  let told = { version: 0, at: 0 };
  // One timer for all, and none where nobody listens.
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isLooking = false;
  let hasCommitted = false;
  let isClosed = false;

  const look = async () => {
    isLooking = true;
    hasCommitted = false;
    const version = await downtimes.version().catch(() => undefined);
    // Whoever can't be told the truth is told nothing: they see that the stream is broken, and come back.
    if (version === undefined) end();
    else {
      for (const keep of keepers) keep(version);
      if (version !== told.version || steadyClock() - told.at >= beatMillis) {
        told = { version, at: steadyClock() };
        for (const listener of listeners) listener.tell(version);
      }
    }
    isLooking = false;
    plan();
  };

  /** Sets the timer anew. */
  const plan = () => {
    clearTimeout(timer);
    timer = undefined;
    if (isLooking || isClosed || listeners.size + keepers.length === 0) return;
    timer = setTimeout(look, hasCommitted ? commitMillis : pollMillis);
    // A process that has nothing else to do may end.
    timer.unref();
  };

  commits.addEventListener("commit", () => {
    if (hasCommitted) return;
    hasCommitted = true;
    plan();
  });

  const end = () => {
    for (const listener of listeners) listener.leave();
  };
  stopping?.addEventListener("abort", end);

  /** From now on nothing is missed: listen first, then look what there is. */
  const listen = (): Listener => {
    let news: number | undefined;
    let isOver = stopping?.aborted ?? false;
    let wake = () => {};
    const listener = {
      tell(version: number) {
        news = version;
        wake();
      },
      async next() {
        if (news === undefined && !isOver) await new Promise<void>((resolve) => (wake = resolve));
        const version = isOver ? undefined : news;
        news = undefined;
        return version;
      },
      leave() {
        isOver = true;
        listeners.delete(listener);
        wake();
      },
    };
    if (!isOver) listeners.add(listener);
    if (!timer) plan();
    return listener;
  };

  return {
    /** The newest change that was told. */
    version: () => told.version,

    /** From now on calls `keep` with each version that is looked up, whether it is another one or not. */
    keep(keep: (version: number) => void): void {
      keepers.push(keep);
      hasCommitted = true;
      plan();
    },

    /** Looks no more. */
    close(): void {
      isClosed = true;
      plan();
      end();
    },

    /**
     * An answer of server-sent events. The next piece is made when the client has taken the one before.
     * @throws TooManyStreams, Unavailable when too many are open
     */
    stream(
      caller: RequestContext,
      pieces: (listener: Listener) => AsyncGenerator<Uint8Array>,
      headers: Readonly<Record<string, string>> = {},
    ): Response {
      const giveBack = places.take(networkFrom(caller));
      const listener = listen();
      const end = () => {
        listener.leave();
        giveBack();
      };
      const iterator = pieces(listener);
      const body = new ReadableStream<Uint8Array>({
        async pull(stream) {
          // A database that doesn't answer ends the stream: whoever listens comes back, and is told then.
          const { done, value } = await iterator.next().catch(() => over);
          if (!done) return stream.enqueue(value);
          end();
          stream.close();
        },
        cancel: end,
      });
      return new Response(body, { headers: { ...streamHeaders, ...headers } });
    },
  };
}

const over = { done: true, value: undefined } as const;

/** The headers of server-sent events. */
export const streamHeaders = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
};
