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

test("startup prints the URL, the database and ConfigDB, and creates a working admin account", async () => {
  const { printed, url } = await start();
  expect(printed).toContain(`Database    SQLite, ${settings.DB_NAME}\n`);
  expect(printed).toContain(`ConfigDB    ${configdb.url}\n`);
  const password = /^Admin {7}admin \/ (\S+) \(shown once; save it now\)$/m.exec(printed)?.[1];
  const created = await fetch(`${url}/api/`, posting(draft, { authorization: `Basic ${btoa(`admin:${password}`)}` }));
  expect(created.status).toBe(201);
});

test("pages work, whatever the working directory", async () => {
  const { url } = await start();
  const page = await fetch(url);
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
});

test("a port in use stops startup with a line", async () => {
  const { url } = await start();
  const { status, errors } = await runCommand(["serve"], { ...settings, PORT: new URL(url).port });
  expect(status).toBe(1);
  expect(errors).toMatch(/^Can't listen on 127\.0\.0\.1 port \d+: .+\n$/);
});
