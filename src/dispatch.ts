/** Dispatch: the application on the main thread, which hands heavy requests to workers. */

import { createApp } from "./app.ts";
import { createReadyList, createStaleLists } from "./downtime/api.ts";
import { isRead } from "./http/methods.ts";
import { createMiddleware, type Handle } from "./http/middleware.ts";
import { pathOf } from "./http/path.ts";
import { createWeights, type Weight } from "./http/weight.ts";
import { Overloaded } from "./input/problem.ts";
import { answeringAddressOf } from "./redirects.ts";
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
  const services: AppServices = {
    ...given,
    async ping() {
      await given.ping();
      await staleLists.check();
    },
  };
  const { app, watch, fail, requests } = createApp(services);
  watch.keep(services.snapshot.renew);
  const weigh = createWeights(services.downtimes.newestId);
  const middleware = createMiddleware({
    ...services,
    answeringAddressOf,
    senderOf: (received) => app.server?.requestIP(received)?.address ?? "",
    count: requests.add,
    ready: createReadyList(services),
    refuse: (problem, request) => fail(undefined, problem, request),
  });

  const answerByWorker = async (request: Request, isVital: boolean): Promise<Response> => {
    // Bun closes idle connections after half a minute.
    app.server?.timeout(request, maxHeavySeconds);
    const response = await workers.answer(request, isVital);
    // The worker may have written.
    if (!isRead(request)) services.commits.dispatchEvent(new Event("commit"));
    return response;
  };

  const answerInTurn = async (request: Request, weighed: Promise<Weight> | Weight, here: Handle): Promise<Response> => {
    const weight = await weighed;
    if (weight === "heavy" || weight === "vital") return answerByWorker(request, weight === "vital");
    if (weight === "medium") await takeTurn();
    return here(request);
  };

  const answerOnceImported = async (request: Request, here: Handle): Promise<Response> => {
    const refusal = await services.importGate.refusal();
    if (refusal) throw refusal;
    return answerInTurn(request, weigh(request), here);
  };

  const answer = (request: Request, here: Handle): Promise<Response> | Response => {
    const failed = (error: unknown) => fail(undefined, error, request);
    if (!services.importGate.isOpen() && !holdsNoDowntimes.test(pathOf(request.url)))
      return answerOnceImported(request, here).catch(failed);
    const weight = weigh(request);
    const response = weight === "light" ? here(request) : answerInTurn(request, weight, here);
    if (response instanceof Response) return response;
    return response
      .then(
        (response) => staleLists.instead(request, response),
        async (error) => {
          const failure = await failed(error);
          // An overload doesn't mean that the database is down.
          return error instanceof Overloaded ? failure : staleLists.instead(request, failure);
        },
      )
      .catch(failed);
  };

  // Elysia calls this for each request, so it must be cheap. Cast: Elysia's type of `routes` is too general.
  return app
    .onStop(watch.close)
    .wrap((routes) => middleware((request) => answer(request, routes as unknown as Handle)));
}
