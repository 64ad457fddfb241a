import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import postgres from "postgres";
import { as, asBasic, draft, type Engine, engines, posting, type Service, signIn, startService } from "../harness.ts";
import { pushing, startPortal } from "../portal.ts";

/** Blocks writes on every other connection, as a long import or a full disk does. @returns a function that ends it */
async function forbidWrites({ settings }: Service, engine: Engine): Promise<() => Promise<void>> {
  if (engine === "sqlite") {
    const other = new Database(settings.DB_NAME);
    other.run("BEGIN IMMEDIATE");
    return async () => other.close();
  }
  const other = postgres(settings.DATABASE_URL as string, { max: 1 });
  await other`SELECT pg_advisory_lock(1685026670)`;
  return () => other.end();
}

/** Starts a service with a signed-in user, and then blocks its writes. */
async function block(engine: Engine) {
  const portal = startPortal({ pia: { password: "", staff: true, active: true, token: "pias-token" } });
  const service = await startService({ engine, settings: portal.settings });
  await service.send("/authprofile/addupdateuser/", pushing(portal.profileOf("pia")));
  const session = await signIn(service, "ada");
  // After a minute, requests store the session's last use, and passwords are hashed again.
  service.clock.forward(61_000);
  const allowWrites = await forbidWrites(service, engine);
  const statusOf = async (path: string, headers: Record<string, string>) =>
    (await service.send(path, { headers })).status;
  return { portal, service, session, allowWrites, statusOf };
}
type Blocked = Awaited<ReturnType<typeof block>>;

for (const engine of engines)
  describe(`while nothing can be written to ${engine}`, () => {
    let blocked: Blocked;
    let lifted: Blocked;
    beforeAll(async () => {
      blocked = await block(engine);
      lifted = await block(engine);
    });
    afterAll(async () => {
      for (const { portal, service, allowWrites } of [blocked, lifted]) {
        await allowWrites();
        await service.stop();
        portal.stop();
      }
    });

    test("signed-in users stay signed in and can read", async () => {
      const { service, session, statusOf } = blocked;
      expect(await statusOf("/admin/downtimes", session.reading)).toBe(200);
      expect(await statusOf("/api/", session.reading)).toBe(200);
      expect(service.log.map(({ status }) => status)).not.toContain(503);
    });

    test("an unused session still expires, and stays expired when the clock is set back", async () => {
      const { service, session, statusOf } = blocked;
      service.clock.forward(12 * 3_600_000);
      expect(await statusOf("/admin/downtimes", session.reading)).toBe(303);
      service.clock.forward(-12 * 3_600_000);
      expect(await statusOf("/admin/downtimes", session.reading)).toBe(303);
    });

    // A write waits for five seconds until it fails: these tests wait at the same time.
    test.concurrent("passwords and tokens are checked, and each process counts guesses", async () => {
      const { statusOf } = blocked;
      expect(await statusOf("/admin/downtimes", asBasic("ada"))).toBe(200);
      expect(await statusOf("/admin/downtimes", as("ada"))).toBe(200);
      expect(await statusOf("/api/", asBasic("ada", "wrong"))).toBe(401);
    });

    test.concurrent("the portal is asked about the token of a user who never signed in here, without waiting for a write", async () => {
      const { service, portal, statusOf } = blocked;
      portal.asked.length = 0;
      const write = service.send("/api/", posting(draft)).then(({ status }) => ["write", status]);
      const read = async () => ["read", await statusOf("/api/", { authorization: "Token pias-token" })];
      expect(await Promise.race([write, Promise.all([read(), read()])])).toEqual([
        ["read", 200],
        ["read", 200],
      ]);
      expect(await read()).toEqual(["read", 200]);
      expect(portal.asked).toEqual(["profile by token"]);
      expect(await write).toEqual(["write", 503]);
    });

    test.concurrent("writes get 503, and work again afterwards", async () => {
      const { service, allowWrites } = lifted;
      expect((await service.send("/api/", posting(draft))).status).toBe(503);
      await allowWrites();
      expect((await service.send("/api/", posting(draft))).status).toBe(201);
    });
  });
