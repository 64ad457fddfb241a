import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { hashToken } from "../../src/auth/secrets.ts";
import { asBasic, engines, posting, runCommand, type Service, startService } from "../harness.ts";

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

    test("is refused from the eleventh wrong one in a minute, also when it is right then", async () => {
      for (let attempt = 0; attempt < 10; attempt++) expect(await statusOf("ada", `wrong ${attempt}`)).toBe(401);
      const refused = await service.send("/api/", posting({}, asBasic("ada")));
      expect(refused.status).toBe(429);
      expect(refused.headers.get("retry-after")).toBe("60");
      service.clock.forward(59_999);
      expect(await statusOf("ada", "ada-password")).toBe(429);
      service.clock.forward(1);
      expect(await statusOf("ada", "ada-password")).toBe(400);
    });

    test("that was right a moment ago is not held up by somebody who guesses", async () => {
      expect(await statusOf("ada", "ada-password")).toBe(400);
      for (let attempt = 0; attempt < 11; attempt++) await statusOf("ada", `wrong ${attempt}`);
      expect(await statusOf("ada", "ada-password")).toBe(400);
      expect(await statusOf("ada", "wrong again")).toBe(429);
    });

    test("is not guessed by a hundred attempts at once", async () => {
      const statuses = await Promise.all(Array.from({ length: 100 }, (_, index) => statusOf("ada", `wrong ${index}`)));
      expect(statuses.filter((status) => status === 401)).toHaveLength(10);
      expect(statuses.filter((status) => status === 429)).toHaveLength(90);
    });

    test("over many connections at once is one sign-in", async () => {
      const statuses = await Promise.all(Array.from({ length: 30 }, () => statusOf("ada", "ada-password")));
      expect(new Set(statuses)).toEqual(new Set([400]));
    });

    test("is remembered for a minute at most, and not at all once the password is another", async () => {
      const { users } = service.parts;
      expect(await statusOf("ada", "ada-password")).toBe(400);
      await users.setPasswordHash(
        "ada",
        await Bun.password.hash("another", { algorithm: "argon2id", memoryCost: 8, timeCost: 1 }),
      );
      expect(await statusOf("ada", "ada-password")).toBe(401);
      expect(await statusOf("ada", "another")).toBe(400);
    });

    test("ends with the user, at once", async () => {
      expect(await statusOf("ada", "ada-password")).toBe(400);
      await service.parts.users.setActive("ada", false);
      expect(await statusOf("ada", "ada-password")).toBe(401);
    });

    test("takes as long to refuse an unknown name, and one without a password, as a wrong password", async () => {
      const { users, clock } = service.parts;
      await users.add({ name: "dora", staff: true, passwordHash: null, tokenHash: null }, clock());
      await users.add({ name: "emil", staff: true, passwordHash: "!unusable", tokenHash: null }, clock());
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

    test("and its failures are logged by name, without the password", async () => {
      await statusOf("ada", "my-secret-guess");
      expect(service.log).toContainEqual(expect.objectContaining({ message: "sign-in failed", user: "ada" }));
      expect(JSON.stringify(service.log)).not.toContain("my-secret-guess");
    });
  });

test("a short token that is stored already goes on working", async () => {
  const service = await startService();
  const { users, clock } = service.parts;
  await users.add({ name: "dora", staff: true, passwordHash: null, tokenHash: hashToken("short") }, clock());
  expect((await service.send("/api/", posting({}, { authorization: "Token short" }))).status).toBe(400);
  await service.stop();
});

test("an unknown token is logged with where it came from, and without itself", async () => {
  const service = await startService();
  expect((await service.send("/api/", { headers: { authorization: "Token my-old-token" } })).status).toBe(401);
  expect(service.log).toContainEqual(
    expect.objectContaining({ level: "warn", message: "unknown token", address: "127.0.0.1" }),
  );
  expect(JSON.stringify(service.log)).not.toContain("my-old-token");
  await service.stop();
});

test("what the command line changes counts at once for a service that runs", async () => {
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
