/** CORS: pages of all origins may read the API; those of `CORS_ORIGINS` may also write with a token. */

import { pathOf } from "./path.ts";

/** Adds the CORS headers to a response. */
export type Cors = (request: Request, response: Response) => void;

/** @param origins the origins whose pages may write; `*` for all */
export function createCors(origins: readonly string[]): Cors {
  const allowed = new Set(origins);
  return ({ method, url, headers: sent }, { headers }) => {
    // Responses to reads already allow all origins.
    if (allowed.size === 0 || method === "GET" || method === "HEAD") return;
    const origin = sent.get("origin");
    const isAllowed = allowed.has("*") || (origin !== null && allowed.has(origin));
    if (origin === null || !isAllowed || !pathOf(url).startsWith("/api/")) return;
    headers.set("access-control-allow-origin", allowed.has("*") ? "*" : origin);
    if (!allowed.has("*")) headers.append("vary", "origin");
    const methods = headers.get("allow");
    if (method !== "OPTIONS" || methods === null) return;
    headers.set("access-control-allow-methods", methods);
    headers.set("access-control-allow-headers", sent.get("access-control-request-headers") ?? "authorization");
    headers.set("access-control-max-age", "600");
  };
}
