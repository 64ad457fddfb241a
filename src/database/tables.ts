/** What each engine tells about tables in its own way. */

import { perEngine, type Reader, sql, type Transaction } from "./sql.ts";

/** Returns a table's column names; empty if there is no such table. */
export async function columnsOf(reader: Reader, table: string): Promise<string[]> {
  const columns = perEngine({
    sqlite: () => sql`SELECT name FROM pragma_table_info(${table})`,
    postgres: () => sql`SELECT attname AS name FROM pg_attribute
      WHERE attrelid = to_regclass(${table}) AND attnum > 0 AND NOT attisdropped`,
  });
  return (await reader.all<{ name: string }>(columns)).map(({ name }) => name);
}

const lastId = (table: string) =>
  perEngine({
    sqlite: () => sql`(SELECT seq FROM sqlite_sequence WHERE name = ${table})`,
    postgres: () => sql`pg_sequence_last_value(pg_get_serial_sequence(${table}, 'id'))`,
  });

/** Returns the greatest id that a table ever assigned; 0 if it has assigned none. */
export const lastIdOf = async (reader: Reader, table: string): Promise<number> =>
  (await reader.first<{ id: number | null }>(sql`SELECT ${lastId(table)} AS id`))?.id ?? 0;

/** Makes a table assign ids greater than this one from now on. */
export async function continueIds(tx: Transaction, table: string, id: number): Promise<void> {
  const set = perEngine({
    sqlite: () => sql`UPDATE sqlite_sequence SET seq = max(seq, ${id}) WHERE name = ${table} RETURNING seq`,
    postgres: () => sql`SELECT setval(pg_get_serial_sequence(${table}, 'id'), greatest(${lastId(table)}, ${id}))`,
  });
  // SQLite has no row for a table without any.
  if ((await tx.all(set)).length === 0) await tx.all(sql`INSERT INTO sqlite_sequence VALUES (${table}, ${id})`);
}
