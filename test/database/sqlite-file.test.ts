import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "../../src/database/sql.ts";
import { openSqlite } from "../../src/database/sqlite.ts";
import { createFolder, draft, posting, runCommand, type Service, startService } from "../harness.ts";

describe("while the service runs", () => {
  let service: Service;
  let path: string;
  beforeEach(async () => {
    service = await startService();
    path = service.settings.DB_NAME as string;
    await service.add();
  });
  afterEach(() => service.stop());

  const create = async () => (await service.send("/api/", posting(draft))).status;
  const health = async () => (await service.send("/health")).status;

  const losses: Record<string, () => void> = {
    deleted: () => rmSync(path),
    "deleted with its log": () => {
      for (const end of ["", "-wal", "-shm"]) rmSync(path + end);
    },
    moved: () => renameSync(path, `${path}.old`),
    "replaced by a copy": () => {
      cpSync(path, `${path}.copy`);
      renameSync(`${path}.copy`, path);
    },
    "replaced by an empty file": () => {
      rmSync(path);
      writeFileSync(path, "");
    },
  };
  for (const [how, lose] of Object.entries(losses))
    test(`a database file that is ${how} stops writes, fails the health check and isn't created again`, async () => {
      expect([await create(), await health()]).toEqual([201, 200]);
      lose();
      const size = existsSync(path) ? statSync(path).size : undefined;
      const refused = await service.ask("/api/", posting(draft));
      expect(refused).toEqual({
        status: 503,
        body: { detail: "The database file was deleted or replaced. Restart the service." },
      });
      expect([await create(), await health()]).toEqual([503, 503]);
      // Streams open their own connections; cached data may still be read.
      for (const answer of await Promise.all(["/api/?limit=5000", "/downtimes.csv"].map((path) => service.send(path))))
        await answer.text().catch(() => {});
      expect(existsSync(path) ? statSync(path).size : undefined).toBe(size as number);
      expect(service.log).toContainEqual(
        expect.objectContaining({ level: "error", cause: `Error: ${path} is not the file that was opened` }),
      );
    });

  test("a damaged database file fails the health check", async () => {
    const other = new Database(path);
    other.run("PRAGMA wal_checkpoint(TRUNCATE)");
    other.close();
    // The same file with damaged content, as after a disk failure.
    writeFileSync(path, "x".repeat(statSync(path).size), { flag: "r+" });
    expect(await health()).toBe(503);
    expect(service.log).toContainEqual(
      expect.objectContaining({ level: "error", message: "the database can't be used" }),
    );
  });
});

describe("a database file", () => {
  let folder: ReturnType<typeof createFolder>;
  let path: string;
  beforeEach(() => {
    folder = createFolder();
    path = join(folder.path, "test.sqlite3");
  });
  afterEach(() => folder.remove());

  const modes = () => ["", "-wal", "-shm"].map((end) => (statSync(path + end).mode & 0o777).toString(8));

  test("is readable only by its owner, as are its WAL and shm files, even if others could read them before", async () => {
    const one = openSqlite(path);
    await one.transaction((tx) => tx.script("CREATE TABLE thing (id integer)"));
    expect(modes()).toEqual(["600", "600", "600"]);
    for (const end of ["", "-wal", "-shm"]) chmodSync(path + end, 0o644);
    const other = openSqlite(path);
    expect(modes()).toEqual(["600", "600", "600"]);
    await other.close();
    await one.close();
  });

  test("has a WAL that is truncated after it was large", async () => {
    const database = openSqlite(path);
    const limit = await database.transaction((tx) => tx.first(sql`PRAGMA journal_size_limit`));
    expect(limit).toEqual({ journal_size_limit: 64 * 1024 * 1024 });
    await database.close();
  });

  const migrate = async () => runCommand(["migrate"], { DB_NAME: path });

  test("that isn't a database stops startup with a message", async () => {
    writeFileSync(path, "This is a letter. ".repeat(100));
    expect(await migrate()).toEqual({
      status: 1,
      output: "",
      errors: `The database file ${path} can't be opened: file is not a database.\n`,
    });
    rmSync(path);
    mkdirSync(path);
    expect(await migrate()).toMatchObject({ status: 1, errors: expect.stringMatching(/^The database file .*\.\n$/) });
  });

  test("of another program with a table of the same name stops startup with a message", async () => {
    for (const table of ["downtime (a integer)", "downtime_migration (a integer)"]) {
      rmSync(path, { force: true });
      const other = new Database(path);
      other.run(`CREATE TABLE ${table}`);
      other.close();
      const { status, errors } = await migrate();
      expect([table, status, errors.trim().split("\n").length]).toEqual([table, 1, 1]);
      expect(errors).toContain("another program");
    }
  });

  test("that is read-only stops startup with a message", async () => {
    expect((await migrate()).status).toBe(0);
    const db = new Database(path);
    // As if from an older version, with migrations to run.
    db.run("DELETE FROM downtime_memory");
    db.close();
    for (const end of ["", "-wal", "-shm"]) if (existsSync(path + end)) chmodSync(path + end, 0o444);
    chmodSync(folder.path, 0o555);
    const main = join(import.meta.dir, "../../src/main.ts");
    // Root can write to it anyway.
    const asNobody = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
    const child = Bun.spawn([...asNobody, process.execPath, main, "serve"], {
      env: { PATH: process.env.PATH ?? "", DB_NAME: path, PORT: "0" },
      stdout: "ignore",
      stderr: "pipe",
    });
    const errors = await new Response(child.stderr).text();
    expect([await child.exited, errors.trim().split("\n").length]).toEqual([1, 1]);
    expect(errors).toMatch(/^The database .*readonly|^The database file .* can't be opened/);
    chmodSync(folder.path, 0o755);
  });
});
