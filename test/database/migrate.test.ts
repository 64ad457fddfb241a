import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MigrationError, type Migrations, migrate, migrations } from "../../src/database/migrate.ts";
import { openDatabase } from "../../src/database/open.ts";
import { sql } from "../../src/database/sql.ts";
import { createDatabase, databaseSettings, engines } from "../harness.ts";

const now = "2026-11-22T12:00:00.000000Z";

for (const engine of engines)
  describe(`migrations on ${engine}`, () => {
    let empty: Awaited<ReturnType<typeof createDatabase>>;
    const open = () => openDatabase(databaseSettings(empty.settings));
    const one = { "0001_one.sql": "CREATE TABLE one (id integer); INSERT INTO one VALUES (1);" };
    const both: Migrations = { ...one, "0002_two.sql": "CREATE TABLE two (id integer);" };

    beforeEach(async () => {
      empty = await createDatabase(engine);
    });
    afterEach(() => empty.remove());

    test("run once each, in order", async () => {
      const database = await open();
      expect(await migrate(database, now, both)).toEqual(["0001_one.sql", "0002_two.sql"]);
      expect(await migrate(database, now, both)).toEqual([]);
      const three = { ...both, "0003_three.sql": "INSERT INTO one SELECT id + 1 FROM one;" };
      expect(await migrate(database, now, three)).toEqual(["0003_three.sql"]);
      expect(await database.all<{ id: number }>(sql`SELECT id FROM one ORDER BY id`)).toEqual([{ id: 1 }, { id: 2 }]);
      await database.close();
    });

    test("that fail are rolled back, and earlier ones stay", async () => {
      const database = await open();
      const failing = { ...one, "0002_two.sql": "CREATE TABLE two (id integer); INSERT INTO nowhere VALUES (1);" };
      await expect(migrate(database, now, failing)).rejects.toThrow("nowhere");
      expect(await migrate(database, now, both)).toEqual(["0002_two.sql"]);
      await database.close();
    });

    test("stop startup if a file was edited or is missing", async () => {
      const database = await open();
      await migrate(database, now, both);
      const changed = { ...both, "0001_one.sql": "CREATE TABLE one (id integer);" };
      await expect(migrate(database, now, changed)).rejects.toThrow(MigrationError);
      await expect(migrate(database, now, changed)).rejects.toThrow("0001_one.sql was edited");
      const renamed = { ...one, "0003_two.sql": "CREATE TABLE two (id integer);" };
      await expect(migrate(database, now, renamed)).rejects.toThrow("0002_two.sql, but its file is missing");
      expect(await migrate(database, now, both)).toEqual([]);
      await database.close();
    });

    test("run in only one of several processes that start together", async () => {
      const root = join(import.meta.dir, "../..");
      const script = `
        import { openDatabase } from "${root}/src/database/open.ts";
        import { migrate } from "${root}/src/database/migrate.ts";
        const database = await openDatabase(${JSON.stringify(databaseSettings(empty.settings))});
        console.log((await migrate(database, "${now}", ${JSON.stringify(both)})).length);
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

test("every file of sql/ is listed, in order, and both engines have the same", () => {
  const root = join(import.meta.dir, "../../sql");
  for (const engine of ["sqlite", "postgres"] as const) {
    const names = readdirSync(join(root, engine)).sort();
    const texts = names.map((name) => [name, readFileSync(join(root, engine, name), "utf8")]);
    expect(Object.entries(migrations[engine])).toEqual(texts as [string, string][]);
    expect(names).toEqual(Object.keys(migrations.sqlite));
  }
});
