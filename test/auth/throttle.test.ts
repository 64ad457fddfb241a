import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { networkOf } from "../../src/input/address.ts";
import {
  as,
  asBasic,
  createClock,
  draft,
  engines,
  noon,
  posting,
  type Service,
  signIn,
  startService,
} from "../harness.ts";
import { pushing, serverKey } from "../portal.ts";

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

for (const engine of engines)
  describe(`the throttle on ${engine}`, () => {
    let service: Service;
    let steadyClock: ReturnType<typeof createClock>;
    beforeEach(async () => {
      steadyClock = createClock();
      service = await startService({
        engine,
        steadyClock,
        settings: { TRUST_PROXY: "true", OAUTH_SERVER_KEY: serverKey },
      });
    });
    afterEach(() => service.stop());

    const from = (address: string) => ({ "x-forwarded-for": address });
    /** A write without a body: 400 for staff, 401 for wrong credentials, 429 if throttled. */
    const write = async (address: string, headers: Record<string, string>) =>
      (await service.send("/api/", posting({}, { ...headers, ...from(address) }))).status;
    const read = async (address: string, headers: Record<string, string>) =>
      (await service.send("/api/", { headers: { ...headers, ...from(address) } })).status;
    const guess = (count: number, address: (index: number) => string, name = "ada") =>
      Promise.all(range(count).map((index) => write(address(index), asBasic(name, `wrong ${index}`))));

    test("ten wrong passwords for a name throttle their own address, not the owner's", async () => {
      expect(new Set(await guess(10, () => "192.0.2.1"))).toEqual(new Set([401]));
      expect(await write("192.0.2.1", asBasic("ada"))).toBe(429);
      expect(await write("192.0.2.2", asBasic("ada"))).toBe(400);
    });

    test("other users at the same address can sign in until a hundred passwords were wrong there", async () => {
      await guess(10, () => "192.0.2.1");
      expect(await write("192.0.2.1", asBasic("ben"))).toBe(403);
      for (const index of range(9))
        expect(new Set(await guess(10, () => "192.0.2.1", `name${index}`))).toEqual(new Set([401]));
      expect(await write("192.0.2.1", asBasic("dora"))).toBe(429);
    });

    test("a hundred wrong passwords for a name throttle it from every address for a minute, except with a recently correct password", async () => {
      expect(await write("198.51.100.1", asBasic("ada"))).toBe(400);
      service.clock.forward(61_000);
      for (const tens of range(10))
        expect(new Set(await guess(10, (index) => `192.0.2.${10 * tens + index}`))).toEqual(new Set([401]));
      expect(await write("198.51.100.2", asBasic("ada", "one more"))).toBe(429);
      // The owner signed in a while ago, from another address.
      expect(await write("198.51.100.3", asBasic("ada"))).toBe(400);
      steadyClock.forward(60_000);
      expect(await write("198.51.100.2", asBasic("ada", "one more"))).toBe(401);
    });

    test("reads are never throttled: they continue anonymously", async () => {
      await guess(10, () => "192.0.2.1");
      expect(await read("192.0.2.1", asBasic("ada"))).toBe(200);
      for (const path of ["/", "/why", "/api/changes/", "/health"])
        expect((await service.send(path, { headers: { ...asBasic("ada"), ...from("192.0.2.1") } })).status).toBe(200);
      const page = await service.send("/admin/downtimes", { headers: { ...asBasic("ada"), ...from("192.0.2.1") } });
      expect(page.headers.get("location")).toStartWith("/admin/sign-in");
      expect(
        (await service.send("/api/", { method: "HEAD", headers: { ...asBasic("ada"), ...from("192.0.2.1") } })).status,
      ).toBe(200);
      expect(await read("192.0.2.2", asBasic("ada", "wrong"))).toBe(401);
    });

    test("addresses count without their port, and IPv6 addresses by their /64", async () => {
      await guess(10, (index) => `192.0.2.1:${40_000 + index}`);
      expect(await write("192.0.2.1:1", asBasic("ada"))).toBe(429);
      expect(await write("::ffff:192.0.2.1", asBasic("ada"))).toBe(429);
      await guess(10, (index) => (index % 2 ? `[2001:db8:1:2:${index}::1]:443` : `2001:db8:1:2::${index}`), "ben");
      expect(await write("2001:DB8:1:2:ffff::", asBasic("ben"))).toBe(429);
      expect(await write("2001:db8:1:3::", asBasic("ben"))).toBe(403);
    });

    test("guessed tokens are counted, but not the same one again, and known good tokens pass", async () => {
      expect(await write("192.0.2.1", as("ada"))).toBe(400);
      for (const _ of range(30)) expect(await write("192.0.2.1", { authorization: "Token old" })).toBe(401);
      for (const index of range(9)) expect(await write("192.0.2.1", { authorization: `Token ${index}` })).toBe(401);
      expect(await write("192.0.2.1", { authorization: "Token 9" })).toBe(429);
      expect(await write("192.0.2.1", as("ben"))).toBe(429);
      expect(await read("192.0.2.1", as("ben"))).toBe(200);
      expect([await write("192.0.2.1", as("ada")), await write("192.0.2.2", as("ben"))]).toEqual([400, 403]);
      expect(await read("192.0.2.1", { authorization: "Token old" })).toBe(401);
    });

    test("wrong server keys are counted and logged, and the correct one passes once it was seen", async () => {
      const push = async (key: string, address = "192.0.2.1") => {
        const init = pushing({ username: "pia" }, key);
        return (
          await service.send("/authprofile/addupdateuser/", { ...init, headers: { ...init.headers, ...from(address) } })
        ).status;
      };
      expect(await push(serverKey)).toBe(200);
      for (const index of range(10)) expect(await push(`x${index}`)).toBe(401);
      expect([await push("x10"), await push(serverKey), await push(serverKey, "192.0.2.2")]).toEqual([429, 200, 200]);
      expect(service.log).toContainEqual(
        expect.objectContaining({ level: "warn", message: "unknown server key", address: "192.0.2.1" }),
      );
    });

    test("setting the clock back doesn't prolong the wait", async () => {
      await guess(10, () => "192.0.2.1");
      service.clock.set(noon - 3_600_000);
      steadyClock.forward(1000);
      const refused = await service.send("/api/", posting({}, { ...asBasic("ada"), ...from("192.0.2.1") }));
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "59"]);
      steadyClock.forward(59_000);
      expect(await write("192.0.2.1", asBasic("ada"))).toBe(400);
    });

    test("failures in the future, from a machine with a wrong clock, don't count", async () => {
      await guess(10, () => "192.0.2.1");
      steadyClock.forward(-3_600_000);
      expect(await write("192.0.2.1", asBasic("ada", "wrong"))).toBe(401);
      expect(await write("192.0.2.1", asBasic("ada"))).toBe(400);
    });

    test("a password check behind sixty others gets 503, and reads continue", async () => {
      const { verify } = Bun.password;
      let release = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      Bun.password.verify = (...all) => held.then(() => verify(...all));
      try {
        // Two are being checked and sixty wait, so only the next one is answered.
        const statuses = range(63).map((index) => write(`192.0.2.${index}`, asBasic(`name${index}`, "x")));
        expect(await Promise.race(statuses)).toBe(503);
        expect(await read("203.0.113.1", asBasic("ben"))).toBe(200);
        release();
        const all = await Promise.all(statuses);
        expect([all.filter((status) => status === 401).length, all.length]).toEqual([62, 63]);
      } finally {
        release();
        Bun.password.verify = verify;
      }
    });

    test("sessions are never throttled", async () => {
      const { writing } = await signIn(service, "ada");
      await guess(10, () => "127.0.0.1");
      expect((await service.send("/api/", posting(draft, writing))).status).toBe(201);
    });
  });

test("a network is an IPv4 address or an IPv6 /64", () => {
  const networks = {
    "192.0.2.1": "192.0.2.1",
    "::ffff:192.0.2.1": "192.0.2.1",
    "::ffff:c000:201": "192.0.2.1",
    "2001:db8::1": "2001:db8:0:0::/64",
    "2001:DB8:0:0:1:2:3:4": "2001:db8:0:0::/64",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "fe80::1%eth0": "fe80:0:0:0::/64",
    "::1": "0:0:0:0::/64",
    "::": "0:0:0:0::/64",
    "": "",
    nonsense: "nonsense",
  };
  for (const [address, network] of Object.entries(networks))
    expect([address, networkOf(address)]).toEqual([address, network]);
});
