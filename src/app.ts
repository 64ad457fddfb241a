/** The web application: all routes, and the conversion of errors to responses. */

import { type AccountServices, accountRoutes } from "./account/account-page.ts";
import { profileRoutes } from "./account/portal-push-api.ts";
import { signInRoutes } from "./account/sign-in-page.tsx";
import type { StaffPageServices } from "./account/staff-page.ts";
import { userRoutes } from "./account/users-api.ts";
import { usersPageRoutes } from "./account/users-page.ts";
import { type ActivityServices, activityRoutes } from "./activity/activity-page.tsx";
import { type UndoServices, undoApiRoutes } from "./activity/undo-api.ts";
import { availabilityRoutes } from "./availability/api.ts";
import { reportPageRoutes } from "./availability/report-page.tsx";
import { vosiRoutes } from "./availability/vosi-api.ts";
import { whyPageRoutes } from "./availability/why-page.tsx";
import { adminRoutes } from "./board/admin-page.ts";
import { createDoneMessage } from "./board/done.ts";
import { type CalendarServices, calendarRoutes } from "./calendar/ics-api.ts";
import { type DowntimeServices, downtimeRoutes, type StaleListParts } from "./downtime/api.ts";
import { type ChangeServices, changeRoutes } from "./downtime/changes-api.ts";
import { downtimePageRoutes } from "./downtime/page.tsx";
import { type HealthServices, healthRoutes } from "./health.ts";
import { createWatch, type WatchServices } from "./http/event-stream.ts";
import type { AllowedHosts } from "./http/hosts.ts";
import { readableByAll } from "./http/json.ts";
import { createMethods } from "./http/methods.ts";
import type { SecurityHeaders } from "./http/middleware.ts";
import { addressOf, createRoutes, type RequestContext, requestIdOf } from "./http/request-context.ts";
import type { Log } from "./http/request-log.ts";
import { Forbidden, Malformed, MethodNotAllowed, NotFound, Problem } from "./input/problem.ts";
import { createRequestCounts, type MetricsServices, metricsRoutes } from "./metrics.ts";
import { channelRoutes } from "./notify/api.ts";
import { type NotificationServices, notificationRoutes } from "./notify/page.tsx";
import { documentRoutes } from "./openapi.ts";
import { placeRoutes } from "./places/page.tsx";
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
import { type UptimeServices, uptimeRoutes } from "./uptime/api.ts";

export interface AppServices
  extends DowntimeServices,
    SeriesServices,
    UptimeServices,
    UndoServices,
    ActivityServices,
    Omit<AccountServices, keyof StaffPageServices>,
    HealthServices,
    NotificationServices,
    Omit<MetricsServices, "requests" | "watch">,
    Omit<CalendarServices, "series">,
    Omit<ChangeServices, "auth" | "watch">,
    Omit<WatchServices, "downtimes">,
    StaleListParts,
    Pick<StaffPageServices, "changeSets">,
    Omit<PageContextServices, "assets" | "visit"> {
  /** Whether responses to unexpected errors show the cause. */
  readonly debug: boolean;
  /** Whether to trust `X-Forwarded-*`, which a proxy sets. */
  readonly trustProxy: boolean;
  /** Where a proxy puts the service; empty for `/`. */
  readonly basePath: string;
  /** Undefined if all hosts are allowed. */
  readonly allowedHosts: AllowedHosts | undefined;
  /** The security headers of all responses. */
  readonly hardening: SecurityHeaders;
  readonly log: Log;
  /** Whether request lines have the client's address. */
  readonly logAddresses: boolean;
  /** The origins whose pages may write with a token. */
  readonly corsOrigins: readonly string[];
}

/** Creates the application. */
export function createApp(services: AppServices) {
  const assets = createAssets();
  const getAnonymousContext = createPageContext({ ...services, assets: assets.urls });
  const visit = (context: RequestContext) => services.auth.visit(context.request, addressOf(context));
  const renderDone = createDoneMessage(services);
  const getPageContext = createPageContext({ ...services, assets: assets.urls, visit, renderDone });
  // If authentication itself failed, render the error page anonymously.
  const getErrorContext = (context: RequestContext) =>
    getPageContext(context).catch(() => getAnonymousContext(context));
  const watch = createWatch(services);
  const requests = createRequestCounts(() => app.routes);
  const app = createRoutes("app");
  // Created on demand, after all routes have been added.
  let methodsOf: ReturnType<typeof createMethods> | undefined;
  const missing = ({ method, url }: Request) => {
    methodsOf ??= createMethods(app.routes);
    const allowed = methodsOf(new URL(url).pathname);
    return allowed === undefined ? new NotFound() : new MethodNotAllowed(method, allowed);
  };
  const fail = async (code: unknown, error: unknown, request: Request) =>
    (code === "NOT_FOUND" && redirectOf(request)) ||
    answerTo(
      problemOf(code, error, request, { ...services, missing }),
      { request, server: app.server },
      getErrorContext,
    );
  const routed = app
    .use(documentRoutes(() => app.routes))
    .onError(({ code, error, request }) => fail(code, error, request))
    .use(seriesRoutes(services))
    .use(uptimeRoutes(services))
    .use(downtimeRoutes(services))
    .use(changeRoutes({ ...services, watch }))
    .use(undoApiRoutes(services))
    .use(calendarRoutes(services))
    .use(vosiRoutes(services))
    .use(availabilityRoutes(services))
    .use(healthRoutes(services))
    .use(metricsRoutes({ ...services, watch, requests }))
    .use(assets.routes)
    .use(themeRoutes())
    .use(profileRoutes(services))
    .use(signInRoutes({ auth: services.auth, getPageContext }))
    .use(userRoutes(services))
    .use(usersPageRoutes({ ...services, getPageContext }))
    .use(accountRoutes({ ...services, getPageContext }))
    .use(adminRoutes({ ...services, getPageContext }))
    .use(channelRoutes(services))
    .use(notificationRoutes({ ...services, getPageContext }))
    .use(scheduleRoutes(services, getPageContext))
    .use(downtimePageRoutes({ ...services, describeSeries: createSeriesDescriber(services.series) }, getPageContext))
    .use(seriesPageRoutes(services, getPageContext))
    .use(activityRoutes(services, getPageContext))
    .use(eventRoutes({ ...services, watch }))
    .use(whyPageRoutes(services, getPageContext))
    .use(reportPageRoutes(services, getPageContext))
    .use(placeRoutes(services, getPageContext))
    .use(apiDocsRoutes(assets.urls, services.configdb, getPageContext));
  return { app: routed, watch, fail, requests };
}

/** Redirects URLs of OCS Downtime. */
function redirectOf({ method, url }: Request): Response | undefined {
  const location = method === "GET" || method === "HEAD" ? newAddressOf(url) : undefined;
  return location === undefined ? undefined : new Response(null, { status: 302, headers: { location } });
}

/** Logs an unexpected error in full; the response only has the request's id, to look it up. */
function problemOf(
  code: unknown,
  error: unknown,
  request: Request,
  { debug, auth, log, missing }: AppServices & { missing: (request: Request) => Problem },
): Problem {
  const id = requestIdOf(request);
  if (error instanceof Forbidden) log.warn("denied", { id, user: auth.userOf(request), reason: error.detail });
  if (error instanceof Problem) {
    // The cause, such as a database that is down, is only logged.
    if (error.cause) log.error(error.message, { id, cause: String(error.cause) });
    return error;
  }
  if (code === "NOT_FOUND") return missing(request);
  if (code === "PARSE" || code === "VALIDATION") return new Malformed("Invalid request.");
  log.error("unknown error", {
    id,
    method: request.method,
    path: new URL(request.url).pathname,
    error: error instanceof Error ? error.stack : String(error),
  });
  return new Problem(500, `Something went wrong. Request ID: ${id}${debug ? `. ${error}` : ""}`);
}

/** Responds with JSON to programs, and always under `/api`; otherwise with a page. */
async function answerTo(problem: Problem, context: RequestContext, getPageContext: GetPageContext): Promise<Response> {
  const { request } = context;
  const { status, detail, headers } = problem;
  if (!isApi(request) && request.headers.get("accept")?.includes("text/html"))
    return sendPage(ProblemPage({ ...(await getPageContext(context)), status, detail }), request, status, headers);
  const reads = request.method === "GET" || request.method === "HEAD";
  return Response.json(problem.body(), { status, headers: { ...(reads && readableByAll), ...headers } });
}

const isApi = (request: Request) => /^\/api(\/|$)/.test(new URL(request.url).pathname);
