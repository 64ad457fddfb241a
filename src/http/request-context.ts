/** Callers: what every route needs to know of who sends the request, and how routes begin. */

import { Elysia } from "elysia";

/** The part of Elysia's context that routes read. */
export interface RequestContext {
  readonly request: Request;
  readonly server: { requestIP(request: Request): { readonly address: string } | null } | null;
  /** The values of the path's parameters. */
  readonly params?: Readonly<Record<string, string>>;
  /** The client's address, where it is known already. */
  readonly address?: string | undefined;
}

/** What the edge knows of a request. */
interface RequestFacts {
  /** Names the request in the log and in answers. */
  readonly id: string;
  /** The client's address as a trusted proxy tells it. */
  readonly address: string | undefined;
}

const noted = new WeakMap<Request, RequestFacts>();

/** Keeps what the edge knows of a request, for as long as there is the request. */
export const rememberRequest = (request: Request, what: RequestFacts): void => void noted.set(request, what);

/** The request's id. */
export const requestIdOf = (request: Request): string => noted.get(request)?.id ?? "";

/** The client's network address; empty when the connection is gone by now. */
export const addressOf = ({ request, server, address }: RequestContext): string =>
  address ?? noted.get(request)?.address ?? server?.requestIP(request)?.address ?? "";

/**
 * A route's handler. Elysia reads a handler's own text, and prepares whatever it could come to ask for: of one that passes
 * its context on as a whole it would parse the cookies, and copy each answer, at twice the cost of the whole request.
 */
export const serving =
  <Result>(work: (caller: RequestContext) => Result) =>
  ({ request, server, params = {} }: RequestContext): Result =>
    work({ request, server, params });

/**
 * A new group of routes. A path means itself alone: `/api` is not `/api/`. Bun's own router is left out because Elysia
 * takes the slash off the paths that it hands to it.
 */
export const createRoutes = (name: string) => new Elysia({ name, strictPath: true, systemRouter: false });
