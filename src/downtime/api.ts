/** `/api/`: the downtimes as JSON. Schedulers depend on its responses, which must not change. */

import type { Auth } from "../auth/authenticate.ts";
import { authorOf } from "../auth/change-set-store.ts";
import { mayChange, mayDelete } from "../auth/user.ts";
import { readBody } from "../http/body.ts";
import { json, jsonListOf, pageLinksOf, readableByAll, written } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { publicUrlOf } from "../http/path.ts";
import { addressOf, checkIfMatch, createRoutes, etagOf, idOf, type RequestContext } from "../http/request-context.ts";
import { type Moment, sendAnswer, sendPieces } from "../http/send.ts";
import { Forbidden } from "../input/problem.ts";
import { checkChange, checkDraft } from "./downtime.ts";
import type { CachedList, ListCache, StreamedList } from "./list-cache.ts";
import { listHeaders } from "./list-query.ts";
import { downtimeOperations } from "./openapi.ts";
import type { CoreServices } from "./store.ts";
import type { TruncationLog } from "./truncation-log.ts";

export interface DowntimeServices extends CoreServices {
  readonly auth: Auth;
  readonly answers: ListCache;
  readonly cutNotice: TruncationLog;
}

export function downtimeRoutes(parts: DowntimeServices) {
  const { auth, downtimes, answers, configdb, clock } = parts;
  const { sendList } = createListSender(parts);
  const list = async (caller: RequestContext) => {
    // Hot path: finding out the address of an anonymous client takes as long as sending a cached list.
    if (!auth.isNobody(caller.request)) await auth.identify(caller.request, addressOf(caller));
    return sendList(await answers.of(publicUrlOf(caller.request)), caller);
  };

  const create = async (caller: RequestContext) => {
    const user = await auth.requireWriter(caller.request, addressOf(caller));
    const draft = checkDraft(await readBody(caller.request), configdb.get());
    return written(await downtimes.add(draft, authorOf(user, clock())), 201);
  };

  const show = async (caller: RequestContext) => {
    await auth.identify(caller.request, addressOf(caller));
    const { downtime, version } = await downtimes.getStored(idOf(caller));
    return json(downtime, 200, { etag: etagOf(version) });
  };

  /** Checks the user's permissions, and `If-Match`, so that no client overwrites a version it hasn't read. */
  const allow = (isAllowed: boolean, request: Request, version: number) => {
    if (!isAllowed) throw new Forbidden();
    checkIfMatch(request, version);
  };

  const change = async (caller: RequestContext) => {
    const user = await auth.requireWriter(caller.request, addressOf(caller));
    const body = await readBody(caller.request);
    const { downtime, version } = await downtimes.change(idOf(caller), authorOf(user, clock()), (stored) => {
      allow(mayChange(user, auth.writeAccess, stored.createdBy), caller.request, stored.version);
      return checkChange(stored.downtime, body, configdb.get);
    });
    return written(downtime, 200, { etag: etagOf(version) });
  };

  const remove = async (caller: RequestContext) => {
    const user = await auth.requireWriter(caller.request, addressOf(caller));
    await downtimes.remove(idOf(caller), authorOf(user, clock()), ({ createdBy, downtime, version }) =>
      allow(mayDelete(user, auth.writeAccess, createdBy, downtime.reason), caller.request, version),
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

/** Sends a list, and logs if it is truncated. */
function createListSender({ downtimes, cutNotice }: Pick<DowntimeServices, "downtimes" | "cutNotice">) {
  const note = (answer: CachedList | StreamedList, caller: RequestContext) => {
    if (answer.cut) cutNotice(addressOf(caller), caller.request.headers.get("user-agent"), answer.cut);
  };
  const sendFinished = (answer: CachedList, caller: RequestContext, when: Moment): Response => {
    note(answer, caller);
    return sendAnswer(answer, caller.request, when);
  };
  const sendList = async (answer: CachedList | StreamedList, caller: RequestContext): Promise<Response> => {
    if (!("listing" in answer)) return sendFinished(answer, caller, "later");
    note(answer, caller);
    const { listing, count } = answer;
    const links = pageLinksOf(publicUrlOf(caller.request), listing, count);
    return sendPieces(caller.request, jsonListOf(count, links, downtimes.streamPart(listing)), {
      "content-type": "application/json;charset=utf-8",
      ...readableByAll,
      ...listHeaders(caller.request.url, listing, links.next),
    });
  };
  return { sendFinished, sendList };
}

/**
 * Fast path: answers anonymous requests for a cached list before routing, which halves the time. Schedulers send such
 * requests all day.
 * @param server the server that received the request
 */
export function createReadyList(parts: DowntimeServices, server: () => RequestContext["server"]) {
  const { auth, answers } = parts;
  const { sendFinished } = createListSender(parts);
  return (request: Request, address: string | undefined): Response | undefined => {
    const answer = answers.kept(request.url);
    if (!answer || request.method !== "GET" || !auth.isNobody(request)) return undefined;
    answers.lookups.hit++;
    return sendFinished(answer, { request, server: server(), address }, "at once");
  };
}
