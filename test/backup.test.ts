/** Backups: taken while the service writes, verified, restored, and scheduled. */

import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { as, createFolder, draft, posting, runCommand, runProcess, type Service, startService } from "./harness.ts";

let folder: ReturnType<typeof createFolder>;
let database: string;
let running: Service[];
beforeEach(() => {
  folder = createFolder();
  database = join(folder.path, "service.sqlite3");
  running = [];
});
afterEach(async () => {
  for (const service of running) await service.stop();
  folder.remove();
});

/** Starts a service on the database of this test. */
async function start(settings: Record<string, string> = {}) {
  const withoutCast = existsSync(database);
  const service = await startService({ engine: "none", withoutCast, settings: { DB_NAME: database, ...settings } });
  running.push(service);
  return service;
}
const stop = async (service: Service) => {
  running.splice(running.indexOf(service), 1);
  await service.stop();
};
const path = (name: string) => join(folder.path, name);
const run = (...args: string[]) => runCommand(args, { DB_NAME: database });
/** Restores after a service of this process has stopped. Bun frees its locks when it collects the last of its statements. */
async function restore(file: string) {
  for (;;) {
    const result = await run("restore", file);
    if (!result.errors.includes("is in use")) return result;
    Bun.gc(true);
    await Bun.sleep(1);
  }
}
const create = (service: Service, reason: string) =>
  service.ask<{ id: number }>("/api/", posting({ ...draft, reason }, as("ada")));
const reasonsOf = async (service: Service) => {
  const { body } = await service.ask<{ results: { reason: string }[] }>("/api/?limit=1000&order=created");
  return body.results.map(({ reason }) => reason);
};
const modeOf = (file: string) => statSync(file).mode & 0o777;

describe("a backup", () => {
  test("taken while downtimes are written has all that were acknowledged before, and is consistent", async () => {
    const service = await start();
    for (let number = 0; number < 50; number++) await create(service, `before ${number}`);
    let isDone = false;
    const acknowledged: string[] = [];
    const writing = (async () => {
      for (let number = 0; !isDone; number++) {
        expect((await create(service, `during ${number}`)).status).toBe(201);
        acknowledged.push(`during ${number}`);
      }
    })();
    while (acknowledged.length < 5) await Bun.sleep(1);
    const before = acknowledged.length;
    // In a process of its own, as the command does while the service runs.
    const { status, output, errors } = await runProcess(["backup", path("copy")], { DB_NAME: database });
    isDone = true;
    await writing;
    expect({ status, errors }).toEqual({ status: 0, errors: "" });
    // Nobody was held up.
    expect(acknowledged.length).toBeGreaterThan(before);
    const counted = Number(/([\d,]+) downtimes, [\d,]+ changes, 3 users/.exec(output)?.[1]?.replaceAll(",", ""));
    expect(counted).toBeGreaterThanOrEqual(50 + before);
    expect([modeOf(path("copy")), readdirSync(folder.path).filter((name) => name.includes("partial"))]).toEqual([
      0o600,
      [],
    ]);

    await stop(service);
    expect((await restore(path("copy"))).status).toBe(0);
    const restored = await start();
    const reasons = await reasonsOf(restored);
    expect(reasons.length).toBe(counted);
    expect(reasons.slice(50)).toEqual(acknowledged.slice(0, counted - 50));
    const { body } = await restored.ask<{ results: unknown[] }>("/api/changes/?limit=1000");
    expect(body.results.length).toBe(counted);
  });

  test("never replaces a file, least of all the database", async () => {
    await stop(await start());
    writeFileSync(path("precious"), "precious");
    for (const file of [path("precious"), database])
      expect(await run("backup", file)).toMatchObject({
        status: 1,
        errors: `${file} already exists. Choose another name.\n`,
      });
    expect(readFileSync(path("precious"), "utf8")).toBe("precious");
    const { status, errors } = await run("backup", path("nowhere/copy"));
    expect([status, errors]).toEqual([1, expect.stringMatching(/^Can't write \S+copy: ENOENT/)]);
  });

  test("of a file that isn't a Downtime database fails, and leaves no file", async () => {
    expect(await run("backup", path("copy"))).toMatchObject({ status: 1, errors: `File not found: ${database}\n` });
    new Database(database).run("CREATE TABLE other (id integer)");
    expect(await run("backup", path("copy"))).toMatchObject({
      status: 1,
      errors: expect.stringContaining("no such table"),
    });
    expect(readdirSync(folder.path)).toEqual(["service.sqlite3"]);
  });

  test("runs no migrations: it is taken before them", async () => {
    expect((await run("migrate")).status).toBe(0);
    const connection = new Database(database);
    connection.run("DELETE FROM downtime_migration WHERE name > '0009'");
    connection.close();
    expect((await run("backup", path("copy"))).status).toBe(0);
    const copy = new Database(path("copy"), { readonly: true });
    expect(copy.query("SELECT max(name) AS last FROM downtime_migration").get()).toEqual({
      last: "0008_series_warning.sql",
    });
    copy.close();
  });
});

/** Ways in which a file is no intact backup. */
const damages: Readonly<Record<string, (file: string) => void>> = {
  "no database": (file) => writeFileSync(file, "no database".repeat(1000)),
  "an empty file": (file) => writeFileSync(file, ""),
  "cut short": (file) => truncateSync(file, statSync(file).size - 4096),
  "overwritten in the middle": (file) => {
    const bytes = readFileSync(file);
    bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 8192);
    writeFileSync(file, bytes);
  },
  "of another program": (file) => {
    writeFileSync(file, "");
    new Database(file).run("CREATE TABLE other (id integer)");
  },
  "of a newer version": (file) => {
    const connection = new Database(file);
    connection.run("INSERT INTO downtime_migration VALUES ('9999_future.sql', 'checksum', 'then')");
    connection.close();
  },
};

for (const [damage, spoil] of Object.entries(damages))
  test(`a backup that is ${damage} isn't verified and isn't restored`, async () => {
    const service = await start();
    for (let number = 0; number < 300; number++) await service.add({ reason: `Long reason ${number} `.repeat(20) });
    await stop(service);
    expect((await run("backup", path("copy"))).status).toBe(0);
    expect(await run("verify", path("copy"))).toMatchObject({
      status: 0,
      output: "Intact: 300 downtimes, 300 changes, 3 users\n",
    });
    spoil(path("copy"));
    const before = readFileSync(database);
    for (const command of ["verify", "restore"]) {
      const { status, errors } = await run(command, path("copy"));
      expect([status, errors]).toEqual([
        1,
        expect.stringContaining(`${path("copy")} isn't an intact Downtime database: `),
      ]);
      if (/empty|program/.test(damage)) expect(errors).toEndWith(" Does the database belong to another program?\n");
    }
    expect(readFileSync(database).equals(before)).toBe(true);
    // The stopped service's log stays until Bun has collected its statements.
    const files = readdirSync(folder.path).filter((name) => !/-(wal|shm)$/.test(name));
    expect(files.sort()).toEqual(["copy", "service.sqlite3"]);
  });

describe("restoring", () => {
  test("is refused while the service runs", async () => {
    const service = await start();
    await create(service, "first");
    expect((await run("backup", path("copy"))).status).toBe(0);
    await create(service, "second");
    expect(await runProcess(["restore", path("copy")], { DB_NAME: database })).toMatchObject({
      status: 1,
      errors: `${database} is in use. Stop the service first.\n`,
    });
    expect((await create(service, "third")).status).toBe(201);
    expect(await reasonsOf(service)).toEqual(["first", "second", "third"]);
    expect(readdirSync(folder.path).filter((name) => name.includes("re"))).toEqual([]);
  });

  test("keeps the replaced file beside it, whole", async () => {
    const service = await start();
    await create(service, "first");
    await run("backup", path("copy"));
    await create(service, "second");
    await stop(service);
    const { status, output } = await restore(path("copy"));
    const kept = /the replaced file is now (\S+)\n/.exec(output)?.[1] ?? "";
    expect([status, kept]).toEqual([0, expect.stringMatching(/service\.sqlite3\.replaced-\d{8}T\d{6}Z$/)]);
    expect([modeOf(database), modeOf(kept)]).toEqual([0o600, 0o600]);
    const restored = await start();
    expect(await reasonsOf(restored)).toEqual(["first"]);
    expect(await run("verify", kept)).toMatchObject({ output: "Intact: 2 downtimes, 2 changes, 3 users\n" });
    // The backup itself stays, and can be restored again.
    expect((await run("verify", path("copy"))).status).toBe(0);
  });

  test("works if the database is damaged or missing, and never applies its old log", async () => {
    const service = await start();
    await create(service, "first");
    await run("backup", path("copy"));
    await create(service, "second");
    copyFileSync(`${database}-wal`, path("log"));
    await stop(service);
    const leaveLog = () => copyFileSync(path("log"), `${database}-wal`);
    for (const spoil of [
      () => writeFileSync(database, "damaged ".repeat(10_000)),
      () => writeFileSync(database, ""),
      () => Bun.file(database).unlink(),
    ]) {
      await spoil();
      leaveLog();
      expect(await restore(path("copy"))).toMatchObject({ status: 0, errors: "" });
      const restored = await start();
      expect(await reasonsOf(restored)).toEqual(["first"]);
      await stop(restored);
      for (const name of readdirSync(folder.path)) if (name.includes(".replaced-")) await Bun.file(path(name)).unlink();
    }
  });

  test("refuses the database itself, and a file that isn't there", async () => {
    await stop(await start());
    expect((await run("restore", database)).errors).toBe(`${database} is the database itself.\n`);
    expect((await run("restore", path("nowhere"))).errors).toBe(`File not found: ${path("nowhere")}\n`);
    expect((await run("verify", path("nowhere"))).status).toBe(1);
  });

  test("rejects the cursors of clients whose copy has more than the backup, and no others", async () => {
    const service = await start();
    await create(service, "first");
    const next = async (service: Service) => (await service.ask<{ next: string }>("/api/changes/")).body.next;
    const early = await next(service);
    await run("backup", path("copy"));
    for (const reason of ["second", "third"]) await create(service, reason);
    const late = await next(service);
    await stop(service);
    await restore(path("copy"));
    const restored = await start();
    const ask = (since: string, feed = "") =>
      restored.ask<{ results: unknown[] }>(`/api/changes/${feed}?since=${since}`);
    for (const feed of ["", "stream"]) expect((await ask(late, feed)).status).toBe(410);
    // Also when as much was written since as was lost.
    restored.clock.forward(60_000);
    for (const reason of ["other second", "other third"]) await create(restored, reason);
    for (const feed of ["", "stream"]) expect((await ask(late, feed)).status).toBe(410);
    expect((await ask(early)).body.results).toHaveLength(2);
  });
});

describe("scheduled backups", () => {
  const backups = () => path("backups");
  const files = () => (existsSync(backups()) ? readdirSync(backups()).sort() : []);
  const health = async (service: Service) =>
    (await service.ask<{ status: string; backup?: { age_seconds: number | null; failed: boolean } }>("/health")).body;

  test("are made when they are due, also across restarts, and only the newest are kept", async () => {
    const settings = { BACKUP_DIR: backups(), BACKUP_EVERY: "12 h", BACKUP_KEEP: "2" };
    const service = await start(settings);
    await service.backups?.check();
    expect(files()).toEqual(["downtime-20261122T120000Z.sqlite3"]);
    expect([modeOf(backups()), modeOf(join(backups(), files()[0] ?? ""))]).toEqual([0o700, 0o600]);
    const future = "downtime-20991122T110000Z.sqlite3";
    for (const name of ["notes.txt", "downtime-20261122T110000Z.sqlite3.0a1b2c3d.partial", future])
      writeFileSync(join(backups(), name), "");
    service.clock.forward(12 * 3_600_000 - 1);
    await service.backups?.check();
    expect(await health(service)).toMatchObject({ status: "ok", backup: { age_seconds: 43_200, failed: false } });
    service.clock.forward(1);
    await service.backups?.check();
    service.clock.forward(12 * 3_600_000);
    await service.backups?.check();
    const two = ["downtime-20261123T000000Z.sqlite3", "downtime-20261123T120000Z.sqlite3"];
    expect(files()).toEqual([...two, future, "notes.txt"]);
    await stop(service);
    // Starts at the same time, so none is due.
    const again = await startService({
      engine: "none",
      withoutCast: true,
      settings: { DB_NAME: database, ...settings },
      clock: service.clock,
    });
    running.push(again);
    await again.backups?.check();
    expect(files()).toEqual([...two, future, "notes.txt"]);
    expect((await run("verify", join(backups(), two[1] ?? ""))).status).toBe(0);
  });

  test("that fail are reported in the log and by the health check, and retried, while the service continues", async () => {
    writeFileSync(backups(), "in the way");
    const service = await start({ BACKUP_DIR: backups() });
    await service.backups?.check();
    expect(await health(service)).toMatchObject({ status: "ok", backup: { age_seconds: null, failed: true } });
    expect(service.log.filter(({ message }) => message === "backup failed")).toHaveLength(1);
    expect((await create(service, "all the same")).status).toBe(201);
    await Bun.file(backups()).unlink();
    await service.backups?.check();
    expect((await health(service)).backup?.failed).toBe(true);
    service.clock.forward(600_000);
    await service.backups?.check();
    expect(await health(service)).toMatchObject({ backup: { age_seconds: 0, failed: false } });
    expect(service.log.filter(({ message }) => message === "backup made")).toHaveLength(1);
  });

  test("are off unless BACKUP_DIR is set", async () => {
    const service = await start();
    expect([service.backups, "backup" in (await health(service))]).toEqual([undefined, false]);
  });
});

describe("on PostgreSQL", () => {
  const url = "postgres://service:se%2Fcret@db.example:5433/downtime?sslmode=require";
  const dump = (program: string) => {
    writeFileSync(path("pg_dump"), `#!/bin/sh\n${program}\n`);
    chmodSync(path("pg_dump"), 0o755);
    const PATH = `${folder.path}:${process.env.PATH}`;
    return runProcess(["backup", path("copy")], { DATABASE_URL: url, PATH });
  };

  test("pg_dump makes the backup, and the password isn't on its command line", async () => {
    const { status, errors } = await dump(
      'for word; do case $word in --file=*) echo "$PGPASSWORD $*" > $(echo $word | cut -c 8-);; esac; done',
    );
    expect([status, errors]).toEqual([0, ""]);
    expect(readFileSync(path("copy"), "utf8")).toMatch(
      /^se\/cret --format=custom --file=\S+ --dbname=postgres:\/\/service@db\.example:5433\/downtime\?sslmode=require\n$/,
    );
    expect(modeOf(path("copy"))).toBe(0o600);
  });

  test("a pg_dump that fails leaves nothing, and says why", async () => {
    expect(await dump("echo no such server >&2; exit 1")).toMatchObject({
      status: 1,
      errors: "pg_dump failed: no such server\n",
    });
    expect(readdirSync(folder.path)).toEqual(["pg_dump"]);
  });

  test("the commands for people have no password", async () => {
    const settings = { DATABASE_URL: url, PATH: folder.path };
    const answers = [
      await runProcess(["backup", path("copy")], settings),
      await runProcess(["restore", path("copy")], settings),
      await runProcess(["verify", path("copy")], settings),
    ];
    expect(answers.map(({ status }) => status)).toEqual([1, 1, 1]);
    const texts = answers.map(({ errors }) => errors);
    expect(texts[0]).toContain(
      `pg_dump --format=custom --file=${path("copy")} --dbname=postgres://service@db.example:5433/`,
    );
    expect(texts[1]).toContain("pg_restore --clean --if-exists --no-owner --single-transaction");
    expect(texts[2]).toContain("pg_restore");
    expect(texts.join("")).not.toContain("cret");
  });
});
