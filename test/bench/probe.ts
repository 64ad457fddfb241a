/**
 * The probe, a separate process: requests `/health` and two weeks of downtimes repeatedly, like a health check and a
 * scheduler, until standard input ends. Then it prints the waiting times as JSON.
 */

const [url = "", poll = ""] = process.argv.slice(2);
/** Milliseconds between two requests. */
const pauseMillis = 4;

export interface Waits {
  readonly count: number;
  readonly p99Millis: number;
  readonly worstMillis: number;
  readonly failed: number;
}

const waits: number[] = [];
let failed = 0;
let isDone = false;

async function requestRepeatedly(path: string): Promise<void> {
  while (!isDone) {
    const sentAt = performance.now();
    const response = await fetch(url + path);
    await response.arrayBuffer();
    waits.push(performance.now() - sentAt);
    if (response.status !== 200) failed += 1;
    await Bun.sleep(pauseMillis);
  }
}

const requests = Promise.all(["/health", poll].map(requestRepeatedly));
process.stdout.write("ready\n");
await Bun.stdin.text();
isDone = true;
await requests;
const sorted = waits.toSorted((a, b) => a - b);
const outcome: Waits = {
  count: sorted.length,
  p99Millis: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
  worstMillis: sorted.at(-1) ?? Number.NaN,
  failed,
};
process.stdout.write(JSON.stringify(outcome));
