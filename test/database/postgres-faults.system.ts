import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { openPostgres } from "../../src/database/postgres.ts";
import { type Database, sql } from "../../src/database/sql.ts";
import { Unavailable } from "../../src/input/problem.ts";
import { draft, engines, posting, startService } from "../harness.ts";
import {
  administer,
  createPostgresDatabase,
  type PostgresServer,
  sharedPostgres,
  startPostgres,
} from "../postgres-server.ts";

setDefaultTimeout(20_000);

const stamp = "2026-11-22T12:00:00.000000Z";
const remember = (name: string) => sql`INSERT INTO downtime_memory (name, value, "at") VALUES (${name}, '', ${stamp})`;

/** Sends requests one after the other until stopped, and records their results. */
function startLoad(url: string, path: string, init: RequestInit, noted: Noted[]) {
  let goesOn = true;
  const run = async () => {
    while (goesOn) {
      const begunAt = performance.now();
      const response = await fetch(url + path, init);
      await response.text();
      const retryAfter = response.headers.get("retry-after");
      noted.push({ status: response.status, retryAfter, millis: performance.now() - begunAt });
    }
  };
  const done = run();
  return async () => {
    goesOn = false;
    await done;
  };
}
interface Noted {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly millis: number;
}

const until = async (isSo: () => boolean | Promise<boolean>) => {
  while (!(await isSo())) await Bun.sleep(20);
};

describe.if(engines.includes("postgres"))("PostgreSQL that fails", () => {
  describe("as a whole server", () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server.remove());

    const serveFrom = async (name: string) => {
      await administer(server, `CREATE DATABASE ${name}`);
      return startService({ engine: "none", settings: { DATABASE_URL: server.url(name) } });
    };

    test("requests get 503 while it is down, none hangs, and then they work again", async () => {
      const service = await serveFrom("restarted");
      const reads: Noted[] = [];
      const writes: Noted[] = [];
      const loads = [1, 2, 3, 4].map(() => startLoad(service.url, "/api/?limit=1", {}, reads));
      loads.push(...[1, 2].map(() => startLoad(service.url, "/api/", posting(draft), writes)));
      const all = () => [...reads, ...writes];

      await until(() => reads.length > 100 && writes.length > 20);
      await server.stop();
      const refusedOf = (noted: Noted[]) => noted.filter(({ status }) => status === 503).length;
      await until(() => refusedOf(reads) > 20 && refusedOf(writes) > 5);
      await server.start();
      const readsBefore = reads.length;
      await until(() => reads.slice(readsBefore).filter(({ status }) => status === 200).length > 100);
      await Promise.all(loads.map((stop) => stop()));

      expect(new Set(all().map(({ status }) => status))).toEqual(new Set([200, 201, 503]));
      expect(all().filter(({ status, retryAfter }) => (status === 503) !== (retryAfter !== null))).toEqual([]);
      const slowest = Math.max(...all().map(({ millis }) => millis));
      expect(slowest).toBeLessThan(5000);
      const refused = refusedOf(all());
      console.log(
        `restart under load: ${all().length} requests, ${refused} got 503, slowest ${Math.round(slowest)} ms`,
      );
      // Writes that got a 201 are stored; interrupted ones may or may not be.
      const created = writes.filter(({ status }) => status === 201).length;
      const { body } = await service.ask<{ count: number }>("/api/?limit=1");
      expect(body.count).toBeGreaterThanOrEqual(created);
      expect(body.count).toBeLessThanOrEqual(created + 4);
      expect(service.log.some(({ message }) => message === "The database doesn't answer. Try again.")).toBe(true);
      await service.stop();
    });

    test("requests to a server that hangs, and statements that take too long, get 503 within 5 s", async () => {
      // On another server, to use the waiting time.
      const slow = openPostgres({ url: (await sharedPostgres()).url("postgres"), connections: 1 });
      const stopped = expect(slow.all(sql`SELECT pg_sleep(10)`)).rejects.toBeInstanceOf(Unavailable);
      const service = await serveFrom("frozen");
      await service.send("/api/");
      await server.freeze();
      const begunAt = performance.now();
      const statuses = await Promise.all(
        Array.from({ length: 20 }, async (_, index) =>
          index % 4 === 0 ? (await service.send("/api/", posting(draft))).status : (await service.send("/api/")).status,
        ),
      );
      const millis = performance.now() - begunAt;
      server.thaw();
      expect(new Set(statuses)).toEqual(new Set([503]));
      expect(millis).toBeLessThan(5000);
      await until(async () => (await service.send("/api/")).status === 200);
      expect((await service.ask("/api/", posting(draft))).status).toBe(201);
      await service.stop();
      await stopped;
      await slow.close();
    });
  });

  describe("a connection at a time", () => {
    let database: Database;
    let created: Awaited<ReturnType<typeof createPostgresDatabase>>;
    beforeAll(async () => {
      created = await createPostgresDatabase();
      database = openPostgres({ url: created.url, connections: 2 });
      await database.exclusively((tx) =>
        tx.script("CREATE TABLE downtime_memory (name text PRIMARY KEY, value text, at timestamptz)"),
      );
    });
    afterAll(async () => {
      await database.close();
      await created.remove();
    });
    const names = async () =>
      (await database.all<{ name: string }>(sql`SELECT name FROM downtime_memory`)).map(({ name }) => name);

    test.each([0, 100])("a connection killed in a transaction leaves no partial write (%d ms later)", async (pause) => {
      const work = database.transaction(async (tx) => {
        await tx.all(remember("first half"));
        const backend = await tx.first<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`);
        await administer(await sharedPostgres(), `SELECT pg_terminate_backend(${backend?.pid})`);
        // The next statement is sent before the driver can know of it, and after.
        await Bun.sleep(pause);
        await tx.all(remember("second half"));
      });
      await expect(work).rejects.toBeInstanceOf(Unavailable);
      expect(await names()).toEqual([]);
      await Promise.all([1, 2, 3, 4].map((n) => database.transaction((tx) => tx.all(remember(`${pause} ${n}`)))));
      expect((await names()).length).toBe(4);
      await database.transaction((tx) => tx.all(sql`DELETE FROM downtime_memory`));
    });

    test("a transaction that continues after a database error doesn't commit", async () => {
      const work = database.transaction(async (tx) => {
        await tx.all(remember("a"));
        await tx.all(remember("a")).catch(() => {});
      });
      await expect(work).rejects.toThrow("duplicate key");
      expect(await names()).toEqual([]);
    });

    test("a write that waits too long fails, and the connection stays usable", async () => {
      const other = openPostgres({ url: created.url, connections: 1 });
      let finish = () => {};
      const holds = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const writer = database.transaction(() => holds);
      const migration = other.exclusively((tx) => tx.all(sql`SELECT 1 AS done`)).catch((error) => error);
      const late = openPostgres({ url: created.url, connections: 1 });
      await expect(late.transaction(async () => {})).rejects.toBeInstanceOf(Unavailable);
      expect(await late.first<unknown>(sql`SELECT 1 AS answer`)).toEqual({ answer: 1 });
      finish();
      await writer;
      // Exclusive transactions wait without a limit.
      expect(await migration).toHaveLength(1);
      await late.transaction((tx) => tx.all(sql`SELECT 1 AS answer`));
      await Promise.all([other.close(), late.close()]);
    });

    test("readers don't wait behind writers", async () => {
      let finish = () => {};
      const holds = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const writer = database.transaction(() => holds);
      const others = [1, 2, 3].map(() => database.transaction(async () => {}));
      expect(await names()).toEqual([]);
      finish();
      await Promise.all([writer, ...others]);
    });
  });

  test("two connections are enough for 200 requests at once, again and again", async () => {
    const service = await startService({ engine: "postgres", settings: { DB_POOL_SIZE: "2" } });
    for (let round = 0; round < 2; round++) {
      const statuses = await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
          if (index % 4 === 0) return (await service.send("/api/", posting(draft))).status;
          if (index % 4 === 1)
            return (await service.send("/api/999999/", { method: "DELETE", ...posting(draft), body: null })).status;
          return (await service.send("/api/?reason=wash")).status;
        }),
      );
      expect(statuses.filter((status) => status >= 500)).toEqual([]);
      expect(statuses.filter((status) => status === 201).length).toBe(50);
    }
    await service.stop();
  });
});
