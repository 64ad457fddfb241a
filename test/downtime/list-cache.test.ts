import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { checkDraft } from "../../src/downtime/downtime.ts";
import { createListCache } from "../../src/downtime/list-cache.ts";
import { readListing } from "../../src/downtime/list-query.ts";
import { createDowntimes } from "../../src/downtime/store.ts";
import { Facility } from "../../src/facility/facility.ts";
import {
  as,
  draft,
  engines,
  facility,
  noon,
  openTestDatabase,
  posting,
  runCommand,
  type Service,
  startService,
} from "../harness.ts";

interface List {
  count: number;
  results: { id: number; reason: string }[];
}

for (const engine of engines)
  describe(`a list that is requested again, on ${engine}`, () => {
    let service: Service;
    beforeEach(async () => {
      service = await startService({ engine });
      await service.add({ reason: "first" });
    });
    afterEach(() => service.stop());

    const get = (headers: Record<string, string> = {}, path = "/api/") =>
      service.send(path, { headers: { "accept-encoding": "identity", ...headers } });

    /** The cached response: the second request caches it, the third gets it. */
    const getCached = async (headers: Record<string, string> = {}, path?: string) => {
      await get({}, path);
      await get({}, path);
      const answer = await get(headers, path);
      // On SQLite. PostgreSQL needs a query to find out that nothing changed, so the response takes the usual way.
      if (engine === "sqlite") expect(answer.headers.has("x-request-id")).toBe(false);
      return answer;
    };

    test("answers 304 until something changes", async () => {
      const first = await get();
      const etag = first.headers.get("etag") ?? "";
      expect(etag).toMatch(/^W\/"[0-9a-z]+"$/);
      expect(first.headers.get("cache-control")).toBe("no-cache");
      expect(first.headers.get("last-modified")).toBe("Sun, 22 Nov 2026 12:00:00 GMT");
      for (const tags of [etag, etag.slice(2), `"other", ${etag}`, "*"]) {
        const again = await get({ "if-none-match": tags });
        expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
      }
      await service.add({ reason: "second" });
      expect((await get({ "if-none-match": etag })).status).toBe(200);
    });

    test("is compressed for clients that accept gzip", async () => {
      for (let index = 0; index < 20; index++) await service.add({ reason: `number ${index}` });
      const plain = await get();
      const zipped = await get({ "accept-encoding": "gzip, br" });
      expect([plain.headers.get("content-encoding"), zipped.headers.get("content-encoding")]).toEqual([null, "gzip"]);
      expect(plain.headers.get("vary")).toContain("Accept-Encoding");
      expect(await zipped.text()).toBe(await plain.text());
      expect((await get({ "accept-encoding": "gzip;q=0" })).headers.get("content-encoding")).toBeNull();
    });

    test("is the same whether or not it is cached, short or long", async () => {
      const reasons = Array.from({ length: 900 }, (_, index) => `${index} é ${'\u0001"\\'.repeat(400)}`);
      await service.services.downtimes.addAll(
        reasons.map((reason) => checkDraft({ ...draft, reason }, service.services.configdb.get())),
        { by: "ada", at: noon },
      );
      for (const path of ["/api/?limit=5", "/api/?limit=30", "/api/?limit=1000", "/api/?limit=1000&order=-created"]) {
        const [first, second, third] = [await get({}, path), await get({}, path), await get({}, path)];
        const text = await first.text();
        expect([await second.text(), await third.text()]).toEqual([text, text]);
        const expected = await service.services.downtimes.list(
          readListing(new URL(path, service.url).searchParams, facility),
        );
        expect((JSON.parse(text) as List).results as unknown).toEqual(expected.results);
        expect(await (await get({ "accept-encoding": "gzip" }, path)).text()).toBe(text);
      }
      expect((await (await get({}, "/api/?limit=1000")).arrayBuffer()).byteLength).toBeGreaterThan(2_000_000);
    });

    test("of megabytes has the same headers as a short one, and the stated length, compressed or not", async () => {
      // Random text doesn't compress to less than a megabyte.
      const reasons = Array.from({ length: 2000 }, () => crypto.getRandomValues(Buffer.alloc(1500)).toString("base64"));
      await service.services.downtimes.addAll(
        reasons.map((reason) => checkDraft({ ...draft, reason }, service.services.configdb.get())),
        { by: "ada", at: noon },
      );
      const short = await get({}, "/api/?limit=1");
      for (const encoding of ["identity", "gzip"]) {
        const path = `/api/?limit=3000&order=${encoding === "gzip" ? "created" : "-created"}`;
        for (let time = 0; time < 3; time++) {
          const answer = await fetch(service.url + path, {
            headers: { "accept-encoding": encoding },
            decompress: false,
          });
          const { headers } = answer;
          const { byteLength } = await answer.arrayBuffer();
          expect(byteLength).toBeGreaterThan(2 ** 20);
          expect(headers.get("content-length")).toBe(String(byteLength));
          expect(headers.get("transfer-encoding")).toBeNull();
          expect(headers.get("content-encoding")).toBe(encoding === "gzip" ? "gzip" : null);
          for (const name of ["content-type", "cache-control", "vary", "content-security-policy", "last-modified"])
            expect(headers.get(name)).toBe(short.headers.get(name));
          expect(headers.get("etag")).toStartWith('W/"');
        }
      }
    });

    test("has the stated length, the first time and from the cache, at any size", async () => {
      for (let index = 0; index < 30; index++) await service.add({ reason: `${index} ${"é".repeat(500)}` });
      const lengths: (string | null)[] = [];
      for (const path of ["/api/", "/api/", "/api/", "/api/?limit=30"]) {
        const answer = await get({}, path);
        const bytes = (await answer.arrayBuffer()).byteLength;
        expect(bytes).toBeGreaterThan(16 * 1024);
        expect([answer.headers.get("content-length"), answer.headers.get("transfer-encoding")]).toEqual([
          String(bytes),
          null,
        ]);
        lengths.push(answer.headers.get("content-length"));
      }
      const head = await service.send("/api/", { method: "HEAD", headers: { "accept-encoding": "identity" } });
      expect(head.headers.get("content-length")).toBe(lengths[0] as string);
    });

    test("has the security headers from the cache too, and is logged", async () => {
      const headersOf = ({ headers }: Response) =>
        Object.fromEntries([...headers].filter(([name]) => !["date", "x-request-id"].includes(name)));
      const first = headersOf(await get());
      expect(first["content-security-policy"]).toContain("frame-ancestors 'none'");
      expect(headersOf(await getCached())).toEqual(first);
      const lines = service.log.filter(({ message }) => message === "request");
      expect(lines.map(({ method, path, status }) => [method, path, status])).toEqual(
        Array.from({ length: 4 }, () => ["GET", "/api/", 200]),
      );
      expect(new Set(lines.map(({ id }) => id)).size).toBe(4);
    });

    test("a 304 has no body, but the caching and CORS headers", async () => {
      const etag = (await get()).headers.get("etag") ?? "";
      const { status, headers } = await getCached({ "if-none-match": etag });
      expect([status, headers.get("etag")]).toEqual([304, etag]);
      expect(headers.get("cache-control")).toBe("no-cache");
      expect(headers.get("vary")).toContain("Accept-Encoding");
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(service.log.at(-1)).toEqual(expect.objectContaining({ method: "GET", path: "/api/", status: 304 }));
    });

    test("doesn't bypass authentication or the check of methods", async () => {
      await getCached();
      expect((await get({ authorization: "Token of nobody" })).status).toBe(401);
      expect((await get({ cookie: "session=of-nobody" })).headers.has("x-request-id")).toBe(true);
      expect((await service.send("/api/", { method: "PUT" })).status).toBe(401);
      const head = await service.send("/api/", { method: "HEAD" });
      expect([head.status, await head.text()]).toEqual([200, ""]);
    });

    test("shows edits, deletes and restores", async () => {
      const reasons = async () => ((await (await get()).json()) as List).results.map(({ reason }) => reason);
      const id = 1;
      expect(await reasons()).toEqual(["first"]);
      await service.send(`/api/${id}/`, { ...posting({ reason: "changed" }), method: "PATCH" });
      expect(await reasons()).toEqual(["changed"]);
      await service.send(`/api/${id}/`, { method: "DELETE", headers: as("ada") });
      expect(await reasons()).toEqual([]);
      await service.services.downtimes.restore([id], { by: "ada", at: service.clock() });
      expect(await reasons()).toEqual(["changed"]);
    });

    test("follows ConfigDB's current response", async () => {
      expect((await getCached({}, "/api/?site=ogg")).status).toBe(200);
      service.configdb.answer({ results: [{ code: "new", enclosure_set: [] }] });
      await service.services.configdb.renew();
      expect((await get({}, "/api/?site=ogg")).status).toBe(400);
    });

    test("shows the writes of other processes", async () => {
      const count = async () => ((await (await get()).json()) as List).count;
      await getCached();
      expect(await count()).toBe(1);
      expect((await runCommand(["create", "-s", "ogg", "-e", "clma", "-t", "2m0a"], service.settings)).status).toBe(0);
      expect(await count()).toBe(2);
    });
  });

test("behind a proxy, responses are cached per public address, and truncation is logged per client", async () => {
  const service = await startService({ settings: { TRUST_PROXY: "true" } });
  await service.add({ reason: "first" });
  await service.add({ reason: "second" });
  const ask = async (protocol: string, address: string) => {
    const headers = {
      "x-forwarded-proto": protocol,
      "x-forwarded-for": address,
      "x-forwarded-host": "downtime.example",
    };
    return (await service.send("/api/?limit=1", { headers })).headers;
  };
  for (const protocol of ["https", "http"]) {
    await ask(protocol, "192.0.2.1");
    await ask(protocol, "192.0.2.1");
    const kept = await ask(protocol, `203.0.113.${protocol.length}`);
    expect(kept.has("x-request-id")).toBe(false);
    expect(kept.get("strict-transport-security")).toBe(protocol === "https" ? "max-age=31536000" : null);
    expect(kept.get("link")).toBe(`<${protocol}://downtime.example/api/?limit=1&offset=1>; rel="next"`);
  }
  const logged = service.log.filter(({ message }) => String(message).startsWith("a client got a part"));
  expect(logged.map(({ address }) => address)).toEqual(["192.0.2.1", "203.0.113.5", "203.0.113.4"]);
  await service.stop();
});

test("cached responses are valid for one version of the data and of ConfigDB", async () => {
  const { database, close } = await openTestDatabase("sqlite");
  const downtimes = createDowntimes(database);
  let known = facility;
  const answers = createListCache({
    downtimes,
    facility: () => known,
    securityHeaders: () => ({}),
    clock: () => noon,
    cacheBytes: 100_000,
  });
  const url = "http://localhost/api/";
  const keep = async () => {
    await answers.of(url);
    await answers.of(url);
    expect(answers.cached(url)).toBeDefined();
  };
  await keep();
  await downtimes.add(checkDraft(draft, facility), { by: "ada", at: noon });
  await downtimes.newestChange();
  expect(answers.cached(url)).toBeUndefined();
  await keep();
  known = new Facility(facility.sites);
  expect(answers.cached(url)).toBeUndefined();
  await close();
});

test("lists are complete, however small the cache is", async () => {
  const { database, close } = await openTestDatabase("sqlite");
  const downtimes = createDowntimes(database);
  const reasons = Array.from({ length: 300 }, (_, index) => `${index} ${"x".repeat(2000)}`);
  await downtimes.addAll(
    reasons.map((reason) => checkDraft({ ...draft, reason }, facility)),
    { by: "ada", at: noon },
  );
  const answers = createListCache({
    downtimes,
    facility: () => facility,
    securityHeaders: () => ({}),
    clock: () => noon,
    cacheBytes: 100_000,
  });
  for (const limit of [200, 201, 300]) {
    const answer = await answers.of(`http://localhost/api/?limit=${limit}`);
    const list = "bytes" in answer ? (JSON.parse(new TextDecoder().decode(answer.bytes)) as List) : undefined;
    expect(list?.results.map(({ reason }) => reason)).toEqual(reasons.slice(0, limit));
  }
  await close();
});
