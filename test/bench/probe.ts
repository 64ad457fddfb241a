/**
 * The probe: a process of its own that asks for the health and for two weeks again and again, as a watchdog and a scheduler
 * do, until its input ends. Then it tells how long they waited, as JSON on standard output.
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
let isOver = false;

async function askAgainAndAgain(path: string): Promise<void> {
  while (!isOver) {
    const sentAt = performance.now();
    const response = await fetch(url + path);
    await response.arrayBuffer();
    waits.push(performance.now() - sentAt);
    if (response.status !== 200) failed += 1;
    await Bun.sleep(pauseMillis);
  }
}

const asking = Promise.all(["/health", poll].map(askAgainAndAgain));
process.stdout.write("ready\n");
await Bun.stdin.text();
isOver = true;
await asking;
const sorted = waits.toSorted((a, b) => a - b);
const outcome: Waits = {
  count: sorted.length,
  p99Millis: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
  worstMillis: sorted.at(-1) ?? Number.NaN,
  failed,
};
process.stdout.write(JSON.stringify(outcome));
