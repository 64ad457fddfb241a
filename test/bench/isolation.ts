/** Measures how long `/health` and a scheduler's query wait during heavy requests. */

import { Database } from "bun:sqlite";
import { join } from "node:path";
import postgres from "postgres";
import { exactCsv } from "../../src/downtime/csv.ts";
import { signIn } from "../harness.ts";
import { type Ground, type Heavy, heavyKinds, sendHeavy } from "../heavy.ts";
import type { Waits } from "./probe.ts";
import { draftsOf } from "./queries.ts";
import { type Bench, databaseWith, type Measurement, token, withServers } from "./rows.ts";
import { exampleFacility, type Server, startService } from "./servers.ts";

const middle = Date.UTC(2026, 10, 22);
const [{ site, enclosure, telescope } = { site: "", enclosure: "", telescope: "" }] = exampleFacility.places();
const poll = "/api/?ends_after=2026-11-22%2000:00:00&starts_before=2026-12-06%2000:00:00";

/** The goals for the longest wait and the 99th percentile, in milliseconds. */
const [worstGoal, p99Goal] = [150, 50];
const memoryGoal = 400;

interface Result extends Waits {
  readonly megabytes: number;
  readonly statuses: string;
}

/** Measures waits and memory while the work runs. */
export async function during(server: Server, work: () => Promise<readonly (number | string)[]>): Promise<Result> {
  const url = `http://127.0.0.1:${server.port}`;
  const probe = Bun.spawn([process.execPath, join(import.meta.dir, "probe.ts"), url, poll], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const output = probe.stdout.getReader();
  await output.read();
  let megabytes = 0;
  const readMemory = () => {
    megabytes = Math.max(megabytes, server.residentMegabytes());
  };
  const timer = setInterval(readMemory, 200);
  const startedAt = performance.now();
  const statuses = await work();
  // Long enough for a hundred requests, which a 99th percentile needs.
  await Bun.sleep(Math.max(0, 1000 - (performance.now() - startedAt)));
  clearInterval(timer);
  readMemory();
  probe.stdin.end();
  let text = "";
  for (let part = await output.read(); !part.done; part = await output.read())
    text += new TextDecoder().decode(part.value);
  const counts = Map.groupBy(statuses, String);
  return {
    ...(JSON.parse(text) as Waits),
    megabytes,
    statuses: [...counts].map(([status, all]) => `${all.length} × ${status}`).join(", "),
  };
}

const measurementsOf = (
  name: string,
  { worstMillis, p99Millis, megabytes, statuses, failed }: Result,
): Measurement[] => {
  const title = `${name}${statuses ? ` (${statuses})` : ""}${failed > 0 ? `, ${failed} requests failed` : ""}`;
  return [
    { name: title, unit: "ms at most", goal: 1, better: "less", rounds: [[worstMillis, worstGoal]] },
    { name: "", unit: "ms (p99)", goal: 1, better: "less", rounds: [[p99Millis, p99Goal]] },
    { name: "", unit: "MB", goal: 1, better: "less", rounds: [[megabytes, memoryGoal]] },
  ];
};

export interface IsolationSettings {
  readonly rows: number;
  /** Selects the kinds of requests. */
  readonly only: RegExp;
}

export async function groundOf(url: string): Promise<Ground> {
  const send = (path: string, init?: RequestInit) => fetch(url + path, { redirect: "manual", ...init });
  const { writing } = await signIn({ send }, "bench", "bench");
  return { url, middle, place: { site, enclosure, telescope }, writer: token, staff: writing };
}

/** Runs each kind of heavy request once and 40 times in parallel, writes during another process's lock, and an import. */
export async function isolation(
  bench: Bench,
  engine: "sqlite" | "postgres",
  { rows, only }: IsolationSettings,
): Promise<Measurement[]> {
  const settings = await databaseWith(bench, engine, rows);
  const found: Measurement[] = [];
  const report = (name: string, result: Result) => {
    found.push(...measurementsOf(`${engine}: ${name}`, result));
    const { worstMillis, p99Millis, megabytes, statuses } = result;
    process.stderr.write(
      `${engine}: ${name}: worst ${worstMillis.toFixed(1)} ms, p99 ${p99Millis.toFixed(1)} ms, ${megabytes.toFixed()} MB; ${statuses}\n`,
    );
  };
  await withServers([startService(settings, false)], async (server) => {
    const url = `http://127.0.0.1:${server.port}`;
    const ground = await groundOf(url);
    report("at rest", await during(server, async () => []));
    for (const [kind, heavy] of Object.entries(heavyKinds).filter(([kind]) => only.test(kind)))
      for (const count of [1, 40]) {
        const requests: Heavy[] = [];
        for (let index = 0; index < count; index++) requests.push(await heavy(ground, index + count));
        report(
          count > 1 ? `${kind}, ${count} in parallel` : kind,
          await during(server, () => Promise.all(requests.map((request) => sendHeavy(url, request).catch(String)))),
        );
      }
    if (!only.test("writes")) return;
    const release = await takeLock(engine, settings);
    const wrong = { authorization: `Basic ${btoa("bench:wrong")}` };
    report(
      "40 writes and wrong passwords while another process holds the write lock",
      await during(server, () =>
        Promise.all(
          Array.from({ length: 40 }, async (_, index) => {
            const init = { method: "POST", headers: index % 2 ? wrong : token, body: "{}" };
            return (await fetch(`${url}/api/series/${index}/`, { ...init, method: "DELETE" })).status;
          }),
        ),
      ),
    );
    await release();
    report("an import of the same number of rows", await during(server, () => importRows(bench, settings, rows)));
  });
  return found;
}

/** Takes the write lock. @returns releases it */
async function takeLock(engine: "sqlite" | "postgres", settings: Readonly<Record<string, string>>) {
  if (engine === "sqlite") {
    const writer = new Database(settings.DB_NAME as string);
    writer.run("BEGIN IMMEDIATE");
    return async () => {
      writer.run("ROLLBACK");
      writer.close();
    };
  }
  const client = postgres(settings.DATABASE_URL as string, { max: 1 });
  await client`SELECT pg_advisory_lock(1685026670)`;
  return () => client.end();
}

async function importRows({ folder }: Bench, settings: Readonly<Record<string, string>>, rows: number) {
  const file = join(folder, `import-${crypto.randomUUID()}.csv`);
  const writer = Bun.file(file).writer();
  writer.write(exactCsv.header());
  for (const drafts of draftsOf(rows, exampleFacility, 2))
    writer.write(
      exactCsv.rows(drafts.map((draft) => ({ ...draft, id: 0, created: draft.start, modified: draft.start }))),
    );
  await writer.end();
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../../src/main.ts"), "import", file], {
    env: { PATH: process.env.PATH ?? "", CONFIGDB_URL: "", ...settings },
    stdout: "ignore",
    stderr: "inherit",
  });
  return [`exit ${await child.exited}`];
}
