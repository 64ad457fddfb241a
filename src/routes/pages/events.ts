/** `/events`: tells open pages which change is the newest, as server-sent events. */

import { type Clock, toInstant } from "../../domain/instant.ts";
import type { Downtimes } from "../../store/downtimes.ts";
import { createRoutes } from "../caller.ts";

export interface EventParts {
  readonly downtimes: Pick<Downtimes, "version">;
  readonly clock: Clock;
  /** Ends every stream: the service stops. */
  readonly stopping?: AbortSignal;
}

/** How soon a change is told, whichever process made it. */
const pollMillis = 1000;
/** An idle connection is closed somewhere on its way after half a minute. */
const beatMillis = 15_000;

const headers = { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" };

type Stream = ReadableStreamDefaultController<Uint8Array>;

export function eventRoutes({ downtimes, clock, stopping }: EventParts) {
  const encoder = new TextEncoder();
  const streams = new Set<Stream>();
  // One timer for all streams, and none where nobody listens.
  let isPolling = false;
  let told = { version: 0, at: 0 };

  /** The newest change and the time, so that a page can say until when it was up to date. */
  const message = (version: number) => encoder.encode(`id: ${version}\ndata: ${toInstant(clock())}\n\n`);

  const poll = async () => {
    const version = await downtimes.version().catch(() => undefined);
    // Whoever can't be told the truth is told nothing: the pages see that the stream is broken, and come back.
    if (version === undefined) end();
    else if (version !== told.version || clock() - told.at >= beatMillis) {
      told = { version, at: clock() };
      for (const stream of streams) stream.enqueue(message(version));
    }
    isPolling = streams.size > 0;
    if (isPolling) setTimeout(poll, pollMillis);
  };

  const end = () => {
    for (const stream of streams) stream.close();
    streams.clear();
  };
  stopping?.addEventListener("abort", end);

  const open = async () => {
    const version = await downtimes.version();
    let mine: Stream | undefined;
    const body = new ReadableStream<Uint8Array>({
      start(stream) {
        mine = stream;
        streams.add(stream);
        stream.enqueue(message(version));
        if (!isPolling) setTimeout(poll, pollMillis);
        isPolling = true;
      },
      cancel() {
        if (mine) streams.delete(mine);
      },
    });
    return new Response(body, { headers });
  };

  return (
    createRoutes("events")
      .get("/events", () => open(), { detail: { hide: true } })
      // Left to itself Elysia would wait for the stream's end to know its length.
      .head("/events", () => new Response(null, { headers }), { detail: { hide: true } })
  );
}
