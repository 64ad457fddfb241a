/** Declares the methods of API paths, finds the route of any path, and creates the headers for CORS and security. */

import { MethodNotAllowed } from "../input/problem.ts";
import { pathOf } from "./path.ts";
import { createRoutes, type RequestContext, serving } from "./request-context.ts";

type Work = (context: RequestContext) => Response | Promise<Response>;

/** Each method's handler and OpenAPI operation. `HEAD` is handled as `GET` unless it is declared. */
export type Methods = Readonly<Partial<Record<"GET" | "HEAD" | "POST" | "PATCH" | "DELETE", readonly [Work, object?]>>>;

export const isRead = ({ method }: { readonly method: string }) => method === "GET" || method === "HEAD";

type Guard = { requireWriter(request: Request): Promise<unknown> };

/** Declares an API path: its methods, `OPTIONS`, 405 for other methods, and the redirect to the trailing slash, if it has one. */
export function resource(path: string, name: string, auth: Guard, methods: Methods) {
  const allowed = [...Object.keys(methods).filter((method) => method !== "HEAD"), "HEAD", "OPTIONS"].join(", ");
  // OCS Downtime checks permissions before the method: 401 or 403 instead of 405.
  const refuse = async (context: RequestContext) => {
    await auth.requireWriter(context.request);
    throw new MethodNotAllowed(context.request.method, allowed);
  };
  const routes = createRoutes(path);
  for (const [method, [work, operation]] of Object.entries(methods))
    routes.route(method, path, serving(work), operation);
  routes.options(path, ({ request }) => describe(request, name, allowed));
  routes.all(path, serving(refuse));
  if (path.endsWith("/")) routes.all(path.slice(0, -1), ({ request }) => redirect(request));
  return routes;
}

/** Responds to `OPTIONS` with the path's methods. In a CORS preflight it allows only reads; `createCors` may allow more. */
function describe(request: Request, name: string, allowed: string): Response {
  const wanted = request.headers.get("access-control-request-method") ?? "GET";
  const reading = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "*",
  };
  const headers = { allow: allowed, ...(isRead({ method: wanted }) && reading) };
  return Response.json({ name, methods: allowed.split(", ") }, { headers });
}

/** Redirects to the path with a trailing slash. With 308, clients send the body again. */
function redirect(request: Request): Response {
  const url = new URL(request.url);
  return new Response(null, {
    status: isRead(request) ? 301 : 308,
    headers: { location: `${url.pathname}/${url.search}` },
  });
}

/** Returns a function that finds the path of a URL's route, such as `/api/:id/`; undefined if there is none. */
export function createRouteFinder(routes: readonly { readonly path: string }[]): (path: string) => string | undefined {
  const paths = new Set(routes.map(({ path }) => path));
  // A parameter matches one segment of the path.
  const patternOf = (path: string) => new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+")}$`);
  const patterns = [...paths].filter((path) => path.includes("/:")).map((path) => ({ path, pattern: patternOf(path) }));
  return (path) => (paths.has(path) ? path : patterns.find(({ pattern }) => pattern.test(path))?.path);
}

/** Adds the CORS headers to responses to writes. @param origins the origins whose pages may write; `*` for all */
export function createCors(origins: readonly string[]) {
  const isAny = origins.includes("*");
  return (request: Request, { headers }: Response): void => {
    const origin = request.headers.get("origin");
    if (origins.length === 0 || isRead(request) || origin === null || !(isAny || origins.includes(origin))) return;
    if (!pathOf(request.url).startsWith("/api/")) return;
    headers.set("access-control-allow-origin", isAny ? "*" : origin);
    if (!isAny) headers.append("vary", "origin");
    const methods = headers.get("allow");
    if (request.method !== "OPTIONS" || methods === null) return;
    headers.set("access-control-allow-methods", methods);
    headers.set(
      "access-control-allow-headers",
      request.headers.get("access-control-request-headers") ?? "authorization",
    );
    headers.set("access-control-max-age", "600");
  };
}

/** Returns the security headers of all responses to a URL, except cached 304s: those clients already have them. */
export type SecurityHeaders = (url: string) => Readonly<Record<string, string>>;

/** Allows only scripts, styles and connections of this service, and no framing. */
export function createSecurityHeaders(logoUrl: string | undefined): SecurityHeaders {
  const logo = logoUrl && URL.canParse(logoUrl) ? ` ${new URL(logoUrl).origin}` : "";
  const policy =
    `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:${logo}; connect-src 'self'; ` +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
  const plain = {
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
  };
  const behindTls = { ...plain, "strict-transport-security": "max-age=31536000" };
  return (url) => (url.startsWith("https:") ? behindTls : plain);
}
