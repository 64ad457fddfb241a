/** Inserts many downtimes, in chunks. */

import type { Author, ChangeSet } from "../auth/change-set-store.ts";
import { rows, type Sql, sql, type Transaction } from "../database/sql.ts";
import { foldCase } from "../input/text.ts";
import { toStamp } from "../time/instant.ts";
import type { Draft } from "./downtime.ts";
import { draftColumns, draftValues, recordAll } from "./rows.ts";

/** A downtime to store, with its occurrence in a series if any. */
interface NewDowntime {
  readonly draft: Draft;
  readonly occurrence?: string;
}

/** Rows per statement. With a dozen values each, well below the limits of both engines. */
const chunkSize = 500;

/** Inserts all of them, in chunks. */
export const chunksOf = <T>(all: readonly T[]): (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / chunkSize) }, (_, index) =>
    all.slice(index * chunkSize, (index + 1) * chunkSize),
  );

/** Returns the INSERT statement for a chunk. */
export function insertion(fresh: readonly NewDowntime[], { by, at }: Author, series: number | null = null): Sql {
  const stamp = toStamp(at);
  const values = fresh.map(({ draft, occurrence = null }) => [
    ...draftValues(draft),
    foldCase(draft.reason),
    stamp,
    stamp,
    by,
    ...(series === null ? [] : [series, occurrence]),
  ]);
  // Imported rows have neither, and sending the columns would slow the import.
  const own = series === null ? sql`` : sql`, series, occurrence`;
  return sql`INSERT INTO downtime (${draftColumns}, reason_folded, created, modified, created_by${own})
    VALUES ${rows(values)}`;
}

/** Inserts a chunk, with a history entry for each downtime. */
export async function insertAll(
  tx: Transaction,
  fresh: readonly NewDowntime[],
  changeSet: ChangeSet,
  series: number | null = null,
): Promise<void> {
  if (fresh.length === 0) return;
  const last = (await tx.first<{ id: number | null }>(sql`SELECT max(id) AS id FROM downtime`))?.id ?? 0;
  await tx.all(insertion(fresh, changeSet, series));
  // Only one writer at a time, so the new rows are those with larger IDs.
  await recordAll(tx, "create", sql`id > ${last}`, changeSet);
}
