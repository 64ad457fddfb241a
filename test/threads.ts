/**
 * Threads of the services, used again: starting one costs ten times as much as starting a service. What a thread does is real;
 * only its end is put off until all tests have ended.
 */

import type { FromWorker } from "../src/worker-thread.ts";

const idle: Worker[] = [];

globalThis.Worker = new Proxy(Worker, {
  construct(Thread, [url, options]: ConstructorParameters<typeof Worker>) {
    if (!String(url).endsWith("/src/worker.ts")) return new Thread(url, options);
    return idle.pop() ?? keep(new Thread(url, options));
  },
});

/** Makes `terminate` keep a thread that has closed its service. */
function keep(thread: Worker): Worker {
  const { terminate } = thread;
  let isClosed = false;
  let isLost = false;
  // A thread that has failed may end later.
  thread.addEventListener("error", () => {
    isLost = true;
  });
  thread.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    if (data === "closed") isClosed = true;
  });
  return Object.assign(thread, {
    terminate() {
      if (isLost || !isClosed) return terminate.call(thread);
      thread.onmessage = null;
      thread.onerror = null;
      isClosed = false;
      idle.push(thread);
    },
  });
}
