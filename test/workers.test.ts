import { Database } from "bun:sqlite";
import { afterEach, expect, spyOn, test } from "bun:test";
import { draftsOf } from "./bench/queries.ts";
import { as, draft, type Engine, engines, facility, noon, type Service, startService } from "./harness.ts";

let service: Service;
const stopAll: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopAll.splice(0)) await stop();
});

async function start(engine: Engine): Promise<Service> {
  service = await startService({ engine });
  stopAll.push(service.stop);
  return service;
}

async function startFull(engine: Engine, rows: number, reasonLength = 0): Promise<void> {
  await start(engine);
  for (const drafts of draftsOf(rows, facility)) {
    const long = drafts.map((draft) => ({ ...draft, reason: draft.reason.padEnd(reasonLength, ".") }));
    await service.services.downtimes.addAll(long, { by: "test", at: noon });
  }
}

/** Starts to read a response, and keeps it open. */
async function open(path: string) {
  const giveUp = new AbortController();
  const response = await service.send(path, { signal: giveUp.signal });
  return { response, leave: () => giveUp.abort() };
}

for (const engine of engines)
  test(`long responses are complete, HEAD reads no rows, and a network can't take all slots, on ${engine}`, async () => {
    // Several batches, and more than sockets buffer while nobody reads.
    const rows = 3500;
    await startFull(engine, rows, 3000);
    const lines = (await (await service.send("/downtimes.csv")).text()).trim().split("\n");
    expect(lines).toHaveLength(rows + 1);
    const list = await service.ask<{ count: number; results: unknown[] }>("/api/?limit=20000");
    expect([list.body.count, list.body.results.length]).toEqual([rows, rows]);
    for (const path of ["/downtimes.csv", "/api/?limit=20000"]) {
      const head = await service.send(path, { method: "HEAD" });
      expect([head.status, await head.text()]).toEqual([200, ""]);
      const whole = await service.send(path);
      expect(head.headers.get("content-type")).toBe(whole.headers.get("content-type"));
      await whole.body?.cancel();
    }

    const opened = [];
    for (let index = 0; index < 4; index++) opened.push(await open("/downtimes.csv"));
    expect(opened.map(({ response }) => response.status)).toEqual([200, 200, 200, 200]);
    const refused = await service.send("/downtimes.csv");
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    opened[0]?.leave();
    let status = 429;
    while (status === 429) status = (await service.send("/downtimes.csv")).status;
    expect(status).toBe(200);
    for (const { leave } of opened) leave();
  });

test("a long response whose first rows can't be read is an error, not a truncated 200", async () => {
  await start("sqlite");
  const path = "/downtimes.csv";
  expect((await service.send(path)).status).toBe(200);
  const database = new Database(service.settings.DB_NAME as string);
  database.run("ALTER TABLE downtime RENAME TO elsewhere");
  database.close();
  const answer = await service.send(path);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([500, "application/json;charset=utf-8"]);
});

test("workers know the request's user, and reject wrong tokens", async () => {
  await start("sqlite");
  const path = "/api/report/";
  expect((await service.send(path, { headers: as("ada") })).status).toBe(200);
  expect((await service.send(path, { headers: { authorization: "Token nobody's" } })).status).toBe(401);
  const body = JSON.stringify({ reason: draft.reason });
  const posting = { method: "POST", body, headers: { "content-type": "application/json" } };
  expect((await service.send("/api/series/", posting)).status).toBe(401);
  const ben = { ...posting.headers, ...as("ben") };
  expect((await service.send("/api/series/", { ...posting, headers: ben })).status).toBe(403);
});

test("a request whose client disconnects while it waits is no error, and the next ones are answered", async () => {
  await startFull("sqlite", 20_000);
  const path = "/api/report/?start=2026-01-01&end=2026-12-31";
  const giving = new AbortController();
  const sent = Array.from({ length: 8 }, () => service.send(path, { signal: giving.signal }).catch(() => "given up"));
  // All requests have arrived by now.
  expect((await service.send("/health")).status).toBe(200);
  giving.abort();
  expect(new Set(await Promise.all(sent))).toEqual(new Set(["given up"]));
  expect((await service.send(path)).status).toBe(200);
  const statuses = service.log.filter((line) => line.path === "/api/report/").map(({ status }) => status);
  expect(statuses.at(-1)).toBe(200);
  expect(statuses.slice(0, -1).every((status) => status === 499)).toBe(true);
  expect(service.log.filter(({ level }) => level === "error")).toEqual([]);
});

test("idle workers are closed while the process has much memory, and new ones answer", async () => {
  // More than sockets buffer while nobody reads.
  const rows = 3500;
  await startFull("sqlite", rows, 3000);
  const { Worker } = globalThis;
  let started = 0;
  globalThis.Worker = new Proxy(Worker, {
    construct(Thread, [url, options]: ConstructorParameters<typeof Worker>) {
      started += 1;
      return new Thread(url, options);
    },
  });
  const memory = spyOn(process.memoryUsage, "rss").mockReturnValue(0);
  const ask = async () => (await service.send("/api/report/")).status;
  try {
    expect([await ask(), started]).toEqual([200, 1]);
    memory.mockReturnValue(1e12);
    // Not at once.
    expect([await ask(), await ask(), started]).toEqual([200, 200, 1]);
    service.clock.forward(2000);
    // The worker is closed before or after its next response.
    expect([await ask(), await ask(), started]).toEqual([200, 200, 2]);
    service.clock.forward(2000);
    // With requests that wait, and a stream, which is sent to its end.
    const file = await service.send("/downtimes.csv");
    expect(await Promise.all(Array.from({ length: 8 }, ask))).toEqual(Array.from({ length: 8 }, () => 200));
    expect((await file.text()).trim().split("\n")).toHaveLength(rows + 1);
    const before = started;
    memory.mockReturnValue(0);
    expect([await ask(), await ask()]).toEqual([200, 200]);
    expect(started - before).toBeLessThanOrEqual(1);
  } finally {
    memory.mockRestore();
    globalThis.Worker = Worker;
  }
});
