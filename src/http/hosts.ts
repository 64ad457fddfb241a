/** The host names under which the service can be reached, and protection against requests from and redirects to others. */

import { addressFrom } from "../input/address.ts";
import { Forbidden } from "../input/problem.ts";

/** Always allowed, as for health checks: no DNS server of an attacker can point these names here. */
const localNames = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Returns a function that tells whether a URL's host is allowed; undefined if all are.
 * @param names as in `ALLOWED_HOSTS`: a name, `.name` to include subdomains, or `*` for any
 */
export function createAllowedHosts(names: readonly string[]): ((url: string) => boolean) | undefined {
  if (names.includes("*")) return undefined;
  const allowed = new Set([...localNames, ...names.map((name) => name.replace(/^\./, ""))]);
  const parents = names.filter((name) => name.startsWith("."));
  return (url) => {
    const { hostname } = addressFrom(url);
    return allowed.has(hostname) || parents.some((parent) => hostname.endsWith(parent));
  };
}

/**
 * Rejects requests that another site's page made the browser send. The sign-in form has no session for a CSRF token yet, so
 * without this check another site could sign its visitors in as somebody else.
 * @throws Forbidden
 */
export function checkSameOrigin({ headers, url }: Request): void {
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  const isOwn = () => origin === null || (URL.canParse(origin) && addressFrom(origin).host === addressFrom(url).host);
  if (site ? site !== "same-origin" && site !== "none" : !isOwn())
    throw new Forbidden("Blocked: the request came from another site.");
}

/** Returns the path to go to after signing in; `/` unless it is a path of this service. */
export function safeNext(next: string | null | undefined): string {
  const here = "http://here.invalid";
  if (!next?.startsWith("/") || !URL.canParse(next, here)) return "/";
  const { origin, pathname, search, hash } = new URL(next, here);
  // `/.//elsewhere` becomes `//elsewhere`, which browsers take for a host.
  return origin === here && !pathname.startsWith("//") ? pathname + search + hash : "/";
}
