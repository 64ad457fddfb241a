/** Dispatch: the application on the main thread, which hands heavy requests to workers. */

import { createApp } from "./app.ts";
import { createReadyList, createStaleLists } from "./downtime/api.ts";
import { isRead } from "./http/methods.ts";
import { createMiddleware, type Handle } from "./http/middleware.ts";
import { pathOf } from "./http/path.ts";
import { createWeights, type Weight } from "./http/weight.ts";
import { Overloaded } from "./input/problem.ts";
import type { AppServices } from "./services.ts";
import { takeTurn } from "./time/event-loop.ts";
import type { createWorkers } from "./workers.ts";

/** How long a heavy request may take, including its wait: as long as schedulers wait. */
const maxHeavySeconds = 120;

/** Paths that neither return nor store downtimes. */
const holdsNoDowntimes = /^\/(health|openapi\.json|docs|openapi|redoc|assets|theme|metrics)(\/|$)/;

/** Creates the application with its middleware. @param workers answer heavy requests */
export function createDispatch(given: AppServices, workers: ReturnType<typeof createWorkers>) {
  const staleLists = createStaleLists(given);
  const services: AppServices = { ...given, ping: () => given.ping().then(staleLists.check) };
  const { importGate, log } = services;
  const { app, watch, fail, requests } = createApp(services);
  watch.keep(services.snapshot.renew);
  const weigh = createWeights(services.downtimes.version);
  const middleware = createMiddleware({
    ...services,
    senderOf: (received) => app.server?.requestIP(received)?.address ?? "",
    record(line) {
      requests.add(line);
      log.request(line);
    },
    ready: createReadyList(services),
    refuse: fail,
  });

  const answerInTurn = async (request: Request, weighed: Promise<Weight> | Weight, here: Handle): Promise<Response> => {
    const weight = await weighed;
    if (weight === "medium") await takeTurn();
    if (weight === "light" || weight === "medium") return here(request);
    // Bun closes idle connections after half a minute.
    app.server?.timeout(request, maxHeavySeconds);
    const response = await workers.answer(request, weight === "vital");
    // The worker may have written.
    if (!isRead(request)) services.commits.dispatchEvent(new Event("commit"));
    return response;
  };

  const answer = (request: Request, here: Handle): Promise<Response> | Response => {
    const failed = (error: unknown) => fail(error, request);
    if (!importGate.isOpen() && !holdsNoDowntimes.test(pathOf(request.url)))
      return importGate
        .refusal()
        .then((refusal) => (refusal ? failed(refusal) : answerInTurn(request, weigh(request), here)))
        .catch(failed);
    const weight = weigh(request);
    const response = weight === "light" ? here(request) : answerInTurn(request, weight, here);
    if (response instanceof Response) return response;
    const orStale = (response: Response) => staleLists.instead(request, response);
    // An overload doesn't mean that the database is down.
    const recover = (error: unknown) => (error instanceof Overloaded ? failed(error) : failed(error).then(orStale));
    return response.then(orStale, recover).catch(failed);
  };

  // Elysia calls this for each request, so it must be cheap. Cast: Elysia's type of `routes` is too general.
  return app
    .onStop(watch.close)
    .wrap((routes) => middleware((request) => answer(request, routes as unknown as Handle)));
}
