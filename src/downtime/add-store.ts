/** Adding downtimes: one, or many of which the very same is never stored twice. */

import { type Author, type Kind, openChangeSet } from "../auth/change-set-store.ts";
import { type Database, list, type Reader, sql } from "../database/sql.ts";
import { chunksOf, insertAll, insertion } from "./bulk-insert.ts";
import type { CheckedDraft, Downtime, Draft } from "./downtime.ts";
import { columns, draftColumns, keyOf, type Row, record, toDowntime } from "./rows.ts";

/** What an import did. */
interface Added {
  readonly added: number;
  /** Rows left out because the very same downtime was there already, or came twice. */
  readonly duplicates: number;
}

export function createAdditions(database: Database) {
  return {
    /**
     * Stores a downtime.
     * @param kind what this is called in its change set
     */
    async add(draft: CheckedDraft, author: Author, kind: Kind = "create"): Promise<Downtime> {
      const [row] = await database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, kind, author);
        const stored = await tx.all<Row>(sql`${insertion([{ draft }], author)} RETURNING ${columns}`);
        await record(tx, "create", 1, stored, changeSet);
        return stored;
      });
      return toDowntime(row as Row);
    },

    /**
     * Stores all of them, or none. The very same downtime is never stored twice.
     * @param tell is told after each chunk how many of the drafts were dealt with
     */
    addAll: (
      drafts: readonly CheckedDraft[],
      author: Omit<Author, "unconfirmed">,
      tell: (done: number) => void = () => {},
    ): Promise<Added> =>
      database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, "import", author);
        let added = 0;
        for await (const { fresh, done } of freshIn(tx, drafts)) {
          await insertAll(tx, fresh, changeSet);
          added += fresh.length;
          tell(done);
        }
        return { added, duplicates: drafts.length - added };
      }),

    /** What `addAll` would do, without doing it. */
    async tryAll(drafts: readonly CheckedDraft[]): Promise<Added> {
      let added = 0;
      for await (const { fresh } of freshIn(database, drafts)) added += fresh.length;
      return { added, duplicates: drafts.length - added };
    },
  };
}

/** The stored downtimes that start when one of the drafts does. Where none starts near them, nothing needs comparing. */
async function startingWith(reader: Reader, drafts: readonly Draft[]): Promise<Draft[]> {
  const starts = [...new Set(drafts.map(({ start }) => start))].sort();
  const [first = "", last = ""] = [starts[0], starts.at(-1)];
  const near = await reader.first(
    sql`SELECT id FROM downtime WHERE "start" >= ${first} AND "start" <= ${last} LIMIT 1`,
  );
  return near ? reader.all<Draft>(sql`SELECT ${draftColumns} FROM downtime WHERE "start" IN (${list(starts)})`) : [];
}

/** The drafts a chunk at a time, without those that are stored already or came before. */
async function* freshIn(reader: Reader, drafts: readonly CheckedDraft[]) {
  const seen = new Set<string>();
  let done = 0;
  for (const chunk of chunksOf(drafts)) {
    for (const row of await startingWith(reader, chunk)) seen.add(keyOf(row));
    const fresh = chunk.flatMap((draft) => {
      const key = keyOf(draft);
      return !seen.has(key) && seen.add(key) ? { draft } : [];
    });
    done += chunk.length;
    yield { fresh, done };
  }
}
