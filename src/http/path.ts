/** Paths of URLs, and the base path: where a proxy puts the service, such as `/downtime`. */

import { basePathOf } from "./request-context.ts";

// URLs aren't parsed here, since this runs for each request.

/** The index at which the path of an absolute URL starts. */
export const startOfPath = (url: string): number => url.indexOf("/", url.indexOf("//") + 2);

/** The path of an absolute URL. */
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
