/** The web application: its routes, and the one place that turns problems into answers. */

import { Malformed, NotFound, Problem } from "./domain/problem.ts";
import { documentRoutes } from "./routes/api/document.ts";
import { type DowntimeParts, downtimeRoutes, readableByAll } from "./routes/api/downtimes.ts";
import { assetRoutes } from "./routes/assets.ts";
import { createRoutes } from "./routes/caller.ts";
import { type HealthParts, healthRoutes } from "./routes/health.ts";

export interface AppParts extends DowntimeParts, HealthParts {
  /** Answers to unknown errors show what they were. */
  readonly debug: boolean;
  readonly error: (message: string, details: Record<string, unknown>) => void;
}

export function createApp(parts: AppParts) {
  return createRoutes("app")
    .onError(({ code, error, request }) => answerTo(problemOf(code, error, request, parts), request))
    .use(downtimeRoutes(parts))
    .use(healthRoutes(parts))
    .use(assetRoutes())
    .use(documentRoutes())
    .get("/", ({ redirect }) => redirect("/docs/"), { detail: { hide: true } })
    .get("/docs", ({ redirect }) => redirect("/docs/"), { detail: { hide: true } })
    .get("/openapi/", ({ redirect }) => redirect("/docs/"), { detail: { hide: true } })
    .get("/redoc/", ({ redirect }) => redirect("/docs/"), { detail: { hide: true } });
}

/** An unknown error is logged whole and shown as nothing but a number to look it up by. */
function problemOf(code: unknown, error: unknown, request: Request, { debug, error: report }: AppParts): Problem {
  if (error instanceof Problem) {
    // What lies behind it, such as a database that is gone, is for whoever runs the service.
    if (error.cause) report(error.message, { path: new URL(request.url).pathname, cause: String(error.cause) });
    return error;
  }
  if (code === "NOT_FOUND") return new NotFound();
  if (code === "PARSE" || code === "VALIDATION") return new Malformed("The request can't be read.");
  const requestId = crypto.randomUUID();
  report("unknown error", {
    requestId,
    method: request.method,
    path: new URL(request.url).pathname,
    error: error instanceof Error ? error.stack : String(error),
  });
  return new Problem(500, `Something went wrong here. Request ${requestId}.${debug ? ` ${error}` : ""}`);
}

function answerTo(problem: Problem, request: Request): Response {
  const reads = request.method === "GET" || request.method === "HEAD";
  return Response.json(problem.body(), {
    status: problem.status,
    headers: { ...(reads && readableByAll), ...problem.headers },
  });
}
