import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { withoutBasePath } from "../../src/http/path.ts";
import { readBasePath } from "../../src/input/address.ts";
import { posting, type Service, signIn, startService } from "../harness.ts";

test("a base path is one or more names; anything else is rejected", () => {
  expect(["", "/", "/downtime", "/downtime/", "/a/b-c/d.e~f_1/"].map(readBasePath)).toEqual([
    "",
    "",
    "/downtime",
    "/downtime",
    "/a/b-c/d.e~f_1",
  ]);
  for (const text of [
    "downtime",
    "//evil.example",
    "/a//b",
    "/a/../b",
    "/.",
    "/a b",
    "/a?b",
    "/a#b",
    '/"onload="',
    "/a\\b",
    "https://a.b",
  ])
    expect([text, readBasePath(text)]).toEqual([text, undefined]);
});

test("the base path is taken off URLs that are below it alone", () => {
  const at = (rest: string) => withoutBasePath(`http://a.b${rest}`, "/downtime");
  expect(at("/downtime/api/?a=/downtime/")).toBe("http://a.b/api/?a=/downtime/");
  expect([at("/downtime"), at("/downtime?a=b"), at("/downtime/")]).toEqual([
    "http://a.b/",
    "http://a.b/?a=b",
    "http://a.b/",
  ]);
  expect([at("/downtimes/1"), at("/health"), at("/x/downtime/")]).toEqual([
    "http://a.b/downtimes/1",
    "http://a.b/health",
    "http://a.b/x/downtime/",
  ]);
});

/** The addresses in a page, and whether they are read with GET. */
const addressesIn = (page: string) =>
  [...page.matchAll(/\s(href|src|hx-get|action|formaction|hx-post|data-live|data-base)="([^"#][^"]*)"/g)].map(
    ([, name = "", address = ""]) => ({
      address: address.replaceAll("&amp;", "&"),
      canBeRead: ["href", "src", "hx-get"].includes(name),
    }),
  );

for (const [name, settings, path, headers] of [
  ["BASE_PATH, of a proxy that passes paths on unchanged", { BASE_PATH: "/ops/downtime/" }, "/ops/downtime", {}],
  ["BASE_PATH, of a proxy that takes it off", { BASE_PATH: "/ops/downtime" }, "", {}],
  ["X-Forwarded-Prefix", { TRUST_PROXY: "true" }, "", { "x-forwarded-prefix": "/ops/downtime" }],
] as const)
  describe(name, () => {
    const base = "/ops/downtime";
    let service: Service;
    beforeAll(async () => {
      service = await startService({ settings: settings as Record<string, string> });
      for (const reason of ["one", `" href="/evil" data-x="`]) await service.add({ reason });
    });
    afterAll(() => service.stop());

    /** Sends a request as the proxy does. */
    const ask = (address: string, { headers: more, ...init }: RequestInit = {}) =>
      service.send(path + address, { ...init, headers: { ...headers, ...(more as Record<string, string>) } });

    test("every link of every page that staff can reach leads on below it", async () => {
      const { reading } = await signIn({ send: ask as Service["send"] }, "ada");
      const known = new Set(["/"]);
      for (const address of known) {
        const response = await ask(address, { headers: { ...reading, accept: "text/html" } });
        expect([address, response.status]).toEqual([address, 200]);
        if (!response.headers.get("content-type")?.startsWith("text/html")) continue;
        for (const { address: written, canBeRead } of addressesIn(await response.text())) {
          if (/^(?:https?|webcal|data):/.test(written)) continue;
          // As a browser resolves it, since a page may link to itself with another query.
          const { pathname, search } = new URL(written, `http://here${base}${address}`);
          const link = pathname + search;
          expect(`${link} on ${address}`).toStartWith(`${base}/`);
          const inside = link.slice(base.length);
          // Two pages of a kind are enough.
          const kind = (of: string) => of.split("?")[0]?.replace(/\d+/, "");
          if (canBeRead && [...known].filter((one) => kind(one) === kind(inside)).length < 2) known.add(inside);
        }
      }
      expect(known.size).toBeGreaterThan(20);
    });

    test("redirects, cookies, and the addresses that programs get", async () => {
      const page = await ask("/admin/downtimes", { headers: { accept: "text/html" } });
      expect([page.status, page.headers.get("location")]).toEqual([
        303,
        `${base}/admin/sign-in?next=%2Fadmin%2Fdowntimes`,
      ]);
      const body = new URLSearchParams({ name: "ada", password: "ada-password", next: "/admin/downtimes" });
      const signedIn = await ask("/admin/sign-in", { method: "POST", body });
      expect(signedIn.headers.get("location")).toBe(`${base}/admin/downtimes`);
      expect(signedIn.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^downtime=[\w-]{43}; Path=\/ops\/downtime; /),
      ]);
      expect((await ask("/api")).headers.get("location")).toBe(`${base}/api/`);
      expect((await ask("/admin/schedule/downtime/1/change/")).headers.get("location")).toBe(
        `${base}/admin/downtimes/1/change`,
      );
      for (const _ of ["first", "from the cache", "from the cache"]) {
        const list = await ask("/api/?limit=1");
        const { next } = (await list.json()) as { next: string };
        expect(new URL(next).pathname).toBe(`${base}/api/`);
        expect(list.headers.get("link")).toBe(`<${next}>; rel="next"`);
      }
      const document = (await (await ask("/openapi.json")).json()) as { servers: unknown };
      expect(document.servers).toEqual([{ url: base, description: "This server" }]);
      expect(await (await ask("/calendar.ics")).text()).toInclude(`${new URL(service.url).host}${base}/downtimes/1`);
      const series = {
        scopes: [{ site: "ogg", enclosure: "clma", telescope: "2m0a" }],
        reason: "a",
        rule: { kind: "once", start: "2026-12-01T00:00:00Z", end: "2026-12-01T01:00:00Z" },
      };
      const sent = posting(series);
      const created = await ask("/api/series/", sent);
      expect([created.status, created.headers.get("location")]).toEqual([201, `${base}/api/series/1/`]);
    });
  });

test("over TLS, the session's cookie can't be set by other hosts, and is limited to the base path", async () => {
  const service = await startService({ settings: { TRUST_PROXY: "true" } });
  const body = new URLSearchParams({ name: "ada", password: "ada-password" });
  const cookieWith = async (headers: Record<string, string>) =>
    (
      await service.send("/admin/sign-in", {
        method: "POST",
        body,
        headers: { "x-forwarded-proto": "https", ...headers },
      })
    ).headers.get("set-cookie");
  expect(await cookieWith({})).toMatch(/^__Host-downtime=.*; Path=\/;.*; Secure/);
  expect(await cookieWith({ "x-forwarded-prefix": "/ops/" })).toMatch(/^__Secure-downtime=.*; Path=\/ops;.*; Secure/);
  await service.stop();
});

test("answers that were cached for one base path aren't sent to another, and an invalid or untrusted one is ignored", async () => {
  const service = await startService({ settings: { TRUST_PROXY: "true" } });
  for (const reason of ["one", "two"]) await service.add({ reason });
  const nextFor = async (prefix: string) => {
    const { body } = await service.ask<{ next: string }>("/api/?limit=1", {
      headers: { "x-forwarded-prefix": prefix },
    });
    return new URL(body.next).pathname;
  };
  for (const _ of [1, 2, 3])
    for (const [prefix, path] of [
      ["", "/api/"],
      ["/a", "/a/api/"],
      ["/b/c", "/b/c/api/"],
      ["//evil.example", "/api/"],
      ["/a, /b", "/b/api/"],
    ] as const)
      expect([prefix, await nextFor(prefix)]).toEqual([prefix, path]);
  await service.stop();
  const untrusting = await startService();
  for (const reason of ["one", "two"]) await untrusting.add({ reason });
  const { body } = await untrusting.ask<{ next: string }>("/api/?limit=1", { headers: { "x-forwarded-prefix": "/a" } });
  expect(new URL(body.next).pathname).toBe("/api/");
  await untrusting.stop();
});
