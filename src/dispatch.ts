/** Dispatch: the application on the thread that listens, which leaves heavy requests to the workers. */

import { type AppServices, createApp } from "./app.ts";
import { createReadyList } from "./downtime/api.ts";
import { createStaleLists } from "./downtime/stale-api.ts";
import { createCors } from "./http/cors.ts";
import type { Elsewhere } from "./http/elsewhere.ts";
import { createMiddleware, type Handle } from "./http/middleware.ts";
import { createNetworks } from "./http/network.ts";
import { pathOf } from "./http/path.ts";
import { addressOf, requestIdOf } from "./http/request-context.ts";
import { createWeights, type Weight } from "./http/weight.ts";
import { Overloaded } from "./input/problem.ts";
import { answeringAddressOf } from "./redirects.ts";
import { takeTurn } from "./time/event-loop.ts";

/** How long a heavy request may wait and take, as long as a scheduler waits. */
const maxHeavySeconds = 120;

/** Paths that show no downtimes and store none. */
const holdsNoDowntimes = /^\/(health|openapi\.json|docs|openapi|redoc|assets|theme)(\/|$)/;

/** @param elsewhere answers heavy requests */
export function createDispatch(given: AppServices, elsewhere: Elsewhere) {
  const staleLists = createStaleLists(given);
  const parts: AppServices = {
    ...given,
    async ping() {
      await given.ping();
      await staleLists.check();
    },
  };
  const { app, watch, fail } = createApp(parts);
  watch.keep(parts.snapshot.renew);
  const addressFrom = (request: Request) => addressOf({ request, server: app.server });
  const networkFrom = createNetworks(parts);
  const weigh = createWeights(parts.downtimes.newestId);
  const middleware = createMiddleware({
    answeringAddressOf,
    trustProxy: parts.trustProxy,
    allowedHosts: parts.allowedHosts,
    hardening: parts.hardening,
    addressOf: addressFrom,
    userOf: parts.auth.userOf,
    log: parts.log,
    cors: createCors(parts.corsOrigins),
    ready: createReadyList(parts, () => app.server),
    refuse: (problem, request) => fail(undefined, problem, request),
  });

  const answerElsewhere = async (request: Request, isVital: boolean): Promise<Response> => {
    // Bun closes connections on which nothing is sent for half a minute.
    app.server?.timeout(request, maxHeavySeconds);
    const response = await elsewhere.answer(request, {
      address: addressFrom(request),
      network: networkFrom({ request, server: app.server }),
      id: requestIdOf(request),
      isVital,
    });
    // It may have written.
    if (request.method !== "GET" && request.method !== "HEAD") parts.commits.dispatchEvent(new Event("commit"));
    return response;
  };

  const answerInTurn = async (request: Request, weighed: Promise<Weight> | Weight, here: Handle): Promise<Response> => {
    const weight = await weighed;
    if (weight === "heavy" || weight === "vital") return answerElsewhere(request, weight === "vital");
    if (weight === "medium") await takeTurn();
    return here(request);
  };

  const answerOnceImported = async (request: Request, here: Handle): Promise<Response> => {
    const refusal = await parts.importGate.refusal();
    if (refusal) throw refusal;
    return answerInTurn(request, weigh(request), here);
  };

  const answer = (request: Request, here: Handle): Promise<Response> | Response => {
    const failed = (error: unknown) => fail(undefined, error, request);
    if (!parts.importGate.isOpen() && !holdsNoDowntimes.test(pathOf(request.url)))
      return answerOnceImported(request, here).catch(failed);
    const weight = weigh(request);
    const response = weight === "light" ? here(request) : answerInTurn(request, weight, here);
    if (response instanceof Response) return response;
    return response
      .then(
        (response) => staleLists.instead(request, response),
        async (error) => {
          const failure = await failed(error);
          // An overload says nothing about the database.
          return error instanceof Overloaded ? failure : staleLists.instead(request, failure);
        },
      )
      .catch(failed);
  };

  // Elysia wraps its routes anew for each request, so this must stay cheap. Its type of them says too little.
  return app
    .onStop(watch.close)
    .wrap((routes) => middleware((request) => answer(request, routes as unknown as Handle)));
}
