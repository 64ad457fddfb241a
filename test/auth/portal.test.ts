import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createPortal } from "../../src/auth/portal.ts";
import { PortalUnreachable } from "../../src/auth/portal-client.ts";
import { as, asBasic, createClock, draft, engines, posting, type Service, signIn, startService } from "../harness.ts";
import { pushing, startPortal } from "../portal.ts";

// Passwords are checked slowly on purpose, and slower where others use the machine.
setDefaultTimeout(30_000);

const minute = 60_000;
const hour = 60 * minute;
const outage =
  "The Observation Portal can't be reached. Until it is back, only those can sign in who did so during the last 24 hours.";
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

    test("a user of the portal signs in by Basic, and then by the portal's token", async () => {
      expect(await write(asToken("pia-portal-token"))).toBe(401);
      expect(await write(asBasic("pia"))).toBe(201);
      expect(await write(asToken("pia-portal-token"))).toBe(201);
      expect(portal.asked).toEqual(["token password pia", "profile"]);
    });

    test("a user of the portal signs in by the form", async () => {
      const { answer, writing } = await signIn(service, "pia");
      expect(answer.status).toBe(303);
      expect(await write(writing)).toBe(201);
    });

    test("a profile at sign-in with a local user's token signs in all the same", async () => {
      Object.assign(portal.accounts.pia as object, { token: "ben-api-token" });
      expect(await write(asBasic("pia"))).toBe(201);
      expect(await write(asToken("ben-api-token"))).toBe(403);
    });

    test("a sign-in that the portal's failure prevents is logged, and counted as one that failed", async () => {
      portal.goDown();
      for (let time = 0; time < 10; time++) expect(await write(asBasic("paul"))).toBe(401);
      expect(await write(asBasic("paul"))).toBe(429);
      expect(service.log).toContainEqual(
        expect.objectContaining({
          level: "warn",
          message: "portal unreachable; nobody new can sign in",
          user: "unknown",
        }),
      );
    });

    test("a wrong password is 401, and so is a name that nobody has", async () => {
      expect(await service.ask("/api/", { headers: asBasic("pia", "wrong") })).toEqual({
        status: 401,
        body: { detail: "Invalid username/password." },
      });
      expect(await read(asBasic("nobody"))).toBe(401);
    });

    test("who isn't staff at the portal may not write", async () => {
      expect(await write(asBasic("paul"))).toBe(403);
    });

    test("a local user comes first, and the portal has no say over the name", async () => {
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
          message: "the portal sent a change to a local user; nothing was changed",
          user: "ada",
        }),
      );
      expect(await read(asBasic("ada"))).toBe(200);
      expect(await read(asToken("adas-portal-token"))).toBe(401);
    });

    test("a password is asked about once in five minutes", async () => {
      for (const forward of [0, minute, 3.9 * minute]) {
        clock.forward(forward);
        expect(await read(asBasic("pia"))).toBe(200);
      }
      expect(portal.asked.filter((what) => what.startsWith("token password"))).toHaveLength(1);
      clock.forward(0.1 * minute);
      expect(await read(asBasic("pia"))).toBe(200);
      expect(portal.asked.filter((what) => what.startsWith("token password"))).toHaveLength(2);
    });

    test("whom the portal disables is out after five minutes: by password, token and session", async () => {
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
        expect.objectContaining({ message: "user withdrawn: the portal no longer stands by it", user: "pia" }),
      );
    });

    test("a disabled user is out though the profile still answers: the API token tells, and where there is none the refresh", async () => {
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

    test("a user who is enabled again at the portal signs in again, and the token works as before", async () => {
      const pia = portal.accounts.pia as { active: boolean };
      expect(await write(asBasic("pia"))).toBe(201);
      pia.active = false;
      clock.forward(5 * minute);
      expect(await write(asToken("pia-portal-token"))).toBe(401);
      pia.active = true;
      expect([await write(asBasic("pia")), await write(asToken("pia-portal-token"))]).toEqual([201, 201]);
    });

    test("whom the portal demotes may write no more after five minutes, and whom it promotes may", async () => {
      const { writing } = await signIn(service, "pia");
      const pauls = await signIn(service, "paul");
      expect([await write(writing), await write(pauls.writing)]).toEqual([201, 403]);
      Object.assign(portal.accounts.pia as object, { staff: false });
      Object.assign(portal.accounts.paul as object, { staff: true });
      clock.forward(5 * minute);
      expect([await write(writing), await write(pauls.writing)]).toEqual([403, 201]);
    });

    test("when the portal's access has run out, it is renewed without the password", async () => {
      const { reading } = await signIn(service, "pia");
      for (let time = 0; time < 3; time++) {
        portal.expireAccess();
        clock.forward(5 * minute);
        expect((await service.send("/admin/sign-in", { headers: reading })).status).toBe(303);
      }
      expect(portal.asked.slice(-4)).toEqual(["profile", "token refresh_token", "profile", "profile by token"]);
    });

    test("a password that is changed at the portal is not good again when the portal is down", async () => {
      expect(await read(asBasic("pia"))).toBe(200);
      Object.assign(portal.accounts.pia as object, { password: "another" });
      clock.forward(5 * minute);
      expect(await read(asBasic("pia"))).toBe(401);
      portal.goDown();
      expect(await read(asBasic("pia"))).toBe(401);
    });

    test("while the portal is down, those of the last day stay in, and nobody new gets in", async () => {
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

    test("an answer that makes no sense says nothing about a user: who was in stays in, nobody new gets in", async () => {
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

    test("a portal that is gone altogether lets nobody wait and nobody new in", async () => {
      expect(await read(asBasic("pia"))).toBe(200);
      portal.stop();
      clock.forward(5 * minute);
      expect([await write(asBasic("pia")), await write(asBasic("paul"))]).toEqual([201, 401]);
    });

    test("what is written while the portal can't be reached is marked in the history, and the log says so", async () => {
      expect(await write(asBasic("pia"))).toBe(201);
      portal.goDown();
      clock.forward(5 * minute);
      expect(await write(asToken("pia-portal-token"))).toBe(201);
      const marks = async (id: number) =>
        (await service.parts.downtimes.history(id)).map(({ by, unconfirmed }) => ({ by, unconfirmed }));
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
        "portal unreachable; the user's rights stay as they were",
      );
    });

    test("a profile without tokens signs in and leaves the token as it is", async () => {
      expect(await read(asBasic("paul"))).toBe(200);
      await service.send(
        "/authprofile/addupdateuser/",
        pushing({ ...portal.profileOf("paul"), tokens: { api_token: "pushed-token" } }),
      );
      expect(await read(asBasic("paul"))).toBe(200);
      expect(await read(asToken("pushed-token"))).toBe(200);
    });

    test("a user disabled here stays out whatever the portal says", async () => {
      expect(await read(asBasic("pia"))).toBe(200);
      await service.parts.users.setActive("pia", false);
      clock.forward(5 * minute);
      expect([await read(asBasic("pia")), await read(asToken("pia-portal-token"))]).toEqual([401, 401]);
    });

    describe("sends a change by itself", () => {
      const push = async (init: RequestInit) => service.ask("/authprofile/addupdateuser/", init);

      test("and it is taken, with the words that the portal knows", async () => {
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

      test("and sessions, the remembered password and the old token end at once", async () => {
        const { reading } = await signIn(service, "pia");
        expect(await read(asBasic("pia"))).toBe(200);
        await push(pushing({ ...portal.profileOf("pia"), tokens: { api_token: "another-token" } }));
        portal.goDown();
        expect((await service.send("/admin/sign-in", { headers: reading })).status).toBe(200);
        expect(await read(asBasic("pia"))).toBe(401);
        expect(await read(asToken("pia-portal-token"))).toBe(401);
        expect(await read(asToken("another-token"))).toBe(200);
      });

      test("and a user who was disabled is out at once, though the profile doesn't say so; also one who never signed in", async () => {
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

      test("and one who never signed in, and is disabled without a push, is out after five minutes", async () => {
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

      test("and the portal is asked at the user's next request what the profile doesn't say", async () => {
        const { reading } = await signIn(service, "paul");
        await push(pushing({ ...portal.profileOf("paul"), tokens: { api_token: "pauls-token" } }));
        expect(await read(asToken("pauls-token"))).toBe(200);
        (portal.accounts.paul as { active: boolean }).active = false;
        await push(pushing(portal.profileOf("paul")));
        expect([await read(asToken("pauls-token")), await read(reading)]).toEqual([401, 200]);
        expect((await service.send("/admin/sign-in", { headers: reading })).status).toBe(200);
      });

      test("and what the portal can't be asked about is taken as it is sent", async () => {
        const profile = { ...portal.profileOf("paul"), is_staff: true, tokens: { api_token: "pauls-token" } };
        portal.goDown();
        expect((await push(pushing(profile))).status).toBe(200);
        expect(await write(asToken("pauls-token"))).toBe(201);
      });

      test("and a token of another name here is that user's from then on, as after a new name at the portal", async () => {
        await push(pushing(portal.profileOf("pia")));
        await push(pushing({ ...portal.profileOf("pia"), username: "pia.new", is_staff: false }));
        expect(await service.parts.tokens.list("pia")).toEqual([]);
        expect(await write(asToken("pia-portal-token"))).toBe(403);
      });

      test("and a local user stays as it is, whatever is sent: 200, so that the portal's run goes on", async () => {
        const before = await service.parts.users.findByName("ben");
        for (const change of [{ is_staff: true, tokens: { api_token: "bens-other-token" } }, { is_active: false }])
          expect((await push(pushing({ username: "ben", ...change }))).status).toBe(200);
        expect(await service.parts.users.findByName("ben")).toEqual(before);
        expect([await read(as("ben")), await read(asBasic("ben")), await write(as("ben"))]).toEqual([200, 200, 403]);
        expect(await read(asToken("bens-other-token"))).toBe(401);
        const warning = "the portal sent a change to a local user; nothing was changed";
        expect(service.log.filter(({ message, user }) => message === warning && user === "ben")).toHaveLength(2);
      });

      test("and without the right key nothing is taken", async () => {
        const profile = portal.profileOf("pia");
        for (const key of ["", " ", "key-of-the-porta", "key-of-the-portal2", "KEY-OF-THE-PORTAL"])
          expect((await push(pushing(profile, key))).status).toBe(401);
        for (const authorization of ["Token key-of-the-portal", "key-of-the-portal", "Basic key-of-the-portal"])
          expect((await push({ ...pushing(profile), headers: { authorization } })).status).toBe(401);
        expect((await push({ ...pushing(profile), headers: {} })).status).toBe(401);
        expect(await service.parts.users.findByName("pia")).toBeUndefined();
      });

      test("and a token that a local user has too is left out, with a text that says so", async () => {
        await push(pushing({ ...portal.profileOf("paul"), tokens: { api_token: "pauls-first-token" } }));
        const profile = { ...portal.profileOf("paul"), is_staff: true, tokens: { api_token: "ada-api-token" } };
        expect(await push(pushing(profile))).toEqual({
          status: 200,
          body: { message: "User account updated, except its API token: a local user has the same one" },
        });
        expect(await service.parts.users.findByName("paul")).toMatchObject({ staff: true });
        expect(await read(asToken("pauls-first-token"))).toBe(401);
        expect((await service.ask("/api/", posting(draft, asToken("ada-api-token")))).status).toBe(201);
        expect((await service.parts.downtimes.history(1)).map(({ by }) => by)).toEqual(["ada"]);
        expect(service.log).toContainEqual(
          expect.objectContaining({ message: "the portal's token is a local user's too; it isn't kept", user: "paul" }),
        );
      });

      test("and what is no profile is refused", async () => {
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

test("a portal that takes too long is one that can't be reached", async () => {
  const server = Bun.serve({ port: 0, fetch: () => new Promise<Response>(() => {}) });
  const urls = { tokenUrl: `${server.url}token`, profileUrl: `${server.url}profile` };
  const portal = createPortal({ ...urls, clientId: "a", clientSecret: "b", timeoutMillis: 50, warn() {} });
  expect(portal.signIn("pia", "x")).rejects.toBeInstanceOf(PortalUnreachable);
  expect(portal.renew({ access: "a", refresh: "b" })).rejects.toBeInstanceOf(PortalUnreachable);
  await Bun.sleep(100);
  server.stop(true);
});

test("a public client, which has no secret, sends none", async () => {
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

test("the portal's real-time session creates a downtime, finds it by its reason and cancels it", async () => {
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
