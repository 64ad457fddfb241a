/** `SECRET_KEY_PREVIOUS`: what a previous key signed or sealed still works, and is sealed with the current one. */

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readConfig } from "../../src/config.ts";
import {
  asBasic,
  createClock,
  createDatabase,
  engines,
  posting,
  type Service,
  signIn,
  startService,
} from "../harness.ts";
import { startPortal } from "../portal.ts";
import { startReceiver, until } from "../receivers.ts";

setDefaultTimeout(30_000);

const [first, second, third] = ["the-first-key-of-all", "the-second-key-of-all", "the-third-key-of-all"];
const minute = 60_000;

for (const engine of engines)
  describe(`a replaced key on ${engine}`, () => {
    const atEnd: (() => unknown)[] = [];
    afterEach(async () => {
      for (const end of atEnd.splice(0).reverse()) await end();
    });

    const prepare = async () => {
      const portal = startPortal({ pia: { password: "pia-password", staff: true, active: true, token: "pia-token" } });
      const database = await createDatabase(engine);
      const clock = createClock();
      atEnd.push(portal.stop, database.remove);
      let running: Service | undefined;
      atEnd.push(() => running?.stop());
      let isNew = true;
      /** Starts the service again with other keys. */
      const start = async (keys: Record<string, string>) => {
        await running?.stop();
        const settings = { ...database.settings, ...portal.settings, ...keys };
        running = await startService({ engine: "none", settings, clock, withoutCast: !isNew });
        isNew = false;
        return running;
      };
      return { portal, clock, start };
    };
    const add = async (service: Service, { cookie, csrf }: Awaited<ReturnType<typeof signIn>>) => {
      const body = new URLSearchParams({ csrf, token_name: crypto.randomUUID(), create_token: "" });
      return (await service.send("/account", { method: "POST", headers: { cookie }, body })).status;
    };
    const read = async (service: Service, headers: Record<string, string>) =>
      (await service.send("/api/", { headers })).status;

    test("keeps sessions and open forms, and without it forms are stale but sessions stay", async () => {
      const { start } = await prepare();
      const ada = await signIn(await start({ SECRET_KEY: first }), "ada");
      let service = await start({ SECRET_KEY: third, SECRET_KEY_PREVIOUS: `${second}, ${first}` });
      expect(await add(service, ada)).toBe(200);
      service = await start({ SECRET_KEY: third, SECRET_KEY_PREVIOUS: second });
      expect(await add(service, ada)).toBe(403);
      expect((await service.send("/account", { headers: ada.reading })).status).toBe(200);
    });

    test("keeps users of the portal, whose grants are sealed with the current key when they are used", async () => {
      const { clock, start } = await prepare();
      const pia = { authorization: "Token pia-token" };
      expect(await read(await start({ SECRET_KEY: first }), asBasic("pia"))).toBe(200);
      clock.forward(6 * minute);
      let service = await start({ SECRET_KEY: second, SECRET_KEY_PREVIOUS: first });
      expect(await read(service, pia)).toBe(200);
      clock.forward(6 * minute);
      service = await start({ SECRET_KEY: second });
      expect(await read(service, pia)).toBe(200);
      expect(service.log.some(({ message }) => message === "user's access revoked by the portal")).toBe(false);
      clock.forward(6 * minute);
      // Without the key, nobody can ask the portal.
      expect(await read(await start({ SECRET_KEY: third }), pia)).toBe(401);
    });

    test("keeps notification channels that sent nothing while it was a previous one", async () => {
      const { start } = await prepare();
      const receiver = startReceiver();
      atEnd.push(receiver.stop);
      const settings = { NOTIFY_ALLOW_PRIVATE: "true" };
      const channel = { name: "Quiet", address: receiver.url, events: ["created"] };
      let service = await start({ ...settings, SECRET_KEY: first });
      expect(await service.ask("/api/notifications/", posting(channel))).toMatchObject({ status: 201 });
      await start({ ...settings, SECRET_KEY: second, SECRET_KEY_PREVIOUS: first });
      service = await start({ ...settings, SECRET_KEY: second });
      await service.add();
      await until(() => receiver.got.length === 1);
      // A key that is lost is said to be.
      service = await start({ ...settings, SECRET_KEY: third });
      await service.add({ reason: "Later" });
      await until(() => service.log.some(({ answer }) => String(answer).includes("the secret key has changed")));
    });

    test("may be the generated one that the database has", async () => {
      const { clock, start } = await prepare();
      const before = await start({});
      const ada = await signIn(before, "ada");
      expect(await read(before, asBasic("pia"))).toBe(200);
      clock.forward(6 * minute);
      const service = await start({ SECRET_KEY: first });
      expect(await add(service, ada)).toBe(200);
      expect(await read(service, { authorization: "Token pia-token" })).toBe(200);
    });
  });

test("previous keys that are too short stop the start", () => {
  expect(readConfig({ SECRET_KEY_PREVIOUS: `${first},${second}` }).SECRET_KEY_PREVIOUS).toEqual([first, second]);
  for (const value of ["short", `${first},short`])
    expect(() => readConfig({ SECRET_KEY_PREVIOUS: value })).toThrow("SECRET_KEY_PREVIOUS must be keys of at least 16");
});
