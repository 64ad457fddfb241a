/** The worker pool: threads with the same application, for requests that would block the main thread. */

import { createNetworks, createStreamPlaces, longAnswers } from "./http/event-stream.ts";
import { isRead } from "./http/methods.ts";
import { Overloaded, Unavailable } from "./input/problem.ts";
import { createQueue } from "./input/queue.ts";
import type { Services } from "./services.ts";
import { startWorker, workerRequestOf } from "./worker-thread.ts";

const workerCount = 2;
const maxWaiting = 64;
/** Shorter than the timeouts of clients and proxies. */
const maxWaitMillis = 20_000;
/** With more memory than this in addition to `CACHE_MB`, idle workers are closed, which frees more than collecting garbage. */
const maxMebibytes = 192;
/** How long a worker runs at least, since the next request waits 150 ms for a new one. */
const minLifeMillis = 1000;

/** Creates the pool. Workers are started on demand. */
export function createWorkers(services: Services) {
  const busy = () => new Overloaded("Too many requests are waiting. Try again.");
  const queue = createQueue(workerCount, busy, maxWaiting);
  // A write holds all of its rows in memory, and the database has one writer at a time anyway.
  const writes = createQueue(1, busy, maxWaiting);
  const running = new Set<ReturnType<typeof startWorker>>();
  const idle = new Set<ReturnType<typeof startWorker>>();
  const takePlace = createStreamPlaces(longAnswers);
  const networkOf = createNetworks(services);
  let isClosed = false;

  const closeIdle = () => {
    if (process.memoryUsage.rss() < (maxMebibytes + services.config.CACHE_MB) * 1024 * 1024) return;
    for (const worker of idle) {
      if (worker.isSending() || services.steadyClock() - worker.startedAt < minLifeMillis) continue;
      idle.delete(worker);
      void worker.close();
    }
  };
  const timer = setInterval(closeIdle, minLifeMillis).unref();

  /** Takes an idle worker, or starts one, after those that are being closed have ended. */
  const takeWorker = async () => {
    while (idle.size === 0 && running.size === workerCount) await Promise.race([...running].map(({ ended }) => ended));
    if (isClosed) throw new Unavailable("The service is stopping.");
    const worker = [...idle].at(-1) ?? startWorker(services);
    if (!running.has(worker)) worker.ended.then(() => running.delete(worker) && idle.delete(worker));
    running.add(worker);
    idle.delete(worker);
    return worker;
  };

  return {
    /** @param isVital goes first and is never rejected @throws Overloaded if too many requests are waiting */
    async answer(request: Request, isVital: boolean): Promise<Response> {
      const { signal } = request;
      const network = networkOf(request);
      const sent = await workerRequestOf(request, services);
      const timeoutMillis = isVital ? Number.POSITIVE_INFINITY : maxWaitMillis;
      const place = { network: network ?? "", signal, isVital };
      const until = performance.now() + timeoutMillis;
      const endWrite = isRead(sent) ? undefined : await writes.take({ ...place, timeoutMillis });
      const endTurn = await queue.take({ ...place, timeoutMillis: until - performance.now() }).catch((error) => {
        endWrite?.();
        throw error;
      });
      const worker = await takeWorker();
      const { response, isFree, isOver } = worker.ask(sent, signal, () => takePlace(network));
      // Even if the client has disconnected: a running request can't be taken from the worker.
      isFree.then(() => {
        if (running.has(worker)) idle.add(worker);
        endTurn();
        endWrite?.();
      });
      isOver.then(closeIdle);
      return response;
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      await Promise.all([...running].map((worker) => worker.close()));
    },
  };
}
