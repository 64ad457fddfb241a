/** A key-value store for values that survive restarts. */

import { instantOf, toStamp } from "../time/instant.ts";
import { type Database, sql, write } from "./sql.ts";

type Name = "secret_key" | "configdb_answer" | "installation";

export function createKeyValueStore(database: Database) {
  const get = async (name: Name) => {
    const row = await database.first<{ value: string; at: string }>(
      sql`SELECT value, "at" FROM downtime_memory WHERE name = ${name}`,
    );
    return row && { value: row.value, at: instantOf(row.at) };
  };
  const insertion = (name: Name, value: string, now: number) =>
    sql`INSERT INTO downtime_memory (name, value, "at") VALUES (${name}, ${value}, ${toStamp(now)}) ON CONFLICT`;

  return {
    get,

    /** Stores a value, replacing the old one. */
    async set(name: Name, value: string, now: number): Promise<void> {
      const replacing = sql`(name) DO UPDATE SET value = excluded.value, "at" = excluded."at"`;
      await write(database, sql`${insertion(name, value, now)} ${replacing}`);
    },

    /** Stores a value unless there is one. @returns the stored value, the same in all processes */
    async getOrSet(name: Name, offer: string, now: number): Promise<string> {
      const known = await get(name);
      if (!known) await write(database, sql`${insertion(name, offer, now)} DO NOTHING`);
      return (known ?? (await get(name)))?.value ?? offer;
    },
  };
}
