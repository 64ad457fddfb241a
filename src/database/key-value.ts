/** A key-value store for values that survive restarts. */

import { instantOf, toStamp } from "../time/instant.ts";
import { type Database, type Sql, sql, write } from "./sql.ts";

type Name = "secret_key" | "configdb_answer" | "installation";

export function createKeyValueStore(database: Database) {
  const recall = async (name: Name) => {
    const row = await database.first<{ value: string; at: string }>(
      sql`SELECT value, "at" FROM downtime_memory WHERE name = ${name}`,
    );
    return row && { value: row.value, at: instantOf(row.at) };
  };
  const store = (name: Name, value: string, now: number, orElse: Sql) =>
    write(
      database,
      sql`INSERT INTO downtime_memory (name, value, "at") VALUES (${name}, ${value}, ${toStamp(now)}) ON CONFLICT ${orElse}`,
    );

  return {
    recall,

    /** Stores a value, replacing the old one. */
    async remember(name: Name, value: string, now: number): Promise<void> {
      await store(name, value, now, sql`(name) DO UPDATE SET value = excluded.value, "at" = excluded."at"`);
    },

    /** Stores a value unless there is one. @returns the stored value, the same in all processes */
    async settle(name: Name, offer: string, now: number): Promise<string> {
      const known = await recall(name);
      if (known) return known.value;
      await store(name, offer, now, sql`DO NOTHING`);
      return (await recall(name))?.value ?? offer;
    },
  };
}
