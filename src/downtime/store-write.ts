/** Changes: what is done to a downtime that is stored, or was. Each leaves a version in the history. */

import { type Author, type ChangeSet, type Kind, openChangeSet } from "../auth/change-set-store.ts";
import { column, type Database, isAmong, join, type Reader, sql, type Transaction } from "../database/sql.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { foldCase } from "../input/text.ts";
import { toStamp } from "../time/instant.ts";
import { type CheckedDraft, type Draft, draftFields, textOf } from "./downtime.ts";
import { type MayRestore, restore } from "./restore-store.ts";
import { keyOf, record, type Stored, type StoredRow, storedColumns, toStored } from "./rows.ts";

/** Throws when the downtime must not be changed. */
type MayChange = (stored: Stored) => void;

export function createChanges(database: Database) {
  return {
    /** @throws NotFound */
    getStored: (id: number): Promise<Stored> => read(database, id),

    /** Those that are there, by id. */
    findAllStored: (ids: readonly number[]): Promise<Stored[]> => readAll(database, ids),

    /**
     * Changes a downtime. When nothing differs, nothing is written.
     * @param decide is told what is stored and says what shall be; undefined, or whatever it throws, leaves all as it
     * was. It may be asked twice, when somebody else wrote in between
     * @param kind what the change is called in its change set
     * @returns what is stored afterwards
     * @throws NotFound
     */
    change: (
      id: number,
      author: Author,
      decide: (stored: Stored) => CheckedDraft | undefined,
      kind: Kind = "edit",
    ): Promise<Stored> =>
      database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, kind, author);
        for (;;) {
          const stored = await read(tx, id);
          const draft = decide(stored);
          if (!draft || keyOf(draft) === keyOf(stored.downtime)) return stored;
          const changed = await update(tx, stored, draft, changeSet);
          if (changed) return changed;
        }
      }),

    /**
     * Deletes a downtime; its history stays.
     * @param mayDelete is told what is stored, and throws when that must not be deleted
     * @throws NotFound
     */
    remove: (id: number, author: Author, mayDelete: MayChange = () => {}): Promise<void> =>
      database.transaction(async (tx) => remove(tx, id, await openChangeSet(tx, "delete", author), mayDelete)),

    /**
     * Deletes all of them, or none. Those that are gone already don't matter.
     * @param mustStay is told what is stored, and says of any one that it must not be deleted as it is now
     * @returns whether one had to stay
     */
    removeUnless: (ids: readonly number[], author: Author, mustStay: (stored: Stored) => boolean): Promise<boolean> =>
      database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, "delete", author);
        const all = await readAll(tx, ids);
        if (all.some(mustStay)) return true;
        for (const { downtime, version } of all)
          await remove(tx, downtime.id, changeSet, (stored) => {
            if (stored.version !== version) throw new Conflict("Somebody changed one of these just now. Look again.");
          });
        return false;
      }),

    /**
     * Brings deleted downtimes back, all of them or none: the same ids, as they were, with their makers and the times
     * they were first stored.
     * @param mayRestore is told who created it, its reason and who deleted it, and throws when that is not allowed
     * @throws NotFound when there never was one, Conflict when one isn't deleted
     */
    restore: (ids: readonly number[], author: Author, mayRestore: MayRestore = () => {}) =>
      database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, "restore", author);
        const restored: Stored[] = [];
        for (const id of ids) restored.push(await restore(tx, id, changeSet, mayRestore));
        return restored;
      }),
  };
}

async function read(reader: Reader, id: number): Promise<Stored> {
  const row = await reader.first<StoredRow>(sql`SELECT ${storedColumns} FROM downtime WHERE id = ${id}`);
  if (!row) throw new NotFound();
  return toStored(row);
}

async function readAll(reader: Reader, ids: readonly number[]): Promise<Stored[]> {
  if (ids.length === 0) return [];
  const rows = await reader.all<StoredRow>(
    sql`SELECT ${storedColumns} FROM downtime WHERE ${isAmong("id", ids)} ORDER BY id`,
  );
  return rows.map(toStored);
}

async function remove(tx: Transaction, id: number, changeSet: ChangeSet, mayDelete: MayChange): Promise<void> {
  for (;;) {
    const stored = await read(tx, id);
    mayDelete(stored);
    const gone = await tx.all<StoredRow>(
      sql`DELETE FROM downtime WHERE id = ${id} AND version = ${stored.version} RETURNING ${storedColumns}`,
    );
    const byHand = gone.map((row) => ({ ...row, by_hand: row.series !== null }));
    if (gone.length > 0) return record(tx, "delete", stored.version, byHand, changeSet);
  }
}

/** Writes a new version over the one that was read; undefined when that isn't the newest any more. */
async function update(
  tx: Transaction,
  { downtime: { id }, version }: Stored,
  draft: Draft,
  changeSet: ChangeSet,
): Promise<Stored | undefined> {
  const fields = draftFields.map((field) => sql`${column(field)} = ${textOf(draft, field)}`);
  const rows = await tx.all<StoredRow>(
    sql`UPDATE downtime SET ${join(fields, ", ")}, reason_folded = ${foldCase(draft.reason)},
      modified = ${toStamp(changeSet.at)}, version = ${version + 1}, by_hand = (series IS NOT NULL)
      WHERE id = ${id} AND version = ${version} RETURNING ${storedColumns}`,
  );
  const [row] = rows;
  if (!row) return undefined;
  await record(tx, "change", version + 1, rows, changeSet);
  return toStored(row);
}
