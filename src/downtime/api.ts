/** `/api/`: the downtimes as JSON. Schedulers depend on its responses, which must not change. */

import { LRUCache } from "lru-cache";
import type { Auth } from "../auth/authenticate.ts";
import { authorOf } from "../auth/change-set-store.ts";
import { mayChange, mayDelete } from "../auth/user.ts";
import { readBody } from "../http/body.ts";
import { json, jsonListOf, pageLinksOf, readableByAll } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { pathOf, publicUrlOf } from "../http/path.ts";
import {
  addressOf,
  checkIfMatch,
  createRoutes,
  etagOf,
  idOf,
  type Log,
  type RequestContext,
  requestIdOf,
} from "../http/request-context.ts";
import { sendAnswer, sendPieces } from "../http/send.ts";
import { atMost } from "../input/lru-limit.ts";
import { Forbidden } from "../input/problem.ts";
import { type Clock, dayMillis } from "../time/instant.ts";
import { checkChange, checkDraft } from "./downtime.ts";
import type { Listing } from "./filter.ts";
import type { CachedList, ListCache } from "./list-cache.ts";
import { listHeaders } from "./list-query.ts";
import { downtimeOperations } from "./openapi.ts";
import type { Snapshot } from "./snapshot-store.ts";
import type { CoreServices } from "./store.ts";

export interface DowntimeServices extends CoreServices {
  readonly auth: Auth;
  readonly answers: ListCache;
  readonly logTruncation: TruncationLog;
}

export function downtimeRoutes(services: DowntimeServices) {
  const { auth, downtimes, configdb, clock, answers, logTruncation } = services;
  const list = async (context: RequestContext) => {
    // Hot path: finding out the address of an anonymous client takes as long as sending a cached list.
    if (!auth.isNobody(context.request)) await auth.identify(context.request);
    const url = publicUrlOf(context.request);
    const answer = await answers.of(url);
    if (!("listing" in answer)) {
      if (answer.cut) logTruncation(...clientOf(context), answer.cut);
      return sendAnswer(answer, context.request, "later");
    }
    const { listing, count } = answer;
    const links = pageLinksOf(url, listing, count);
    if (links.next !== null) logTruncation(...clientOf(context), { rows: listing.limit, count });
    return sendPieces(context.request, jsonListOf(count, links, downtimes.streamPart(listing)), {
      "content-type": "application/json;charset=utf-8",
      ...readableByAll,
      ...listHeaders(url, listing, links.next),
    });
  };

  const create = async (context: RequestContext) => {
    const user = await auth.requireWriter(context.request);
    const draft = checkDraft(await readBody(context.request), configdb.get());
    return Response.json(await downtimes.add(draft, authorOf(user, clock())), { status: 201 });
  };

  const show = async (context: RequestContext) => {
    await auth.identify(context.request);
    const { downtime, version } = await downtimes.getStored(idOf(context));
    return json(downtime, { etag: etagOf(version) });
  };

  /** Checks the user's permissions, and `If-Match`, so that no client overwrites a version it hasn't read. */
  const allow = (isAllowed: boolean, request: Request, version: number) => {
    if (!isAllowed) throw new Forbidden();
    checkIfMatch(request, version);
  };

  const change = async (context: RequestContext) => {
    const user = await auth.requireWriter(context.request);
    const body = await readBody(context.request);
    const { downtime, version } = await downtimes.change(idOf(context), authorOf(user, clock()), (stored) => {
      allow(mayChange(user, auth.writeAccess, stored.createdBy), context.request, stored.version);
      return checkChange(stored.downtime, body, configdb.get);
    });
    return Response.json(downtime, { headers: { etag: etagOf(version) } });
  };

  const remove = async (context: RequestContext) => {
    const user = await auth.requireWriter(context.request);
    await downtimes.remove(idOf(context), authorOf(user, clock()), ({ createdBy, downtime, version }) =>
      allow(mayDelete(user, auth.writeAccess, createdBy, downtime.reason), context.request, version),
    );
    return new Response(null, { status: 204 });
  };

  const of = downtimeOperations;
  // Elysia's own HEAD would read the whole list to find its length.
  const all = { GET: [list, of.list], POST: [create, of.create], HEAD: [list] } as const;
  const one = { GET: [show, of.show], PATCH: [change, of.change], DELETE: [remove, of.remove] } as const;
  return createRoutes("downtimes")
    .use(resource("/api/", "Downtimes", auth, all))
    .use(resource("/api/:id/", "Downtime", auth, one));
}

const clientOf = (context: RequestContext) =>
  [addressOf(context.request), context.request.headers.get("user-agent")] as const;

/**
 * Fast path: answers anonymous requests for a cached list before routing, which halves the time. Schedulers send such
 * requests all day.
 */
export function createReadyList({ auth, answers, logTruncation }: DowntimeServices) {
  return (request: Request, address: () => string): Response | undefined => {
    const answer = answers.cached(request.url);
    if (!answer || request.method !== "GET" || !auth.isNobody(request)) return undefined;
    answers.lookups.hit++;
    if (answer.cut) logTruncation(address(), request.headers.get("user-agent"), answer.cut);
    return sendAnswer(answer, request, "at once");
  };
}

interface StaleListServices extends Pick<DowntimeServices, "downtimes" | "answers"> {
  readonly snapshot: Snapshot;
  readonly log: Pick<Log, "warn">;
}

/** Serves lists from the snapshot while the database can't be read, because a scheduler treats an error as "no downtimes". */
export function createStaleLists({ snapshot, downtimes, answers, log }: StaleListServices) {
  let failed: Listing | undefined;

  return {
    /** Returns the list from the snapshot if it has the requested one; otherwise the failure. @throws Invalid */
    instead(request: Request, failure: Response): Response {
      const { method, url } = request;
      if (failure.status < 500 || (method !== "GET" && method !== "HEAD") || pathOf(url) !== "/api/") return failure;
      const listing = answers.listingOf(url);
      const page = snapshot.list(listing);
      if (!page) return failure;
      failed = listing;
      const { count, results, ageSeconds } = page;
      const links = pageLinksOf(publicUrlOf(request), listing, count);
      log.warn("stale list sent", { id: requestIdOf(request), age_seconds: ageSeconds, rows: results.length });
      return json(
        { count, ...links, results },
        {
          "cache-control": "no-store",
          warning: '110 - "Response is Stale"',
          age: String(ageSeconds),
          ...listHeaders(url, listing, links.next),
        },
      );
    },

    /** Retries the last failed query. @throws while it still fails */
    async check(): Promise<void> {
      if (!failed) return;
      await downtimes.listKeys(failed);
      failed = undefined;
    },
  };
}

export type TruncationLog = ReturnType<typeof createTruncationLog>;

/** Logs a truncated list, at most once a day per client. */
export function createTruncationLog(clock: Clock, warn: (message: string, details: Record<string, unknown>) => void) {
  const logged = new LRUCache<string, true>({
    ...atMost(10_000),
    ttl: dayMillis,
    ttlResolution: 0,
    perf: { now: clock },
  });
  return (address: string, program: string | null, { rows, count }: NonNullable<CachedList["cut"]>): void => {
    const client = `${address} ${program}`;
    if (logged.has(client)) return;
    logged.set(client, true);
    warn("a client got a part of a list; it may not know that there is more", { address, program, rows, count });
  };
}
