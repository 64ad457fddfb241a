/** JSON answers, and what a path tells of its methods. */

import { MethodNotAllowed } from "../input/problem.ts";
import { addressOf, type RequestContext } from "./request-context.ts";

/** Anybody's page may read; nobody's page may write. */
export const readableByAll = { "access-control-allow-origin": "*" };

/** An answer to whoever reads. */
export const json = (value: unknown, status = 200, headers: Record<string, string> = {}) =>
  Response.json(value, { status, headers: { ...readableByAll, ...headers } });

/** The answer to a write: no other site's page may read it. */
export const written = (value: unknown, status: number, headers: Record<string, string> = {}) =>
  Response.json(value, { status, headers });

/** Refuses the methods that a path doesn't take, to those who may write; the others learn first that they may not. */
interface WriterCheck {
  requireWriter(request: Request, address: string): Promise<unknown>;
}

export const createRefusal = (auth: WriterCheck) => (allowed: string) => async (caller: RequestContext) => {
  await auth.requireWriter(caller.request, addressOf(caller));
  throw new MethodNotAllowed(caller.request.method, allowed);
};

/**
 * What a path takes; every path under `/api/` tells it. A browser that asks whether another site's page may write is told
 * nothing, which means no.
 */
export function describe({ request }: RequestContext, name: string, allowed: string): Response {
  const wanted = request.headers.get("access-control-request-method") ?? "GET";
  const answer = Response.json({ name, methods: allowed.split(", ") }, { headers: { allow: allowed } });
  if (wanted !== "GET" && wanted !== "HEAD") return answer;
  answer.headers.set("access-control-allow-origin", "*");
  answer.headers.set("access-control-allow-methods", "GET, HEAD, OPTIONS");
  const headers = request.headers.get("access-control-request-headers") ?? "*";
  answer.headers.set("access-control-allow-headers", headers);
  return answer;
}

/** To the path with a slash at its end; a method that has a body keeps it. */
export function redirect({ request }: RequestContext): Response {
  const url = new URL(request.url);
  const reads = request.method === "GET" || request.method === "HEAD";
  return new Response(null, { status: reads ? 301 : 308, headers: { location: `${url.pathname}/${url.search}` } });
}
