/** The one-file build, alone in an empty folder without PATH, and in a container. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../package.json";
import { migrations } from "../src/database/migrate.ts";
import { createDatabase, createFolder, engines, posting } from "./harness.ts";
import { hasProgram } from "./programs.ts";

setDefaultTimeout(300_000);

const root = join(import.meta.dir, "..");
const name = `downtime-${packageJson.version}-${process.platform}-${process.arch}`;
const folder = createFolder();
const program = join(folder.path, "downtime");

beforeAll(async () => {
  const build = Bun.spawn(["npm", "run", "build", "--", "--image"], { cwd: root, stdout: "ignore", stderr: "inherit" });
  expect(await build.exited).toBe(0);
  // Away from node_modules, sql and public.
  copyFileSync(join(root, "dist", name), program);
});
afterAll(folder.remove);

type Health = { readonly backup: { readonly age_seconds: number | null; readonly failed: boolean } };

/** An empty folder, whose path is the working folder. */
const emptyFolder = () => {
  const path = join(folder.path, crypto.randomUUID());
  mkdirSync(path);
  return path;
};

async function run(args: readonly string[], cwd: string, settings: Record<string, string> = {}, input = "") {
  const child = Bun.spawn([program, ...args], {
    cwd,
    env: { PATH: "", ...settings },
    stdin: new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { output, errors, status: await child.exited };
}

/** Starts a server, and waits for its start-up block. */
async function serve(command: readonly string[], options: { cwd: string; env: Record<string, string> }) {
  const child = Bun.spawn([...command], { ...options, stdout: "pipe", stderr: "ignore" });
  let printed = "";
  const reader = child.stdout.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    printed += new TextDecoder().decode(piece.value);
    if (/^(Admin|Proxy) .*\n/m.test(printed) && /^Downtime .*\n/m.test(printed)) break;
  }
  const port = /^Downtime +http:\/\/[^:]+:(\d+)\/$/m.exec(printed)?.[1];
  const password = /^Admin +admin \/ (\S+)/m.exec(printed)?.[1] ?? "";
  return { child, url: `http://127.0.0.1:${port}`, password };
}

test("dist has the sums of its files", async () => {
  const sums = readFileSync(join(root, "dist/SHA256SUMS"), "utf8");
  const hash = new Bun.CryptoHasher("sha256").update(readFileSync(program)).digest("hex");
  expect(sums).toContain(`${hash}  ${name}\n`);
});

describe("the one file, alone in an empty folder", () => {
  test("serves pages, assets, the document, lists, and what a worker answers", async () => {
    const { child, url, password } = await serve([program], { cwd: emptyFolder(), env: { PATH: "", PORT: "0" } });
    const get = async (path: string) => {
      const answer = await fetch(url + path);
      return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
    };
    const pages = [await get("/"), await get("/docs/"), await get("/admin/sign-in")];
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
    const assets = new Set(pages.flatMap(({ text }) => text.match(/\/assets\/[^"]+/g) ?? []));
    expect(assets.size).toBeGreaterThan(5);
    for (const asset of assets) {
      const file = new URL(asset, url).pathname.replace("/assets/", "");
      const { status, text } = await get(asset);
      const places = ["public", "node_modules/swagger-ui-dist", "node_modules/htmx.org/dist"];
      const place = places.find((place) => readdirSync(join(root, place)).includes(file)) ?? "";
      expect([status, text]).toEqual([200, readFileSync(join(root, place, file), "utf8")]);
    }
    expect(JSON.parse((await get("/openapi.json")).text).openapi).toStartWith("3.");
    const start = { start: "2027-01-01T00:00:00Z", end: "2027-01-02T00:00:00Z", reason: "Snow" };
    const draft = { ...start, site: "nor", enclosure: "doma", telescope: "2m0a", instrument_type: "" };
    const authorization = `Basic ${btoa(`admin:${password}`)}`;
    expect((await fetch(`${url}/api/`, posting(draft, { authorization }))).status).toBe(201);
    expect(JSON.parse((await get("/api/")).text)).toMatchObject({ count: 1, results: [draft] });
    // Whatever is stored, a worker answers these.
    expect((await get("/downtimes.csv")).text).toContain("Snow");
    expect((await get("/api/report/?start=2027-01-01&end=2027-02-01&format=csv")).text).toContain("2m0a");
    const health = await run(["health"], folder.path, { PORT: new URL(url).port });
    expect(health).toMatchObject({ status: 0, output: expect.stringContaining('"status":"ok"') });
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    const gone = await run(["health"], folder.path, { PORT: new URL(url).port });
    expect(gone).toMatchObject({ status: 1, errors: expect.stringContaining("can't be reached") });
  });

  test("makes scheduled backups, verifies and restores them", async () => {
    const cwd = emptyFolder();
    const { child, url } = await serve([program], { cwd, env: { PATH: "", PORT: "0", BACKUP_DIR: "backups" } });
    const age = async () => ((await (await fetch(`${url}/health`)).json()) as Health).backup;
    while ((await age()).age_seconds === null) expect((await age()).failed).toBe(false);
    child.kill("SIGTERM");
    await child.exited;
    const [file] = readdirSync(join(cwd, "backups"));
    for (const command of ["verify", "restore"])
      expect(await run([command, `backups/${file}`], cwd)).toMatchObject({ status: 0, errors: "" });
    expect(await run(["backup", "another"], cwd)).toMatchObject({ status: 0, errors: "" });
  });

  for (const engine of engines)
    test(`has all commands on ${engine}`, async () => {
      const cwd = emptyFolder();
      const { settings, remove } = await createDatabase(engine);
      const command = (args: string, input?: string) => run(args.split(" "), cwd, settings, input);
      const applied = `Applied ${Object.keys(migrations[engine]).join(", ")}\n`;
      expect(await command("migrate")).toEqual({ status: 0, output: applied, errors: "" });
      expect(await command("--version")).toMatchObject({ output: `${packageJson.version}\n` });
      const csv = `start,end,site,enclosure,telescope,reason\n2027-01-01T00:00:00Z,2027-01-02T00:00:00Z,nor,doma,2m0a,Snow\n`;
      expect(await command("import -", csv)).toMatchObject({ status: 0, errors: "" });
      expect((await command("export")).output).toContain(",nor,doma,2m0a,,Snow");
      const rule = {
        kind: "calendar",
        zone: "UTC",
        start: "2027-02-01T20:00:00",
        minutes: 60,
        rrule: "FREQ=DAILY;COUNT=3",
      };
      const series = JSON.stringify({ reason: "Tests", scopes: [{ site: "nor", telescope: "2m0a" }], rule });
      expect((await command("series add -", series)).output).toContain("3 downtimes created");
      expect((await command("user add dana --staff")).output).toContain("dana");
      expect((await command("user list")).output).toContain("dana");
      expect((await command("nonsense")).status).toBe(2);
      await remove();
    });
});

describe.skipIf(!hasProgram("buildah"))("the container", () => {
  const buildah = (...args: string[]) => [
    "buildah",
    ...["--root", join(folder.path, "images"), "--runroot", join(folder.path, "run"), "--storage-driver", "vfs"],
    ...args,
  ];
  const output = async (...args: string[]) => {
    const child = Bun.spawn(buildah(...args), { cwd: root, stdout: "pipe", stderr: "pipe" });
    const [text, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    if ((await child.exited) !== 0) throw new Error(errors);
    return text.trim();
  };
  /** The process that runs a program of the container, which is a descendant of the one that started it. */
  const processIn = (ancestor: number): number | undefined => {
    const statuses = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const children = statuses.filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[1] === String(ancestor);
      } catch {
        return false;
      }
    });
    for (const pid of children.map(Number)) {
      if (readlinkSync(`/proc/${pid}/exe`).endsWith("/rootfs/downtime")) return pid;
      const found = processIn(pid);
      if (found) return found;
    }
    return undefined;
  };

  test("from scratch holds the file and its libraries, runs without rights, writes to /data alone, and stops at SIGTERM", async () => {
    await output(
      "build",
      "--format",
      "docker",
      "--isolation",
      "chroot",
      "--build-context",
      "build=dist",
      "-t",
      "downtime",
      ".",
    );
    await output("from", "--name", "downtime", "downtime");
    const files = await output("mount", "downtime");
    // What buildah itself adds stands in etc/.
    const list = () =>
      Bun.$`find ${files} "(" -name data -o -name etc ")" -prune -o -type f -printf "%P %T@ %m\n" | sort`.text();
    const before = await list();
    expect(before).toMatch(/^downtime \S+ 755$/m);
    expect(before).toMatch(/^lib\S*\/libc\.so\.6 /m);
    expect(before).not.toMatch(/ \d*[2367]$|\/sh |^bin/m);
    const start = buildah("run", "--isolation", "chroot", "--env", "PORT=0", "downtime", "--", "/downtime", "serve");
    const { child, url } = await serve(start, { cwd: root, env: process.env as Record<string, string> });
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: "ok", database: "sqlite" });
    expect((await fetch(`${url}/docs/`)).status).toBe(200);
    expect((await fetch(`${url}/downtimes.csv`)).status).toBe(200);
    const pid = processIn(child.pid) as number;
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    expect(status).toMatch(/^Uid:(\t65532){4}$/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    process.kill(pid, "SIGTERM");
    expect(await child.exited).toBe(0);
    expect(await list()).toBe(before);
  });
});
