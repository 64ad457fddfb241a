/** The service as a process: starts, crashes, the demo. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { createFolder, draft, posting, runCommand, startConfigdb } from "../harness.ts";

let folder: ReturnType<typeof createFolder>;
let configdb: ReturnType<typeof startConfigdb>;
let settings: Record<string, string>;
let running: ReturnType<typeof Bun.spawn>[];
beforeEach(() => {
  folder = createFolder();
  configdb = startConfigdb();
  settings = { DB_NAME: join(folder.path, "test.sqlite3"), CONFIGDB_URL: configdb.url, PORT: "0" };
  running = [];
});
afterEach(async () => {
  for (const child of running) {
    child.kill("SIGKILL");
    await child.exited;
  }
  configdb.stop();
  folder.remove();
});

/** Starts the service in a separate process, and reads the start-up block. */
async function start(command = "serve", more: Record<string, string> = {}) {
  const { PATH = "", HOME = "", TMPDIR = "/tmp" } = process.env;
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../../src/main.ts"), command], {
    env: { PATH, HOME, TMPDIR, ...settings, ...more },
    // It must not depend on the working directory.
    cwd: folder.path,
    stdout: "pipe",
    stderr: "pipe",
  });
  running.push(child);
  let printed = "";
  const reader = child.stdout.getReader();
  for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
    printed += new TextDecoder().decode(value);
    if (/^ConfigDB .*\n/m.test(printed)) break;
  }
  const url = /^Downtime +(\S+)\/$/m.exec(printed)?.[1] ?? "";
  return { child, printed, url };
}

test("neither a second start nor one with a portal creates a user", async () => {
  await runCommand(["user", "add", "ada"], settings);
  expect((await start()).printed).not.toContain("Admin ");
  const portal = { DB_NAME: join(folder.path, "other.sqlite3"), OAUTH_TOKEN_URL: "http://127.0.0.1:1/token" };
  expect((await start("serve", portal)).printed).not.toContain("Admin ");
});

test("without CONFIGDB_URL, startup says that the example is used", async () => {
  expect((await start("serve", { CONFIGDB_URL: "" })).printed).toContain(
    "ConfigDB    bundled example observatory (set CONFIGDB_URL to use your own)\n",
  );
});

test("the command line and the running service see each other's writes at once", async () => {
  const { url } = await start();
  const place = ["-s", "ogg", "-e", "clma", "-t", "2m0a"];
  expect(((await (await fetch(`${url}/api/`)).json()) as { count: number }).count).toBe(0);
  expect((await runCommand(["create", ...place], settings)).status).toBe(0);
  expect(((await (await fetch(`${url}/api/`)).json()) as { count: number }).count).toBe(1);
  await runCommand(["user", "add", "ada", "--staff", "--token", "ada-api-token"], settings);
  await fetch(`${url}/api/`, posting(draft));
  expect((await runCommand(["export"], settings)).output.trim().split("\n")).toHaveLength(3);
});

test("no acknowledged write is lost when the process is killed", async () => {
  await runCommand(["user", "add", "ada", "--staff", "--token", "ada-api-token"], settings);
  const { child, url } = await start();
  const acknowledged: number[] = [];
  const write = async (writer: number) => {
    for (let count = 0; ; count++) {
      const response = await fetch(`${url}/api/`, posting({ ...draft, reason: `${writer} ${count}` })).catch(
        () => undefined,
      );
      if (response?.status !== 201) return;
      const body = (await response.json().catch(() => undefined)) as { id: number } | undefined;
      if (body) acknowledged.push(body.id);
    }
  };
  const writers = Array.from({ length: 8 }, (_, writer) => write(writer));
  while (acknowledged.length < 200) await Bun.sleep(5);
  child.kill("SIGKILL");
  await Promise.all(writers);

  const again = await start();
  const { results } = (await (await fetch(`${again.url}/api/?limit=100000`)).json()) as { results: { id: number }[] };
  const stored = new Set(results.map(({ id }) => id));
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThanOrEqual(200);
}, 30_000);

test("the demo has a year of downtimes around today, and deletes its data", async () => {
  const temporary = createFolder();
  const { child, url } = await start("demo", { CONFIGDB_URL: "", TMPDIR: temporary.path });
  const ask = async (query: string) =>
    ((await (await fetch(`${url}/api/?limit=1&${query}`)).json()) as { count: number }).count;
  const now = new Date().toISOString();
  expect(await ask(`ends_before=${now}`)).toBeGreaterThan(200);
  expect(await ask(`starts_after=${now}`)).toBeGreaterThan(200);
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
  expect([...new Bun.Glob("*/*").scanSync(temporary.path)]).toEqual([]);
  temporary.remove();
});
