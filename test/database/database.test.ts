import { afterAll, beforeAll, beforeEach, describe, expect, spyOn, test } from "bun:test";
import { type Database, sql } from "../../src/database/sql.ts";
import { Conflict } from "../../src/input/problem.ts";
import { engines, openTestDatabase } from "../harness.ts";

const stamp = "2026-11-22T12:00:00.000000Z";
const remember = (name: string, value = "") =>
  sql`INSERT INTO downtime_memory (name, value, "at") VALUES (${name}, ${value}, ${stamp})`;
const names = async (database: Database) =>
  (await database.all<{ name: string }>(sql`SELECT name FROM downtime_memory ORDER BY name`)).map(({ name }) => name);

for (const engine of engines)
  describe(`a database on ${engine}`, () => {
    let database: Database;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ database, close } = await openTestDatabase(engine));
    });
    beforeEach(() => database.transaction((tx) => tx.all(sql`DELETE FROM downtime_memory`)));
    afterAll(() => close());

    test("a transaction's writes are visible once it has committed", async () => {
      await database.transaction(async (tx) => {
        await tx.all(remember("a"));
        expect(await tx.first<{ name: string }>(sql`SELECT name FROM downtime_memory`)).toEqual({ name: "a" });
        expect(await names(database)).toEqual([]);
      });
      expect(await names(database)).toEqual(["a"]);
    });

    test("a transaction that throws is rolled back", async () => {
      const failing = database.transaction(async (tx) => {
        await tx.all(remember("a"));
        throw new Error("on purpose");
      });
      await expect(failing).rejects.toThrow("on purpose");
      expect(await names(database)).toEqual([]);
    });

    test("a constraint violation is a Conflict, and the next transaction works", async () => {
      await database.transaction((tx) => tx.all(remember("a")));
      await expect(database.transaction((tx) => tx.all(remember("a")))).rejects.toBeInstanceOf(Conflict);
      await database.transaction((tx) => tx.all(remember("b")));
      expect(await names(database)).toEqual(["a", "b"]);
    });

    test("a downtime can't end at its start", async () => {
      const at = "2026-11-23T08:00:00Z";
      const insert = sql`INSERT INTO downtime ("start", "end", site, enclosure, telescope, created, modified, created_by)
        VALUES (${at}, ${at}, 'ogg', 'clma', '2m0a', ${stamp}, ${stamp}, 'ada')`;
      await expect(database.transaction((tx) => tx.all(insert))).rejects.toBeInstanceOf(Conflict);
    });

    test("each of a hundred concurrent transactions sees the writes of those before it", async () => {
      const count = sql`SELECT count(*) AS count FROM downtime_memory`;
      const seen = await Promise.all(
        Array.from({ length: 100 }, () =>
          database.transaction(async (tx) => {
            const found = (await tx.first<{ count: number }>(count))?.count ?? -1;
            await tx.all(remember(`name ${found}`));
            return found;
          }),
        ),
      );
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    });

    test("a stream is a consistent snapshot, however slowly it is read", async () => {
      await database.transaction(async (tx) => {
        for (let index = 0; index < 2500; index++) await tx.all(remember(String(index).padStart(4, "0")));
      });
      const sizes: number[] = [];
      for await (const batch of database.stream(sql`SELECT name FROM downtime_memory WHERE name >= ${"0"}`)) {
        sizes.push(batch.length);
        await database.transaction((tx) => tx.all(sql`DELETE FROM downtime_memory`));
      }
      expect(sizes).toEqual([1000, 1000, 500]);
      expect(await names(database)).toEqual([]);
    });

    test("a stream that isn't read to the end is closed", async () => {
      await database.transaction((tx) => tx.all(remember("a")));
      for (let round = 0; round < 30; round++)
        for await (const _ of database.stream(sql`SELECT name FROM downtime_memory`)) break;
      expect(await names(database)).toEqual(["a"]);
    });

    test("strings sort by code points, and integers are returned as numbers", async () => {
      await database.transaction(async (tx) => {
        for (const name of ["b", "B", "a", "ä", "Z", "_", "é", "1", "😀", "ｱ"]) await tx.all(remember(name));
      });
      expect(await names(database)).toEqual(["1", "B", "Z", "_", "a", "b", "ä", "é", "ｱ", "😀"]);
      expect(await database.first<unknown>(sql`SELECT count(*) AS n FROM downtime_memory`)).toEqual({ n: 10 });
    });

    test("an instant of any year is returned as it was stored", async () => {
      const instants = ["0001-01-01T00:00:00Z", "0099-02-28T23:59:59Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"];
      for (const [index, end] of instants.entries()) {
        if (index === 0) continue;
        await database.transaction((tx) =>
          tx.all(sql`INSERT INTO downtime ("start", "end", site, enclosure, telescope, created, modified)
            VALUES (${instants[0] ?? ""}, ${end}, 'ogg', 'clma', '2m0a', ${stamp}, ${stamp})`),
        );
      }
      const rows = await database.all<{ start: string; end: string }>(
        sql`SELECT "start", "end" FROM downtime WHERE "end" IN (${instants[1] ?? ""}, ${instants[2] ?? ""}, ${instants[3] ?? ""}) ORDER BY "end"`,
      );
      expect(rows.map(({ end }) => end)).toEqual(instants.slice(1));
      expect(rows[0]?.start).toBe("0001-01-01T00:00:00Z");
    });
  });

test.if(engines.includes("postgres"))("a connection to PostgreSQL is replaced after half an hour", async () => {
  const { database, close } = await openTestDatabase("postgres");
  const mark = () => database.all(sql`SET downtime.mark = 'old'`);
  const read = () => database.first<{ mark: string }>(sql`SELECT current_setting('downtime.mark', true) AS mark`);
  await mark();
  expect(await read()).toEqual({ mark: "old" });
  const clock = spyOn(performance, "now").mockReturnValue(performance.now() + 31 * 60_000);
  await mark().finally(() => clock.mockRestore());
  expect((await read())?.mark).not.toBe("old");
  await close();
});
