import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { type Database, type Sql, sql } from "../../src/database/sql.ts";
import { openSqlite } from "../../src/database/sqlite.ts";
import { Unavailable } from "../../src/input/problem.ts";
import { createFolder } from "../harness.ts";

let folder: ReturnType<typeof createFolder>;
let database: Database;
beforeEach(async () => {
  folder = createFolder();
  database = openSqlite(join(folder.path, "test.sqlite3"));
  await database.transaction((tx) =>
    tx.script("CREATE TABLE thing (id integer PRIMARY KEY, name text NOT NULL) STRICT"),
  );
});
afterEach(async () => {
  await database.close();
  folder.remove();
});

const names = async (reader: Pick<Database, "all">) =>
  (await reader.all<{ name: string }>(sql`SELECT name FROM thing ORDER BY id`)).map(({ name }) => name);
const insert = (name: string) => sql`INSERT INTO thing (name) VALUES (${name})`;

test("the database uses a WAL, synchronous commits and foreign keys", async () => {
  const pragma = (query: Sql) =>
    database.transaction(async (tx) => Object.values((await tx.first<object>(query)) ?? {})[0]);
  expect(await pragma(sql`PRAGMA journal_mode`)).toBe("wal");
  expect(await pragma(sql`PRAGMA synchronous`)).toBe(2);
  expect(await pragma(sql`PRAGMA foreign_keys`)).toBe(1);
});

test("reads see committed transactions only", async () => {
  let seen: string[] = [];
  await database.transaction(async (tx) => {
    await tx.all(insert("new"));
    seen = await names(database);
    expect(await names(tx)).toEqual(["new"]);
  });
  expect(seen).toEqual([]);
  expect(await names(database)).toEqual(["new"]);
});

test("a transaction that throws is rolled back, and the next one works", async () => {
  const failing = database.transaction(async (tx) => {
    await tx.all(insert("lost"));
    throw new Error("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  await database.transaction((tx) => tx.all(insert("kept")));
  expect(await names(database)).toEqual(["kept"]);
});

test("concurrent transactions run one after the other", async () => {
  // Time for the others, which would come in between.
  const pause = () => Bun.sleep(2);
  await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      database.transaction(async (tx) => {
        await tx.all(insert(`first ${index}`));
        await pause();
        await tx.all(insert(`second ${index}`));
      }),
    ),
  );
  const pairs = await names(database);
  for (let at = 0; at < pairs.length; at += 2) expect(pairs[at + 1]).toBe(pairs[at]?.replace("first", "second") ?? "");
  expect(pairs).toHaveLength(20);
});

test("a stream keeps its snapshot, and other reads see new data", async () => {
  await database.transaction(async (tx) => {
    for (let index = 0; index < 2500; index++) await tx.all(insert(`row ${index}`));
  });
  let streamed = 0;
  for await (const batch of database.stream(sql`SELECT name FROM thing`)) {
    if (streamed === 0) await database.transaction((tx) => tx.all(insert("later")));
    streamed += batch.length;
  }
  expect(streamed).toBe(2500);
  expect((await names(database)).at(-1)).toBe("later");
});

test("nothing can be written outside a transaction", async () => {
  await expect(database.all(insert("no"))).rejects.toMatchObject({ cause: { code: "SQLITE_READONLY" } });
});

test("the next read sees a write of another connection", async () => {
  const other = openSqlite(join(folder.path, "test.sqlite3"));
  await other.transaction((tx) => tx.all(insert("from elsewhere")));
  expect(await names(database)).toEqual(["from elsewhere"]);
  await other.close();
});

test("a transaction that fills the disk fails alone, with an error", async () => {
  await database.transaction((tx) => tx.script("PRAGMA max_page_count = 60"));
  const settled = await Promise.allSettled([
    database.transaction((tx) => tx.all(insert("small"))),
    database.transaction((tx) => tx.all(insert("x".repeat(400_000)))),
    database.transaction((tx) => tx.all(insert("small, too"))),
  ]);
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect((settled[1] as PromiseRejectedResult).reason).toBeInstanceOf(Unavailable);
});

test("a closed database rejects at once", async () => {
  await database.close();
  await expect(database.transaction(async () => {})).rejects.toThrow();
  await expect(database.transaction(async () => {})).rejects.toThrow();
});
