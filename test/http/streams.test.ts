import { afterEach, expect, setDefaultTimeout, spyOn, test } from "bun:test";
import { readListing } from "../../src/downtime/list-query.ts";
import { eventStreams } from "../../src/http/event-stream.ts";
import { draft, engines, facility, noon, posting, type Service, startService } from "../harness.ts";

setDefaultTimeout(60_000);

const paths = ["/events", "/api/changes/stream"] as const;

/** An open stream, and what it has received. */
interface Stream {
  readonly path: string;
  readonly status: number;
  text(): string;
  close(): void;
}

const streams: Stream[] = [];
const services: Service[] = [];
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  for (const service of services.splice(0)) await service.stop();
});

const start = async (...options: Parameters<typeof startService>) => {
  const service = await startService(...options);
  services.push(service);
  return service;
};

/** Opens a stream and waits for its first event. On its own socket: `fetch` has at most 256. */
async function openStream({ url }: Service, index: number, headers: Record<string, string> = {}): Promise<Stream> {
  const { hostname, port, host } = new URL(url);
  const path = paths[index % paths.length] as string;
  const decoder = new TextDecoder();
  let text = "";
  let isOpen = false;
  return new Promise((resolve, reject) => {
    const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    void Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        open: (socket) => void socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`),
        data(socket, bytes) {
          text += decoder.decode(bytes, { stream: true });
          const status = Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]);
          if (isOpen || (status === 200 && !/\r\n\r\n[\s\S]*\n\n/.test(text))) return;
          isOpen = true;
          const stream = { path, status, text: () => text, close: () => void socket.end() };
          streams.push(stream);
          resolve(stream);
        },
        error: (_, error) => reject(error),
      },
    }).catch(reject);
  });
}

/** Opens many streams in batches. @returns their statuses */
async function openMany(service: Service, count: number, headers?: Record<string, string>): Promise<Set<number>> {
  const statuses = new Set<number>();
  for (let from = 0; from < count; from += 100) {
    const some = Array.from({ length: Math.min(100, count - from) }, (_, index) => openStream(service, index, headers));
    for (const { status } of await Promise.all(some)) statuses.add(status);
  }
  return statuses;
}

const until = async (isSo: () => boolean | Promise<boolean>) => {
  while (!(await isSo())) await Bun.sleep(20);
};

test("a network may have 64 event streams of both kinds together; closing one frees a slot", async () => {
  const service = await start({ settings: { TRUST_PROXY: "true" } });
  const from = (address: string) => ({ "x-forwarded-for": `198.51.100.7, ${address}` });
  expect(eventStreams.ofOneNetwork).toBe(64);
  expect(await openMany(service, 64, from("203.0.113.5"))).toEqual(new Set([200]));
  const first = streams[0] as Stream;
  for (const index of paths.keys()) {
    const refused = await openStream(service, index, from("203.0.113.5"));
    expect(refused.text()).toMatch(/^HTTP\/1.1 429 [\s\S]*\nretry-after: 30\r/i);
    expect(refused.text()).toContain("Too many event streams are open from your address (limit 64).");
    // HEAD takes no slot.
    const head = await service.send(paths[index] as string, { method: "HEAD", headers: from("203.0.113.5") });
    expect(head.status).toBe(200);
  }
  expect((await openStream(service, 0, from("203.0.113.6"))).status).toBe(200);
  first.close();
  await until(async () => (await openStream(service, 0, from("203.0.113.5"))).status === 200);
  expect((await openStream(service, 1, from("203.0.113.5"))).status).toBe(429);
});

test("IPv6 addresses of the same /64 count together", async () => {
  const service = await start({ settings: { TRUST_PROXY: "true" } });
  const statuses: number[] = [];
  for (let index = 0; index < 66; index++) {
    const address = `2001:db8:0:1::${index.toString(16)}`;
    statuses.push((await openStream(service, index, { "x-forwarded-for": address })).status);
  }
  expect(statuses.filter((status) => status === 200).length).toBe(64);
  expect((await openStream(service, 0, { "x-forwarded-for": "2001:db8:0:2::1" })).status).toBe(200);
});

test("without TRUST_PROXY, the connection's address counts, not a header", async () => {
  const service = await start();
  expect(await openMany(service, 64)).toEqual(new Set([200]));
  expect((await openStream(service, 0)).status).toBe(429);
  expect(service.log.filter(({ level }) => level === "warn")).toEqual([]);
});

test("behind an untrusted proxy, only the total limit of 1,000 applies, and the log says once what to do", async () => {
  const service = await start();
  const headers = { "x-forwarded-for": "203.0.113.5" };
  expect(eventStreams.inAll).toBe(1000);
  expect(await openMany(service, 1000, headers)).toEqual(new Set([200]));
  for (const index of paths.keys()) {
    const refused = await openStream(service, index, headers);
    expect(refused.text()).toMatch(/^HTTP\/1.1 503 [\s\S]*\nretry-after: 30\r/i);
    expect((await openStream(service, index)).status).toBe(503);
  }
  const warnings = service.log.filter(({ message }) => String(message).includes("TRUST_PROXY"));
  expect(warnings.map(({ level }) => level)).toEqual(["warn"]);
  // Everything else still works.
  expect((await service.send("/health")).status).toBe(200);
  (streams[0] as Stream).close();
  await until(async () => (await openStream(service, 1, headers)).status === 200);
});

for (const engine of engines)
  test(`all streams share one read of the history, on ${engine}`, async () => {
    const service = await start({ engine });
    await openMany(service, 60);
    const followers = streams.filter(({ path }) => path === "/api/changes/stream");
    await until(() => followers.every((stream) => stream.text().includes(": nothing new")));
    const pages = spyOn(service.services.changeLog, "page");
    for (const reason of ["First", "Second"]) {
      pages.mockClear();
      expect((await service.ask("/api/", posting({ ...draft, reason }))).status).toBe(201);
      await until(() => followers.every((stream) => stream.text().includes(`"reason":"${reason}"`)));
      expect(pages.mock.calls.length).toBeGreaterThanOrEqual(followers.length);
      expect(new Set(pages.mock.results.map(({ value }) => value)).size).toBe(1);
    }
    const events = followers.map((stream) =>
      [...stream.text().matchAll(/^id: .*\ndata: .*$/gm)].map(([event]) => event),
    );
    expect(events[0]?.length).toBe(2);
    for (const sent of events) expect(sent).toEqual(events[0] as string[]);
  });

test("many streams that start from the beginning together share most reads", async () => {
  const service = await start();
  const drafts = Array.from({ length: 2000 }, (_, index) => ({ ...draft, reason: `Number ${index}.` }));
  await service.services.downtimes.addAll(drafts as never, { by: "ada", at: noon });
  const listing = readListing(new URLSearchParams("ends_after=2026-11-22"), facility);
  await until(() => service.services.snapshot.list(listing)?.count === 2000);
  const pages = spyOn(service.services.changeLog, "page");
  await openMany(service, 60);
  const followers = streams.filter(({ path }) => path === "/api/changes/stream");
  await until(() => followers.every((stream) => stream.text().includes('"reason":"Number 1999."')));
  expect(pages.mock.calls.length).toBeGreaterThanOrEqual(followers.length * 20);
  expect(new Set(pages.mock.results.map(({ value }) => value)).size).toBeLessThanOrEqual(20 + 5);
});
