/**
 * Threads of the services, used again: starting one costs ten times as much as starting a service. What a thread does is real;
 * only its end is put off until all tests have ended.
 */

import type { FromWorker, ToWorker } from "../src/worker-messages.ts";

const idle: Worker[] = [];

globalThis.Worker = new Proxy(Worker, {
  construct(Thread, [url, options]: ConstructorParameters<typeof Worker>) {
    if (!String(url).endsWith("/src/worker.ts")) return new Thread(url, options);
    return idle.pop() ?? keep(new Thread(url, options));
  },
});

/** Makes `terminate` keep a thread that has closed its service, unless it may still have something to say about a request. */
function keep(thread: Worker): Worker {
  const { postMessage, terminate } = thread;
  const open = new Set<number>();
  const streams = new Set<number>();
  let isClosed = false;
  let isLost = false;
  // A thread that has failed may end later.
  thread.addEventListener("error", () => {
    isLost = true;
  });
  thread.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === "failed") isLost = true;
    if (data.kind === "closed") isClosed = true;
    else if (data.kind === "answer" && data.bytes === undefined) streams.add(data.number);
    else if (data.kind === "answer" || data.kind === "end" || data.kind === "failed") open.delete(data.number);
  });
  return Object.assign(thread, {
    postMessage(message: ToWorker) {
      if (message.kind === "ask") open.add(message.number);
      // Otherwise the answer follows nonetheless.
      if (message.kind === "stop" && streams.has(message.number)) open.delete(message.number);
      postMessage.call(thread, message);
    },
    terminate() {
      if (isLost || !isClosed || open.size > 0) return terminate.call(thread);
      thread.onmessage = null;
      thread.onerror = null;
      streams.clear();
      isClosed = false;
      idle.push(thread);
    },
  });
}
