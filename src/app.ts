/** The web application: its routes, and the one place that turns problems into answers. */

import { profileRoutes } from "./account/portal-push-api.ts";
import { signInRoutes } from "./account/sign-in-page.tsx";
import type { StaffPageServices } from "./account/staff-page.ts";
import { availabilityRoutes } from "./availability/availability-api.ts";
import { reportRoutes } from "./availability/report-api.ts";
import { reportPageRoutes } from "./availability/report-page.tsx";
import { vosiRoutes } from "./availability/vosi-api.ts";
import { whyRoutes } from "./availability/why-api.ts";
import { whyPageRoutes } from "./availability/why-page.tsx";
import { adminRoutes } from "./board/admin-page.ts";
import { type CalendarServices, calendarRoutes } from "./calendar/ics-api.ts";
import { type DowntimeServices, downtimeRoutes } from "./downtime/api.ts";
import { type ChangeServices, changeRoutes } from "./downtime/changes-api.ts";
import { downtimePageRoutes } from "./downtime/page.tsx";
import type { StaleListParts } from "./downtime/stale-api.ts";
import { type HealthServices, healthRoutes } from "./health.ts";
import { createWatch, type WatchServices } from "./http/event-stream.ts";
import type { AllowedHosts } from "./http/hosts.ts";
import { readableByAll } from "./http/json.ts";
import { createMethods } from "./http/methods.ts";
import type { SecurityHeaders } from "./http/middleware.ts";
import { addressOf, createRoutes, type RequestContext, requestIdOf } from "./http/request-context.ts";
import type { Log } from "./http/request-log.ts";
import { Forbidden, Malformed, MethodNotAllowed, NotFound, Problem } from "./input/problem.ts";
import { documentRoutes } from "./openapi.ts";
import { newAddressOf } from "./redirects.ts";
import { eventRoutes } from "./schedule/live-events.ts";
import { scheduleRoutes } from "./schedule/page.tsx";
import { type SeriesServices, seriesRoutes } from "./series/api.ts";
import { createSeriesDescriber } from "./series/describe.ts";
import { seriesPageRoutes } from "./series/page.tsx";
import { apiDocsRoutes } from "./ui/api-docs.ts";
import { createAssets } from "./ui/assets.ts";
import { createPageContext, type GetPageContext, type PageContextServices, sendPage } from "./ui/page-context.ts";
import { ProblemPage } from "./ui/problem-page.tsx";
import { themeRoutes } from "./ui/theme.ts";

export interface AppServices
  extends DowntimeServices,
    SeriesServices,
    HealthServices,
    Omit<CalendarServices, "downtimes" | "series">,
    Omit<ChangeServices, "auth" | "watch">,
    Omit<WatchServices, "downtimes">,
    StaleListParts,
    Pick<StaffPageServices, "changeSets">,
    Omit<PageContextServices, "assets" | "visit"> {
  /** Answers to unknown errors show what they were. */
  readonly debug: boolean;
  /** A proxy stands in front of the service. */
  readonly trustProxy: boolean;
  /** The names under which the service is reached; undefined: any. */
  readonly allowedHosts: AllowedHosts | undefined;
  /** What every answer carries. */
  readonly hardening: SecurityHeaders;
  readonly log: Log;
  /** The origins whose pages may write with a token. */
  readonly corsOrigins: readonly string[];
}

/** All routes, and what turns problems into answers. */
export function createApp(parts: AppServices) {
  const assets = createAssets();
  const strangersFrameOf = createPageContext({ ...parts, assets: assets.urls });
  const visit = (caller: RequestContext) => parts.auth.visit(caller.request, addressOf(caller));
  const frameOf = createPageContext({ ...parts, assets: assets.urls, visit });
  // If authentication itself failed, render the error page anonymously.
  const problemFrameOf = (caller: RequestContext) => frameOf(caller).catch(() => strangersFrameOf(caller));
  const watch = createWatch(parts);
  const app = createRoutes("app");
  // The routes are all there once the first request comes.
  let methodsOf: ReturnType<typeof createMethods> | undefined;
  const missing = ({ method, url }: Request) => {
    methodsOf ??= createMethods(app.routes);
    const allowed = methodsOf(new URL(url).pathname);
    return allowed === undefined ? new NotFound() : new MethodNotAllowed(method, allowed);
  };
  const fail = async (code: unknown, error: unknown, request: Request) =>
    (code === "NOT_FOUND" && redirectOf(request)) ||
    answerTo(problemOf(code, error, request, { ...parts, missing }), { request, server: app.server }, problemFrameOf);
  const routed = app
    .use(documentRoutes(() => app.routes))
    .onError(({ code, error, request }) => fail(code, error, request))
    .use(seriesRoutes(parts))
    .use(downtimeRoutes(parts))
    .use(changeRoutes({ ...parts, watch }))
    .use(calendarRoutes(parts))
    .use(vosiRoutes(parts))
    .use(availabilityRoutes(parts))
    .use(whyRoutes(parts))
    .use(reportRoutes(parts))
    .use(healthRoutes(parts))
    .use(assets.routes)
    .use(themeRoutes())
    .use(profileRoutes(parts))
    .use(signInRoutes({ auth: parts.auth, frameOf }))
    .use(adminRoutes({ ...parts, frameOf }))
    .use(scheduleRoutes(parts, frameOf))
    .use(downtimePageRoutes({ ...parts, describeSeries: createSeriesDescriber(parts.series) }, frameOf))
    .use(seriesPageRoutes(parts, frameOf))
    .use(eventRoutes({ ...parts, watch }))
    .use(whyPageRoutes(parts, frameOf))
    .use(reportPageRoutes(parts, frameOf))
    .use(apiDocsRoutes(assets.urls, visit));
  return { app: routed, watch, fail };
}

/** To where the original's address leads now. */
function redirectOf({ method, url }: Request): Response | undefined {
  const location = method === "GET" || method === "HEAD" ? newAddressOf(url) : undefined;
  return location === undefined ? undefined : new Response(null, { status: 302, headers: { location } });
}

/** An unknown error is logged whole and shown as nothing but a number to look it up by. */
function problemOf(
  code: unknown,
  error: unknown,
  request: Request,
  { debug, auth, log, missing }: AppServices & { missing: (request: Request) => Problem },
): Problem {
  const id = requestIdOf(request);
  if (error instanceof Forbidden) log.warn("denied", { id, user: auth.userOf(request), reason: error.detail });
  if (error instanceof Problem) {
    // What lies behind it, such as a database that is gone, is for whoever runs the service.
    if (error.cause) log.error(error.message, { id, cause: String(error.cause) });
    return error;
  }
  if (code === "NOT_FOUND") return missing(request);
  if (code === "PARSE" || code === "VALIDATION") return new Malformed("The request can't be read.");
  log.error("unknown error", {
    id,
    method: request.method,
    path: new URL(request.url).pathname,
    error: error instanceof Error ? error.stack : String(error),
  });
  return new Problem(500, `Something went wrong here. Request ${id}.${debug ? ` ${error}` : ""}`);
}

/** JSON for programs, and for everybody under `/api`; a page for people elsewhere. */
async function answerTo(problem: Problem, caller: RequestContext, frameOf: GetPageContext): Promise<Response> {
  const { request } = caller;
  const { status, detail, headers } = problem;
  if (!isApi(request) && request.headers.get("accept")?.includes("text/html"))
    return sendPage(ProblemPage({ ...(await frameOf(caller)), status, detail }), request, status, headers);
  const reads = request.method === "GET" || request.method === "HEAD";
  return Response.json(problem.body(), { status, headers: { ...(reads && readableByAll), ...headers } });
}

const isApi = (request: Request) => /^\/api(\/|$)/.test(new URL(request.url).pathname);
