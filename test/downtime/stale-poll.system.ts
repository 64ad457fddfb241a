/** A scheduler's poll while the database is broken: the file is overwritten, or the server stopped. */

import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import type { Downtime } from "../../src/downtime/downtime.ts";
import { readListing } from "../../src/downtime/list-query.ts";
import { as, createFolder, draft, engines, facility, noon, posting, type Service, startService } from "../harness.ts";
import { administer, type PostgresServer, startPostgres } from "../postgres-server.ts";

setDefaultTimeout(60_000);

interface List {
  readonly count: number;
  readonly next: string | null;
  readonly results: readonly Downtime[];
}

/** What a scheduler asks. */
const poll = "/api/?ends_after=2026-11-22 00:00:00&starts_before=2026-11-29 00:00:00";
const hourMillis = 3_600_000;
const at = (hours: number) => new Date(noon + hours * hourMillis).toISOString().replace(".000", "");

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const until = async (isSo: () => boolean | Promise<boolean>) => {
  while (!(await isSo())) await Bun.sleep(20);
};

/** A service whose database can be broken and mended. */
interface Breakable {
  readonly service: Service;
  break(): Promise<void>;
  /** Undefined: it can't be. */
  readonly mend: (() => Promise<void>) | undefined;
}

async function onPostgres(): Promise<Breakable> {
  const server: PostgresServer = await startPostgres();
  cleanUps.push(() => server.remove());
  await administer(server, "CREATE DATABASE stale");
  const service = await startService({ engine: "none", settings: { DATABASE_URL: server.url("stale") } });
  cleanUps.push(() => service.stop());
  return { service, break: server.stop, mend: server.start };
}

/**
 * All pages of the file but the first are overwritten. Then a commit makes every connection forget the pages that it has
 * read. Both are done by another process: closing the file would drop this one's locks.
 */
const corrupt = `
  const { Database } = require("bun:sqlite");
  const [path] = process.argv.slice(-1);
  const commit = (statement) => {
    const database = new Database(path);
    database.run(statement);
    database.close();
  };
  commit("PRAGMA wal_checkpoint(TRUNCATE)");
  const size = require("node:fs").statSync(path).size;
  const file = require("node:fs").openSync(path, "r+");
  require("node:fs").writeSync(file, Buffer.alloc(size - 4096, 0xee), 0, size - 4096, 4096);
  require("node:fs").closeSync(file);
  commit("PRAGMA user_version = 1");
`;

async function onSqlite(): Promise<Breakable> {
  const folder = createFolder();
  const path = `${folder.path}/stale.sqlite3`;
  const service = await startService({ engine: "none", settings: { DB_NAME: path } });
  cleanUps.push(async () => {
    await service.stop().catch(() => {});
    folder.remove();
  });
  const spoil = async () => {
    const child = Bun.spawn([process.execPath, "-e", corrupt, path], { stderr: "inherit" });
    expect(await child.exited).toBe(0);
  };
  return { service, break: spoil, mend: undefined };
}

/** Downtimes around the poll's window, and so many in the past that no memory for pages holds all of them. */
async function fill(service: Service): Promise<void> {
  const windows = [
    [-40, -30],
    [-13, -12],
    [-12, -11],
    [-2, -1],
    [-1, 1],
    [0, 2],
    [30, 40],
    [155, 157],
    [156, 158],
    [157, 159],
    [400, 500],
  ] as const;
  for (const [index, [from, to]] of windows.entries())
    await service.add({ start: at(from), end: at(to), reason: `Window ${index}`, ...(index % 2 && { site: "coj" }) });
  const past = Array.from({ length: 5000 }, (_, index) => ({
    ...draft,
    start: at(-10_000 + index),
    end: at(-9999 + index),
    reason: `Long over ${index} ${"x".repeat(500)}`,
  }));
  await service.services.downtimes.addAll(past as never, { by: "ada", at: noon });
}

const ask = async (service: Service, path: string, init?: RequestInit) => {
  const answer = await service.send(path, init);
  return { status: answer.status, headers: answer.headers, list: (await answer.json()) as List };
};

/** Waits until the snapshot is current. */
const untilCopied = (service: Service, expected: List) =>
  until(() => {
    const listing = readListing(new URL(poll, service.url).searchParams, facility);
    return service.services.snapshot.list(listing)?.count === expected.count;
  });

const kinds = { sqlite: onSqlite, postgres: onPostgres } as const;

for (const engine of engines)
  test(`while the database can't be read, a scheduler's poll still gets every row, marked as stale, and nothing else pretends to work, on ${engine}`, async () => {
    const breakable = await kinds[engine]();
    const { service } = breakable;
    await fill(service);
    const queries = [
      poll,
      `${poll}&site=ogg&order=-start`,
      `${poll}&reason=WINDOW 6`,
      `${poll}&limit=2&offset=1`,
      `/api/?starts_after=${at(-1)}&order=end`,
      `/api/?ends_after=${at(0)}&ordering=-reason`,
    ];
    const fresh: Awaited<ReturnType<typeof ask>>[] = [];
    for (const query of queries) fresh.push(await ask(service, query));
    const [first] = fresh;
    expect(first?.list.results.length).toBe(8);
    expect(first?.headers.get("warning")).toBeNull();
    // Written, and in the copy at once.
    await service.add({ start: at(3), end: at(4), reason: "The last before it broke" });
    await untilCopied(service, { ...(first as (typeof fresh)[number]).list, count: 9 });
    await service.send(`/api/${first?.list.results[0]?.id}/`, { method: "DELETE", headers: as("ada") });
    await untilCopied(service, (first as (typeof fresh)[number]).list);

    await breakable.break();
    await until(async () => (await service.send("/health")).status === 503);
    service.clock.forward(90_000);
    const stale = await ask(service, `${poll}&order=start`);
    expect(stale.status).toBe(200);
    expect(stale.headers.get("warning")).toStartWith("110 ");
    expect(Number(stale.headers.get("age"))).toBeGreaterThanOrEqual(89);
    expect(stale.headers.get("cache-control")).toBe("no-store");
    expect(stale.headers.get("etag")).toBeNull();
    expect(stale.list.results.map(({ reason }) => reason)).toContain("The last before it broke");
    for (const [index, query] of queries.entries()) {
      const { list, headers } = await ask(service, query);
      expect(headers.get("warning")).toStartWith("110 ");
      const changed = ({ reason }: Downtime) =>
        reason !== "The last before it broke" && reason !== first?.list.results[0]?.reason;
      if (query.includes("limit")) expect(list.next).toContain("limit=2&offset=3");
      else expect(list.results.filter(changed)).toEqual(fresh[index]?.list.results.filter(changed) as Downtime[]);
    }
    expect((await service.send(poll, { method: "HEAD" })).headers.get("warning")).toStartWith("110 ");
    const lines = service.log.filter(({ message }) => message === "stale list sent");
    expect(lines.at(-1)).toMatchObject({ level: "warn", age_seconds: expect.any(Number), rows: expect.any(Number) });

    // What the copy doesn't hold is refused: the past, all of it, what only the database can tell; and a wrong query.
    for (const path of [
      "/api/",
      "/api/?limit=10000",
      `/api/?ends_after=${at(-9000)}&limit=50`,
      `/api/?starts_before=${at(200)}&order=-end`,
      `${poll}&modified_after=2026-01-01`,
      "/api/1/",
    ])
      expect([path, (await service.send(path)).status]).toEqual([path, 503]);
    expect((await ask(service, `${poll}&site=nowhere`)).status).toBe(400);
    expect((await service.send("/api/", posting(draft))).status).toBe(503);
    expect((await service.send("/api/2/", { method: "DELETE", headers: as("ada") })).status).toBe(503);
    expect((await service.send("/health")).status).toBe(503);

    if (!breakable.mend) return;
    await breakable.mend();
    // The first list after the failure is fresh, and so is the health.
    const again = await ask(service, poll);
    expect([again.status, again.headers.get("warning"), again.list.count]).toEqual([200, null, 8]);
    expect((await service.send("/health")).status).toBe(200);
    expect((await service.ask("/api/", posting(draft))).status).toBe(201);
    expect((await ask(service, poll)).list.count).toBe(9);
  });
