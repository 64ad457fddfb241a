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

test("the file is kept as the data deserves: a log, every commit on the disk, foreign keys", async () => {
  const pragma = (query: Sql) =>
    database.transaction(async (tx) => Object.values((await tx.first<object>(query)) ?? {})[0]);
  expect(await pragma(sql`PRAGMA journal_mode`)).toBe("wal");
  expect(await pragma(sql`PRAGMA synchronous`)).toBe(2);
  expect(await pragma(sql`PRAGMA foreign_keys`)).toBe(1);
});

test("a read sees nothing of a transaction that is open, and all of one that has ended", async () => {
  let seen: string[] = [];
  await database.transaction(async (tx) => {
    await tx.all(insert("new"));
    seen = await names(database);
    expect(await names(tx)).toEqual(["new"]);
  });
  expect(seen).toEqual([]);
  expect(await names(database)).toEqual(["new"]);
});

test("a transaction that throws leaves nothing, and the next one works", async () => {
  const failing = database.transaction(async (tx) => {
    await tx.all(insert("lost"));
    throw new Error("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  await database.transaction((tx) => tx.all(insert("kept")));
  expect(await names(database)).toEqual(["kept"]);
});

test("transactions that are begun together take turns", async () => {
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

test("a stream keeps to the moment at which it began, and other reads don't", async () => {
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

test("outside of a transaction nothing can be written", async () => {
  await expect(database.all(insert("no"))).rejects.toMatchObject({ cause: { code: "SQLITE_READONLY" } });
});

test("a write through another connection is in the next read", async () => {
  const other = openSqlite(join(folder.path, "test.sqlite3"));
  await other.transaction((tx) => tx.all(insert("from elsewhere")));
  expect(await names(database)).toEqual(["from elsewhere"]);
  await other.close();
});

test("one that fills the disk takes no other with it, and is told so", async () => {
  await database.transaction((tx) => tx.script("PRAGMA max_page_count = 60"));
  const settled = await Promise.allSettled([
    database.transaction((tx) => tx.all(insert("small"))),
    database.transaction((tx) => tx.all(insert("x".repeat(400_000)))),
    database.transaction((tx) => tx.all(insert("small, too"))),
  ]);
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect((settled[1] as PromiseRejectedResult).reason).toBeInstanceOf(Unavailable);
});

test("a database that is closed refuses, and keeps nobody waiting", async () => {
  await database.close();
  await expect(database.transaction(async () => {})).rejects.toThrow();
  await expect(database.transaction(async () => {})).rejects.toThrow();
});
