/** `/api/changes/`: every change in order, as pages or as a stream, for mirroring and event-driven clients. */

import type { Auth } from "../auth/authenticate.ts";
import { type NextVersion, streamHeaders, type Watch } from "../http/event-stream.ts";
import { readableByAll } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { createRoutes, type RequestContext } from "../http/request-context.ts";
import { takeTurn } from "../time/event-loop.ts";
import { type ChangeLog, type Changes, type Cursor, readCursor } from "./change-log.ts";
import { readPart } from "./list-query.ts";
import { changeOperations, mostChanges } from "./openapi.ts";

interface ChangeServices {
  readonly auth: Pick<Auth, "identify" | "requireWriter">;
  readonly changeLog: ChangeLog;
  readonly watch: Watch;
}

export function changeRoutes({ auth, changeLog, watch }: ChangeServices) {
  const cursorOf = async (text: string): Promise<Cursor> => (text === "latest" ? changeLog.latest() : readCursor(text));

  const list = async (context: RequestContext) => {
    await auth.identify(context.request);
    const { searchParams } = new URL(context.request.url);
    const { limit } = readPart(searchParams, mostChanges);
    const cursor = await cursorOf(searchParams.get("since")?.trim() ?? "");
    const { changes, next, more } = await changeLog.since(cursor, limit);
    const headers = { ...readableByAll, "cache-control": "no-store" };
    return Response.json({ next, more, results: changes }, { headers });
  };

  const stream = async (context: RequestContext) => {
    await auth.identify(context.request);
    const since = new URL(context.request.url).searchParams.get("since") ?? "";
    // Sent by a reconnecting EventSource; newer than the cursor in the URL.
    const cursor = await cursorOf((context.request.headers.get("last-event-id") || since).trim());
    // Reports a bad cursor before the stream starts.
    await changeLog.since(cursor, 1);
    if (context.request.method === "HEAD")
      return new Response(null, { headers: { ...streamHeaders, ...readableByAll } });
    return watch.stream(context.request, (next) => pieces(next, cursor), readableByAll);
  };

  async function* pieces(nextVersion: NextVersion, from: Cursor) {
    // An ID without data isn't an event, but lets a client that disconnects before the first event resume here.
    yield encoder.encode(`retry: 2000\nid: ${from}\n\n`);
    let cursor = from;
    do {
      for (let more = true; more; ) {
        await takeTurn();
        const page = await changeLog.page(cursor, watch.version());
        yield bytesOf(page);
        ({ next: cursor, more } = page);
      }
    } while ((await nextVersion()) !== undefined);
  }

  const following = { GET: [stream, changeOperations.stream], HEAD: [stream] } as const;
  return createRoutes("changes")
    .use(resource("/api/changes/", "Changes", auth, { GET: [list, changeOperations.list] }))
    .use(resource("/api/changes/stream", "Changes as they happen", auth, following));
}

const encoder = new TextEncoder();
/** Page → its bytes, encoded once for all clients. */
const sent = new WeakMap<Changes, Uint8Array>();

function bytesOf(page: Changes): Uint8Array {
  const events = () => page.changes.map((change) => `id: ${change.cursor}\ndata: ${JSON.stringify(change)}\n\n`);
  // A comment keeps proxies from closing an idle connection.
  const bytes = sent.get(page) ?? encoder.encode(events().join("") || ": nothing new\n\n");
  sent.set(page, bytes);
  return bytes;
}
