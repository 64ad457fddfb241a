/** Hosts and paths of URLs, and the base path: where a proxy puts the service, such as `/downtime`. */

import { addressFrom } from "../input/address.ts";
import { Forbidden } from "../input/problem.ts";
import { basePathOf } from "./request-context.ts";

// URLs aren't parsed here, since this runs for each request.

/** The index at which the path of an absolute URL starts. */
export const startOfPath = (url: string): number => url.indexOf("/", url.indexOf("//") + 2);

export const pathOf = (url: string): string => {
  const start = startOfPath(url);
  const end = url.indexOf("?", start);
  return start < 0 ? "/" : url.slice(start, end < 0 ? undefined : end);
};

// Inside, every address starts at `/`: the base path is taken off each request, and put before each address on the way out.

/** Takes the base path off a URL; other URLs stay. */
export function withoutBasePath(url: string, base: string): string {
  const start = startOfPath(url);
  const end = start + base.length;
  if (base === "" || start < 0 || !url.startsWith(base, start) || !/^([/?#]|$)/.test(url.slice(end, end + 1)))
    return url;
  return `${url.slice(0, start)}${url[end] === "/" ? "" : "/"}${url.slice(end)}`;
}

/** The URL of a request as its client sees it, for links that contain it. */
export function publicUrlOf(request: Request): string {
  const start = startOfPath(request.url);
  return `${request.url.slice(0, start)}${basePathOf(request)}${request.url.slice(start)}`;
}

const attributes = ["href", "src", "action", "formaction", "hx-get", "hx-post", "data-live", "data-base"];
const selector = attributes.map((name) => `[${name}^="/"]`).join(", ");

/** Puts the base path before each address in a page. */
export function withBasePath(page: string, base: string): string {
  if (base === "") return page;
  const rewriter = new HTMLRewriter().on(selector, {
    element(element) {
      for (const name of attributes) {
        const address = element.getAttribute(name);
        if (address?.startsWith("/")) element.setAttribute(name, base + address);
      }
    },
  });
  return rewriter.transform(page);
}

const addressHeaders = ["location", "hx-redirect", "hx-push-url"];

/** Puts the base path before the addresses in headers, and limits cookies to it. */
export function addBasePath({ headers }: Response, base: string): void {
  for (const name of addressHeaders) {
    const address = headers.get(name);
    if (address?.startsWith("/")) headers.set(name, base + address);
  }
  const cookies = headers.getSetCookie();
  headers.delete("set-cookie");
  for (const cookie of cookies) headers.append("set-cookie", cookie.replace("; Path=/;", `; Path=${base};`));
}

/** Always allowed, as for health checks: no DNS server of an attacker can point these names here. */
const localNames = ["localhost", "127.0.0.1", "[::1]"];

/** @param names a name, `.name` to include subdomains, or `*` for any host; then there is no function to check one */
export function createAllowedHosts(names: readonly string[]): ((url: string) => boolean) | undefined {
  if (names.includes("*")) return undefined;
  return (url) => {
    const { hostname } = addressFrom(url);
    return [...localNames, ...names].some((name) =>
      name.startsWith(".") ? `.${hostname}`.endsWith(name) : hostname === name,
    );
  };
}

/**
 * Rejects requests that another site's page made the browser send. The sign-in form has no session for a CSRF token yet, so
 * without this check another site could sign its visitors in as someone else.
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
