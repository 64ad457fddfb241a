import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { openDatabase } from "../../src/database/open.ts";
import type { Downtime } from "../../src/downtime/downtime.ts";
import { readListing } from "../../src/downtime/list-query.ts";
import { as, databaseSettings, engines, facility, noon, type Service, startService } from "../harness.ts";

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

/** Changes the database's tables from outside of the service. */
async function alter(service: Service, statement: string): Promise<void> {
  const database = await openDatabase(databaseSettings(service.settings));
  await database.transaction((tx) => tx.script(statement));
  await database.close();
}

for (const engine of engines)
  describe(`while the database can't be read, on ${engine}`, () => {
    test("a list that LIST_SINCE_DAYS shortens is sent from the copy too", async () => {
      const service = await startService({ engine, settings: { LIST_SINCE_DAYS: "1" } });
      cleanUps.push(() => service.stop());
      await service.add({ start: at(-30), end: at(-25), reason: "Left out" });
      await service.add({ reason: "Told" });
      await untilCopied(service, (await ask(service, poll)).list);
      await alter(service, "ALTER TABLE downtime RENAME TO elsewhere");
      const { headers, list } = await ask(service, "/api/?limit=10000");
      expect([headers.get("warning")?.slice(0, 3), list.results.map(({ reason }) => reason)]).toEqual([
        "110",
        ["Told"],
      ]);
    });

    test("a table that can't be read has the same effect, and the next list after that is fresh", async () => {
      const service = await startService({ engine });
      cleanUps.push(() => service.stop());
      await service.add({ reason: "First" });
      const fresh = await ask(service, poll);
      await untilCopied(service, fresh.list);
      // Another query each time: a cached response stays valid until something is written.
      for (const [order, headers] of [
        ["end", {}],
        ["-end", as("ben")],
      ] as const) {
        await alter(service, "ALTER TABLE downtime RENAME TO elsewhere");
        const stale = await ask(service, `${poll}&order=${order}`, { headers });
        expect([stale.status, stale.headers.get("warning")?.slice(0, 4), stale.list]).toEqual([
          200,
          "110 ",
          fresh.list,
        ]);
        expect((await service.send("/health")).status).toBe(503);
        expect((await service.send("/api/1/")).status).toBeGreaterThanOrEqual(500);
        await alter(service, "ALTER TABLE elsewhere RENAME TO downtime");
        const again = await ask(service, `${poll}&order=${order}`, { headers });
        expect([again.status, again.headers.get("warning"), again.list]).toEqual([200, null, fresh.list]);
        expect((await service.send("/health")).status).toBe(200);
      }
    });
  });
