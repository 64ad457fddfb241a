import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { filterFields } from "../../src/downtime/filter.ts";
import { as, asBasic, draft, engines, posting, type Service, signIn, startService } from "../harness.ts";
import { sample } from "../sample.ts";
import { sendRaw, statusesOf } from "../socket.ts";

// Password hashing is slow by design, and slower on a busy machine.
setDefaultTimeout(90_000);

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Strings with a meaning in SQL, LIKE, JSON, HTML, paths, formats and shells. */
const hostile = [
  "' OR 1=1 --",
  "'; DROP TABLE downtime; --",
  '" OR ""="',
  "1) UNION SELECT password_hash FROM downtime_user --",
  "%' ESCAPE '",
  "\\",
  "%_%",
  "$1 ? :a @b",
  "{{7*7}}<%= 7*7 %>",
  "\u0000",
  "\ud800",
  "\u202e\u0000\uffff",
  "a\r\nSet-Cookie: evil=1\r\n\r\n<script>",
  "../../etc/passwd",
  "-1e999",
  "9".repeat(400),
];

for (const engine of engines)
  describe(`attacks on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine });
      await service.add();
    });
    afterAll(() => service.stop());

    const countOf = async () => (await service.ask<{ count: number }>("/api/")).body.count;
    const faults = () => service.log.filter(({ level }) => level === "error");

    test("every response has the security headers", async () => {
      const { cookie } = await signIn(service, "ada");
      const requests: [string, RequestInit][] = [
        ["/", {}],
        ["/admin/downtimes", { headers: { cookie } }],
        ["/admin/sign-in", {}],
        ["/api/", {}],
        ["/api/", posting(draft)],
        ["/api/", posting({})],
        ["/api/999/", {}],
        ["/api", {}],
        ["/nothing", { headers: { accept: "text/html" } }],
        ["/assets/styles.css", {}],
        ["/docs/", {}],
        ["/openapi.json", {}],
        ["/health", {}],
        [`/api/?${"a&".repeat(200)}`, {}],
      ];
      for (const [path, init] of requests) {
        const { headers } = await service.send(path, init);
        expect([path, headers.get("content-security-policy")]).toEqual([path, policy]);
        expect([path, headers.get("x-content-type-options")]).toEqual([path, "nosniff"]);
        expect([path, headers.get("referrer-policy")]).toEqual([path, "same-origin"]);
        expect(headers.get("x-request-id")).toMatch(/^[\da-f]{8}-\d+$/);
      }
    });

    test("pages of other sites can read the API, but neither write nor read responses to writes", async () => {
      const origin = "https://elsewhere.example";
      const allowed = async (path: string, init: RequestInit = {}) =>
        (await service.send(path, { ...init, headers: { origin, ...init.headers } })).headers.get(
          "access-control-allow-origin",
        );
      const preflight = (method: string) =>
        allowed("/api/", { method: "OPTIONS", headers: { "access-control-request-method": method } });
      expect([await allowed("/api/"), await allowed("/api/1/"), await preflight("GET")]).toEqual(["*", "*", "*"]);
      expect([await preflight("POST"), await preflight("DELETE"), await preflight("PATCH")]).toEqual([
        null,
        null,
        null,
      ]);
      expect(await allowed("/api/", posting(draft))).toBeNull();
      expect(await allowed("/api/", posting({}))).toBeNull();
      expect([await allowed("/"), await allowed("/admin/sign-in"), await allowed("/openapi.json")]).toEqual([
        null,
        null,
        null,
      ]);
    });

    test("pages of other sites can't use a remembered Basic password, or sign users out", async () => {
      const before = await service.ask<{ count: number }>("/api/");
      for (const headers of [{ "sec-fetch-site": "cross-site" }, { origin: "https://elsewhere.example" }]) {
        const body = new URLSearchParams(draft);
        const sent = await service.send("/api/", { method: "POST", headers: { ...asBasic("ada"), ...headers }, body });
        expect(sent.status).toBe(403);
        expect((await service.send("/admin/sign-out", { method: "POST", headers })).status).toBe(403);
      }
      expect((await service.ask<{ count: number }>("/api/")).body.count).toBe(before.body.count);
    });

    test("injections in parameters are plain text", async () => {
      const before = await countOf();
      const queries = hostile.flatMap((text) =>
        [...filterFields, "order", "ordering", "limit", "offset", "created_by", text].map(
          (field) => `${encodeURIComponent(field.toWellFormed())}=${encodeURIComponent(text.toWellFormed())}`,
        ),
      );
      const asked = ["/api/", "/", "/downtimes.csv"].flatMap((path) => queries.map((query) => `${path}?${query}`));
      for (const path of sample(asked, 0.2)) {
        const answer = await service.send(path);
        expect([path, [200, 400]]).toEqual([path, expect.arrayContaining([answer.status])]);
        await answer.body?.cancel();
      }
      for (const text of hostile) {
        for (const path of ["/api/*/", "/downtimes/*", "/assets/*", "/*"])
          expect((await service.send(path.replace("*", encodeURIComponent(text.toWellFormed())))).status).toBeOneOf([
            404, 431,
          ]);
      }
      expect(await countOf()).toBe(before);
      expect(faults()).toEqual([]);
    });

    test("injections in bodies and credentials are plain text", async () => {
      for (const text of hostile) {
        for (const field of Object.keys(draft).filter((name) => name !== "reason"))
          expect((await service.send("/api/", posting({ ...draft, [field]: text }))).status).toBe(400);
        const kept = await service.ask("/api/", posting({ ...draft, reason: text }));
        if (kept.status === 201) expect(kept.body.reason).toBe(text.trim());
        else expect(kept.status).toBe(400);
      }
      // Fewer, since each is hashed.
      for (const text of hostile.filter((_, index) => index % 4 === 1)) {
        service.clock.forward(61_000);
        expect(
          (
            await service.send("/api/", {
              headers: { authorization: `Basic ${Buffer.from(`${text}:${text}`).toString("base64")}` },
            })
          ).status,
        ).toBe(401);
        expect(
          (
            await service.send("/admin/sign-in", {
              method: "POST",
              body: new URLSearchParams({ name: text, password: text, next: text }),
            })
          ).status,
        ).toBe(422);
        expect(
          (await service.send("/api/", { headers: { cookie: `downtime=${encodeURIComponent(text.toWellFormed())}` } }))
            .status,
        ).toBe(200);
      }
      expect(faults()).toEqual([]);
    });

    test("input can't inject headers or log lines", async () => {
      const next = "/\r\nSet-Cookie: evil=1\r\n\r\n<script>";
      const answer = await service.send("/admin/sign-in", {
        method: "POST",
        body: new URLSearchParams({ name: "ada", password: "ada-password", next }),
      });
      expect(answer.headers.getSetCookie()).toHaveLength(1);
      expect(answer.headers.get("location")).not.toContain("\n");
      await service.send("/%0a%7B%22level%22:%22error%22%7D", { headers: { "user-agent": 'x\t{"level":"error"}' } });
      expect(service.log.at(-1)).toMatchObject({
        level: "info",
        message: "request",
        path: "/%0a%7B%22level%22:%22error%22%7D",
      });
    });

    test("unknown usernames aren't logged", async () => {
      await service.send("/api/", { headers: asBasic("my-secret-typed-as-a-name", "x") });
      expect(JSON.stringify(service.log)).not.toContain("my-secret");
    });

    test("no path escapes /assets/", async () => {
      const paths = [
        "/assets/../package.json",
        "/assets/%2e%2e/package.json",
        "/assets/..%2fpackage.json",
        "/assets/..\\package.json",
        "/assets/....//package.json",
        "/assets/styles.css/../../package.json",
        "//assets/../package.json",
        "/assets/%00",
        "/assets/styles.css%00.js",
        "/assets//etc/passwd",
        "/assets/file:///etc/passwd",
        "/assets/%c0%ae%c0%ae/package.json",
        "/assets/",
        "/assets",
        "/assets/__proto__",
        "/assets/constructor",
        "/.git/config",
        "/db.sqlite3",
      ];
      for (const path of paths) {
        const answer = await sendRaw(
          service,
          `GET ${path} HTTP/1.1\r\nHost: here.example\r\nConnection: close\r\n\r\n`,
        );
        expect([path, statusesOf(answer)]).toEqual([path, [404]]);
      }
    });

    test("a request with ambiguous length is rejected, and a smuggled request isn't answered", async () => {
      const hidden = "GET /hidden HTTP/1.1\r\nHost: here.example\r\n\r\n";
      const start =
        "POST /api/ HTTP/1.1\r\nHost: here.example\r\nAuthorization: Token ada-api-token\r\nContent-Type: application/json\r\n";
      const doubtful = [
        "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
        "Content-Length: 2, 2\r\n\r\n{}",
        "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\nContent-Length: 2\r\n\r\n{}",
        "X-A: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "X-A: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
        "Content-Length: -2\r\n\r\n{}",
        "Content-Length: +2\r\n\r\n{}",
        "Content-Length: 0x2\r\n\r\n{}",
      ];
      for (const rest of doubtful)
        expect([rest, statusesOf(await sendRaw(service, start + rest + hidden))]).toEqual([rest, [400]]);
      expect(service.log.filter(({ path }) => path === "/hidden")).toEqual([]);
      expect(faults()).toEqual([]);
    });

    test("malformed headers are rejected", async () => {
      const heads = {
        "GET /health HTTP/1.1\nHost: here.example\n\n": 505,
        "GET /health\r\n\r\n": 505,
        "GET /health HTTP/1.1\r\n\r\n": 400,
        "GET /health HTTP/1.1\r\nHost: here.example\r\nX-A: a\0b\r\n\r\n": 400,
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03": 400,
        "OPTIONS * HTTP/1.1\r\nHost: here.example\r\n\r\n": 400,
        'GET /api/ HTTP/1.1\r\nHost: a"b<c\r\n\r\n': 400,
        "GET /api/ HTTP/1.1\r\nHost: a b\r\n\r\n": 400,
        "GET /api/ HTTP/1.1\r\nHost: \r\n\r\n": 400,
        "GET /api/ HTTP/1.1\r\nHost: u@h\r\n\r\n": 400,
      };
      for (const [head, status] of Object.entries(heads))
        expect([head, statusesOf(await sendRaw(service, head))]).toEqual([head, [status]]);
      expect(faults()).toEqual([]);
    });

    test("the OpenAPI document, errors and the history contain no secrets", async () => {
      await service.send("/api/1/", { method: "DELETE", headers: as("ada") });
      const texts = [
        await (await service.send("/openapi.json")).text(),
        await (await service.send("/api/nothing/", { headers: as("ada") })).text(),
        await (await service.send("/api/", { headers: { authorization: "Token ada-api-token ada-password" } })).text(),
        JSON.stringify(await service.services.downtimes.history(1)),
        await (await service.send("/downtimes/1")).text(),
      ];
      for (const text of texts) expect(text).not.toMatch(/ada-(password|api-token)|\$argon2|[\da-f]{64}/);
    });
  });

test("processes count failed sign-ins together", async () => {
  const [one, settings] = [await startService(), {} as Record<string, string>];
  settings.DB_NAME = one.services.description.replace(/^SQLite, /, "");
  const { openServices: openParts } = await import("../../src/services.ts");
  const { readConfig } = await import("../../src/config.ts");
  const { createLog } = await import("../../src/log.ts");
  const other = await openParts(readConfig(settings), one.clock, createLog(one.clock, { write() {} }));
  const write = async (name: string, password?: string) =>
    (await one.send("/api/", posting({}, asBasic(name, password)))).status;
  for (let time = 0; time < 5; time++) {
    await write("ada", `guess ${time}`);
    await other.auth.signIn("ada", `other guess ${time}`, "127.0.0.1").catch(() => {});
  }
  // Ten wrong passwords in total: neither process checks even the correct one.
  expect(await write("ada")).toBe(429);
  expect(other.auth.signIn("ada", "ada-password", "127.0.0.1")).rejects.toMatchObject({ status: 429 });
  expect(await other.auth.signIn("ada", "ada-password", "10.0.0.2")).toMatchObject({ name: "ada" });
  expect((await one.send("/api/", { headers: as("ada") })).status).toBe(200);
  one.clock.forward(60_000);
  expect(await write("ada")).toBe(400);
  await other.close();
  await one.stop();
});

test("a secret in a log fails the suite", async () => {
  const service = await startService();
  await service.send("/ada-password");
  expect(service.stop()).rejects.toThrow("secrets in the log");
});
