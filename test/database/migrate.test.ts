import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { MigrationError, migrate } from "../../src/database/migrate.ts";
import { openDatabase } from "../../src/database/open.ts";
import { sql } from "../../src/database/sql.ts";
import { createDatabase, createFolder, databaseSettings, engines } from "../harness.ts";

const now = "2026-11-22T12:00:00.000000Z";

for (const engine of engines)
  describe(`migrations on ${engine}`, () => {
    let folder: ReturnType<typeof createFolder>;
    let empty: Awaited<ReturnType<typeof createDatabase>>;
    const open = () => openDatabase(databaseSettings(empty.settings));
    const file = (name: string) => join(folder.path, engine, name);
    const write = (name: string, text: string) => Bun.write(file(name), text);

    beforeEach(async () => {
      folder = createFolder();
      empty = await createDatabase(engine);
      mkdirSync(join(folder.path, engine));
      await write("0001_one.sql", "CREATE TABLE one (id integer); INSERT INTO one VALUES (1);");
      await write("0002_two.sql", "CREATE TABLE two (id integer);");
    });
    afterEach(async () => {
      await empty.remove();
      folder.remove();
    });

    test("run once each, in order", async () => {
      const database = await open();
      expect(await migrate(database, now, folder.path)).toEqual(["0001_one.sql", "0002_two.sql"]);
      expect(await migrate(database, now, folder.path)).toEqual([]);
      await write("0003_three.sql", "INSERT INTO one SELECT id + 1 FROM one;");
      expect(await migrate(database, now, folder.path)).toEqual(["0003_three.sql"]);
      expect(await database.all<{ id: number }>(sql`SELECT id FROM one ORDER BY id`)).toEqual([{ id: 1 }, { id: 2 }]);
      await database.close();
    });

    test("that fail are rolled back, and earlier ones stay", async () => {
      const database = await open();
      await write("0002_two.sql", "CREATE TABLE two (id integer); INSERT INTO nowhere VALUES (1);");
      await expect(migrate(database, now, folder.path)).rejects.toThrow("nowhere");
      await write("0002_two.sql", "CREATE TABLE two (id integer);");
      expect(await migrate(database, now, folder.path)).toEqual(["0002_two.sql"]);
      await database.close();
    });

    test("stop startup if a file was edited, is missing, or was added before one that has run", async () => {
      const database = await open();
      await migrate(database, now, folder.path);
      await write("0001_one.sql", "CREATE TABLE one (id integer);");
      await expect(migrate(database, now, folder.path)).rejects.toThrow(MigrationError);
      await expect(migrate(database, now, folder.path)).rejects.toThrow("0001_one.sql was edited");
      await write("0001_one.sql", "CREATE TABLE one (id integer); INSERT INTO one VALUES (1);");
      renameSync(file("0002_two.sql"), file("0003_two.sql"));
      await expect(migrate(database, now, folder.path)).rejects.toThrow("0002_two.sql, but its file is missing");
      renameSync(file("0003_two.sql"), file("0002_two.sql"));
      await write("0000_zero.sql", "CREATE TABLE zero (id integer);");
      await expect(migrate(database, now, folder.path)).rejects.toThrow("0000_zero.sql wasn't applied");
      rmSync(file("0000_zero.sql"));
      expect(await migrate(database, now, folder.path)).toEqual([]);
      await database.close();
    });

    test("run in only one of several processes that start together", async () => {
      const root = join(import.meta.dir, "../..");
      const script = `
        import { openDatabase } from "${root}/src/database/open.ts";
        import { migrate } from "${root}/src/database/migrate.ts";
        const database = await openDatabase(${JSON.stringify(databaseSettings(empty.settings))});
        console.log((await migrate(database, "${now}", "${folder.path}")).length);
        await database.close();`;
      const children = Array.from({ length: 4 }, () =>
        Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" }),
      );
      const outputs = await Promise.all(children.map((child) => new Response(child.stdout).text()));
      expect(outputs.map(Number).reduce((sum, applied) => sum + applied, 0)).toBe(2);
      const database = await open();
      expect(await database.all<{ id: number }>(sql`SELECT id FROM one`)).toEqual([{ id: 1 }]);
      await database.close();
    });
  });

test("both engines have the same migrations", () => {
  const names = (engine: string) => readdirSync(join(import.meta.dir, "../../sql", engine)).sort();
  for (const engine of engines) expect(names(engine)).toEqual(names("sqlite"));
});
