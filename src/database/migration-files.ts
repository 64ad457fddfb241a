/** A macro, which runs when its caller is compiled: reads the migrations, so that the one-file build contains them. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Returns the SQL of an engine's migrations by their files' names, in order. */
export function readMigrations(engine: "postgres" | "sqlite"): Readonly<Record<string, string>> {
  const folder = join(import.meta.dir, "../../sql", engine);
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}
