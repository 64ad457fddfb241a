/** Methods: declares a path of the API with all it takes, and tells what each path takes. */

import { MethodNotAllowed } from "../input/problem.ts";
import { addressOf, createRoutes, type RequestContext, serving } from "./request-context.ts";

type Work = (context: RequestContext) => Response | Promise<Response>;

interface Resource {
  /** With a slash at its end the path without it leads there. */
  readonly path: string;
  /** The name in the answer to `OPTIONS`. */
  readonly name: string;
  readonly auth: { requireWriter(request: Request, address: string): Promise<unknown> };
  /** What each method does, and what the OpenAPI document says of it. `HEAD` is as `GET` unless it is declared. */
  readonly methods: Readonly<Partial<Record<"GET" | "HEAD" | "POST" | "PATCH" | "DELETE", readonly [Work, object?]>>>;
}

/** Declares a path of the API: its methods, `OPTIONS`, 405 for the other methods, and the redirect to the final slash. */
export function resource({ path, name, auth, methods }: Resource) {
  const allowed = [...Object.keys(methods).filter((method) => method !== "HEAD"), "HEAD", "OPTIONS"].join(", ");
  // Users who may not write learn that first.
  const refuse = async (context: RequestContext) => {
    await auth.requireWriter(context.request, addressOf(context));
    throw new MethodNotAllowed(context.request.method, allowed);
  };
  const routes = createRoutes(path);
  for (const [method, [work, operation]] of Object.entries(methods))
    routes.route(method, path, serving(work), operation);
  routes.options(
    path,
    serving((context) => describe(context, name, allowed)),
  );
  routes.all(path, serving(refuse));
  if (path.endsWith("/")) routes.all(path.slice(0, -1), serving(redirect));
  return routes;
}

/**
 * What a path takes; every path under `/api/` tells it. A browser that asks whether another site's page may write is told
 * nothing, which means no.
 */
function describe({ request }: RequestContext, name: string, allowed: string): Response {
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
function redirect({ request }: RequestContext): Response {
  const url = new URL(request.url);
  const reads = request.method === "GET" || request.method === "HEAD";
  return new Response(null, { status: reads ? 301 : 308, headers: { location: `${url.pathname}/${url.search}` } });
}

/** Something that has a route. */
interface Route {
  readonly method: string;
  readonly path: string;
}

/** The methods that a path takes, in one line; undefined where there is no such path. */
export function createMethods(routes: readonly Route[]): (path: string) => string | undefined {
  const table = Map.groupBy(routes, ({ path }) => path)
    .entries()
    .map(([path, of]) => ({ pattern: patternOf(path), methods: new Set(of.map(({ method }) => method)) }))
    .toArray();
  return (path) => {
    const methods = table.find(({ pattern }) => pattern.test(path))?.methods;
    if (methods?.has("GET")) methods.add("HEAD");
    return methods && [...methods].sort().join(", ");
  };
}

/** A parameter stands for one step of the path. */
const patternOf = (path: string) =>
  new RegExp(
    `^${path
      .split("/")
      .map((step) => (step.startsWith(":") ? "[^/]+" : RegExp.escape(step)))
      .join("/")}$`,
  );
