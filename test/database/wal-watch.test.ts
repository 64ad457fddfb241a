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

  test("changes with each commit of any process, and with nothing else", () => {
    let last = watch.mark();
    const moves = (work: () => unknown) => {
      work();
      const mark = watch.mark();
      const moved = mark !== last;
      last = mark;
      return moved;
    };
    expect(moves(insert)).toBe(true);
    expect(moves(() => {})).toBe(false);
    expect(moves(insertElsewhere)).toBe(true);
    expect(moves(insertElsewhere)).toBe(true);
    expect(moves(() => database.query("SELECT count(*) FROM thing").get())).toBe(false);
    expect(moves(() => database.transaction(() => insert())())).toBe(true);
    const rolledBack = () => {
      database.run("BEGIN");
      insert();
      database.run("ROLLBACK");
    };
    expect(moves(rolledBack)).toBe(false);
  });

  test("keeps this process's locks, even if one of two watches on a file is closed", () => {
    const other = new Database(path);
    const second = watchCommits(path);
    second.close();
    other.close();
    // Without this process's locks, another one would delete the WAL on exit, and later commits with it.
    insertElsewhere();
    const mark = watch.mark();
    insert();
    expect(watch.mark()).not.toBe(mark);
    expect(elsewhere("console.log(database.query('SELECT count(*) AS count FROM thing').get().count)")).toBe("2");
  });

  test("keeps its last value once it is closed", () => {
    const mark = watch.mark();
    watch.close();
    insert();
    expect(watch.mark()).toBe(mark);
  });
});
