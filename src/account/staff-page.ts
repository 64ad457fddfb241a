/** Staff: who may see and use the pages under `/admin/`, and how these pages read forms and send people on. */

import type { Auth } from "../auth/authenticate.ts";
import { type Author, authorOf, type ChangeSets } from "../auth/change-set-store.ts";
import { mayChange, mayCreate, mayDelete, mayRestore, type User } from "../auth/user.ts";
import type { Configdb } from "../facility/configdb.ts";
import type { RequestContext } from "../http/request-context.ts";
import { Forbidden, type Problem } from "../input/problem.ts";
import { checkTexts } from "../input/text.ts";
import { type Clock, type Instant, toInstant } from "../time/instant.ts";
import type { PageContext } from "../ui/layout.tsx";
import type { GetPageContext } from "../ui/page-context.ts";

export interface StaffPageServices {
  readonly auth: Auth;
  readonly changeSets: ChangeSets;
  readonly configdb: Configdb;
  readonly clock: Clock;
  readonly frameOf: GetPageContext;
}

/** Somebody who may write, on one of these pages. */
export interface Visit {
  readonly caller: RequestContext;
  readonly frame: PageContext;
  readonly user: User;
  readonly csrf: string;
  readonly now: Instant;
  readonly query: URLSearchParams;
  /** What was sent; without a field where nothing was. */
  readonly form: URLSearchParams;
  /** Who writes what the form says. */
  readonly author: Author;
}

export type Show = (visit: Visit) => Promise<Response>;

/** A page for those who may write; whoever hasn't signed in does so first, and comes back. */
export const page =
  (parts: StaffPageServices, show: Show) =>
  async (caller: RequestContext): Promise<Response> => {
    const frame = await parts.frameOf(caller);
    if (!frame.visitor.user) return sendOn(caller.request, `/admin/sign-in?next=${encodeURIComponent(frame.path)}`);
    return show(visitOf(parts, caller, frame));
  };

/** @throws Forbidden when the user may not write */
export function visitOf(
  { auth, clock }: StaffPageServices,
  caller: RequestContext,
  frame: PageContext,
  form: URLSearchParams = new URLSearchParams(),
): Visit {
  const { user, csrf = "" } = frame.visitor;
  if (!user || !mayCreate(user, auth.writeAccess))
    throw new Forbidden("You need staff access to edit downtimes. Contact your administrator.");
  const query = new URL(caller.request.url).searchParams;
  checkTexts(query.values());
  const at = clock();
  return { caller, frame, user, csrf, now: toInstant(at), query, form, author: authorOf(user, at) };
}

/** @throws Forbidden when the user may not change a downtime that somebody else made */
export const checkMayChange = ({ auth }: StaffPageServices, user: User, createdBy: string | null): void => {
  if (!mayChange(user, auth.writeAccess, createdBy)) throw new Forbidden("Only staff change what others have made.");
};

/** @throws Forbidden when the user may not delete the downtime */
export const checkMayDelete = (
  { auth }: StaffPageServices,
  user: User,
  createdBy: string | null,
  reason: string,
): void => {
  if (!mayDelete(user, auth.writeAccess, createdBy, reason))
    throw new Forbidden("Only staff delete what others have created.");
};

/** @throws Forbidden when the user may not restore the downtime */
export const checkMayRestore = (
  { auth }: StaffPageServices,
  user: User,
  ...deleted: [createdBy: string | null, reason: string, deletedBy: string]
): void => {
  if (!mayRestore(user, auth.writeAccess, ...deleted))
    throw new Forbidden("Only staff restore what others have deleted.");
};

/** Whether a part of a page asks, rather than the browser. */
export const asksForPart = (request: Request): boolean => request.headers.get("hx-request") === "true";

/** Sends the browser on to a page of ours. */
export function sendOn(request: Request, location: string): Response {
  const headers = { "cache-control": "no-store" };
  if (asksForPart(request))
    return new Response(null, { status: 200, headers: { ...headers, "hx-redirect": location } });
  return new Response(null, { status: 303, headers: { ...headers, location } });
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
