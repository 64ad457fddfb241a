/** A worker: the application on a separate thread, which answers the requests that it is sent. */

import { AsyncLocalStorage } from "node:async_hooks";
import { createApp } from "./app.ts";
import { appPartsOf } from "./app-services.ts";
import type { Found } from "./auth/authenticate.ts";
import { openDatabase } from "./database/open.ts";
import type { Database } from "./database/sql.ts";
import { type Configdb, type ConfigdbState, reached } from "./facility/configdb.ts";
import { Facility } from "./facility/facility.ts";
import { rememberRequest } from "./http/request-context.ts";
import type { Level, Log } from "./http/request-log.ts";
import { isStreamed } from "./http/send.ts";
import { Problem } from "./input/problem.ts";
import { assembleServices, databaseSettingsOf } from "./services.ts";
import type { FromWorker, ToWorker, WorkerRequest, WorkerStart } from "./worker-messages.ts";

declare const self: Worker;

/** A worker's cache, as a fraction of the main thread's. */
const cacheFraction = 1 / 8;

/** After a response that took longer, garbage is collected. */
const longMillis = 200;

/** The signal of the current request, aborted when its client disconnects. */
const signals = new AsyncLocalStorage<AbortSignal>();
const foundBy = new WeakMap<Request, WorkerRequest["found"]>();
const running = new Map<number, { readonly stop: AbortController; readonly startedAt: number }>();
const streams = new Map<number, ReadableStreamDefaultReader<Uint8Array>>();

let now = 0;
let facility: Facility | undefined;
let configdbState: ConfigdbState = { source: "", isExample: false, ageSeconds: undefined };

const post = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, transfer);

const configdb: Configdb = {
  find: () => facility,
  get: () => reached(facility),
  state: () => configdbState,
  failures: () => 0,
  renew: async () => false,
  close: async () => {},
};

const at =
  (level: Level): Log["info"] =>
  (message, details = {}) =>
    post({ kind: "log", level, message, details });
// The main thread logs requests.
const log: Log = {
  info: at("info"),
  warn: at("warn"),
  error: at("error"),
  request: () => {},
};

/** Returns the user whom the main thread has authenticated. */
function identified(request: Request): Found {
  const found = foundBy.get(request) ?? {};
  if (!("problem" in found)) return found;
  const { status, detail, headers } = found.problem;
  throw new Problem(status, detail, headers);
}

/** Stops reads once the client has disconnected. Writes are completed. */
function abortable(database: Database): Database {
  const check = () => signals.getStore()?.throwIfAborted();
  return {
    ...database,
    async all(query) {
      check();
      return database.all(query);
    },
    async first(query) {
      check();
      return database.first(query);
    },
    async *stream(query) {
      for await (const batch of database.stream(query)) {
        check();
        yield batch as never;
      }
    },
  };
}

async function start({ config, keys, file }: WorkerStart) {
  facility = undefined;
  const database = await openDatabase(databaseSettingsOf(config), { file });
  const clock = () => now;
  const parts = assembleServices({
    database: abortable(database),
    config,
    configdb,
    keys,
    clock,
    steadyClock: clock,
    log,
    identified,
  });
  const { app } = createApp(
    appPartsOf(parts, {
      config,
      log,
      cutNotice: (...notice) => post({ kind: "cut", notice }),
      keptBytes: config.CACHE_MB * 1024 * 1024 * cacheFraction,
    }),
  );
  return { app, close: parts.close };
}

let service: ReturnType<typeof start> | undefined;

async function answer(number: number, sent: WorkerRequest): Promise<void> {
  const stop = new AbortController();
  running.set(number, { stop, startedAt: performance.now() });
  now = sent.now;
  const { method, url, headers, body = null, id, address, base, found } = sent;
  const request = new Request(url, { method, headers, body, signal: stop.signal });
  rememberRequest(request, { id, address, base });
  foundBy.set(request, found);
  const response = await signals.run(
    stop.signal,
    async () => (await service)?.app.handle(request) as Promise<Response>,
  );
  const head = { kind: "answer" as const, number, status: response.status, headers: [...response.headers] };
  if (isStreamed(response) && response.body && !stop.signal.aborted) {
    streams.set(number, response.body.getReader());
    return post({ ...head, bytes: undefined });
  }
  const bytes = await response.arrayBuffer();
  post({ ...head, bytes }, [bytes]);
  end(number);
}

async function sendPiece(number: number): Promise<void> {
  const { done, value } = (await streams.get(number)?.read()) ?? { done: true };
  if (!done)
    return post({ kind: "piece", number, bytes: value as Uint8Array<ArrayBuffer> }, [value.buffer as ArrayBuffer]);
  post({ kind: "end", number });
  end(number);
}

function end(number: number): void {
  const { startedAt = performance.now() } = running.get(number) ?? {};
  running.delete(number);
  streams.delete(number);
  // Otherwise the garbage of several heavy responses accumulates.
  if (performance.now() - startedAt > longMillis) Bun.gc(true);
}

function stop(number: number): void {
  running.get(number)?.stop.abort();
  const stream = streams.get(number);
  // A response that isn't sent yet ends by itself.
  if (!stream) return;
  stream.cancel().catch(() => {});
  end(number);
}

const updateFacility = ({ sites, state }: Extract<ToWorker, { kind: "facility" }>) => {
  if (sites) facility = new Facility(sites);
  configdbState = state;
};

const failing = (number: number) => (error: unknown) => {
  end(number);
  post({ kind: "failed", number, message: String(error) });
};

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "begin") service = start(data.start);
  else if (data.kind === "facility") updateFacility(data);
  else if (data.kind === "ask") answer(data.number, data.sent).catch(failing(data.number));
  else if (data.kind === "more") sendPiece(data.number).catch(failing(data.number));
  else if (data.kind === "stop") stop(data.number);
  else
    Promise.resolve(service)
      .then((opened) => opened?.close())
      .finally(() => post({ kind: "closed" }));
};
