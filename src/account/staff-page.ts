/** What the pages under `/admin/` share: access, permissions and redirects. */

import type { Auth } from "../auth/authenticate.ts";
import { type Author, authorOf, type ChangeSets } from "../auth/change-set-store.ts";
import { type Audience, isIn, mayChange, mayDelete, mayRestore, type User, type WriteAccess } from "../auth/user.ts";
import type { Configdb } from "../facility/configdb.ts";
import { idOf, type RequestContext, serving } from "../http/request-context.ts";
import { Forbidden } from "../input/problem.ts";
import { checkTexts } from "../input/text.ts";
import { type Clock, type Instant, toInstant } from "../time/instant.ts";
import type { GetPageContext, PageContext } from "../ui/page-context.ts";

export interface StaffPageServices {
  readonly auth: Auth;
  /** By default, writers. */
  readonly audience?: Audience;
  readonly changeSets: ChangeSets;
  readonly configdb: Configdb;
  readonly clock: Clock;
  readonly getPageContext: GetPageContext;
}

/** A request of a user who may use the page. */
export interface Visit {
  readonly context: RequestContext;
  readonly pageContext: PageContext;
  readonly user: User;
  readonly csrf: string;
  readonly now: Instant;
  readonly query: URLSearchParams;
  /** The submitted form; empty for a GET. */
  readonly form: URLSearchParams;
  readonly author: Author;
}

export type Show = (visit: Visit) => Promise<Response>;

/** Creates the handler of a page for users. Visitors sign in first, and come back. */
export const page = (services: StaffPageServices, show: Show) =>
  serving(async (context) => {
    const pageContext = await services.getPageContext(context);
    if (!pageContext.visitor.user)
      return sendOn(context.request, `/admin/sign-in?next=${encodeURIComponent(pageContext.path)}`);
    return show(visitOf(services, context, pageContext));
  });

/** Passes the id in the path to a page or an action. */
export const withId =
  <Result>(show: (visit: Visit, id: number) => Result) =>
  (visit: Visit) =>
    show(visit, idOf(visit.context));

/** Returns the error for users outside a page's audience. */
export const outside = (audience: Audience) =>
  new Forbidden(
    `You need staff access to ${audience === "writer" ? "edit downtimes" : "do this"}. Contact your administrator.`,
  );

/** @throws Forbidden if the user isn't in the page's audience */
export function visitOf(
  { auth, clock, audience = "writer" }: StaffPageServices,
  context: RequestContext,
  pageContext: PageContext,
  form: URLSearchParams = new URLSearchParams(),
): Visit {
  const { user, csrf = "" } = pageContext.visitor;
  if (!user || !isIn(audience, user, auth.writeAccess)) throw outside(audience);
  const query = new URL(context.request.url).searchParams;
  checkTexts(query.values());
  const at = clock();
  return { context, pageContext, user, csrf, now: toInstant(at), query, form, author: authorOf(user, at) };
}

const checking =
  <About extends readonly unknown[]>(
    isAllowed: (user: User, access: WriteAccess, ...about: About) => boolean,
    refusal: string,
  ) =>
  ({ auth }: Pick<StaffPageServices, "auth">, user: User, ...about: About): void => {
    if (!isAllowed(user, auth.writeAccess, ...about)) throw new Forbidden(refusal);
  };

export const checkMayChange = checking(mayChange, "You can only edit downtimes you created.");
export const checkMayDelete = checking(mayDelete, "You can only delete downtimes you created.");
export const checkMayRestore = checking(mayRestore, "You can only restore downtimes you deleted.");

/** Whether htmx sent the request, to replace a part of a page. */
export const asksForPart = (request: Request): boolean => request.headers.get("hx-request") === "true";

/** Redirects the browser to a page of this service. */
export function sendOn(request: Request, location: string): Response {
  const isPart = asksForPart(request);
  const headers = { "cache-control": "no-store", [isPart ? "hx-redirect" : "location"]: location };
  return new Response(null, { status: isPart ? 200 : 303, headers });
}

/** Parses the ids in a form or a query, without duplicates. Ignores invalid ones, and all after the first 1000. */
export const idsOf = (texts: readonly string[]): number[] =>
  [...new Set(texts.filter((text) => /^\d+$/.test(text)).map(Number))].filter(Number.isSafeInteger).slice(0, 1000);

/** Parses a list's offset; 0 if it is missing or invalid. */
export const offsetOf = (query: URLSearchParams): number =>
  /^\d{1,9}$/.test(query.get("offset") ?? "") ? Number(query.get("offset")) : 0;
