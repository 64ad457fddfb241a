import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { watchCommits } from "../../src/database/wal-watch.ts";
import { createFolder } from "../harness.ts";

describe("the WAL index", () => {
  let folder: ReturnType<typeof createFolder>;
  let path: string;
  let database: Database;
  let watch: ReturnType<typeof watchCommits>;
  beforeEach(() => {
    folder = createFolder();
    path = join(folder.path, "test.sqlite3");
    database = new Database(path, { create: true });
    database.run("PRAGMA journal_mode = WAL");
    database.run("CREATE TABLE thing (id integer PRIMARY KEY) STRICT");
    watch = watchCommits(path);
  });
  afterEach(() => {
    database.close();
    watch.close();
    folder.remove();
  });

  const insert = () => database.run("INSERT INTO thing DEFAULT VALUES");
  /** Runs a script with the file in another process. @returns its output */
  const elsewhere = (work: string) => {
    const opened = `const database = new (require("bun:sqlite").Database)(${JSON.stringify(path)});`;
    const { exitCode, stdout } = Bun.spawnSync([process.execPath, "-e", `${opened}${work}; database.close()`]);
    expect(exitCode).toBe(0);
    return stdout.toString().trim();
  };
  const insertElsewhere = () => elsewhere("database.run('INSERT INTO thing DEFAULT VALUES')");

  const nextTurn = () => new Promise(setImmediate);

  test("changes with each commit of any process, and with nothing else", async () => {
    let last = watch.mark();
    const moves = async (work: () => unknown) => {
      work();
      await nextTurn();
      const mark = watch.mark();
      const moved = mark !== last;
      last = mark;
      return moved;
    };
    expect(await moves(insert)).toBe(true);
    expect(await moves(() => {})).toBe(false);
    expect(await moves(insertElsewhere)).toBe(true);
    expect(await moves(insertElsewhere)).toBe(true);
    expect(await moves(() => database.query("SELECT count(*) FROM thing").get())).toBe(false);
    expect(await moves(() => database.transaction(() => insert())())).toBe(true);
    const rolledBack = () => {
      database.run("BEGIN");
      insert();
      database.run("ROLLBACK");
    };
    expect(await moves(rolledBack)).toBe(false);
  });

  test("is read once per turn of the event loop, and again after a commit of this thread", async () => {
    const mark = watch.mark();
    insertElsewhere();
    expect(watch.mark()).toBe(mark);
    watch.forget();
    const own = watch.mark();
    expect(own).not.toBe(mark);
    insertElsewhere();
    await nextTurn();
    expect(watch.mark()).not.toBe(own);
  });

  test("keeps this process's locks, even if one of two watches on a file is closed", async () => {
    const other = new Database(path);
    const second = watchCommits(path);
    second.close();
    other.close();
    // Without this process's locks, another one would delete the WAL on exit, and later commits with it.
    insertElsewhere();
    const mark = watch.mark();
    insert();
    await nextTurn();
    expect(watch.mark()).not.toBe(mark);
    expect(elsewhere("console.log(database.query('SELECT count(*) AS count FROM thing').get().count)")).toBe("2");
  });

  test("keeps its last value once it is closed", async () => {
    const mark = watch.mark();
    watch.close();
    insert();
    await nextTurn();
    expect(watch.mark()).toBe(mark);
  });
});
