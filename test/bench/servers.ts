/** Starts the service, the baselines and the load generator, each as a separate process. */

import { join } from "node:path";
import { checkAnswer, toSite } from "../../src/facility/configdb-client.ts";
import { exampleObservatory } from "../../src/facility/example-observatory.ts";
import { Facility } from "../../src/facility/facility.ts";
import type { Baseline } from "./baseline.ts";
import type { Order, Outcome } from "./load.ts";

/** The bundled observatory, so that no ConfigDB is needed. */
export const exampleFacility = new Facility(checkAnswer(exampleObservatory).results.map(toSite));

/** Whether servers can run on a separate core. */
const canPin = Bun.which("taskset") !== null && navigator.hardwareConcurrency > 1;
const onCore = (core: number, command: readonly string[]) =>
  canPin ? ["taskset", "-c", String(core), ...command] : [...command];
export const pinning = canPin ? "server and load on separate cores" : "server and load on any core";

const main = join(import.meta.dir, "../../src/main.ts");

export interface Server {
  readonly port: number;
  /** Milliseconds from the start of the process to its first response. */
  readonly startMillis: number;
  /** Returns the resident memory in MB. */
  residentMegabytes(): number;
  stop(): Promise<void>;
}

/** Starts the service. @param pinned whether to run it on a separate core @param program the command to run */
export async function startService(
  settings: Readonly<Record<string, string>>,
  pinned = true,
  program: readonly string[] = [process.execPath, main],
): Promise<Server> {
  const command = [...program, "serve"];
  // Logging stays on, because it is part of the cost of a request.
  return start(pinned ? onCore(0, command) : command, { PORT: "0", CONFIGDB_URL: "", ...settings }, "/health");
}

/** Starts a baseline: a minimal program with the same responses. */
export async function startBaseline(baseline: Baseline, pinned = true): Promise<Server> {
  const command = [process.execPath, join(import.meta.dir, "baseline.ts"), JSON.stringify(baseline)];
  return start(pinned ? onCore(0, command) : command, {}, "/");
}

async function start(command: string[], environment: Record<string, string>, path: string): Promise<Server> {
  const startedAt = performance.now();
  const child = Bun.spawn(command, {
    env: { PATH: process.env.PATH ?? "", ...environment },
    stdout: "pipe",
    stderr: "ignore",
  });
  let output = "";
  let port = 0;
  const reader = child.stdout.getReader();
  while (!port) {
    const { done, value } = await reader.read();
    if (done) break;
    output += new TextDecoder().decode(value);
    port = Number(/http:\/\/127\.0\.0\.1:(\d+)\//.exec(output)?.[1] ?? 0);
  }
  if (!port) throw new Error(`${command.join(" ")} did not start: ${output}`);
  await (await fetch(`http://127.0.0.1:${port}${path}`)).arrayBuffer();
  const startMillis = performance.now() - startedAt;
  return {
    port,
    startMillis,
    residentMegabytes: () => {
      const { stdout } = Bun.spawnSync(["ps", "-o", "rss=", "-p", String(child.pid)]);
      return Number(stdout.toString()) / 1024;
    },
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

/** Runs the load generator. @throws Error if any response has another status than expected */
export async function load(order: Order, expected = "200"): Promise<Outcome> {
  const child = Bun.spawn(onCore(1, [process.execPath, join(import.meta.dir, "load.ts"), JSON.stringify(order)]), {
    stdout: "pipe",
    stderr: "inherit",
  });
  const outcome: Outcome = JSON.parse(await new Response(child.stdout).text());
  const statuses = Object.keys(outcome.statuses).join(", ");
  if (statuses !== expected) throw new Error(`${JSON.stringify(order)} got ${statuses || "no response"}`);
  return outcome;
}

/** Returns one response. */
export async function fetchResponse(server: Server, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers, decompress: false });
  return { headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
}
