/** Bulk: many downtimes written at once, a chunk at a time. */

import type { Author, ChangeSet } from "../auth/change-set-store.ts";
import { rows, type Sql, sql, type Transaction } from "../database/sql.ts";
import { foldCase } from "../input/text.ts";
import { toStamp } from "../time/instant.ts";
import type { Draft } from "./downtime.ts";
import { draftColumns, draftValues, recordAll } from "./rows.ts";

/** A downtime to be stored, and which one of its series it is. */
interface NewDowntime {
  readonly draft: Draft;
  readonly occurrence?: string;
}

/** Rows in one statement: with a dozen values each, well below what either engine takes. */
const chunkSize = 500;

/** All of them, as many at a time as one statement takes. */
export const chunksOf = <T>(all: readonly T[]): (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / chunkSize) }, (_, index) =>
    all.slice(index * chunkSize, (index + 1) * chunkSize),
  );

/** The statement that stores them, a chunk at most. */
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
  // An import has neither for any of its rows: sending them would only take its time.
  const own = series === null ? sql`` : sql`, series, occurrence`;
  return sql`INSERT INTO downtime (${draftColumns}, reason_folded, created, modified, created_by${own})
    VALUES ${rows(values)}`;
}

/** Stores a chunk; each leaves its version in the history. */
export async function insertAll(
  tx: Transaction,
  fresh: readonly NewDowntime[],
  changeSet: ChangeSet,
  series: number | null = null,
): Promise<void> {
  if (fresh.length === 0) return;
  const last = (await tx.first<{ id: number | null }>(sql`SELECT max(id) AS id FROM downtime`))?.id ?? 0;
  await tx.all(insertion(fresh, changeSet, series));
  // Writers take turns, so these are the ones above.
  await recordAll(tx, "create", sql`id > ${last}`, changeSet);
}
