/** CORS: every page may read the API; pages of the origins in the settings may also write, with a token. */

import { pathOf } from "./path.ts";

/** Adds to an answer what lets a page of another origin read it. */
export type Cors = (request: Request, response: Response) => void;

/** @param origins the origins whose pages may write; `*`: all */
export function createCors(origins: readonly string[]): Cors {
  const allowed = new Set(origins);
  return ({ method, url, headers: sent }, { headers }) => {
    // Answers to readers are for every page already.
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
