/** Callers: what every route needs to know of who sends the request, and how routes begin. */

import { Elysia } from "elysia";

/** The part of Elysia's context that routes read. */
export interface Caller {
  readonly request: Request;
  readonly server: { requestIP(request: Request): { readonly address: string } | null } | null;
}

/** The client's network address; empty when the connection is gone by now. */
export const addressOf = ({ request, server }: Caller): string => server?.requestIP(request)?.address ?? "";

/**
 * A new group of routes. A path means itself alone: `/api` is not `/api/`. Bun's own router is left out because Elysia
 * takes the slash off the paths that it hands to it.
 */
export const createRoutes = (name: string) => new Elysia({ name, strictPath: true, systemRouter: false });
