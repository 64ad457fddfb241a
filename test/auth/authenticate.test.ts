import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { hashPassword, hashToken } from "../../src/auth/secrets.ts";
import { asBasic, byCommand, engines, posting, runCommand, type Service, startService } from "../harness.ts";

for (const engine of engines)
  describe(`a sign-in with a password on ${engine}`, () => {
    let service: Service;
    beforeEach(async () => {
      service = await startService({ engine });
    });
    afterEach(() => service.stop());

    /** Of a write without a body: 400 for staff. */
    const statusOf = async (name: string, password: string) =>
      (await service.send("/api/", posting({}, asBasic(name, password)))).status;

    test("is throttled after ten wrong ones in a minute, even if the next one is correct", async () => {
      for (let attempt = 0; attempt < 10; attempt++) expect(await statusOf("ada", `wrong ${attempt}`)).toBe(401);
      const refused = await service.send("/api/", posting({}, asBasic("ada")));
      expect(refused.status).toBe(429);
      expect(refused.headers.get("retry-after")).toBe("60");
      service.clock.forward(59_999);
      expect(await statusOf("ada", "ada-password")).toBe(429);
      service.clock.forward(1);
      expect(await statusOf("ada", "ada-password")).toBe(400);
    });

    test("that was recently correct isn't throttled while others guess", async () => {
      expect(await statusOf("ada", "ada-password")).toBe(400);
      for (let attempt = 0; attempt < 11; attempt++) await statusOf("ada", `wrong ${attempt}`);
      expect(await statusOf("ada", "ada-password")).toBe(400);
      expect(await statusOf("ada", "wrong again")).toBe(429);
    });

    test("can't be guessed by a hundred concurrent attempts", async () => {
      const statuses = await Promise.all(Array.from({ length: 100 }, (_, index) => statusOf("ada", `wrong ${index}`)));
      expect(statuses.filter((status) => status === 401)).toHaveLength(10);
      expect(statuses.filter((status) => status === 429)).toHaveLength(90);
    });

    test("on many connections at once is checked once", async () => {
      const statuses = await Promise.all(Array.from({ length: 30 }, () => statusOf("ada", "ada-password")));
      expect(new Set(statuses)).toEqual(new Set([400]));
    });

    test("is cached for at most a minute, and not after the password changed", async () => {
      const { users, clock } = service.services;
      expect(await statusOf("ada", "ada-password")).toBe(400);
      await users.change("ada", { passwordHash: await hashPassword("another") }, byCommand(clock));
      expect(await statusOf("ada", "ada-password")).toBe(401);
      expect(await statusOf("ada", "another")).toBe(400);
    });

    test("is rejected as soon as the user is disabled", async () => {
      expect(await statusOf("ada", "ada-password")).toBe(400);
      await service.services.users.change("ada", { active: false }, byCommand(service.clock));
      expect(await statusOf("ada", "ada-password")).toBe(401);
    });

    test("takes as long to reject an unknown name, or a user without a password, as a wrong password", async () => {
      const { users, clock } = service.services;
      await users.add({ name: "dora", staff: true, passwordHash: null, tokenHash: null }, byCommand(clock));
      await users.add({ name: "emil", staff: true, passwordHash: "!unusable", tokenHash: null }, byCommand(clock));
      const { verify } = Bun.password;
      let compared = 0;
      Bun.password.verify = (...all) => {
        compared += 1;
        return verify(...all);
      };
      try {
        for (const name of ["ada", "cleo", "nobody", "dora", "emil"]) {
          compared = 0;
          expect([name, await statusOf(name, "x"), compared]).toEqual([name, 401, 1]);
        }
      } finally {
        Bun.password.verify = verify;
      }
    });

    test("logs failures with the username, without the password", async () => {
      await statusOf("ada", "my-secret-guess");
      expect(service.log).toContainEqual(expect.objectContaining({ message: "sign-in failed", user: "ada" }));
      expect(JSON.stringify(service.log)).not.toContain("my-secret-guess");
    });
  });

test("a short token from before the minimum length still works", async () => {
  const service = await startService();
  const { users, clock } = service.services;
  await users.add({ name: "dora", staff: true, passwordHash: null, tokenHash: hashToken("short") }, byCommand(clock));
  expect((await service.send("/api/", posting({}, { authorization: "Token short" }))).status).toBe(400);
  await service.stop();
});

test("an unknown token is logged with the client's address, without the token", async () => {
  const service = await startService();
  expect((await service.send("/api/", { headers: { authorization: "Token my-old-token" } })).status).toBe(401);
  expect(service.log).toContainEqual(
    expect.objectContaining({ level: "warn", message: "unknown token", address: "127.0.0.1" }),
  );
  expect(JSON.stringify(service.log)).not.toContain("my-old-token");
  await service.stop();
});

test("changes by the command line take effect at once in a running service", async () => {
  const service = await startService();
  try {
    const statusOf = async () => (await service.send("/api/", { headers: asBasic("ada") })).status;
    expect(await statusOf()).toBe(200);
    const { status } = await runCommand(["user", "disable", "ada"], service.settings);
    expect(status).toBe(0);
    expect(await statusOf()).toBe(401);
  } finally {
    await service.stop();
  }
});
