/** Stores new downtimes: a single one, or many without duplicates. */

import { type Author, type ChangeSet, type Kind, openChangeSet } from "../auth/change-set-store.ts";
import { type Database, list, type Reader, rows, type Sql, sql, type Transaction } from "../database/sql.ts";
import { foldCase } from "../input/text.ts";
import { toStamp } from "../time/instant.ts";
import type { CheckedDraft, Downtime, Draft } from "./downtime.ts";
import { columns, draftColumns, draftValues, keyOf, type Row, recordAll, toDowntime } from "./rows.ts";

export function createAdditions(database: Database) {
  return {
    add: (draft: CheckedDraft, author: Author, kind: Kind = "create"): Promise<Downtime> =>
      database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, kind, author);
        const [stored] = await tx.all<Row>(sql`${insertion([{ draft }], author)} RETURNING ${columns}`);
        const row = stored as Row;
        await recordAll(tx, "create", sql`id = ${row.id}`, changeSet);
        return toDowntime(row);
      }),

    /**
     * Stores all of them, or none. Skips duplicates of stored downtimes and of earlier drafts.
     * @param tell called after each chunk with the number of drafts done
     * @returns how many weren't skipped
     */
    addAll: (drafts: readonly CheckedDraft[], author: Author, tell = (_done: number): void => {}): Promise<number> =>
      database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, "import", author);
        return eachFresh(tx, drafts, async (fresh, done) => {
          await insertAll(tx, fresh, changeSet);
          tell(done);
        });
      }),

    /** Returns what `addAll` would return. */
    tryAll: (drafts: readonly CheckedDraft[]): Promise<number> => eachFresh(database, drafts, async () => {}),
  };
}

/** Passes the drafts in chunks, without duplicates, and returns how many these were. */
async function eachFresh(
  reader: Reader,
  drafts: readonly CheckedDraft[],
  use: (fresh: readonly NewDowntime[], done: number) => Promise<void>,
): Promise<number> {
  const seen = new Set<string>();
  let [added, done] = [0, 0];
  for (const chunk of chunksOf(drafts)) {
    for (const row of await startingWith(reader, chunk)) seen.add(keyOf(row));
    // Adding a known key doesn't make the set larger.
    const fresh = chunk.filter((draft) => seen.size < seen.add(keyOf(draft)).size);
    added += fresh.length;
    done += chunk.length;
    await use(
      fresh.map((draft) => ({ draft })),
      done,
    );
  }
  return added;
}

/** Reads the stored downtimes with the same start times as the drafts, to find duplicates. */
async function startingWith(reader: Reader, drafts: readonly Draft[]): Promise<Draft[]> {
  const starts = drafts.map(({ start }) => start).sort();
  const near = await reader.first(
    sql`SELECT id FROM downtime WHERE "start" >= ${starts[0] ?? ""} AND "start" <= ${starts.at(-1) ?? ""} LIMIT 1`,
  );
  if (!near) return [];
  return reader.all<Draft>(sql`SELECT ${draftColumns} FROM downtime WHERE "start" IN (${list([...new Set(starts)])})`);
}

/** A downtime to store, with its occurrence in a series if any. */
type NewDowntime = { readonly draft: Draft; readonly occurrence?: string };

/** Rows per statement. With a dozen values each, well below the limits of both engines. */
const chunkSize = 500;

/** Splits a list into parts for one statement each. */
export const chunksOf = <T>(all: readonly T[]): (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / chunkSize) }, (_, index) =>
    all.slice(index * chunkSize, (index + 1) * chunkSize),
  );

function insertion(fresh: readonly NewDowntime[], { by, at }: Author, series: number | null = null): Sql {
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
