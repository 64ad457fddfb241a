/** Servers: the service, its twins and the load, each as a process of its own. */

import { join } from "node:path";
import { checkAnswer, toSite } from "../../src/facility/configdb-answer.ts";
import example from "../../src/facility/example-observatory.json";
import { Facility } from "../../src/facility/facility.ts";
import type { Order, Outcome } from "./load.ts";
import type { Twin } from "./twin.ts";

/** The bundled observatory: nothing else needs to run. */
export const exampleFacility = new Facility(checkAnswer(example).results.map(toSite));

/** Servers have a core of their own, where there are two and a way to say so. */
const canPin = Bun.which("taskset") !== null && navigator.hardwareConcurrency > 1;
const onCore = (core: number, command: readonly string[]) =>
  canPin ? ["taskset", "-c", String(core), ...command] : [...command];
export const pinning = canPin ? "server and load on a core each" : "server and load on any core";

const main = join(import.meta.dir, "../../src/main.ts");

export interface Server {
  readonly port: number;
  /** Milliseconds from the start of the process to its first answer. */
  readonly startMillis: number;
  /** Resident memory in MB, as the system counts it. */
  residentMegabytes(): number;
  stop(): Promise<void>;
}

/** Starts the service on a database. @param pinned whether it has a core of its own @param program what runs */
export async function startService(
  settings: Readonly<Record<string, string>>,
  pinned = true,
  program: readonly string[] = [process.execPath, main],
): Promise<Server> {
  const command = [...program, "serve"];
  // What is logged for each request belongs to its cost; where to is nobody's concern here.
  return start(pinned ? onCore(0, command) : command, { PORT: "0", CONFIGDB_URL: "", ...settings }, "/health");
}

/** Starts the least program that gives the same answers. */
export async function startTwin(twin: Twin, pinned = true): Promise<Server> {
  const command = [process.execPath, join(import.meta.dir, "twin.ts"), JSON.stringify(twin)];
  return start(pinned ? onCore(0, command) : command, {}, "/");
}

async function start(command: string[], environment: Record<string, string>, path: string): Promise<Server> {
  const startedAt = performance.now();
  const child = Bun.spawn(command, {
    env: { PATH: process.env.PATH ?? "", ...environment },
    stdout: "pipe",
    stderr: "ignore",
  });
  let said = "";
  let port = 0;
  const output = child.stdout.getReader();
  while (!port) {
    const { done, value } = await output.read();
    if (done) break;
    said += new TextDecoder().decode(value);
    port = Number(/http:\/\/127\.0\.0\.1:(\d+)\//.exec(said)?.[1] ?? 0);
  }
  if (!port) throw new Error(`${command.join(" ")} did not start: ${said}`);
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

/** Sends requests for some seconds, from a process of its own. @throws Error when any answer isn't what was expected */
export async function load(order: Order, expected = "200"): Promise<Outcome> {
  const child = Bun.spawn(onCore(1, [process.execPath, join(import.meta.dir, "load.ts"), JSON.stringify(order)]), {
    stdout: "pipe",
    stderr: "inherit",
  });
  const outcome: Outcome = JSON.parse(await new Response(child.stdout).text());
  const statuses = Object.keys(outcome.statuses).join(", ");
  if (statuses !== expected) throw new Error(`${JSON.stringify(order)} was answered with ${statuses || "nothing"}`);
  return outcome;
}

/** The answer itself. */
export async function answerOf(server: Server, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers, decompress: false });
  return { headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
}
