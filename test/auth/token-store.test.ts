/** API tokens: any number for each user, identified by name. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { hashToken } from "../../src/auth/secrets.ts";
import { createTokens } from "../../src/auth/token-store.ts";
import { createUsers } from "../../src/auth/user-store.ts";
import { migrate, migrations } from "../../src/database/migrate.ts";
import { openDatabase } from "../../src/database/open.ts";
import { type Sql, sql } from "../../src/database/sql.ts";
import { byCommand, createDatabase, databaseSettings, engines, type Service, startService } from "../harness.ts";

const stamp = "2026-11-22T12:00:00.000000Z";

for (const engine of engines)
  describe(`tokens on ${engine}`, () => {
    let service: Service;
    beforeEach(async () => {
      service = await startService({ engine });
    });
    afterEach(() => service.stop());

    const statusOf = async (token: string) =>
      (await service.send("/api/", { headers: { authorization: `Token ${token}` } })).status;
    const put = (token: string, name: string, user = "ada") =>
      service.services.tokens.put(user, { name, hash: hashToken(token), created: null }, byCommand(service.clock));

    test("of a user all work; replacing or revoking one doesn't affect the others", async () => {
      await put("laptop-token", "laptop");
      await put("dome-token", "dome");
      expect(await Promise.all(["ada-api-token", "laptop-token", "dome-token"].map(statusOf))).toEqual([200, 200, 200]);
      await service.services.tokens.revoke("ada", "dome", byCommand(service.clock));
      const tokens = ["ada-api-token", "laptop-token", "dome-token"];
      expect(await Promise.all(tokens.map(statusOf))).toEqual([200, 200, 401]);
      await service.services.tokens.put(
        "ada",
        { name: "default", hash: hashToken("only-token"), created: null },
        byCommand(service.clock),
        true,
      );
      expect(await Promise.all([...tokens, "only-token"].map(statusOf))).toEqual([401, 401, 401, 200]);
    });

    test("of another user are rejected, and nothing changes", async () => {
      expect(put("ben-api-token", "laptop")).rejects.toThrow("A token named laptop already exists");
      expect(put("x-token", "default", "nobody")).rejects.toThrow("User not found: nobody");
      expect(service.services.tokens.revoke("ada", "none", byCommand(service.clock))).rejects.toThrow(
        "User ada has no token named none.",
      );
      expect(await Promise.all(["ada-api-token", "ben-api-token"].map(statusOf))).toEqual([200, 200]);
      const ella = { name: "ella", staff: false, passwordHash: null, tokenHash: hashToken("ada-api-token") };
      await expect(service.services.users.add(ella, byCommand(service.clock))).rejects.toThrow(
        "Another user has the same token.",
      );
      expect(await service.services.users.findByName("ella")).toBeUndefined();
    });

    test("have the hour of their own last use", async () => {
      const used = async (user: string) => (await service.services.tokens.list(user)).map(({ lastUsed }) => lastUsed);
      const eventually = async (user: string, expected: string) => {
        while (String(await used(user)) !== expected) await new Promise(setImmediate);
      };
      expect([await used("ada"), await used("ben")]).toEqual([[undefined], [undefined]]);
      service.clock.forward(59 * 60_000);
      await statusOf("ada-api-token");
      await eventually("ada", "2026-11-22T12:00:00Z");
      service.clock.forward(60_000);
      await statusOf("ada-api-token");
      await eventually("ada", "2026-11-22T13:00:00Z");
      expect(await used("ben")).toEqual([undefined]);
    });
  });

for (const engine of engines)
  test(`the migration from one token per user keeps users, tokens and sessions on ${engine}`, async () => {
    const empty = await createDatabase(engine);
    const database = await openDatabase(databaseSettings(empty.settings));
    const before9 = Object.entries(migrations[engine]).filter(([name]) => name < "0009_tokens");
    await migrate(database, stamp, Object.fromEntries(before9));
    const run = (statement: Sql) => database.transaction((tx) => tx.all(statement));
    await run(sql`INSERT INTO downtime_user (name, staff, active, password_hash, token_hash, origin, portal_confirmed)
      VALUES ('ada', ${true}, ${true}, 'hash', 'hash of ada', 'local', NULL),
        ('cleo', ${false}, ${false}, NULL, NULL, 'local', NULL),
        ('pia', ${false}, ${true}, NULL, 'hash of pia', 'portal', ${stamp})`);
    await run(sql`INSERT INTO downtime_session (id_hash, user_id, created, seen) SELECT 'session', id, ${stamp}, ${stamp}
      FROM downtime_user WHERE name = 'pia'`);
    const before = await createUsers(database).list();
    await migrate(database, stamp);

    const users = createUsers(database);
    expect(await users.list()).toEqual(before);
    expect(before.map(({ name, staff, active }) => [name, staff, active])).toEqual([
      ["ada", true, true],
      ["cleo", false, false],
      ["pia", false, true],
    ]);
    const nameOf = async (hash: string) => (await users.findByTokenHash(hash))?.name;
    expect([await nameOf("hash of ada"), await nameOf("hash of pia")]).toEqual(["ada", "pia"]);
    const tokens = createTokens(database);
    const listed = async (name: string) => (await tokens.list(name)).map((token) => [token.name, token.created]);
    expect([await listed("ada"), await listed("cleo"), await listed("pia")]).toEqual([
      [["default", undefined]],
      [],
      [["portal", undefined]],
    ]);
    const pia = await users.findByName("pia");
    const sessions = await database.all(sql`SELECT user_id, id_hash FROM downtime_session`);
    expect(sessions).toEqual([{ user_id: pia?.id, id_hash: "session" }]);
    // A new user gets an unused id.
    const dana = { name: "dana", staff: false, passwordHash: null, tokenHash: null };
    expect(
      (
        await users.add(
          dana,
          byCommand(() => Date.parse("2026-11-22T12:00:00Z")),
        )
      ).id,
    ).toBe((pia?.id ?? 0) + 1);
    await database.close();
    await empty.remove();
  });
