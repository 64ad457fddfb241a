/** `/events`: sends the number of the newest change to open pages, as server-sent events. */

import type { Downtimes } from "../downtime/store.ts";
import { type Listener, streamHeaders, type Watch } from "../http/event-stream.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { type Clock, toInstant } from "../time/instant.ts";

interface LiveEventServices {
  readonly downtimes: Pick<Downtimes, "version">;
  readonly clock: Clock;
  readonly watch: Watch;
}

const encoder = new TextEncoder();

export function eventRoutes({ downtimes, clock, watch }: LiveEventServices) {
  /** Yields the newest change with the current time, so that a page can show when it was last up to date. */
  async function* messages(listener: Listener) {
    for (
      let version: number | undefined = await downtimes.version();
      version !== undefined;
      version = await listener.next()
    )
      yield encoder.encode(`id: ${version}\ndata: ${toInstant(clock())}\n\n`);
  }

  const open = async (context: RequestContext) => {
    // Responds with 503 instead of a stream if the database can't be reached.
    await downtimes.version();
    return watch.stream(context, messages);
  };

  return (
    createRoutes("events")
      .get("/events", serving(open))
      // Elysia's own HEAD would wait for the end of the stream to find its length.
      .head("/events", () => new Response(null, { headers: streamHeaders }))
  );
}
