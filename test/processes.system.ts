import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { as, createDatabase, draft, engines, posting, runCommand, startConfigdb, startService } from "./harness.ts";

const configdb = startConfigdb();
afterAll(configdb.stop);

const atEnd: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of atEnd.splice(0).reverse()) await end();
});

/** The service in a separate process, as operators start it. */
async function startProcess(settings: Record<string, string>) {
  const { PATH = "", HOME = "" } = process.env;
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../src/main.ts")], {
    env: { PATH, HOME, PORT: "0", CONFIGDB_URL: configdb.url, ...settings },
    stdout: "pipe",
    stderr: "pipe",
  });
  const reader = child.stdout.getReader();
  let said = "";
  while (!/Admin |ConfigDB .*\n/.test(said)) said += new TextDecoder().decode((await reader.read()).value);
  return { child, url: /Downtime +(http:\S+)\//.exec(said)?.[1] ?? "" };
}

const addAda = ["user", "add", "ada", "--staff", "--token", "ada-api-token"];

/** The headers of a request whose body follows. */
const beginPost = (length: number) =>
  [
    "POST /api/ HTTP/1.1",
    "host: localhost",
    `authorization: ${as("ada").authorization}`,
    "content-type: application/json",
    `content-length: ${length}`,
    "",
    "",
  ].join("\r\n");

/** Sends the beginning of a request. A request that is sent after it, and answered, shows that the service has it. */
async function begin(socket: Socket, url: string, text: string): Promise<void> {
  await new Promise((resolve) => socket.write(text, resolve));
  await (await fetch(`${url}/health`)).text();
}

for (const engine of engines)
  describe(`several processes on one ${engine}`, () => {
    test("no response of three processes is older than the last write that any of them acknowledged before", async () => {
      const database = await createDatabase(engine);
      atEnd.push(database.remove);
      expect((await runCommand(addAda, { ...database.settings, CONFIGDB_URL: configdb.url })).status).toBe(0);
      const urls: string[] = [];
      for (let process = 0; process < 3; process++) {
        const { child, url } = await startProcess(database.settings);
        atEnd.push(async () => {
          child.kill("SIGKILL");
          await child.exited;
        });
        urls.push(url);
      }
      let acknowledged = 0;
      let answers = 0;
      // As many as show something, however fast the machine is.
      const goesOn = () => acknowledged < 60 || answers < 600;
      const write = async (url: string) => {
        while (goesOn()) {
          const { status } = await fetch(`${url}/api/`, posting({ ...draft, reason: crypto.randomUUID() }));
          expect(status).toBe(201);
          acknowledged += 1;
        }
      };
      // The same request each time, so that its response is cached if possible. A new connection may be accepted later in the
      // turn of the event loop in which others are answered.
      const read = async (url: string, headers: Record<string, string>) => {
        while (goesOn()) {
          const before = acknowledged;
          const { count } = (await (await fetch(`${url}/api/?limit=1`, { headers })).json()) as { count: number };
          expect(count).toBeGreaterThanOrEqual(before);
          answers += 1;
        }
      };
      const isNew = { connection: "close" };
      await Promise.all(urls.flatMap((url) => [write(url), read(url, {}), read(url, isNew), read(url, isNew)]));
    });

    test("the command line works while the service runs, and each sees the other's changes", async () => {
      const database = await createDatabase(engine);
      atEnd.push(database.remove);
      const settings = { ...database.settings, CONFIGDB_URL: configdb.url };
      const service = await startService({ engine: "none", settings: database.settings });
      atEnd.push(service.stop);
      await service.add({ reason: "through the API" });
      const args = [
        "create",
        "-s",
        "ogg",
        "-e",
        "clma",
        "-t",
        "2m0a",
        "-r",
        "by command",
        "--start",
        "2026-11-23T08:00:00Z",
      ];
      const { output } = await runCommand([...args, "--duration-hours", "1"], settings);
      expect(output).toStartWith("Created downtime 2: ");
      expect((await service.ask("/api/2/")).body).toMatchObject({ reason: "by command" });
      expect((await runCommand(["export"], settings)).output).toContain("through the API");
    });

    test("processes that start together on an empty database run each migration once", async () => {
      const database = await createDatabase(engine);
      atEnd.push(database.remove);
      const runs = await Promise.all([1, 2, 3].map(() => runCommand(["migrate"], database.settings)));
      expect(runs.map(({ status, errors }) => ({ status, errors }))).toEqual(
        runs.map(() => ({ status: 0, errors: "" })),
      );
      expect(runs.filter(({ output }) => output.startsWith("Applied 0001_initial.sql")).length).toBe(1);
    });

    test("SIGTERM lets open requests finish, rejects new ones, and ends the process within 5 s", async () => {
      const database = await createDatabase(engine);
      atEnd.push(database.remove);
      expect((await runCommand(addAda, database.settings)).status).toBe(0);
      const { child, url } = await startProcess(database.settings);
      const { port } = new URL(url);

      // An open request: its headers are sent, half of its body isn't.
      const body = JSON.stringify(draft);
      const socket = connect(Number(port), "127.0.0.1");
      let answer = "";
      socket.on("data", (text) => {
        answer += text;
      });
      await begin(socket, url, beginPost(body.length) + body.slice(0, 10));

      const toldAt = performance.now();
      child.kill("SIGTERM");
      const isAnswered = () =>
        fetch(`${url}/api/`).then(
          () => true,
          () => false,
        );
      while (await isAnswered());
      expect(child.exitCode).toBe(null);
      socket.write(body.slice(10));
      expect(await child.exited).toBe(0);
      expect(performance.now() - toldAt).toBeLessThan(5000);
      expect(answer).toStartWith("HTTP/1.1 201");
      const { output } = await runCommand(["export"], database.settings);
      expect(output).toContain(draft.reason);
    });
  });

test("a request that never ends doesn't prevent shutdown within 5 s", async () => {
  const database = await createDatabase("sqlite");
  atEnd.push(database.remove);
  expect((await runCommand(addAda, database.settings)).status).toBe(0);
  const { child, url } = await startProcess(database.settings);
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => {});
  await begin(socket, url, beginPost(100));
  const toldAt = performance.now();
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
  expect(performance.now() - toldAt).toBeWithin(1000, 5000);
  socket.destroy();
});
