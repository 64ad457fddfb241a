/** The Observation Portal's URLs with and without trailing slashes, redirects, and the log of failed calls. */

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { as, asBasic, type Service, startService } from "../harness.ts";
import { startPortal } from "../portal.ts";

// Password hashing is slow by design, and slower on a busy machine.
setDefaultTimeout(30_000);

const minute = 60_000;
const atEnd: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of atEnd.splice(0).reverse()) await end();
});

type StandIn = ReturnType<typeof startPortal>;

/** A portal, and a service with some spelling of its URLs. */
async function serve(spell: (settings: StandIn["settings"]) => Record<string, string> = (settings) => settings) {
  const portal = startPortal({
    pia: { password: "pia-password", staff: true, active: true, token: "pia-portal-token" },
  });
  const service = await startService({ settings: spell(portal.settings) });
  atEnd.push(portal.stop, service.stop);
  const signIn = async (password?: string) =>
    (await service.send("/api/", { headers: asBasic("pia", password) })).status;
  return { portal, service, signIn };
}

const failedCalls = ({ log }: Service) =>
  log.filter(({ message }) => message === "portal call failed").map(({ url, status, cause }) => [url, status, cause]);

const withoutSlash = (settings: StandIn["settings"]) => ({
  ...settings,
  OAUTH_TOKEN_URL: settings.OAUTH_TOKEN_URL.slice(0, -1),
  OAUTH_PROFILE_URL: settings.OAUTH_PROFILE_URL.slice(0, -1),
});

describe("URLs without their trailing slash", () => {
  test("work for sign-in and renewal; the URL that works is remembered", async () => {
    const { portal, service, signIn } = await serve(withoutSlash);
    expect([await signIn("wrong"), await signIn()]).toEqual([401, 200]);
    expect(portal.asked).toEqual([
      "a path without its slash",
      "token password pia",
      "token password pia",
      "a path without its slash",
      "profile",
    ]);
    service.clock.forward(5 * minute);
    expect((await service.send("/api/", { headers: { authorization: "Token pia-portal-token" } })).status).toBe(200);
    expect(portal.asked.slice(5)).toEqual(["profile", "profile by token"]);
  });

  test.each([404, 405, 500, 200, 403])("also work if the portal responds %d to them", async (status) => {
    const { portal, signIn } = await serve(withoutSlash);
    portal.respond((request) =>
      request.url.endsWith("/") ? undefined : new Response("<html>Nothing here</html>", { status }),
    );
    expect([await signIn("wrong"), await signIn()]).toEqual([401, 200]);
  });

  test("and URLs with a superfluous trailing slash work too", async () => {
    const { portal, signIn } = await serve();
    portal.dropSlashes();
    expect([await signIn("wrong"), await signIn()]).toEqual([401, 200]);
  });
});

test("redirects of the profile are followed within the origin only, and only a few times", async () => {
  const heard: (string | null)[] = [];
  const other = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      heard.push(request.headers.get("authorization"));
      return Response.json({ username: "pia", is_staff: true });
    },
  });
  atEnd.push(() => other.stop(true));
  const { portal, service, signIn } = await serve();
  const leadTo = (location: string) =>
    portal.respond((request) =>
      request.url.includes("/api/profile/") && !request.url.includes("moved=yes")
        ? new Response(null, { status: 302, headers: { location } })
        : undefined,
    );
  leadTo(other.url.href);
  expect(await signIn()).toBe(401);
  expect(heard).toEqual([]);
  expect(failedCalls(service)).toContainEqual([
    portal.settings.OAUTH_PROFILE_URL,
    302,
    `redirects to ${other.url.origin}/`,
  ]);
  leadTo("/api/profile/");
  expect(await signIn()).toBe(401);
  leadTo("/api/profile/?moved=yes");
  expect(await signIn()).toBe(200);
});

test("a password is never sent to a redirect's target", async () => {
  const { portal, signIn } = await serve();
  portal.respond((request) =>
    request.url.includes("/o/token")
      ? new Response(null, { status: 307, headers: { location: "/elsewhere/" } })
      : undefined,
  );
  expect(await signIn()).toBe(401);
  expect(portal.asked).toEqual([]);
});

describe("the log", () => {
  test("has a line with status and cause for each failed call, also for unknown users", async () => {
    const { portal, service, signIn } = await serve();
    const { OAUTH_TOKEN_URL: token, OAUTH_PROFILE_URL: profile } = portal.settings;
    await signIn("wrong");
    portal.goDown();
    await signIn();
    portal.respond(() => Response.json({ error: "invalid_client" }, { status: 401 }));
    await signIn();
    portal.respond(() => Response.json({ access_token: 1 }));
    await signIn();
    portal.respond((request) =>
      request.url === profile ? Response.json({ detail: "Throttled." }, { status: 429 }) : undefined,
    );
    await signIn();
    expect(failedCalls(service)).toEqual([
      [token, 400, "invalid_grant"],
      [token, 502, "Bad Gateway"],
      [token, 401, "invalid_client: check OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET"],
      [token, 200, "Expected string at /access_token"],
      [profile, 429, "Throttled."],
    ]);
    portal.stop();
    await signIn();
    expect(failedCalls(service).at(-1)).toEqual([token, undefined, expect.stringMatching(/connect|refused|closed/i)]);
    expect(service.log.filter(({ level, message }) => message === "portal call failed" && level !== "warn")).toEqual(
      [],
    );
  });

  test("a response that isn't about the user doesn't revoke access", async () => {
    const { portal, service, signIn } = await serve();
    expect(await signIn()).toBe(200);
    for (const [status, body] of [
      [404, "Not found"],
      [405, "{}"],
      [403, "<html>CSRF verification failed</html>"],
      [410, ""],
      [400, '{"error":"unsupported_grant_type"}'],
    ] as const) {
      portal.respond(() => new Response(body, { status }));
      service.clock.forward(5 * minute);
      const answer = await service.send("/api/", { headers: { authorization: "Token pia-portal-token" } });
      expect([status, answer.status]).toEqual([status, 200]);
    }
    expect((await service.send("/api/", { headers: as("ada") })).status).toBe(200);
  });
});
