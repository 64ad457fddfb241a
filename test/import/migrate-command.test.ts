import { Database } from "bun:sqlite";
import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { hashToken } from "../../src/auth/secrets.ts";
import type { Downtime } from "../../src/downtime/downtime.ts";
import { openOriginal } from "../../src/import/django-database.ts";
import type { Instant } from "../../src/time/instant.ts";
import {
  createPreparedDatabase,
  draft,
  type Engine,
  engines,
  posting,
  runCommand,
  startConfigdb,
  startService,
} from "../harness.ts";
import { createOriginal, type OriginalRow, type OriginalUser, type Shape, shapes } from "../original.ts";

const longest = "ä".repeat(3000);

/** Valid and invalid downtimes, with gaps between their IDs. */
const rows: OriginalRow[] = [
  { id: 2, start: "2017-08-21 08:45:00", end: "2017-08-21 09:45:00", reason: "RTI", modified: "2017-09-01 00:00:00.5" },
  { id: 7, start: "2017-08-22 09:00:00", end: "2017-08-22 08:00:00", reason: "ends before it starts" },
  {
    id: 8,
    start: "2017-08-23 08:00:00.999999",
    end: "2017-08-23 09:00:00.000001",
    reason: "Umlauts äöü ж 😀 'quoted'",
  },
  { id: 9, start: "2017-08-24 08:00:00", end: "2017-08-24 09:00:00", telescope: "gone", reason: longest },
  { id: 4000, start: "2017-08-25 08:00:00", end: "2017-08-25 09:00:00", instrument_type: "2M0-FLOYDS-SCICAM" },
];

const password = "pässword of grace";
const users: OriginalUser[] = [
  {
    username: "grace",
    password: "pbkdf2_sha256$20000$Sa1tOfGrace$/w+egxGDUrY7W/vfUHADtIOQB6BBuc5t8DdUSJv9qZQ=",
    staff: true,
    apiToken: "token of grace at the portal".replaceAll(" ", "-"),
    authToken: "another-token-of-grace",
  },
  { username: "hal", password: "!unusable", active: false, staff: true, authToken: "token-of-hal" },
  { username: "iris", password: "bcrypt$whatever", apiToken: "" },
];

const basic = (name: string, words: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${words}`).toString("base64")}`,
});
const token = (value: string) => ({ authorization: `Token ${value}` });

const configdb = startConfigdb();
afterAll(configdb.stop);

const atEnd: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of atEnd.splice(0).reverse()) await end();
});

async function createSource(...[engine, shape, ...rest]: Parameters<typeof createOriginal>) {
  const original = await createOriginal(engine, shape, ...rest);
  atEnd.push(original.remove);
  return original;
}

async function createTarget(engine: Engine): Promise<Record<string, string>> {
  const database = await createPreparedDatabase(engine);
  atEnd.push(database.remove);
  return { ...database.settings, CONFIGDB_URL: configdb.url };
}

async function serveFrom(settings: Record<string, string>) {
  const service = await startService({ engine: "none", settings, withoutCast: true });
  atEnd.push(service.stop);
  return service;
}

const importAll = (where: string, settings: Record<string, string>, ...more: string[]) =>
  runCommand(["import", "--from-django", where, ...more], settings);

const expected = (row: OriginalRow, shape: Shape): Partial<Downtime> => ({
  id: row.id,
  start: `${row.start.slice(0, 19).replace(" ", "T")}Z` as Downtime["start"],
  end: `${row.end.slice(0, 19).replace(" ", "T")}Z` as Downtime["end"],
  site: "ogg",
  enclosure: "clma",
  telescope: row.telescope ?? "2m0a",
  instrument_type: shape < 4 ? "" : (row.instrument_type ?? ""),
  reason: row.reason ?? "",
  created: "2017-08-02T17:45:00Z" as Downtime["created"],
  modified: (row.modified ? "2017-09-01T00:00:00Z" : "2017-08-02T17:45:00Z") as Downtime["modified"],
});

const pairs = [
  ...engines.flatMap((engine) => shapes.map((shape) => [shape, engine, engine] as const)),
  ...(engines.length > 1
    ? ([
        [4, "sqlite", "postgres"],
        [4, "postgres", "sqlite"],
      ] as const)
    : []),
];

describe("migrating from an OCS Downtime database", () => {
  test.each(pairs)("keeps every downtime of shape %d from %s in %s", async (shape, from, to) => {
    const original = await createSource(from, shape, rows, users);
    const target = await createTarget(to);
    const first = await importAll(original.where, target);
    expect(first.errors).toBe("");
    expect(first.output).toContain("Downtimes: 5 read, 5 imported, 0 already exist\nUsers: 3 read, 3 imported");

    const service = await serveFrom(target);
    const { body } = await service.ask<{ results: Downtime[] }>("/api/");
    expect(body.results as Partial<Downtime>[]).toEqual(rows.map((row) => expected(row, shape)));
    const version = await service.services.downtimes.history(8);
    expect(version).toMatchObject([{ action: "create", by: "moved in", reason: rows[2]?.reason ?? "" }]);

    // IDs continue after the largest one, and a second run changes nothing, not even edited or deleted downtimes.
    const grace = token("token-of-grace-at-the-portal");
    expect((await service.ask("/api/", posting(draft, grace))).body).toMatchObject({ id: 4001 });
    expect((await service.send("/api/7/", { method: "DELETE", headers: grace })).status).toBe(204);
    const before = await (await service.send("/api/")).text();
    const second = await importAll(original.where, target);
    expect(second.output).toContain(
      "Downtimes: 5 read, 0 imported, 5 already exist\nUsers: 3 read, 0 imported, 3 already exist",
    );
    expect(await (await service.send("/api/")).text()).toBe(before);
  });

  test("imports invalid downtimes with warnings", async () => {
    const original = await createSource("sqlite", 4, rows, users);
    const { output } = await importAll(original.where, await createTarget("sqlite"));
    expect(output.split("\n")).toEqual(
      expect.arrayContaining([
        "Warning (imported anyway): End time must be after start time: 1 (7)",
        "Warning (imported anyway): Fractional seconds removed: 1 (8)",
        "Warning (imported anyway): The site, enclosure, telescope, and instrument_type combination does not exist in Configdb: 1 (9)",
        "Users who need a new password: hal, iris",
      ]),
    );
  });

  for (const engine of engines) {
    test(`users keep their passwords and tokens, from ${engine}`, async () => {
      const original = await createSource(engine, 4, rows, users);
      const target = await createTarget(engine);
      await importAll(original.where, target);
      const service = await serveFrom(target);
      const post = async (headers: Record<string, string>) =>
        (await service.ask("/api/", posting(draft, headers))).status;

      expect(await post(basic("grace", "wrong"))).toBe(401);
      const hashOf = async () => (await service.services.users.findByName("grace"))?.passwordHash ?? "";
      expect(await hashOf()).toStartWith("pbkdf2_sha256$");
      expect(await post(basic("grace", password))).toBe(201);
      expect(await hashOf()).toStartWith("$argon2id$");
      expect(await post(basic("grace", password))).toBe(201);
      expect(await post(basic("grace", "wrong"))).toBe(401);
      // Both of grace's tokens work; hal is disabled, and iris has no password and no token.
      expect(await post(token("token-of-grace-at-the-portal"))).toBe(201);
      expect(await post(token("another-token-of-grace"))).toBe(201);
      expect((await service.services.tokens.list("grace")).map(({ name, created }) => [name, created])).toEqual([
        ["api", "2017-08-02T17:45:00Z" as Instant],
        ["portal", undefined],
      ]);
      expect(await service.ask("/api/", posting(draft, token("token-of-hal")))).toMatchObject({
        status: 401,
        body: { detail: "User inactive or deleted." },
      });
      expect(await post(basic("iris", "whatever"))).toBe(401);
    });

    test(`equal tokens, and tokens that another user has here, are stored once, from ${engine}`, async () => {
      const same = [
        { username: "grace", password: "!", apiToken: "one-and-the-same-token", authToken: "one-and-the-same-token" },
        { username: "hal", password: "!", apiToken: "hals-token", authToken: "token-of-ada-here" },
        { username: "iris", password: "!", apiToken: "hals-token" },
      ];
      const original = await createSource(engine, 4, rows, same);
      const target = await createTarget(engine);
      await runCommand(["user", "add", "ada", "--token", "token-of-ada-here"], target);
      const skipped = [
        "Skipped token api of hal: another user has the same token here.",
        "Skipped token portal of iris: another user has the same token here.",
      ];
      for (const options of [["--dry-run"], []]) {
        const { output } = await importAll(original.where, target, ...options);
        expect(output.split("\n").filter((line) => line.startsWith("Skipped"))).toEqual(skipped);
      }
      const service = await serveFrom(target);
      const nameOf = async (value: string) => (await service.services.users.findByTokenHash(hashToken(value)))?.name;
      expect(await Promise.all(["one-and-the-same-token", "hals-token", "token-of-ada-here"].map(nameOf))).toEqual([
        "grace",
        "hal",
        "ada",
      ]);
      expect(await service.services.tokens.list("grace")).toHaveLength(1);
    });

    test(`on an OCS Downtime database of ${engine}, startup says how to migrate, and the import works`, async () => {
      const original = await createSource(engine, 4, rows, users);
      const settings = { ...original.settings, CONFIGDB_URL: configdb.url };
      expect(await firstLines({ ...settings, PORT: "0" })).toContain(
        "Migration   5 downtimes are ready to migrate: downtime import --from-django\n",
      );
      const { output } = await runCommand(["import", "--from-django"], settings);
      expect(output).toContain("Downtimes: 5 read, 5 imported");
      expect(await firstLines({ ...settings, PORT: "0" })).not.toContain("Migration");
    });

    test(`imports all or nothing, from ${engine}`, async () => {
      const bad = engine === "sqlite" ? "next Tuesday" : "infinity";
      const good = Array.from({ length: 1500 }, (_, index) => ({ ...(rows[0] as OriginalRow), id: index + 1 }));
      const original = await createSource(
        engine,
        3,
        [...good, { ...(rows[0] as OriginalRow), id: 1501, end: bad }],
        users,
      );
      const target = await createTarget(engine);
      const { errors, status } = await importAll(original.where, target);
      expect(status).toBe(1);
      expect(errors).toBe(`Downtime 1501 can't be imported: invalid end "${bad}".\n`);
      const service = await serveFrom(target);
      expect((await service.ask("/api/")).body).toMatchObject({ count: 0 });
      expect(await service.services.users.list()).toEqual([]);
    });

    test(`a dry run stores nothing, in ${engine}`, async () => {
      const original = await createSource(engine, 4, rows, users);
      const target = await createTarget(engine);
      const { output } = await importAll(original.where, target, "--dry-run");
      expect(output).toContain("Downtimes: 5 read, 5 would be imported, 0 already exist");
      const service = await serveFrom(target);
      expect((await service.ask("/api/")).body).toMatchObject({ count: 0 });
    });

    test(`an ID that belongs to a different downtime in ${engine} aborts the import`, async () => {
      const original = await createSource(engine, 4, rows);
      const service = await startService({ engine });
      atEnd.push(service.stop);
      for (const _ of [1, 2]) await service.add();
      const { importStore } = service.services;
      const source = await openOriginal(original.where);
      await expect(importStore.importAll(await source.read(), service.clock(), false)).rejects.toThrow(
        "Downtime 2 already exists here and is a different one.",
      );
      await source.close();
    });
  }

  test("IDs of deleted downtimes aren't assigned again", async () => {
    for (const engine of engines) {
      const original = await createSource(engine, 4, rows);
      if (engine === "postgres") await original.run("SELECT setval('schedule_downtime_id_seq', 4000)");
      await original.run("DELETE FROM schedule_downtime WHERE id = 4000");
      const target = await createTarget(engine);
      await importAll(original.where, target);
      const service = await serveFrom(target);
      expect((await service.add()).id).toBe(4001);
    }
  });

  test("reads an SQLite database whose tables have no AUTOINCREMENT", async () => {
    const original = await createSource("sqlite", 4, []);
    const path = `${original.where}.copy`;
    const copy = new Database(path);
    copy.run(`ATTACH '${original.where}' AS original`);
    copy.run("CREATE TABLE schedule_downtime AS SELECT * FROM original.schedule_downtime");
    copy.close();
    const { status, output } = await importAll(path, await createTarget("sqlite"));
    expect(status).toBe(0);
    expect(output).toContain("Downtimes: 0 read, 0 imported");
  });

  test("a missing file and a database of another kind are refused", async () => {
    const target = await createTarget("sqlite");
    expect(await importAll("/nowhere.sqlite3", target)).toMatchObject({
      status: 1,
      errors: "File not found: /nowhere.sqlite3\n",
    });
    const { errors } = await importAll(target.DB_NAME ?? "", target);
    expect(errors).toEndWith("isn't an OCS Downtime database: table schedule_downtime not found.\n");
    expect((await runCommand(["import"], target)).errors).toStartWith("error: specify exactly one source");
  });
});

describe("migrating from another service", () => {
  test("reads all pages and keeps the IDs", async () => {
    const other = await startService();
    atEnd.push(other.stop);
    for (let index = 0; index < 5; index++) await other.add({ reason: `number ${index}` });
    await other.send("/api/3/", { method: "DELETE", headers: token("ada-api-token") });
    const pages = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      // Small pages with links to an unreachable host.
      async fetch(request) {
        const { pathname, search } = new URL(request.url);
        const answer = await (await other.send(pathname + search.replace("limit=1000", "limit=2"))).text();
        return new Response(answer.replaceAll(other.url, "http://inside.invalid"));
      },
    });
    atEnd.push(() => pages.stop(true));
    for (const engine of engines) {
      const target = await createTarget(engine);
      const { output, errors } = await runCommand(["import", "--from-api", pages.url.href], target);
      expect(errors).toBe("");
      expect(output).toContain("Downtimes: 4 read, 4 imported, 0 already exist");
      const again = await runCommand(["import", "--from-api", `${pages.url.href}api/`], target);
      expect(again.output).toContain("Downtimes: 4 read, 0 imported, 4 already exist");
      const service = await serveFrom(target);
      expect((await service.ask("/api/")).body).toEqual((await other.ask("/api/")).body);
    }
  });

  test("reads the other service completely before it blocks other writers", async () => {
    const target = await createTarget("sqlite");
    expect((await runCommand(["migrate"], target)).status).toBe(0);
    const writer = new Database(target.DB_NAME as string);
    const page = (id: number) => ({ ...draft, id, created: draft.start, modified: draft.start });
    const pages = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        const isLast = new URL(request.url).searchParams.has("offset");
        // Fails at once while a transaction is open.
        if (isLast) writer.run("BEGIN IMMEDIATE; COMMIT");
        return Response.json({ next: isLast ? null : "/api/?offset=1", results: [page(isLast ? 2 : 1)] });
      },
    });
    const { output, errors } = await runCommand(["import", "--from-api", pages.url.href], target);
    writer.close();
    await pages.stop(true);
    expect(errors).toBe("");
    expect(output).toContain("Downtimes: 2 read, 2 imported, 0 already exist");
  });

  /** A service with pages of two rows, whose rows can change after each page. */
  function startSource(ids: readonly number[], change: (rows: Record<string, unknown>[], pages: number) => void) {
    const rows = ids.map((id) => ({ ...draft, id, created: "2026-01-01T00:00:00Z", modified: "2026-01-01T00:00:00Z" }));
    let pages = 0;
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        const offset = Number(new URL(request.url).searchParams.get("offset") ?? 0);
        const next = offset + 2 < rows.length ? `/api/?limit=2&offset=${offset + 2}` : null;
        const answer = JSON.stringify({ count: rows.length, next, results: rows.slice(offset, offset + 2) });
        change(rows, ++pages);
        return new Response(answer);
      },
    });
    atEnd.push(() => server.stop(true));
    return server.url.href;
  }
  const importFrom = async (url: string, engine: Engine = "sqlite") => {
    const target = await createTarget(engine);
    const run = await runCommand(["import", "--from-api", url], target);
    const stored = JSON.parse((await runCommand(["export", "--format", "json"], target)).output) as Downtime[];
    return { ...run, stored };
  };

  for (const engine of engines)
    test(`misses no row if one is deleted between two pages, into ${engine}`, async () => {
      const source = startSource([1, 2, 3, 4, 5], (rows, pages) => {
        if (pages === 1) rows.shift();
      });
      const { status, stored, errors } = await importFrom(source, engine);
      expect([status, errors]).toEqual([0, ""]);
      expect(stored.map(({ id }) => id)).toEqual([2, 3, 4, 5]);
    });

  test("imports the latest rows if one is edited or added between two pages", async () => {
    const source = startSource([1, 2, 3, 4], (rows, pages) => {
      if (pages === 2) Object.assign(rows[0] ?? {}, { reason: "edited" });
      if (pages === 3) rows.push({ ...rows[0], id: 9 });
    });
    const { status, stored } = await importFrom(source);
    expect(status).toBe(0);
    expect(stored.map(({ id, reason }) => `${id} ${reason}`)).toEqual([
      ...["1 edited", "2 Mirror wash", "3 Mirror wash", "4 Mirror wash", "9 edited"],
    ]);
  });

  test("gives up on a service that keeps changing, and stores nothing", async () => {
    const source = startSource([1, 2, 3, 4], (rows, pages) => rows.push({ ...rows[0], id: 100 + pages }));
    const { status, stored, errors } = await importFrom(source);
    expect([status, stored]).toEqual([1, []]);
    expect(errors).toContain("changed during each of 5 attempts.");
  });

  test("fails if a service returns fewer downtimes than it reports, on one page or several", async () => {
    for (const pages of [1, 2]) {
      const server = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        fetch(request) {
          const isSecond = new URL(request.url).searchParams.has("offset");
          const next = pages === 2 && !isSecond ? "?offset=1" : null;
          return Response.json({ count: 3, next, results: [{ ...draft, id: isSecond ? 2 : 1 }] });
        },
      });
      atEnd.push(() => server.stop(true));
      const { status, stored, errors } = await importFrom(server.url.href);
      expect([status, stored]).toEqual([1, []]);
      expect(errors).toContain(`reports 3 downtimes but returned ${pages}.`);
    }
  });

  test("reads years without padding, and skips invalid times with a warning", async () => {
    const invalid = [
      { id: 1, start: "1-01-02T00:00:00Z", end: "999-01-02T00:00:00Z" },
      { id: 2, start: "0-01-02T00:00:00Z" },
      { id: 3, end: null },
      { id: 4, instrument_type: null, reason: null },
    ].map((fields) => ({ ...draft, ...fields }));
    const server = startConfigdb({ count: 4, next: null, previous: null, results: invalid });
    atEnd.push(async () => server.stop());
    const { status, stored, errors, output } = await importFrom(server.url);
    expect(status).toBe(0);
    expect(stored).toMatchObject([
      { id: 1, start: "0001-01-02T00:00:00Z", end: "0999-01-02T00:00:00Z" },
      { id: 4, instrument_type: "", reason: "" },
    ]);
    expect(output).toContain("Downtimes: 2 read, 2 imported");
    expect(errors).toBe(
      "Skipped: 2\nDowntime 2 can't be imported: invalid start \"0-01-02T00:00:00Z\".\nDowntime 3 can't be imported: invalid end null.\n",
    );
  });

  test("replaces null characters with a warning", async () => {
    const invalid = [{ ...draft, id: 1, reason: "a\0b" }];
    const server = startConfigdb({ count: 1, next: null, previous: null, results: invalid });
    atEnd.push(async () => server.stop());
    const { stored, output } = await importFrom(server.url);
    expect(stored).toMatchObject([{ id: 1, reason: "a\uFFFDb" }]);
    expect(output).toContain("Warning (imported anyway): Null characters replaced: 1 (1)\n");
  });

  test("an unexpected response stores nothing and is reported", async () => {
    const other = startConfigdb({ next: null, results: [{ id: "x" }] });
    atEnd.push(async () => other.stop());
    const { status, errors } = await runCommand(["import", "--from-api", other.url], await createTarget("sqlite"));
    expect(status).toBe(1);
    expect(errors).toMatch(/unexpected response: .* at \/results\/0\//);
  });
});

/** Returns the first lines of the service's output. */
async function firstLines(settings: Record<string, string>): Promise<string> {
  const { PATH = "", HOME = "" } = process.env;
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/../../src/main.ts`], {
    env: { PATH, HOME, ...settings },
    stdout: "pipe",
    stderr: "inherit",
  });
  let said = "";
  const decoder = new TextDecoder();
  for await (const piece of child.stdout as unknown as AsyncIterable<Uint8Array>) {
    said += decoder.decode(piece, { stream: true });
    if (!said.includes("ConfigDB")) continue;
    // Once it answers, the lines that follow are written, and it ends by itself.
    await fetch(`${/Downtime +(\S+)/.exec(said)?.[1]}health/live`).catch(() => {});
    child.kill();
  }
  await child.exited;
  return said;
}
