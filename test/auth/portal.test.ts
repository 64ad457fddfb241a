import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createPortal } from "../../src/auth/portal.ts";
import { PortalUnreachable } from "../../src/auth/portal-client.ts";
import {
  as,
  asBasic,
  byCommand,
  createClock,
  draft,
  engines,
  posting,
  type Service,
  signIn,
  startService,
} from "../harness.ts";
import { pushing, startPortal } from "../portal.ts";

// Password hashing is slow by design, and slower on a busy machine.
setDefaultTimeout(30_000);

const minute = 60_000;
const hour = 60 * minute;
const outage =
  "The Observation Portal can't be reached. Until it is back, only users who signed in during the last 24 hours can sign in.";
const asToken = (token: string) => ({ authorization: `Token ${token}` });

for (const engine of engines)
  describe(`the portal on ${engine}`, () => {
    let service: Service;
    let portal: ReturnType<typeof startPortal>;
    let clock: ReturnType<typeof createClock>;
    beforeEach(async () => {
      clock = createClock();
      portal = startPortal({
        pia: { password: "pia-password", staff: true, active: true, token: "pia-portal-token" },
        paul: { password: "paul-password", staff: false, active: true },
        ada: { password: "adas-other-password", staff: true, active: true, token: "adas-portal-token" },
      });
      service = await startService({ engine, clock, settings: portal.settings });
    });
    afterEach(async () => {
      await service.stop();
      portal.stop();
    });

    const read = async (headers: Record<string, string>) => (await service.send("/api/", { headers })).status;
    const write = async (headers: Record<string, string>) =>
      (await service.send("/api/", posting(draft, headers))).status;

    test("a portal user can use Basic, and then the portal's token", async () => {
      expect(await write(asToken("pia-portal-token"))).toBe(401);
      expect(await write(asBasic("pia"))).toBe(201);
      expect(await write(asToken("pia-portal-token"))).toBe(201);
      expect(portal.asked).toEqual(["token password pia", "profile"]);
    });

    test("a portal user can use the sign-in form", async () => {
      const { answer, writing } = await signIn(service, "pia");
      expect(answer.status).toBe(303);
      expect(await write(writing)).toBe(201);
    });

    test("a portal user whose token is a local user's can sign in", async () => {
      Object.assign(portal.accounts.pia as object, { token: "ben-api-token" });
      expect(await write(asBasic("pia"))).toBe(201);
      expect(await write(asToken("ben-api-token"))).toBe(403);
    });

    test("a sign-in rejected because the portal is down is logged and counted as failed", async () => {
      portal.goDown();
      for (let time = 0; time < 10; time++) expect(await write(asBasic("paul"))).toBe(401);
      expect(await write(asBasic("paul"))).toBe(429);
      expect(service.log).toContainEqual(
        expect.objectContaining({
          level: "warn",
          message: "portal unreachable; sign-in rejected",
          user: "unknown",
        }),
      );
    });

    test("a wrong password and an unknown name get 401", async () => {
      expect(await service.ask("/api/", { headers: asBasic("pia", "wrong") })).toEqual({
        status: 401,
        body: { detail: "Invalid username/password." },
      });
      expect(await read(asBasic("nobody"))).toBe(401);
    });

    test("portal users who aren't staff can't write", async () => {
      expect(await write(asBasic("paul"))).toBe(403);
    });

    test("a local user takes precedence over a portal user with the same name", async () => {
      expect(await read(asBasic("ada"))).toBe(200);
      expect(await read(asBasic("ada", "adas-other-password"))).toBe(401);
      expect(portal.asked).toEqual([]);
      expect(await service.ask("/authprofile/addupdateuser/", pushing(portal.profileOf("ada")))).toEqual({
        status: 200,
        body: { message: "Local user; nothing was changed" },
      });
      expect(service.log).toContainEqual(
        expect.objectContaining({
          level: "warn",
          message: "portal profile ignored: a local user has the same name",
          user: "ada",
        }),
      );
      expect(await read(asBasic("ada"))).toBe(200);
      expect(await read(asToken("adas-portal-token"))).toBe(401);
    });

    test("the portal checks a password once in five minutes", async () => {
      for (const forward of [0, minute, 3.9 * minute]) {
        clock.forward(forward);
        expect(await read(asBasic("pia"))).toBe(200);
      }
      expect(portal.asked.filter((what) => what.startsWith("token password"))).toHaveLength(1);
      clock.forward(0.1 * minute);
      expect(await read(asBasic("pia"))).toBe(200);
      expect(portal.asked.filter((what) => what.startsWith("token password"))).toHaveLength(2);
    });

    test("a user disabled at the portal loses access within five minutes: by password, token and session", async () => {
      const { reading } = await signIn(service, "pia");
      const ways = [asBasic("pia"), asToken("pia-portal-token"), reading];
      const isIn = () =>
        Promise.all(ways.map(async (way) => (await service.send("/admin/sign-in", { headers: way })).status));
      expect(await isIn()).toEqual([303, 303, 303]);
      (portal.accounts.pia as { active: boolean }).active = false;
      clock.forward(5 * minute);
      expect(await isIn()).toEqual([401, 401, 200]);
      portal.goDown();
      expect(await isIn()).toEqual([401, 401, 200]);
      expect(service.log).toContainEqual(
        expect.objectContaining({ message: "user's access revoked by the portal", user: "pia" }),
      );
    });

    test("a disabled user is detected by the API token, or without one by the refresh, though the profile still works", async () => {
      const sessions = { pia: await signIn(service, "pia"), paul: await signIn(service, "paul") };
      const isIn = async (name: "pia" | "paul") =>
        (await service.send("/admin/sign-in", { headers: sessions[name].reading })).status === 303;
      clock.forward(5 * minute);
      expect([await isIn("pia"), await isIn("paul")]).toEqual([true, true]);
      for (const account of Object.values(portal.accounts)) account.active = false;
      clock.forward(5 * minute);
      portal.asked.length = 0;
      expect([await isIn("pia"), await isIn("paul")]).toEqual([false, false]);
      expect(portal.asked).toEqual(["profile", "profile by token", "profile", "token refresh_token"]);
      expect(await write(asToken("pia-portal-token"))).toBe(401);
    });

    test("a user enabled again at the portal can sign in, and the token works again", async () => {
      const pia = portal.accounts.pia as { active: boolean };
      expect(await write(asBasic("pia"))).toBe(201);
      pia.active = false;
      clock.forward(5 * minute);
      expect(await write(asToken("pia-portal-token"))).toBe(401);
      pia.active = true;
      expect([await write(asBasic("pia")), await write(asToken("pia-portal-token"))]).toEqual([201, 201]);
    });

    test("changes of staff access at the portal take effect within five minutes", async () => {
      const { writing } = await signIn(service, "pia");
      const pauls = await signIn(service, "paul");
      expect([await write(writing), await write(pauls.writing)]).toEqual([201, 403]);
      Object.assign(portal.accounts.pia as object, { staff: false });
      Object.assign(portal.accounts.paul as object, { staff: true });
      clock.forward(5 * minute);
      expect([await write(writing), await write(pauls.writing)]).toEqual([403, 201]);
    });

    test("an expired access token is refreshed without the password", async () => {
      const { reading } = await signIn(service, "pia");
      for (let time = 0; time < 3; time++) {
        portal.expireAccess();
        clock.forward(5 * minute);
        expect((await service.send("/admin/sign-in", { headers: reading })).status).toBe(303);
      }
      expect(portal.asked.slice(-4)).toEqual(["profile", "token refresh_token", "profile", "profile by token"]);
    });

    test("an old password doesn't work again when the portal goes down", async () => {
      expect(await read(asBasic("pia"))).toBe(200);
      Object.assign(portal.accounts.pia as object, { password: "another" });
      clock.forward(5 * minute);
      expect(await read(asBasic("pia"))).toBe(401);
      portal.goDown();
      expect(await read(asBasic("pia"))).toBe(401);
    });

    test("while the portal is down, users of the last 24 hours keep access, and others can't sign in", async () => {
      const { reading } = await signIn(service, "pia");
      portal.goDown();
      const ways = [asBasic("pia"), asToken("pia-portal-token"), reading];
      const isIn = () =>
        Promise.all(ways.map(async (way) => (await service.send("/admin/sign-in", { headers: way })).status));
      const refusal = { status: 401, body: { detail: outage } };
      clock.forward(12 * hour - 1);
      expect(await isIn()).toEqual([303, 303, 303]);
      clock.forward(12 * hour - minute);
      expect(await isIn()).toEqual([303, 303, 303]);
      expect(await service.ask("/api/", { headers: asBasic("pia", "wrong") })).toEqual(refusal);
      expect(await service.ask("/api/", { headers: asBasic("paul") })).toEqual(refusal);
      clock.forward(minute + 1);
      expect(await isIn()).toEqual([401, 401, 200]);
      portal.mend();
      expect([await read(asBasic("pia")), await read(asBasic("paul"))]).toEqual([200, 200]);
    });

    test("an invalid response counts as a portal that is down", async () => {
      await read(asBasic("pia"));
      const answers = {
        "no JSON": () => new Response("<html>Welcome</html>"),
        "other JSON": () => Response.json({ access_token: 1, username: { a: 1 } }),
        "a redirect": () => Response.redirect("http://127.0.0.1:1/"),
        "too many requests": () => new Response("slow down", { status: 429 }),
        "an unknown client": () => Response.json({ error: "invalid_client" }, { status: 401 }),
      };
      for (const [what, respond] of Object.entries(answers)) {
        portal.respond(respond);
        clock.forward(5 * minute);
        expect([what, await read(asToken("pia-portal-token")), await read(asBasic("paul"))]).toEqual([what, 200, 401]);
      }
    });

    test("an unreachable portal rejects new users without delay", async () => {
      expect(await read(asBasic("pia"))).toBe(200);
      portal.stop();
      clock.forward(5 * minute);
      expect([await write(asBasic("pia")), await write(asBasic("paul"))]).toEqual([201, 401]);
    });

    test("writes while the portal is down are marked in the history, and logged", async () => {
      expect(await write(asBasic("pia"))).toBe(201);
      portal.goDown();
      clock.forward(5 * minute);
      expect(await write(asToken("pia-portal-token"))).toBe(201);
      const marks = async (id: number) =>
        (await service.services.downtimes.history(id)).map(({ by, unconfirmed }) => ({ by, unconfirmed }));
      expect([await marks(1), await marks(2)]).toEqual([
        [{ by: "pia", unconfirmed: false }],
        [{ by: "pia", unconfirmed: true }],
      ]);
      await service.send("/api/1/", { method: "DELETE", headers: asToken("pia-portal-token") });
      expect(await marks(1)).toEqual([
        { by: "pia", unconfirmed: false },
        { by: "pia", unconfirmed: true },
      ]);
      expect(service.log.map(({ message }) => message)).toContain(
        "portal unreachable; the user's rights stay unchanged",
      );
    });

    test("a profile without tokens leaves the stored token unchanged", async () => {
      expect(await read(asBasic("paul"))).toBe(200);
      await service.send(
        "/authprofile/addupdateuser/",
        pushing({ ...portal.profileOf("paul"), tokens: { api_token: "pushed-token" } }),
      );
      expect(await read(asBasic("paul"))).toBe(200);
      expect(await read(asToken("pushed-token"))).toBe(200);
    });

    test("a user disabled here stays disabled, whatever the portal says", async () => {
      expect(await read(asBasic("pia"))).toBe(200);
      await service.services.users.change("pia", { active: false }, byCommand(clock));
      clock.forward(5 * minute);
      expect([await read(asBasic("pia")), await read(asToken("pia-portal-token"))]).toEqual([401, 401]);
    });

    describe("pushes a profile:", () => {
      const push = async (init: RequestInit) => service.ask("/authprofile/addupdateuser/", init);

      test("it is stored, and the response is what the portal expects", async () => {
        const profile = { ...portal.profileOf("paul"), is_staff: true, tokens: { api_token: "pauls-token" } };
        expect(await push(pushing(profile))).toEqual({ status: 200, body: { message: "User account updated" } });
        expect(await write(asToken("pauls-token"))).toBe(201);
        clock.forward(30 * hour);
        expect(await write(asToken("pauls-token"))).toBe(201);
        await push(pushing({ ...profile, is_staff: false }));
        expect(await write(asToken("pauls-token"))).toBe(403);
        await push(pushing({ ...profile, is_active: false }));
        expect(await write(asToken("pauls-token"))).toBe(401);
      });

      test("sessions, the stored password and the old token stop working at once", async () => {
        const { reading } = await signIn(service, "pia");
        expect(await read(asBasic("pia"))).toBe(200);
        await push(pushing({ ...portal.profileOf("pia"), tokens: { api_token: "another-token" } }));
        portal.goDown();
        expect((await service.send("/admin/sign-in", { headers: reading })).status).toBe(200);
        expect(await read(asBasic("pia"))).toBe(401);
        expect(await read(asToken("pia-portal-token"))).toBe(401);
        expect(await read(asToken("another-token"))).toBe(200);
      });

      test("a disabled user loses access at once, though the profile doesn't say so, even without ever having signed in", async () => {
        const profile = portal.profileOf("pia");
        const pia = portal.accounts.pia as { active: boolean };
        await push(pushing(profile));
        expect(await write(asToken("pia-portal-token"))).toBe(201);
        pia.active = false;
        expect((await push(pushing(profile))).status).toBe(200);
        expect(await write(asToken("pia-portal-token"))).toBe(401);
        pia.active = true;
        await push(pushing(profile));
        expect(await write(asToken("pia-portal-token"))).toBe(201);
      });

      test("a user who never signed in and is disabled without a push loses access within five minutes", async () => {
        const pia = portal.accounts.pia as { active: boolean };
        const token = asToken("pia-portal-token");
        await push(pushing(portal.profileOf("pia")));
        expect(await write(token)).toBe(201);
        pia.active = false;
        portal.goDown();
        clock.forward(5 * minute);
        expect(await write(token)).toBe(201);
        portal.mend();
        expect(await write(token)).toBe(201);
        clock.forward(5 * minute);
        portal.asked.length = 0;
        expect(await Promise.all([write(token), write(token)])).toEqual([401, 401]);
        expect(portal.asked).toEqual(["profile by token"]);
        expect(await read(token)).toBe(401);
      });

      test("the portal is asked again at the user's next request", async () => {
        const { reading } = await signIn(service, "paul");
        await push(pushing({ ...portal.profileOf("paul"), tokens: { api_token: "pauls-token" } }));
        expect(await read(asToken("pauls-token"))).toBe(200);
        (portal.accounts.paul as { active: boolean }).active = false;
        await push(pushing(portal.profileOf("paul")));
        expect([await read(asToken("pauls-token")), await read(reading)]).toEqual([401, 200]);
        expect((await service.send("/admin/sign-in", { headers: reading })).status).toBe(200);
      });

      test("it is stored as sent if the portal can't be asked", async () => {
        const profile = { ...portal.profileOf("paul"), is_staff: true, tokens: { api_token: "pauls-token" } };
        portal.goDown();
        expect((await push(pushing(profile))).status).toBe(200);
        expect(await write(asToken("pauls-token"))).toBe(201);
      });

      test("the token moves with a user renamed at the portal", async () => {
        await push(pushing(portal.profileOf("pia")));
        await push(pushing({ ...portal.profileOf("pia"), username: "pia.new", is_staff: false }));
        expect(await service.services.tokens.list("pia")).toEqual([]);
        expect(await write(asToken("pia-portal-token"))).toBe(403);
      });

      test("a local user stays unchanged, with 200 so that the portal's batch continues", async () => {
        const before = await service.services.users.findByName("ben");
        for (const change of [{ is_staff: true, tokens: { api_token: "bens-other-token" } }, { is_active: false }])
          expect((await push(pushing({ username: "ben", ...change }))).status).toBe(200);
        expect(await service.services.users.findByName("ben")).toEqual(before);
        expect([await read(as("ben")), await read(asBasic("ben")), await write(as("ben"))]).toEqual([200, 200, 403]);
        expect(await read(asToken("bens-other-token"))).toBe(401);
        const warning = "portal profile ignored: a local user has the same name";
        expect(service.log.filter(({ message, user }) => message === warning && user === "ben")).toHaveLength(2);
      });

      test("it is rejected without the server key", async () => {
        const profile = portal.profileOf("pia");
        for (const key of ["", " ", "key-of-the-porta", "key-of-the-portal2", "KEY-OF-THE-PORTAL"])
          expect((await push(pushing(profile, key))).status).toBe(401);
        for (const authorization of ["Token key-of-the-portal", "key-of-the-portal", "Basic key-of-the-portal"])
          expect((await push({ ...pushing(profile), headers: { authorization } })).status).toBe(401);
        expect((await push({ ...pushing(profile), headers: {} })).status).toBe(401);
        expect(await service.services.users.findByName("pia")).toBeUndefined();
      });

      test("a local user's token isn't stored, and the response says so", async () => {
        await push(pushing({ ...portal.profileOf("paul"), tokens: { api_token: "pauls-first-token" } }));
        const profile = { ...portal.profileOf("paul"), is_staff: true, tokens: { api_token: "ada-api-token" } };
        expect(await push(pushing(profile))).toEqual({
          status: 200,
          body: { message: "User account updated, except its API token: a local user has the same one" },
        });
        expect(await service.services.users.findByName("paul")).toMatchObject({ staff: true });
        expect(await read(asToken("pauls-first-token"))).toBe(401);
        expect((await service.ask("/api/", posting(draft, asToken("ada-api-token")))).status).toBe(201);
        expect((await service.services.downtimes.history(1)).map(({ by }) => by)).toEqual(["ada"]);
        expect(service.log).toContainEqual(
          expect.objectContaining({ message: "portal token not stored: a local user has the same one", user: "paul" }),
        );
      });

      test("an invalid profile is rejected", async () => {
        for (const body of ["", "{", "[]", "null", '{"username":1}', '{"username":""}', '{"username":"a b"}', '"{"'])
          expect([body, (await push({ ...pushing({}), body })).status]).toEqual([body, 400]);
        expect((await push({ method: "GET" })).status).toBe(405);
      });
    });
  });

test("an empty key matches nothing", async () => {
  const service = await startService();
  for (const authorization of ["Server ", "Server", "Server  ", "server x"])
    expect(
      (await service.send("/authprofile/addupdateuser/", { ...pushing({ username: "x" }), headers: { authorization } }))
        .status,
    ).toBe(401);
  await service.stop();
});

test("a portal that responds too slowly counts as down", async () => {
  const server = Bun.serve({ port: 0, fetch: () => new Promise<Response>(() => {}) });
  const urls = { tokenUrl: `${server.url}token`, profileUrl: `${server.url}profile` };
  const portal = createPortal({ ...urls, clientId: "a", clientSecret: "b", timeoutMillis: 50, warn() {} });
  await expect(portal.signIn("pia", "x")).rejects.toBeInstanceOf(PortalUnreachable);
  await expect(portal.renew({ access: "a", refresh: "b" })).rejects.toBeInstanceOf(PortalUnreachable);
  server.stop(true);
});

test("a public client sends no secret", async () => {
  const forms: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (request.method === "GET") return Response.json({ username: "pia", is_staff: true });
      forms.push(await request.text());
      return Response.json({ access_token: "a" });
    },
  });
  const settings = { OAUTH_TOKEN_URL: `${server.url}o/token/`, OAUTH_PROFILE_URL: `${server.url}api/profile/` };
  const service = await startService({ settings: { ...settings, OAUTH_CLIENT_ID: "public" } });
  try {
    expect((await service.ask("/api/", posting(draft, asBasic("pia", "pia-password")))).status).toBe(201);
    expect(forms).toEqual(["grant_type=password&username=pia&password=pia-password&client_id=public"]);
  } finally {
    await service.stop();
    server.stop(true);
  }
});

test("the portal's real-time sessions create a downtime, find it by its reason and cancel it", async () => {
  const service = await startService({ settings: { WRITE_ACCESS: "authenticated", OAUTH_SERVER_KEY: "k" } });
  const push = (username: string) =>
    service.send(
      "/authprofile/addupdateuser/",
      pushing({ username, is_staff: false, tokens: { api_token: `${username}-session` } }, "k"),
    );
  await Promise.all([push("pia"), push("paul")]);
  const place = { site: "ogg", enclosure: "clma", telescope: "2m0a" };
  const body = {
    ...place,
    start: "2026-11-23T08:00:00.123456+00:00",
    end: "2026-11-23T08:30:00+00:00",
    reason: "123456",
  };
  const created = await service.ask("/api/", posting(body, asToken("pia-session")));
  expect(created).toMatchObject({ status: 201, body: { ...place, start: "2026-11-23T08:00:00Z", reason: "123456" } });

  const query = new URLSearchParams({ ...place, reason_exact: "123456" });
  const found = await service.ask<{ count: number; results: { id: number }[] }>(`/api/?${query}`, {
    headers: asToken("pia-session"),
  });
  expect(found.body.count).toBe(1);
  const path = `/api/${found.body.results[0]?.id}/`;
  const cancel = async (token: string) =>
    (await service.send(path, { method: "DELETE", headers: asToken(token) })).status;
  expect(await cancel("paul-session")).toBe(403);
  expect(await cancel("pia-session")).toBe(204);
  expect((await service.ask(`/api/?${query}`)).body.count).toBe(0);

  await service.ask("/api/", posting(body, asToken("pia-session")));
  expect(
    (await service.send("/api/2/", { method: "DELETE", headers: { authorization: "Token ada-api-token" } })).status,
  ).toBe(204);
  await service.stop();
});
