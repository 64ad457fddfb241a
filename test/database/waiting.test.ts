import { Database as Connection } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { type Database, sql } from "../../src/database/sql.ts";
import { openSqlite } from "../../src/database/sqlite.ts";
import { createFolder } from "../harness.ts";

let folder: ReturnType<typeof createFolder>;
let path: string;
let database: Database;
let other: Connection;
beforeEach(async () => {
  folder = createFolder();
  path = join(folder.path, "test.sqlite3");
  database = openSqlite(path);
  await database.transaction((tx) =>
    tx.script("CREATE TABLE thing (id integer PRIMARY KEY, name text NOT NULL) STRICT"),
  );
  other = new Connection(path);
});
afterEach(async () => {
  other.close();
  await database.close();
  folder.remove();
});

const insert = (name: string) => sql`INSERT INTO thing (name) VALUES (${name})`;
const count = async () => (await database.first<{ count: number }>(sql`SELECT count(*) AS count FROM thing`))?.count;

/** Counts turns of the event loop until a promise settles: one, if its work never yields. A fast machine does more in a turn. */
async function turnsUntil(work: Promise<unknown>): Promise<number> {
  let [turns, isOver] = [0, false];
  const over = () => {
    isOver = true;
  };
  work.then(over, over);
  for (; !isOver; turns++) await new Promise(setImmediate);
  return turns;
}

test("a write waits for another connection without blocking the event loop", async () => {
  other.run("BEGIN IMMEDIATE");
  const writing = database.transaction((tx) => tx.all(insert("late")));
  for (let reads = 0; reads < 20; reads++) {
    expect(await count()).toBe(0);
    await new Promise(setImmediate);
  }
  other.run("COMMIT");
  await writing;
  expect(await count()).toBe(1);
});

test("a long transaction yields the event loop between statements", async () => {
  const writing = database.transaction(async (tx) => {
    for (let statement = 0; statement < 40; statement++)
      await tx.all(
        sql`WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
          INSERT INTO thing (name) SELECT i FROM n`,
      );
  });
  expect(await turnsUntil(writing)).toBeGreaterThan(1);
});

test("a stream yields the event loop between batches, even if its reader never waits", async () => {
  await database.transaction((tx) =>
    tx.all(
      sql`WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
        INSERT INTO thing (name) SELECT i FROM n`,
    ),
  );
  const reading = (async () => {
    let rows = 0;
    for await (const batch of database.stream<{ name: string }>(sql`SELECT name FROM thing`))
      for (const row of batch) rows += JSON.stringify(row).length > 0 ? 1 : 0;
    return rows;
  })();
  expect(await turnsUntil(reading)).toBeGreaterThan(1);
  expect(await reading).toBe(200_000);
});
