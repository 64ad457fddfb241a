/** `/events`: tells open pages which change is the newest, as server-sent events. */

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
  /** The newest change and the time, so that a page can say until when it was up to date. */
  async function* messages(listener: Listener) {
    for (
      let version: number | undefined = await downtimes.version();
      version !== undefined;
      version = await listener.next()
    )
      yield encoder.encode(`id: ${version}\ndata: ${toInstant(clock())}\n\n`);
  }

  const open = async (caller: RequestContext) => {
    // While the database doesn't answer, that is the answer.
    await downtimes.version();
    return watch.stream(caller, messages);
  };

  return (
    createRoutes("events")
      .get("/events", serving(open))
      // Left to itself Elysia would wait for the stream's end to know its length.
      .head("/events", () => new Response(null, { headers: streamHeaders }))
  );
}
