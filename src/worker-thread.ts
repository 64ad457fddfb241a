/** A worker as the main thread sees it: its thread, the messages between them, and the requests that it answers. */

import type { ConfigdbState } from "./facility/configdb.ts";
import type { Facility } from "./facility/facility.ts";
import { readWhole } from "./http/body.ts";
import { addressOf, basePathOf, type Details, type Level, requestIdOf } from "./http/request-context.ts";
import { discard } from "./http/send.ts";
import { GivenUp, Problem, Unavailable } from "./input/problem.ts";
import type { Services } from "./services.ts";

export type WorkerRequest = Awaited<ReturnType<typeof workerRequestOf>>;

export type ToWorker =
  | { readonly begin: Pick<Services, "config" | "keys" | "file"> }
  | {
      readonly ask: WorkerRequest;
      /** Gets `FromAnswer`. Sends "more" when the client has received the previous piece, "stop" when it disconnects. */
      readonly port: MessagePort;
      /** The facility's; undefined if unchanged. */
      readonly sites: Facility["sites"] | undefined;
      readonly state: ConfigdbState;
    }
  | "close";

export type FromWorker =
  | { readonly level: Level; readonly message: string; readonly details: Details }
  | { readonly cut: Parameters<Services["logTruncation"]> }
  | "closed";

interface AnswerHead {
  readonly status: number;
  readonly headers: [string, string][];
  /** The whole body; undefined if pieces follow on request. */
  readonly bytes?: ArrayBuffer;
}

/** The head comes first; without a whole body, the last one has no piece, but the error if there was one. */
export type FromAnswer =
  | { readonly head: AnswerHead }
  | { readonly piece: Uint8Array<ArrayBuffer> }
  | { readonly failure: string | undefined };

/** Reads a request, and authenticates its user; `found` says who that is, or why it failed. */
export async function workerRequestOf(request: Request, { auth, clock }: Services) {
  const { method, url, headers } = request;
  const facts = { id: requestIdOf(request), address: addressOf(request), base: basePathOf(request) };
  const found = await auth.identify(request).catch((error) => {
    if (!(error instanceof Problem)) throw error;
    return { problem: { status: error.status, detail: error.detail, headers: error.headers } };
  });
  return { method, url, headers: [...headers], body: await readWhole(request), facts, found, now: clock() };
}

/** Starts a worker, which opens the database by itself. */
export function startWorker({ config, keys, file, configdb, log, logTruncation, steadyClock }: Services) {
  const thread = new Worker(new URL("./worker.ts", import.meta.url));
  const ended = Promise.withResolvers<void>();
  const open = new Set<{ stop(): void; end(failure?: string): void; readonly ended: Promise<void> }>();
  let sentFacility: unknown;
  let isClosing = false;

  const post = (message: ToWorker, transfer: Transferable[] = []) => thread.postMessage(message, transfer);
  post({ begin: { config, keys, file } });
  ended.promise.then(() => thread.terminate());

  thread.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data === "closed") ended.resolve();
    else if ("cut" in data) logTruncation(...data.cut);
    else log[data.level](data.message, data.details);
  };
  thread.onerror = ({ message }: ErrorEvent) => {
    log.error("a worker failed", { error: message });
    ended.resolve();
    for (const answer of open) answer.end(message);
  };

  return {
    startedAt: steadyClock(),
    ended: ended.promise,
    isSending: () => open.size > 0,

    /** @param openStream takes a slot for a stream @returns also when it can take the next request, and when this one is over */
    ask(request: WorkerRequest, signal: AbortSignal, openStream: () => () => void) {
      const { port1: port, port2 } = new MessageChannel();
      const response = Promise.withResolvers<Response>();
      const free = Promise.withResolvers<void>();
      const over = Promise.withResolvers<void>();
      let stream: ReturnType<typeof streamFrom> | undefined;
      const stop = () => {
        port.postMessage("stop");
        response.reject(new GivenUp());
      };
      const end = (failure?: string) => {
        signal.removeEventListener("abort", stop);
        open.delete(answer);
        port.close();
        stream?.end(failure);
        free.resolve();
        over.resolve();
        if (failure === undefined) return;
        const error = new Unavailable("The request can't be answered now. Try again.");
        response.reject(Object.assign(error, { cause: failure }));
      };
      const begin = ({ bytes, ...init }: AnswerHead) => {
        if (bytes) {
          response.resolve(new Response(bytes.byteLength > 0 ? bytes : null, init));
          // `Response` has copied them.
          discard(bytes);
          return end();
        }
        try {
          stream = streamFrom(port, openStream());
          response.resolve(new Response(stream.body, init));
          free.resolve();
        } catch (error) {
          response.reject(error);
          stop();
        }
      };
      const answer = { stop, end, ended: over.promise };
      port.onmessage = ({ data }: MessageEvent<FromAnswer>) => {
        if ("head" in data) begin(data.head);
        else if ("piece" in data) stream?.add(data.piece);
        else end(data.failure);
      };
      open.add(answer);
      // The client may have disconnected while a worker was being closed.
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop);
      // The sites only if they have changed.
      const facility = configdb.find();
      const sites = facility === sentFacility ? undefined : facility?.sites;
      sentFacility = facility;
      post({ ask: request, port: port2, sites, state: configdb.state() }, [port2]);
      return { response: response.promise, isFree: free.promise, isOver: over.promise };
    },

    close() {
      for (const { stop } of open) stop();
      if (!isClosing) Promise.all([...open].map((answer) => answer.ended)).then(() => post("close"));
      isClosing = true;
      return ended.promise;
    },
  };
}

/** A streamed response: the worker generates a piece after the client has received the one before. */
function streamFrom(port: MessagePort, release: () => void) {
  let next = Promise.withResolvers<Uint8Array | undefined>();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(stream) {
        const { promise } = next;
        port.postMessage("more");
        const piece = await promise;
        if (piece) stream.enqueue(piece);
        else stream.close();
      },
      cancel() {
        release();
        port.postMessage("stop");
      },
    },
    { highWaterMark: 0 },
  );
  return {
    body,
    add(piece: Uint8Array) {
      const { resolve } = next;
      next = Promise.withResolvers();
      resolve(piece);
    },
    end(failure: string | undefined) {
      release();
      if (failure === undefined) return next.resolve(undefined);
      // Without this, the rejection is unhandled if no read is pending.
      next.promise.catch(() => {});
      next.reject(new Error(failure));
    },
  };
}
