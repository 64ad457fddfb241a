/** CORS: pages of all origins may read, those of `CORS_ORIGINS` may write with a token. */

import { afterEach, describe, expect, test } from "bun:test";
import { as, asBasic, draft, posting, type Service, signIn, startService } from "../harness.ts";

const services: Service[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

async function serve(corsOrigins?: string) {
  const service = await startService(corsOrigins === undefined ? {} : { settings: { CORS_ORIGINS: corsOrigins } });
  services.push(service);
  return service;
}

const portal = "https://portal.example";
const elsewhere = "https://elsewhere.example";

/** The headers of a request from a page of another origin. */
const from = (origin: string) => ({ origin, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" });

/** The response to a preflight of a write. */
async function preflight(service: Service, origin: string, path: string, method: string) {
  const { status, headers } = await service.send(path, {
    method: "OPTIONS",
    headers: {
      ...from(origin),
      "access-control-request-method": method,
      "access-control-request-headers": "authorization,content-type,if-match",
    },
  });
  return {
    status,
    origin: headers.get("access-control-allow-origin"),
    methods: headers.get("access-control-allow-methods")?.split(", ") ?? [],
    headers: headers.get("access-control-allow-headers"),
    credentials: headers.get("access-control-allow-credentials"),
    vary: headers.get("vary"),
  };
}

const paths = [
  ["/api/", "POST"],
  ["/api/1/", "PATCH"],
  ["/api/1/", "DELETE"],
  ["/api/series/", "POST"],
  ["/api/series/1/", "PATCH"],
  ["/api/series/1/", "DELETE"],
] as const;

describe("CORS_ORIGINS", () => {
  test.each([
    portal,
    `https://other.example, ${portal}`,
    `${portal}/ http://localhost:3000`,
    "HTTPS://PORTAL.example:443",
  ])("as %s lets the pages of an origin write with a token, preflight included, and no other's", async (setting) => {
    const service = await serve(setting);
    for (const [path, method] of paths) {
      const answer = await preflight(service, portal, path, method);
      expect([path, method, answer]).toMatchObject([
        path,
        method,
        { status: 200, origin: portal, headers: "authorization,content-type,if-match", credentials: null },
      ]);
      expect(answer.methods).toContain(method);
      expect(answer.vary).toContain("origin");
      expect([path, (await preflight(service, elsewhere, path, method)).origin]).toEqual([path, null]);
    }
    const send = async (path: string, init: RequestInit) => {
      const { status, headers } = await service.send(path, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), ...from(portal) },
      });
      return [status, headers.get("access-control-allow-origin")];
    };
    expect(await send("/api/", posting(draft))).toEqual([201, portal]);
    expect(await send("/api/1/", { ...posting({ reason: "New" }), method: "PATCH" })).toEqual([200, portal]);
    expect(await send("/api/1/", { method: "DELETE", headers: as("ada") })).toEqual([204, portal]);
    // A page can read why it was rejected.
    expect(await send("/api/", posting({}))).toEqual([400, portal]);
    expect(await send("/api/", posting(draft, as("ben")))).toEqual([403, portal]);
    expect(await send("/api/", posting(draft, { authorization: "Token nonsense" }))).toEqual([401, portal]);
  });

  test("set to * lets every page write with a token", async () => {
    const service = await serve("*");
    for (const [path, method] of paths) {
      const answer = await preflight(service, elsewhere, path, method);
      expect(answer).toMatchObject({ status: 200, origin: "*", vary: null });
      expect(answer.methods).toContain(method);
    }
    const answer = await service.send("/api/", posting(draft, { ...as("ada"), ...from(elsewhere) }));
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([201, "*"]);
  });

  test("unset lets no page of another origin write, but every page read", async () => {
    const service = await serve();
    for (const [path, method] of paths)
      expect([path, (await preflight(service, portal, path, method)).origin]).toEqual([path, null]);
    expect((await preflight(service, portal, "/api/", "GET")).origin).toBe("*");
    const answer = await service.send("/api/", { headers: from(portal) });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
  });

  test("never allows a browser's own credentials, or access to pages", async () => {
    const service = await serve(`${portal},*`);
    const { writing } = await signIn(service, "ada");
    const { "x-csrf-token": _proof, ...withoutProof } = writing;
    for (const headers of [asBasic("ada"), writing, withoutProof])
      expect((await service.send("/api/", posting(draft, { ...headers, ...from(portal) }))).status).toBe(403);
    const signingIn = await service.send("/admin/sign-in", {
      method: "POST",
      headers: from(portal),
      body: new URLSearchParams({ name: "ada", password: "ada-password" }),
    });
    expect([signingIn.status, signingIn.headers.get("access-control-allow-origin")]).toEqual([403, null]);
    expect((await service.ask("/api/")).body).toMatchObject({ count: 0 });
  });
});

test("a token works with any Origin", async () => {
  const service = await serve();
  for (const headers of [
    from(elsewhere),
    { origin: elsewhere },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
  ]) {
    const answer = await service.send("/api/", posting(draft, { ...as("ada"), ...headers }));
    expect([headers, answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([headers, 201, null]);
  }
});
