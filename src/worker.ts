/** A worker: the application on a separate thread, which answers the requests that it is sent. */

import { AsyncLocalStorage } from "node:async_hooks";
import { createApp } from "./app.ts";
import type { Found } from "./auth/authenticate.ts";
import { databaseSettingsOf } from "./config.ts";
import { openDatabase } from "./database/open.ts";
import type { Database } from "./database/sql.ts";
import { type Configdb, type ConfigdbState, reached } from "./facility/configdb.ts";
import { Facility } from "./facility/facility.ts";
import { type Level, type Log, rememberRequest } from "./http/request-context.ts";
import { isStreamed } from "./http/send.ts";
import { GivenUp, Problem } from "./input/problem.ts";
import { assembleServices, type Services } from "./services.ts";
import type { FromAnswer, FromWorker, ToWorker, WorkerRequest } from "./worker-thread.ts";

declare const self: Worker;

const cachePart = 1 / 8;
/** Garbage is collected after a response that took longer… */
const longMillis = 50;
/** …and as often as this while the worker is busy. */
const collectMillis = 100;

/** The signal of the current request, aborted when its client disconnects. */
const signals = new AsyncLocalStorage<AbortSignal>();
const foundBy = new WeakMap<Request, WorkerRequest["found"]>();

let now = 0;
let facility: Facility | undefined;
let configdbState: ConfigdbState = { source: "", isExample: false, ageSeconds: undefined };
let service: ReturnType<typeof start> | undefined;

const post = (message: FromWorker) => self.postMessage(message);

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
    post({ level, message, details });
// The main thread logs requests.
const log: Log = { info: at("info"), warn: at("warn"), error: at("error"), request: () => {} };

function identified(request: Request): Found {
  const found = foundBy.get(request) ?? {};
  if (!("problem" in found)) return found;
  const { status, detail, headers } = found.problem;
  throw new Problem(status, detail, headers);
}

/** Stops reads once the client has disconnected. Writes are completed. */
function abortable(database: Database): Database {
  const check = () => {
    if (signals.getStore()?.aborted) throw new GivenUp();
  };
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

async function start({ config, keys, file }: Pick<Services, "config" | "keys" | "file">) {
  facility = undefined;
  const database = abortable(await openDatabase(databaseSettingsOf(config), { file }));
  const clock = () => now;
  const services = assembleServices({
    ...{ database, config, configdb, keys, clock, steadyClock: clock, log, identified },
    logTruncation: (...cut) => post({ cut }),
    cachePart,
  });
  return { app: createApp(services).app, close: services.close };
}

let isCollecting = false;

/** Collects garbage, which otherwise accumulates. Later, because what running functions have just used isn't freed. */
function collectSoon(): void {
  if (isCollecting) return;
  isCollecting = true;
  setTimeout(() => {
    isCollecting = false;
    Bun.gc(true);
  }, collectMillis);
}

async function answer(sent: WorkerRequest, port: MessagePort): Promise<void> {
  const startedAt = performance.now();
  const { method, url, headers, body = null, facts, found } = sent;
  const stopping = new AbortController();
  const { signal } = stopping;
  let pieces: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;

  const end = (message: FromAnswer, transfer: Transferable[] = []) => {
    port.postMessage(message, transfer);
    if (performance.now() - startedAt > longMillis) collectSoon();
  };
  const sendPiece = async () => {
    const { done, value } = (await pieces?.read()) ?? {};
    if (value) {
      port.postMessage({ piece: value }, [value.buffer]);
      collectSoon();
    } else if (done && !signal.aborted) end({ failure: undefined });
  };
  const stop = async () => {
    stopping.abort();
    // A response that isn't sent yet ends by itself.
    const stopped = pieces;
    pieces = undefined;
    await stopped?.cancel();
    if (stopped) end({ failure: undefined });
  };
  const fail = (error: unknown) => end({ failure: String(error) });
  port.onmessage = ({ data }: MessageEvent<"more" | "stop">) =>
    void (data === "more" ? sendPiece() : stop()).catch(fail);

  now = sent.now;
  const request = new Request(url, { method, headers, body, signal });
  rememberRequest(request, { ...facts, address: () => facts.address });
  foundBy.set(request, found);
  const collecting = setInterval(Bun.gc, collectMillis, true);
  try {
    const handle = async () => (await service)?.app.handle(request) as Promise<Response>;
    const response = await signals.run(signal, handle);
    const head = { status: response.status, headers: [...response.headers] };
    if (isStreamed(response) && response.body && !signal.aborted) {
      pieces = response.body.getReader();
      port.postMessage({ head });
    } else {
      const bytes = await response.arrayBuffer();
      end({ head: { ...head, bytes } }, [bytes]);
    }
  } catch (error) {
    fail(error);
  } finally {
    clearInterval(collecting);
  }
}

self.onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  if (data === "close") {
    // A service that failed to open needs no closing.
    await service?.then(({ close }) => close()).catch(() => {});
    post("closed");
  } else if ("begin" in data) service = start(data.begin);
  else {
    if (data.sites) facility = new Facility(data.sites);
    configdbState = data.state;
    await answer(data.ask, data.port);
  }
};
