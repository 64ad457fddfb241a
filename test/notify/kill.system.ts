/** Notifications of several processes that are killed. */

import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { migrate } from "../../src/database/migrate.ts";
import { openDatabase } from "../../src/database/open.ts";
import { checkDraft } from "../../src/downtime/downtime.ts";
import { createDowntimes } from "../../src/downtime/store.ts";
import { createChannels } from "../../src/notify/channel-store.ts";
import { createDatabase, databaseSettings, draft, engines, facility, startConfigdb } from "../harness.ts";
import { startReceiver, until } from "../receivers.ts";

const configdb = startConfigdb();
afterAll(configdb.stop);

const SECRET_KEY = "a-key-of-sixteen-letters";

/** Opens a database with one channel. */
async function openWithChannel(settings: Record<string, string>, address: string) {
  const database = await openDatabase(databaseSettings(settings));
  await migrate(database, "2026-01-01T00:00:00.000000Z");
  const channel = {
    name: "Operators",
    kind: "webhook" as const,
    address,
    secret: "",
    events: ["created" as const],
    minutes: 30,
    filters: "",
    template: "",
    enabled: true,
  };
  const channels = createChannels(database, { secretKey: SECRET_KEY, formerKeys: [] });
  const id = await channels.save(undefined, { by: "ada", at: Date.now() }, "http://localhost", () => channel);
  const downtimes = createDowntimes(database);
  const add = (reason: string) =>
    downtimes.add(checkDraft({ ...draft, reason }, facility), { by: "ada", at: Date.now() });
  return { add, deliveries: () => channels.deliveries(id, 1, 0), close: () => database.close() };
}

/** Starts the service, and waits until it listens. */
async function startProcess(settings: Record<string, string>) {
  const { PATH = "", HOME = "" } = process.env;
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../../src/main.ts")], {
    env: { PATH, HOME, PORT: "0", CONFIGDB_URL: configdb.url, NOTIFY_ALLOW_PRIVATE: "true", SECRET_KEY, ...settings },
    stdout: "pipe",
    stderr: "ignore",
  });
  const reader = child.stdout.getReader();
  for (let said = ""; !/ConfigDB .*\n/.test(said); ) said += new TextDecoder().decode((await reader.read()).value);
  // Read on, or the pipe fills up.
  void (async () => {
    while (!(await reader.read()).done);
  })();
  return async () => {
    child.kill("SIGKILL");
    await child.exited;
  };
}

// At the same time, since they mostly wait.
for (const engine of engines)
  describe.concurrent(`killed processes on ${engine}`, () => {
    test("of a thousand messages every one arrives, in order, and none twice but one for each crash, with the same key", async () => {
      const database = await createDatabase(engine);
      const receiver = startReceiver();
      const { add, deliveries, close } = await openWithChannel(database.settings, receiver.url);
      // Two at once: the one that doesn't send waits for its turn.
      let kills = await Promise.all([startProcess(database.settings), startProcess(database.settings)]);
      const adding = (async () => {
        for (let number = 0; number < 1000; number++) await add(String(number));
      })();
      const crashes = 2;
      for (let crash = 1; crash <= crashes; crash++) {
        await until(() => receiver.got.length >= crash * 250, 60);
        for (const kill of kills) await kill();
        kills = await Promise.all([startProcess(database.settings), startProcess(database.settings)]);
      }
      await adding;
      const reasons = () => receiver.got.map(({ body }) => Number(JSON.parse(body).downtimes[0].reason));
      await until(() => new Set(reasons()).size === 1000, 120);
      const keys = new Map<number, string>();
      for (const [index, reason] of reasons().entries()) {
        const { key = "" } = receiver.got[index] ?? {};
        expect(keys.get(reason) ?? key).toBe(key);
        keys.set(reason, key);
      }
      expect(receiver.got.length).toBeLessThanOrEqual(1000 + crashes);
      expect(reasons().filter((reason, index, all) => all.indexOf(reason) === index)).toEqual([...Array(1000).keys()]);
      await until(async () => (await deliveries()).results[0]?.state === "sent");
      expect((await deliveries()).count).toBe(1000);
      process.stdout.write(`${engine}: ${receiver.got.length} messages for 1000, after ${crashes} crashes\n`);
      for (const kill of kills) await kill();
      await close();
      receiver.stop();
      await database.remove();
    }, 300_000);
  });
