/** The web application: all routes, and the conversion of errors to responses. */

import { accountRoutes, signOutRoutes } from "./account/account-page.ts";
import { signInRoutes } from "./account/sign-in-page.tsx";
import { userRoutes } from "./account/users-api.ts";
import { usersPageRoutes } from "./account/users-page.ts";
import { activityRoutes, undoRoutes } from "./activity/activity-page.tsx";
import { undoApiRoutes } from "./activity/undo-api.ts";
import { availabilityRoutes } from "./availability/api.ts";
import { reportPageRoutes } from "./availability/report-page.tsx";
import { vosiRoutes } from "./availability/vosi-api.ts";
import { whyPageRoutes } from "./availability/why-page.tsx";
import { closeNowRoutes, extendRoutes } from "./board/close-now-page.tsx";
import { createDoneMessage } from "./board/done-page.tsx";
import { calendarRoutes } from "./calendar/ics-api.ts";
import { downtimeRoutes } from "./downtime/api.ts";
import { changeRoutes } from "./downtime/changes-api.ts";
import { downtimePageRoutes } from "./downtime/page.tsx";
import { createWatch } from "./http/event-stream.ts";
import { readableByAll } from "./http/json.ts";
import { createRouteFinder, isRead } from "./http/methods.ts";
import { documentRoutes } from "./http/openapi.ts";
import { pathOf, safeNext } from "./http/path.ts";
import { newAddressOf } from "./http/redirects.ts";
import { createRoutes, requestIdOf } from "./http/request-context.ts";
import { Forbidden, MethodNotAllowed, NotFound, Problem } from "./input/problem.ts";
import { createRequestCounts, healthRoutes, metricsRoutes } from "./monitoring.ts";
import { channelRoutes } from "./notify/api.ts";
import { notificationRoutes } from "./notify/page.tsx";
import { placeRoutes } from "./places/page.tsx";
import { eventRoutes, scheduleRoutes } from "./schedule/page.tsx";
import { staffListRoutes } from "./schedule/staff-list-page.tsx";
import { seriesRoutes } from "./series/api.ts";
import { seriesFormRoutes } from "./series/edit-page.tsx";
import { seriesEndRoutes } from "./series/end-page.tsx";
import { seriesListRoutes } from "./series/list-page.tsx";
import { seriesMoveRoutes } from "./series/move-page.ts";
import { seriesPageRoutes } from "./series/page.tsx";
import type { AppServices } from "./services.ts";
import { apiDocsRoutes } from "./ui/api-docs-page.tsx";
import { createAssets } from "./ui/assets.ts";
import { createPageContext, type GetPageContext, sendPage, themeRoutes } from "./ui/page-context.ts";
import { ProblemPage } from "./ui/problem-page.tsx";
import { uptimeRoutes } from "./uptime/api.ts";
import { grantedNightsRoutes } from "./uptime/granted-nights-page.tsx";

export function createApp(given: AppServices) {
  const { auth, configdb, series } = given;
  const assets = createAssets();
  const contextServices = { ...given, assets: assets.urls };
  const renderDone = createDoneMessage(given);
  const getPageContext = createPageContext({ ...contextServices, visit: auth.visit, renderDone });
  // If authentication itself failed, render the error page anonymously.
  const visitIfPossible = (request: Request) => auth.visit(request).catch(() => ({ mayCreate: true }));
  const getErrorContext = createPageContext({ ...contextServices, visit: visitIfPossible });
  const watch = createWatch(given);
  const app = createRoutes("app");
  const missing = ({ method, url }: Request): Problem => {
    const route = findRoute(new URL(url).pathname);
    if (route === undefined) return new NotFound();
    const methods = new Set(app.routes.filter(({ path }) => path === route).map((one) => one.method));
    if (methods.has("GET")) methods.add("HEAD");
    return new MethodNotAllowed(method, [...methods].sort().join(", "));
  };
  const fail = async (error: unknown, request: Request): Promise<Response> =>
    answerTo(problemOf(error, request, given), request, getErrorContext);
  const requests = createRequestCounts((path) => findRoute(path));
  const services = { ...given, watch, requests, getPageContext };
  const routed = app
    .use(documentRoutes(() => app.routes))
    .onError(({ code, error, request }) => {
      if (code !== "NOT_FOUND") return fail(error, request);
      const location = isRead(request) ? newAddressOf(request.url) : undefined;
      return location ? new Response(null, { status: 302, headers: { location } }) : fail(missing(request), request);
    })
    .use(seriesRoutes(services))
    .use(uptimeRoutes(services).use(grantedNightsRoutes(services)))
    .use(downtimeRoutes(services))
    .use(changeRoutes(services))
    .use(undoApiRoutes(services))
    .use(calendarRoutes(services))
    .use(vosiRoutes(services))
    .use(availabilityRoutes(services))
    .use(healthRoutes(services))
    .use(metricsRoutes(services))
    .use(assets.routes)
    .use(themeRoutes())
    .use(signInRoutes(services))
    .use(signOutRoutes(services))
    .use(userRoutes(services))
    .use(usersPageRoutes(services))
    .use(accountRoutes(services))
    .use(
      staffListRoutes(services)
        .use(undoRoutes(services))
        .use(closeNowRoutes(services))
        .use(extendRoutes(services))
        .use(seriesListRoutes(services))
        .use(seriesFormRoutes(services))
        .use(seriesEndRoutes(services))
        .use(seriesMoveRoutes(services)),
    )
    .use(channelRoutes(services))
    .use(notificationRoutes(services))
    .use(scheduleRoutes(services, getPageContext))
    .use(downtimePageRoutes({ ...services, describeSeries: series.describe }, getPageContext))
    .use(seriesPageRoutes(services, getPageContext))
    .use(activityRoutes(services, getPageContext))
    .use(eventRoutes(services))
    .use(whyPageRoutes(services, getPageContext))
    .use(reportPageRoutes(services, getPageContext))
    .use(placeRoutes(services, getPageContext))
    .use(apiDocsRoutes(configdb, getPageContext));
  const findRoute = createRouteFinder(app.routes);
  return { app: routed, watch, fail, requests };
}

/** Logs an unexpected error in full; the response only has the request's id, to look it up. */
function problemOf(error: unknown, request: Request, { config, auth, log }: AppServices): Problem {
  const id = requestIdOf(request);
  if (error instanceof Forbidden) log.warn("denied", { id, user: auth.userOf(request), reason: error.detail });
  if (error instanceof Problem) {
    // The cause, such as a database that is down, is only logged.
    if (error.cause) log.error(error.message, { id, cause: String(error.cause) });
    return error;
  }
  const { method, url } = request;
  const text = error instanceof Error ? error.stack : String(error);
  log.error("unknown error", { id, method, path: pathOf(url), error: text });
  return new Problem(500, `Something went wrong. Request ID: ${id}${config.DEBUG ? `. ${error}` : ""}`);
}

/** Responds with JSON to programs, and always under `/api`; otherwise with a page. */
async function answerTo(problem: Problem, request: Request, getPageContext: GetPageContext): Promise<Response> {
  const { status, detail, headers } = problem;
  const reads = isRead(request);
  if (/^\/api(\/|$)/.test(pathOf(request.url)) || !request.headers.get("accept")?.includes("text/html"))
    return Response.json(problem.body(), { status, headers: { ...(reads && readableByAll), ...headers } });
  const pageContext = await getPageContext({ request });
  // The address of a form can't be opened: lead back to the page that it is on.
  const referer = request.headers.get("referer") ?? "";
  const formPage = referer.startsWith(`${pageContext.origin}/`) ? referer.slice(pageContext.origin.length) : "/";
  const path = reads ? pageContext.path : safeNext(formPage);
  return sendPage(ProblemPage({ ...pageContext, path, status, detail }), request, status, headers);
}
