/** Staff: who may see and use the pages under `/admin/`, and how these pages read forms and send people on. */

import type { Auth } from "../../../auth/authenticate.ts";
import { type Clock, type Instant, toInstant } from "../../../domain/instant.ts";
import { Forbidden, Problem, UnsupportedMediaType } from "../../../domain/problem.ts";
import { mayChange, mayCreate, mayDelete, type User } from "../../../domain/user.ts";
import type { Configdb } from "../../../remote/configdb.ts";
import { type Author, authorOf, type ChangeSets } from "../../../store/change-sets.ts";
import type { Downtimes } from "../../../store/downtimes.ts";
import type { SeriesStore } from "../../../store/series.ts";
import type { StoredSeries } from "../../../store/series-rows.ts";
import type { Frame } from "../../../views/layout.tsx";
import { readText } from "../../api/body.ts";
import { addressOf, type Caller } from "../../caller.ts";
import type { FrameOf } from "../frame.ts";
import { landingOf } from "./landing.ts";

export interface AdminParts {
  readonly auth: Auth;
  readonly downtimes: Downtimes;
  readonly series: SeriesStore;
  readonly changeSets: ChangeSets;
  readonly configdb: Configdb;
  readonly clock: Clock;
  readonly frameOf: FrameOf;
}

/** Somebody who may write, on one of these pages. */
export interface Visit {
  readonly caller: Caller;
  readonly frame: Frame;
  readonly user: User;
  readonly csrf: string;
  readonly now: Instant;
  readonly query: URLSearchParams;
  /** What was sent; without a field where nothing was. */
  readonly form: URLSearchParams;
  /** Who writes what the form says. */
  readonly author: Author;
}

type Show = (visit: Visit) => Promise<Response>;

/** A page for those who may write; whoever hasn't signed in does so first, and comes back. */
export const page =
  ({ auth, frameOf, clock }: AdminParts, show: Show) =>
  async (caller: Caller): Promise<Response> => {
    const frame = await frameOf(caller);
    const { user, csrf = "" } = frame.visitor;
    if (!user) return toSignIn(caller.request, frame.path);
    if (!mayCreate(user, auth.writeAccess))
      throw new Forbidden("Only staff change downtimes. Ask whoever runs this service.");
    const query = new URL(caller.request.url).searchParams;
    const at = clock();
    const author = authorOf(user, at);
    return show({ caller, frame, user, csrf, now: toInstant(at), query, form: new URLSearchParams(), author });
  };

/**
 * What a form of these pages does: it must have come from one of them. Sent twice, as by a double click, it does it once,
 * and both lead to the same page.
 */
export const action = (parts: AdminParts, act: Show) => async (caller: Caller) => {
  const form = await readForm(caller.request);
  return page(parts, async (visit) => {
    await parts.auth.requireWriter(caller.request, addressOf(caller), { csrf: form.get("csrf") });
    const onceKey = onceKeyOf(visit, form);
    const author = { ...visit.author, ...(onceKey !== undefined && { onceKey }) };
    const answer = await act({ ...visit, form, author }).catch(tolerating(Problem));
    if (answer instanceof Response && answer.status < 400) return answer;
    // The second click finds that the first has changed something; what it finds wrong must not be the answer.
    const written = onceKey === undefined ? undefined : await parts.changeSets.findWritten(onceKey);
    if (written) return sendOn(caller.request, landingOf(written, form));
    if (answer instanceof Problem) throw answer;
    return answer;
  })(caller);
};

/**
 * Identifies a form that is sent: the same user, form, button and input. A form that the browser brings back and that is
 * sent again with something else in it is another one.
 */
function onceKeyOf({ user, frame }: Visit, form: URLSearchParams): string | undefined {
  if (!form.get("once")) return undefined;
  const text = JSON.stringify([user.name, frame.path, form.toString()]);
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}

/** @throws Forbidden when the user may not change a downtime that somebody else made */
export const checkMayChange = ({ auth }: AdminParts, user: User, createdBy: string | null): void => {
  if (!mayChange(user, auth.writeAccess, createdBy)) throw new Forbidden("Only staff change what others have made.");
};

/** @throws Forbidden when the user may not delete or restore the downtime */
export const checkMayDelete = ({ auth }: AdminParts, user: User, createdBy: string | null, reason: string): void => {
  if (!mayDelete(user, auth.writeAccess, createdBy, reason))
    throw new Forbidden("Only staff delete what others have created.");
};

/** A form's fields. Browsers send a line break of a text as two characters; here it is one. */
async function readForm(request: Request): Promise<URLSearchParams> {
  const mediaType = request.headers.get("content-type") ?? "";
  if (!mediaType.startsWith("application/x-www-form-urlencoded")) throw new UnsupportedMediaType(mediaType);
  const fields = new URLSearchParams(await readText(request));
  return new URLSearchParams([...fields].map(([name, value]) => [name, value.replaceAll("\r\n", "\n")]));
}

/** Whether a part of a page asks, rather than the browser. */
export const asksForPart = (request: Request): boolean => request.headers.get("hx-request") === "true";

/** Sends the browser on to a page of ours. */
export function sendOn(request: Request, location: string): Response {
  const headers = { "cache-control": "no-store" };
  if (asksForPart(request))
    return new Response(null, { status: 200, headers: { ...headers, "hx-redirect": location } });
  return new Response(null, { status: 303, headers: { ...headers, location } });
}

/** To the sign-in and back to the same page, or to the list after a form that is no page of its own. */
function toSignIn(request: Request, path: string): Response {
  // Somebody who is typing must not lose it.
  if (path.endsWith("/preview")) return new Response(null, { status: 204 });
  const isPage = request.method === "GET" || /\/(new|change)$/.test(path);
  return sendOn(request, `/admin/sign-in?next=${encodeURIComponent(isPage ? path : "/admin/downtimes")}`);
}

/** For `catch`: hands back a problem of a kind that a form tells in its own place; every other one goes on. */
export const tolerating =
  <Told extends Problem>(kind: new (...parts: never[]) => Told) =>
  (problem: unknown): Told => {
    if (problem instanceof kind) return problem;
    throw problem;
  };

/** The ids that a form or a query names; what can't be one is left out. */
export const idsOf = (texts: readonly string[]): number[] =>
  [...new Set(texts.filter((text) => /^\d+$/.test(text)).map(Number))].filter(Number.isSafeInteger).slice(0, 1000);

/** Where a part of a list begins. */
export const offsetOf = (query: URLSearchParams): number =>
  /^\d{1,9}$/.test(query.get("offset") ?? "") ? Number(query.get("offset")) : 0;

/** The series, unless there is none or no longer. */
export async function findSeries({ series }: AdminParts, id: number): Promise<StoredSeries | undefined> {
  const last = (await series.history(id)).at(-1);
  return last && last.action !== "delete" ? series.get(id) : undefined;
}
