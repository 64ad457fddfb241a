/** Whether a request came from a page of this service, and where it may go on to. */

import { addressFrom } from "../input/address.ts";

/**
 * Whether another site's page made the browser send this. A sign-in form has no session yet to bind a token to; without
 * this check a stranger's page could sign its visitor in under the stranger's name.
 */
export function isFromElsewhere(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site) return site !== "same-origin" && site !== "none";
  const origin = request.headers.get("origin");
  return origin !== null && !(URL.canParse(origin) && addressFrom(origin).host === addressFrom(request.url).host);
}

/** Where to go after signing in: a path of this service, or the start page when the text is anything else. */
export function safeNext(next: string | null | undefined): string {
  const here = "http://here.invalid";
  if (!next?.startsWith("/") || !URL.canParse(next, here)) return "/";
  const { origin, pathname, search, hash } = new URL(next, here);
  // A path like `/.//elsewhere` becomes `//elsewhere`, which a browser takes for a host.
  return origin === here && !pathname.startsWith("//") ? pathname + search + hash : "/";
}
