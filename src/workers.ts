/** The worker pool: threads with the same application, for requests that would block the main thread. */

import type { Found } from "./auth/authenticate.ts";
import type { TruncationLog } from "./downtime/api.ts";
import type { Configdb } from "./facility/configdb.ts";
import { readWhole } from "./http/body.ts";
import type { Log } from "./http/request-log.ts";
import { createStreamPlaces, longAnswers } from "./http/stream-places.ts";
import { createFairQueue } from "./input/fair-queue.ts";
import { GivenUp, Problem, Unavailable } from "./input/problem.ts";
import type { Clock } from "./time/instant.ts";
import type { FromWorker, ToWorker, WorkerRequest, WorkerStart } from "./worker-messages.ts";

type Answer = Extract<FromWorker, { kind: "answer" }>;

/** Receives a worker's messages about one request. */
type Listener = (message: Extract<FromWorker, { number: number }>) => void;

const workerCount = 2;
const maxWaiting = 64;
const timeoutMillis = 20_000;

interface WorkerParts extends WorkerStart {
  readonly configdb: Pick<Configdb, "find" | "state">;
  readonly auth: { identify(request: Request, address: string): Promise<Found>; isNobody(request: Request): boolean };
  readonly clock: Clock;
  readonly log: Log;
  readonly cutNotice: TruncationLog;
}

type PoolRequest = Pick<WorkerRequest, "address" | "base" | "id"> & {
  /** The client's network; undefined if unknown. */
  readonly network: string | undefined;
  /** Goes first and is never rejected. */
  readonly isVital: boolean;
};

/** Creates the pool. Workers are started on demand. */
export function createWorkers(services: WorkerParts) {
  const queue = createFairQueue({ slots: workerCount, maxWaiting, timeoutMillis });
  const idle: ReturnType<typeof startWorker>[] = [];
  const running = new Set<ReturnType<typeof startWorker>>();
  const idleOne = () => {
    for (let worker = idle.pop(); worker; worker = idle.pop()) if (!worker.isLost()) return worker;
    return undefined;
  };
  const places = createStreamPlaces(longAnswers);
  let isClosed = false;

  return {
    /** @throws Overloaded if too many requests are waiting */
    async answer(request: Request, { network, isVital, ...facts }: PoolRequest): Promise<Response> {
      const sent = await workerRequestOf(request, facts, services);
      const release = await queue.take({ network: network ?? "", signal: request.signal, isVital });
      if (isClosed) throw new Unavailable("The service is stopping.");
      const worker = idleOne() ?? startWorker(services);
      running.add(worker);
      const { response, done } = worker.ask(sent, request.signal, () => places.take(network));
      // Even if the client has disconnected: a running request can't be taken from the worker.
      done.then(() => {
        if (worker.isLost()) running.delete(worker);
        else idle.push(worker);
        release();
      });
      return response;
    },
    async close() {
      isClosed = true;
      await Promise.all([...running].map((worker) => worker.close()));
    },
  };
}

async function workerRequestOf(
  request: Request,
  facts: Pick<WorkerRequest, "address" | "id" | "base">,
  services: WorkerParts,
): Promise<WorkerRequest> {
  const found = services.auth.isNobody(request)
    ? {}
    : await services.auth.identify(request, facts.address).catch((error) => {
        if (!(error instanceof Problem)) throw error;
        return { problem: { status: error.status, detail: error.detail, headers: error.headers } };
      });
  const { method, url, headers } = request;
  const body = await readWhole(request);
  return { method, url, headers: [...headers], body, ...facts, found, now: services.clock() };
}

function startWorker({ config, keys, file, configdb, log, cutNotice }: WorkerParts) {
  const thread = new Worker(new URL("./worker.ts", import.meta.url));
  const listeners = new Map<number, Listener>();
  const closed = Promise.withResolvers<void>();
  let last = 0;
  let isLost = false;
  let sentFacility: unknown;

  const post = (message: ToWorker) => thread.postMessage(message);
  post({ kind: "begin", start: { config, keys, file } });

  thread.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === "log") log[data.level](data.message, data.details as Record<string, unknown>);
    else if (data.kind === "cut") cutNotice(...data.notice);
    else if (data.kind === "closed") closed.resolve();
    else listeners.get(data.number)?.(data);
  };
  thread.onerror = ({ message }: ErrorEvent) => {
    log.error("a worker failed", { error: message });
    isLost = true;
    closed.resolve();
    for (const [number, listener] of [...listeners]) listener({ kind: "failed", number, message });
  };

  /** Sends the facility, but its sites only if they have changed. */
  const sendFacility = () => {
    const facility = configdb.find();
    const sites = facility === sentFacility ? undefined : facility?.sites;
    post({ kind: "facility", sites, state: configdb.state() });
    sentFacility = facility;
  };

  return {
    isLost: () => isLost,

    /**
     * Sends a request to the worker.
     * @param openStream takes a slot for a streamed response, and returns the function that releases it
     * @returns the response, and `done`, which resolves when the worker can take the next request
     */
    ask(sent: WorkerRequest, signal: AbortSignal, openStream: () => () => void) {
      const number = ++last;
      const response = Promise.withResolvers<Response>();
      const done = Promise.withResolvers<void>();
      const stop = () => {
        post({ kind: "stop", number });
        response.reject(new GivenUp());
      };
      const end = () => {
        listeners.delete(number);
        signal.removeEventListener("abort", stop);
        done.resolve();
      };
      const begin = ({ status, headers, bytes }: Answer) => {
        done.resolve();
        if (bytes !== undefined) {
          end();
          return response.resolve(new Response(bytes.byteLength > 0 ? bytes : null, { status, headers }));
        }
        try {
          const stream = streamOf(number, post, openStream(), end);
          listeners.set(number, stream.listen);
          response.resolve(new Response(stream.body, { status, headers }));
        } catch (error) {
          post({ kind: "stop", number });
          end();
          response.reject(error);
        }
      };
      listeners.set(number, (message) => {
        if (message.kind === "answer") return begin(message);
        end();
        const cause = message.kind === "failed" ? message.message : message.kind;
        response.reject(Object.assign(new Unavailable("The request can't be answered now. Try again."), { cause }));
      });
      signal.addEventListener("abort", stop);
      sendFacility();
      post({ kind: "ask", number, sent });
      return { response: response.promise, done: done.promise };
    },

    async close() {
      post({ kind: "close" });
      await closed.promise;
      thread.terminate();
    },
  };
}

/** A streamed response: the worker generates a piece after the client has received the one before. */
function streamOf(number: number, post: (message: ToWorker) => void, closeStream: () => void, atEnd: () => void) {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let taken = Promise.withResolvers<void>();
  const end = () => {
    closeStream();
    atEnd();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(own) {
        controller = own;
      },
      pull() {
        taken = Promise.withResolvers();
        post({ kind: "more", number });
        return taken.promise;
      },
      cancel() {
        post({ kind: "stop", number });
        end();
      },
    },
    { highWaterMark: 0 },
  );
  const listen: Listener = (message) => {
    if (message.kind === "piece") controller?.enqueue(message.bytes);
    else {
      if (message.kind === "end") controller?.close();
      else controller?.error(new Error(message.kind === "failed" ? message.message : message.kind));
      end();
    }
    taken.resolve();
  };
  return { body, listen };
}
