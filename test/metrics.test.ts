import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import { signalCommits } from "../src/database/open.ts";
import { as, asBasic, draft, engines, noon, openTestDatabase, posting, type Service, startService } from "./harness.ts";
import { startPortal } from "./portal.ts";

setDefaultTimeout(30_000);

/** The values of a scrape by name and labels, as written. */
async function scrape(service: Service): Promise<Record<string, number>> {
  const response = await service.send("/metrics");
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
  const lines = (await response.text()).split("\n").filter((line) => /^[^#]/.test(line));
  return Object.fromEntries(lines.map((line) => [line.replace(/ \S+$/, ""), Number(line.split(" ").at(-1))]));
}

const requestsOf = (route: string, method: string, status: number) =>
  `downtime_http_request_duration_seconds_count{route="${route}",method="${method}",status="${status}"}`;

describe("requests", () => {
  test("are counted by route, method and status, on the main thread as in workers", async () => {
    const service = await startService();
    await service.ask("/api/", posting(draft));
    await service.send("/api/1/");
    await service.send("/api/2/");
    await service.send("/api/1/", { method: "DELETE", headers: as("ada") });
    await service.send("/telescopes/ogg/clma/2m0a");
    await service.send("/api/report/");
    const values = await scrape(service);
    expect(values[requestsOf("/api/", "POST", 201)]).toBe(1);
    expect(values[requestsOf("/api/:id/", "GET", 200)]).toBe(1);
    expect(values[requestsOf("/api/:id/", "GET", 404)]).toBe(1);
    expect(values[requestsOf("/api/:id/", "DELETE", 204)]).toBe(1);
    expect(values[requestsOf("/api/report/", "GET", 200)]).toBe(1);
    expect(Object.keys(values).filter((name) => name.includes("telescopes/ogg"))).toEqual([]);
    await service.stop();
  });

  test("have durations in buckets that include those below, up to the count", async () => {
    const service = await startService();
    for (let index = 0; index < 5; index++) await (await service.send("/health")).text();
    const values = await scrape(service);
    const buckets = Object.entries(values).filter(([name]) => name.includes('_bucket{route="/health"'));
    const counts = buckets.map(([, count]) => count);
    expect(buckets).toHaveLength(10);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect([counts.at(-1), values[requestsOf("/health", "GET", 200)]]).toEqual([5, 5]);
    const sum = values['downtime_http_request_duration_seconds_sum{route="/health",method="GET",status="200"}'];
    expect(sum).toBeGreaterThan(0);
    await service.stop();
  });

  test("with made-up paths and methods share one count", async () => {
    const service = await startService();
    await scrape(service);
    const before = Object.keys(await scrape(service)).length;
    for (let index = 0; index < 20; index++) {
      await service.send(`/${crypto.randomUUID()}`);
      await service.send(`/downtimes/${crypto.randomUUID()}`);
      await service.send("/health", { method: `X${index}` }).catch(() => {});
    }
    const values = await scrape(service);
    // At most one more for each of: an unknown path, a bad id, an unknown method; each with 12 lines.
    expect(Object.keys(values).length - before).toBeLessThanOrEqual(3 * 12);
    expect(values[requestsOf("other", "GET", 404)]).toBe(20);
    await service.stop();
  });

  test.each([{}, as("ada")])("for a cached list count as hits, each once, with the headers %j", async (headers) => {
    const service = await startService();
    for (let index = 0; index < 4; index++) await (await service.send("/api/", { headers })).text();
    const values = await scrape(service);
    expect(values['downtime_list_cache_lookups_total{result="miss"}']).toBe(2);
    expect(values['downtime_list_cache_lookups_total{result="hit"}']).toBe(2);
    expect(values[requestsOf("/api/", "GET", 200)]).toBe(4);
    await service.stop();
  });
});

for (const engine of engines)
  describe(`the state on ${engine}`, () => {
    test("counts downtimes and telescopes as the schedule does, to the second", async () => {
      const service = await startService({ engine });
      const at = (seconds: number) => new Date(noon + 1000 * seconds).toISOString().replace(".000", "");
      await service.add({ start: at(0), end: at(60) });
      await service.add({ start: at(-60), end: at(1), telescope: "2m0a", instrument_type: "" });
      await service.add({ start: at(-60), end: at(0) });
      await service.add({ start: at(1), end: at(60) });
      await service.add({ start: at(99), end: at(999) });
      const values = await scrape(service);
      expect(values['downtime_notifications{state="failed"}']).toBe(0);
      expect(values['downtime_downtimes{state="active"}']).toBe(2);
      expect(values['downtime_downtimes{state="upcoming"}']).toBe(2);
      expect(values['downtime_telescopes{state="down"}']).toBe(1);
      expect(values['downtime_telescopes{state="partly_down"}']).toBe(0);
      expect(values['downtime_telescopes{state="available"}']).toBeGreaterThan(0);
      expect(values.downtime_database_up).toBe(1);
      await service.stop();
    });

    test("counts transactions until they end, also those that fail", async () => {
      const { database, close } = await openTestDatabase(engine);
      const signalled = signalCommits(database, () => {});
      const { promise, resolve } = Promise.withResolvers<void>();
      const writes = [
        signalled.transaction(() => promise),
        signalled.exclusively(async () => {}),
        signalled.transaction(async () => {
          throw new Error("no");
        }),
      ];
      expect(signalled.openWrites()).toBe(3);
      resolve();
      await Promise.allSettled(writes);
      expect(signalled.openWrites()).toBe(0);
      await close();
    });
  });

test("open event streams are counted", async () => {
  const service = await startService();
  const streams = await Promise.all([service.send("/events"), service.send("/api/changes/stream")]);
  expect((await scrape(service)).downtime_event_streams).toBe(2);
  for (const stream of streams) await stream.body?.cancel();
  while ((await scrape(service)).downtime_event_streams !== 0) await Bun.sleep(5);
  await service.stop();
});

test("failures of ConfigDB and the portal are counted, and the age of their last response", async () => {
  const portal = startPortal({ pia: { password: "pia-password", staff: true, active: true, token: "pia-token" } });
  const service = await startService({ settings: portal.settings });
  const before = await scrape(service);
  expect(before['downtime_source_age_seconds{source="portal"}']).toBeUndefined();
  expect(before['downtime_source_failures_total{source="portal"}']).toBe(0);
  await service.send("/api/", { headers: asBasic("pia") });
  service.configdb.respond(() => new Response(null, { status: 500 }));
  expect(await service.services.configdb.renew()).toBe(false);
  service.clock.forward(90_000);
  const after = await scrape(service);
  expect(after['downtime_source_failures_total{source="configdb"}']).toBe(1);
  expect(after['downtime_source_age_seconds{source="configdb"}']).toBe(90);
  expect(after['downtime_source_age_seconds{source="portal"}']).toBeGreaterThanOrEqual(0);
  portal.goDown();
  await service.send("/api/", { headers: asBasic("pia", "wrong") });
  expect((await scrape(service))['downtime_source_failures_total{source="portal"}']).toBeGreaterThan(0);
  await service.stop();
  portal.stop();
});

test("without its database, a service still tells the rest", async () => {
  const service = await startService();
  for (const ending of ["", "-wal", "-shm"]) rmSync(`${service.settings.DB_NAME}${ending}`);
  const values = await scrape(service);
  expect(values.downtime_database_up).toBe(0);
  expect(Object.keys(values).filter((name) => /^downtime_(downtimes|telescopes)/.test(name))).toEqual([]);
  expect(values.downtime_event_streams).toBe(0);
  await service.stop();
});

test("/health has the version; /health/live doesn't need the database", async () => {
  const service = await startService();
  expect((await service.ask("/health")).body).toMatchObject({ status: "ok", version: "0.1.0" });
  for (const ending of ["", "-wal", "-shm"]) rmSync(`${service.settings.DB_NAME}${ending}`);
  expect(await service.ask("/health")).toMatchObject({
    status: 503,
    body: { status: "unavailable", version: "0.1.0" },
  });
  expect(await service.ask("/health/live")).toEqual({ status: 200, body: { status: "ok", version: "0.1.0" } });
  await service.stop();
});

describe("LOG_ADDRESSES", () => {
  const forwarded = { headers: { "x-forwarded-for": "198.51.100.9, 203.0.113.7" } };
  /** The addresses in the lines of a cached list, a page, a heavy request and one with an unknown host. */
  const addressesOf = async (settings: Record<string, string>) => {
    const service = await startService({ settings: { ALLOWED_HOSTS: "downtime.example", ...settings } });
    for (let index = 0; index < 3; index++) await (await service.send("/api/", forwarded)).text();
    for (const path of ["/", "/api/report/"]) await (await service.send(path, forwarded)).text();
    await service.send("/", { headers: { ...forwarded.headers, host: "evil.example" } });
    const lines = service.log.filter(({ message }) => message === "request");
    await service.stop();
    expect(lines.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 400]);
    return new Set(lines.map(({ address }) => address));
  };

  test("puts the client's address in request lines, as a trusted proxy sends it", async () => {
    expect(await addressesOf({})).toEqual(new Set([undefined]));
    expect(await addressesOf({ LOG_ADDRESSES: "true" })).toEqual(new Set(["127.0.0.1"]));
    expect(await addressesOf({ LOG_ADDRESSES: "true", TRUST_PROXY: "true" })).toEqual(new Set(["203.0.113.7"]));
  });
});
