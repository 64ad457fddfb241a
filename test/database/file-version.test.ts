import { Database as Connection } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createCommitCounter } from "../../src/database/commit-counter.ts";
import { type Database, sql, write } from "../../src/database/sql.ts";
import { openSqlite } from "../../src/database/sqlite.ts";
import { createFolder } from "../harness.ts";

// The list of mapped files has another spelling of a line break, so that the commits are counted by a query, as where there
// is no such list.
describe.each(["test.sqlite3", "te\nst.sqlite3"])("the version of an SQLite file %j", (name) => {
  let folder: ReturnType<typeof createFolder>;
  let path: string;
  let database: Database;
  beforeEach(async () => {
    folder = createFolder();
    path = join(folder.path, name);
    database = openSqlite(path);
    await database.transaction((tx) => tx.script("CREATE TABLE thing (id integer PRIMARY KEY) STRICT"));
  });
  afterEach(async () => {
    await database.close();
    folder.remove();
  });

  test.if(process.platform === "linux")("is read in memory if the file is found there", () => {
    expect(createCommitCounter(path) !== undefined).toBe(!name.includes("\n"));
  });

  const insert = () => write(database, sql`INSERT INTO thing DEFAULT VALUES`);
  /** Runs a script with the file in another process. @returns its output */
  const elsewhere = (work: string) => {
    const opened = `const database = new (require("bun:sqlite").Database)(${JSON.stringify(path)});`;
    const { exitCode, stdout } = Bun.spawnSync([process.execPath, "-e", `${opened}${work}; database.close()`]);
    expect(exitCode).toBe(0);
    return stdout.toString().trim();
  };
  const insertElsewhere = () => elsewhere("database.run('INSERT INTO thing DEFAULT VALUES')");

  test("changes with each commit of any process, and with nothing else", async () => {
    let last = database.fileVersion();
    const moves = async (work: () => unknown) => {
      await work();
      const version = database.fileVersion();
      const moved = version !== last;
      last = version;
      return moved;
    };
    expect(await moves(insert)).toBe(true);
    expect(await moves(() => {})).toBe(false);
    expect(await moves(insertElsewhere)).toBe(true);
    expect(await moves(insertElsewhere)).toBe(true);
    expect(await moves(() => database.all(sql`SELECT count(*) FROM thing`))).toBe(false);
    const other = new Connection(path);
    const rolledBack = () => {
      for (const statement of ["BEGIN", "INSERT INTO thing DEFAULT VALUES", "ROLLBACK"]) other.run(statement);
    };
    expect(await moves(rolledBack)).toBe(false);
    other.close();
  });

  test("shows a commit of another process, or of this thread, still in the same turn of the event loop", async () => {
    const version = database.fileVersion();
    insertElsewhere();
    expect(database.fileVersion()).not.toBe(version);
    const own = insert().then(() => database.fileVersion());
    const before = database.fileVersion();
    expect(await own).not.toBe(before);
  });

  test("keeps this process's locks, even if one of two databases on a file is closed", async () => {
    const other = new Connection(path);
    const second = openSqlite(path);
    await second.close();
    other.close();
    // Without this process's locks, another one would delete the WAL on exit, and later commits with it.
    insertElsewhere();
    const version = database.fileVersion();
    await insert();
    expect(database.fileVersion()).not.toBe(version);
    expect(elsewhere("console.log(database.query('SELECT count(*) AS count FROM thing').get().count)")).toBe("2");
  });

  test("is undefined while it can't be read", async () => {
    await database.close();
    expect(database.fileVersion()).toBeUndefined();
    database = openSqlite(path);
  });
});
