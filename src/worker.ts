/** A worker: the same service on a thread of its own, which answers what it is handed. */

import { AsyncLocalStorage } from "node:async_hooks";
import { createApp } from "./app.ts";
import { appPartsOf } from "./app-services.ts";
import type { Found } from "./auth/authenticate.ts";
import { openDatabase } from "./database/open.ts";
import type { Database } from "./database/sql.ts";
import type { Configdb, ConfigdbState } from "./facility/configdb.ts";
import { Facility } from "./facility/facility.ts";
import { rememberRequest } from "./http/request-context.ts";
import type { Level, Log } from "./http/request-log.ts";
import { isStreamed } from "./http/send.ts";
import { Problem, Unavailable } from "./input/problem.ts";
import { assembleServices, databaseSettingsOf } from "./services.ts";
import type { Beginning, Errand, FromWorker, KnownFacility, ToWorker } from "./workers.ts";

declare const self: Worker;

/** Of the memory that the service keeps answers in, a worker has this part beside. */
const keptPart = 1 / 8;

/** After an answer that took longer than this, memory is cleared away. */
const longMillis = 200;

/** Aborted once nobody waits for the answer that is being made. */
const asking = new AsyncLocalStorage<AbortSignal>();
const foundBy = new WeakMap<Request, Errand["found"]>();
const stops = new Map<number, AbortController>();
const streams = new Map<number, ReadableStreamDefaultReader<Uint8Array>>();

let now = 0;
let facility: Facility | undefined;
let configdbState: ConfigdbState = { source: "", isExample: false, ageSeconds: undefined };

const post = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, transfer);

const configdb: Configdb = {
  find: () => facility,
  get() {
    if (facility) return facility;
    throw new Unavailable(
      "ConfigDB hasn't been reached yet, so telescopes can't be verified. Try again when it is back.",
      60,
    );
  },
  state: () => configdbState,
  renew: async () => false,
  close: async () => {},
};

const at =
  (level: Level): Log["info"] =>
  (message, details = {}) =>
    post({ kind: "log", level, message, details });
// Requests are logged by the thread that they came to.
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

/** Stops reading for whoever has gone. What is being written is written to its end. */
function stoppable(database: Database): Database {
  const check = () => asking.getStore()?.throwIfAborted();
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

async function begin({ config, keys, file }: Beginning) {
  const database = await openDatabase(databaseSettingsOf(config), { file });
  const clock = () => now;
  const parts = assembleServices({
    database: stoppable(database),
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
      keptBytes: config.CACHE_MB * 1024 * 1024 * keptPart,
    }),
  );
  return { app, close: parts.close };
}

let service: ReturnType<typeof begin> | undefined;

async function answer(number: number, errand: Errand): Promise<void> {
  const startedAt = performance.now();
  const stop = new AbortController();
  stops.set(number, stop);
  now = errand.now;
  const { method, url, headers, body = null, id, address, found } = errand;
  const request = new Request(url, { method, headers, body, signal: stop.signal });
  rememberRequest(request, { id, address });
  foundBy.set(request, found);
  const response = await asking.run(stop.signal, async () => (await service)?.app.handle(request) as Promise<Response>);
  const head = { kind: "answer" as const, number, status: response.status, headers: [...response.headers] };
  if (isStreamed(response) && response.body && !stop.signal.aborted) {
    streams.set(number, response.body.getReader());
    return post({ ...head, bytes: undefined });
  }
  const bytes = await response.arrayBuffer();
  stops.delete(number);
  post({ ...head, bytes }, [bytes]);
  // What a heavy answer leaves behind would otherwise wait for the next one, and the next.
  if (performance.now() - startedAt > longMillis) Bun.gc(true);
}

async function sendPiece(number: number): Promise<void> {
  const { done, value } = (await streams.get(number)?.read()) ?? { done: true };
  if (!done)
    return post({ kind: "piece", number, bytes: value as Uint8Array<ArrayBuffer> }, [value.buffer as ArrayBuffer]);
  forget(number);
  post({ kind: "end", number });
}

function forget(number: number): void {
  streams.delete(number);
  stops.delete(number);
}

function stop(number: number): void {
  stops.get(number)?.abort();
  const stream = streams.get(number);
  forget(number);
  stream?.cancel().catch(() => {});
}

const learn = ({ sites, state }: KnownFacility) => {
  if (sites) facility = new Facility(sites);
  configdbState = state;
};

const failing = (number: number) => (error: unknown) => {
  forget(number);
  post({ kind: "failed", number, message: String(error) });
};

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "begin") service = begin(data.beginning);
  else if (data.kind === "facility") learn(data.known);
  else if (data.kind === "ask") answer(data.number, data.errand).catch(failing(data.number));
  else if (data.kind === "more") sendPiece(data.number).catch(failing(data.number));
  else if (data.kind === "stop") stop(data.number);
  else
    Promise.resolve(service)
      .then((opened) => opened?.close())
      .finally(() => post({ kind: "closed" }));
};
