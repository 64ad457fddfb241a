import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { demoDowntimes } from "../../src/downtime/demo-data.ts";
import type { CheckedDraft } from "../../src/downtime/downtime.ts";
import { toInstant } from "../../src/time/instant.ts";
import {
  as,
  createPreparedDatabase,
  draft,
  engines,
  noon,
  posting,
  runCommand,
  type Service,
  startService,
} from "../harness.ts";
import { isWhole } from "../sample.ts";
import { sendRaw } from "../socket.ts";

// Password hashing is slow by design, and slower on a busy machine.
setDefaultTimeout(30_000);

interface List {
  count: number;
  next: string | null;
  previous: string | null;
  results: { id: number }[];
}

for (const engine of engines)
  describe(`limits on ${engine}`, () => {
    let service: Service;
    const rows = 12_345;
    beforeAll(async () => {
      service = await startService({ engine });
      const [one] = demoDowntimes(service.services.configdb.get(), noon) as [CheckedDraft];
      const drafts = Array.from({ length: rows }, (_, index) => ({
        ...one,
        start: toInstant(noon + index * 60_000),
        end: toInstant(noon + (index + 1) * 60_000),
      }));
      await service.services.downtimes.addAll(drafts, { by: "test", at: noon });
    });
    afterAll(() => service.stop());

    test("a list with any limit is complete, in the same format as a short one", async () => {
      const { body } = await service.ask<List>("/api/?limit=1000000&order=start");
      expect({ ...body, results: body.results.length }).toEqual({
        count: rows,
        next: null,
        previous: null,
        results: rows,
      });
      const parts = await Promise.all(
        [0, 9000].map(
          async (offset) => (await service.ask<List>(`/api/?limit=9000&order=start&offset=${offset}`)).body,
        ),
      );
      expect(body.results).toEqual(parts.flatMap(({ results }) => results));
    });

    test("a long page of a list has a link to the next one", async () => {
      const answer = await service.send("/api/?limit=10001&offset=1000");
      const body = (await answer.json()) as List;
      expect(body.results.map(({ id }) => id)).toEqual(Array.from({ length: 10_001 }, (_, index) => index + 1001));
      expect(body.next).toBe(`${service.url}/api/?limit=10001&offset=11001`);
      expect(answer.headers.get("link")).toBe(`<${body.next}>; rel="next"`);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    });

    test("a calendar with more than 10,000 downtimes is rejected", async () => {
      expect(await service.ask("/calendar.ics")).toEqual({
        status: 400,
        body: { detail: "Too many downtimes for one calendar (limit 10,000). Add filters." },
      });
    });

    // The rows of a calendar are read like those of a list.
    test.if(engine === "sqlite")("a calendar with 10,000 downtimes is complete", async () => {
      const text = await (await service.send(`/calendar.ics?starts_before=${toInstant(noon + 9999 * 60_000)}`)).text();
      expect(text.split("BEGIN:VEVENT").length - 1).toBe(10_000);
    });

    test("HEAD of a long list has no body", async () => {
      const answer = await service.send("/api/?limit=1000000", { method: "HEAD" });
      expect([answer.status, await answer.text()]).toEqual([200, ""]);
    });

    test("a client that disconnects during a long list affects no others", async () => {
      for (let time = 0; time < (isWhole ? 20 : 5); time++) {
        const answer = await service.send("/api/?limit=1000000");
        await answer.body?.cancel();
      }
      expect((await service.send("/health")).status).toBe(200);
    });

    test("a query with more than 100 parameters is rejected", async () => {
      const query = (count: number) => Array.from({ length: count }, () => "site=ogg").join("&");
      expect((await service.send(`/api/?${query(100)}`)).status).toBe(200);
      expect(await service.ask(`/api/?${query(101)}`)).toEqual({
        status: 400,
        body: { detail: "Too many query parameters: 101 (limit 100)." },
      });
    });

    test("a body over 1 MiB is rejected, with and without Content-Length", async () => {
      const large = { ...draft, reason: "x".repeat(1024 * 1024) };
      const refusal = { status: 413, body: { detail: "The body is larger than 1048576 bytes." } };
      expect(await service.ask("/api/", posting(large))).toEqual(refusal);
      const stream = new Blob([JSON.stringify(large)]).stream();
      expect(await service.ask("/api/", { ...posting(large), body: stream })).toEqual(refusal);
    });

    test("a much larger body, and headers over 16 KiB, are rejected before they are read", async () => {
      const length = 100 * 1024 * 1024;
      expect(
        await sendRaw(service, `POST /api/ HTTP/1.1\r\nHost: here\r\nContent-Length: ${length}\r\n\r\n`),
      ).toStartWith("HTTP/1.1 413 ");
      expect(
        await sendRaw(service, `GET /health HTTP/1.1\r\nHost: here\r\nX-A: ${"a".repeat(20_000)}\r\n\r\n`),
      ).toStartWith("HTTP/1.1 431 ");
      expect(await sendRaw(service, `GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: here\r\n\r\n`)).toMatch(
        /^HTTP\/1.1 4(14|31|04) /,
      );
    });
  });

test("MAX_LIMIT rejects a larger limit instead of shortening the list", async () => {
  const service = await startService({ settings: { MAX_LIMIT: "500" } });
  expect((await service.send("/api/?limit=500")).status).toBe(200);
  expect((await service.send("/api/")).status).toBe(200);
  expect(await service.ask("/api/?limit=501&site=nop")).toEqual({
    status: 400,
    body: {
      site: ["Select a valid choice. nop is not one of the available choices."],
      limit: ["Ensure this value is less than or equal to 500."],
    },
  });
  await service.stop();
});

test("host names of any length work and stay unchanged", async () => {
  const service = await startService();
  await Promise.all([service.add(), service.add({ reason: "another" })]);
  for (const host of ["x", "ab", "web", "web:8000"]) {
    const ask = (line: string, headers = "", body = "") =>
      sendRaw(service, `${line} HTTP/1.1\r\nHost: ${host}\r\n${headers}Connection: close\r\n\r\n${body}`);
    const list = await ask("GET /api/?limit=1&a=/b");
    expect(list).toStartWith("HTTP/1.1 200 ");
    expect(list).toContain(`"next":"http://${host}/api/?`);
    expect(await ask("GET /calendar.ics")).toContain(`:http://${host}/downtimes/1`);
    expect(await ask("GET /api/series/?limit=1&offset=1")).toContain(`"previous":"http://${host}/api/series/?`);
    // Without TLS, browsers send no Sec-Fetch-Site, only Origin.
    const form = "name=ada&password=ada-password";
    const type = `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n`;
    const signIn = (origin: string) => ask("POST /admin/sign-in", `Origin: ${origin}\r\n${type}`, form);
    expect(await signIn(`http://${host}`)).toStartWith("HTTP/1.1 303 ");
    expect(await signIn("http://elsewhere.example")).toStartWith("HTTP/1.1 403 ");
  }
  await service.stop();
});

describe("behind a proxy", () => {
  const forwarded = {
    "x-forwarded-for": "6.6.6.6, 198.51.100.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "downtime.example.org",
  };
  const signInForm = (service: Service, headers: Record<string, string>) =>
    service.send("/admin/sign-in", {
      method: "POST",
      body: new URLSearchParams({ name: "ada", password: "ada-password" }),
      headers,
    });

  test("that is trusted, links, cookies and IP addresses are the client's", async () => {
    const service = await startService({ settings: { TRUST_PROXY: "true" } });
    await Promise.all([service.add(), service.add({ reason: "another" })]);
    const list = await service.send("/api/?limit=1", { headers: forwarded });
    expect(((await list.json()) as List).next).toBe("https://downtime.example.org/api/?limit=1&offset=1");
    expect(list.headers.get("strict-transport-security")).toBe("max-age=31536000");

    const answer = await signInForm(service, forwarded);
    const cookie = answer.headers.get("set-cookie") as string;
    expect(cookie).toMatch(/^__Host-downtime=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure$/);
    const isIn = async (headers: Record<string, string>) =>
      (await service.send("/admin/sign-in", { headers })).status === 303;
    expect(await isIn({ ...forwarded, cookie: cookie.split(";")[0] as string })).toBe(true);
    // An attacker without TLS can plant a cookie with the other name, but it is ignored.
    expect(await isIn({ ...forwarded, cookie: (cookie.split(";")[0] as string).replace("__Host-", "") })).toBe(false);

    await service.send("/api/", { headers: { ...forwarded, authorization: `Basic ${btoa("ada:wrong")}` } });
    expect(service.log).toContainEqual(
      expect.objectContaining({ message: "sign-in failed", user: "ada", address: "198.51.100.7" }),
    );
    for (const host of ["evil.example/path", 'a"b', "a b", "", "user@evil.example", "evil.example:99999999"]) {
      const { body } = await service.ask<List>("/api/?limit=1", {
        headers: { ...forwarded, "x-forwarded-host": host },
      });
      expect(body.next).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/api\/\?limit=1&offset=1$/);
    }
    expect(
      (
        await service.send("/api/", {
          ...posting(draft),
          headers: { ...forwarded, ...as("ada"), "content-type": "application/json" },
        })
      ).status,
    ).toBe(201);
    await service.stop();
  });

  test("that is trusted, short host names don't affect the path", async () => {
    const service = await startService({ settings: { TRUST_PROXY: "true" } });
    await Promise.all([service.add(), service.add({ reason: "another" })]);
    for (const host of ["x", "ab", "web"]) {
      const headers = { ...forwarded, "x-forwarded-host": host };
      expect((await service.send("/x/api/", { headers })).status).toBe(404);
      const { status, body } = await service.ask<List>("/api/?limit=1", { headers });
      expect([status, new URL(body.next ?? "").protocol]).toEqual([200, "https:"]);
    }
    await service.stop();
  });

  test("that isn't trusted, its headers are ignored", async () => {
    const service = await startService();
    await Promise.all([service.add(), service.add({ reason: "another" })]);
    const list = await service.send("/api/?limit=1", { headers: forwarded });
    expect(((await list.json()) as List).next).toBe(`${service.url}/api/?limit=1&offset=1`);
    expect(list.headers.get("strict-transport-security")).toBeNull();
    expect((await signInForm(service, forwarded)).headers.get("set-cookie")).toStartWith("downtime=");
    await service.send("/api/", { headers: { ...forwarded, authorization: `Basic ${btoa("ada:wrong")}` } });
    expect(service.log).toContainEqual(expect.objectContaining({ message: "sign-in failed", address: "127.0.0.1" }));
    await service.stop();
  });
});

for (const engine of engines)
  test(`LIST_SINCE_DAYS omits older downtimes from lists without a time filter, on ${engine}`, async () => {
    const service = await startService({ engine, settings: { LIST_SINCE_DAYS: "30" } });
    try {
      // The test clock is at 2026-11-22T12:00:00Z.
      const add = async (end: string, reason: string) => service.add({ start: "2026-01-01T00:00:00Z", end, reason });
      await add("2026-10-23T11:59:59Z", "too old");
      await add("2026-10-23T12:00:00Z", "just in time");
      await service.add({ reason: "to come" });
      const reasons = async (query: string) => {
        const { body } = await service.ask<{ count: number; results: { reason: string }[] }>(`/api/${query}`);
        return [body.count, ...body.results.map(({ reason }) => reason)];
      };
      const recent = [2, "just in time", "to come"];
      const all = [3, "too old", "just in time", "to come"];
      for (const query of ["?limit=10000", "?limit=20000", "", "?site=ogg&telescope=2m0a&starts_after="])
        for (const _ of ["made", "kept", "kept again"]) expect(await reasons(query)).toEqual(recent);
      expect(await reasons("?reason=too&site=ogg")).toEqual([0]);
      expect(await reasons("?limit=1")).toEqual([2, "just in time"]);
      for (const query of [
        ...["?ends_after=2000-01-01", "?starts_before=2030-01-01", "?ends_before=2030-01-01"],
        ...["?created_after=2000-01-01", "?modified_before=2030-01-01", "?starts_after=0001-01-01"],
      ])
        expect(await reasons(query)).toEqual(all);
      // A cached response expires when the next downtime becomes too old.
      service.clock.forward(1000);
      expect(await reasons("?limit=10000")).toEqual([1, "to come"]);
      expect(await reasons("?ends_after=2000-01-01")).toEqual(all);
      expect((await service.ask("/api/1/")).status).toBe(200);

      // An import from such a service gets all downtimes.
      const database = await createPreparedDatabase(engine);
      const settings = { ...database.settings, CONFIGDB_URL: service.configdb.url };
      const { output } = await runCommand(["import", "--from-api", service.url], settings);
      expect(output).toContain("Downtimes: 3 read, 3 imported");
      await database.remove();
    } finally {
      await service.stop();
    }
  });

test("without LIST_SINCE_DAYS, lists are complete", async () => {
  const service = await startService();
  try {
    await service.add({ start: "2001-01-01T00:00:00Z", end: "2001-01-02T00:00:00Z" });
    expect((await service.ask("/api/")).body).toMatchObject({ count: 1 });
  } finally {
    await service.stop();
  }
});
