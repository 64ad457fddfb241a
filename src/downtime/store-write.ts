/** Edits, deletes and restores downtimes. Each change adds a version to the history. */

import { type Author, type ChangeSet, type Kind, openChangeSet } from "../auth/change-set-store.ts";
import { column, type Database, isAmong, join, type Reader, sql, type Transaction } from "../database/sql.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { foldCase } from "../input/text.ts";
import { toStamp } from "../time/instant.ts";
import { type CheckedDraft, type Downtime, type Draft, draftFields, textOf } from "./downtime.ts";
import {
  createdByOf,
  keyOf,
  readStored,
  readVersions,
  recordAll,
  reinsertion,
  removeAll,
  type Stored,
  type StoredRow,
  storedColumns,
  toStored,
  type VersionRow,
} from "./rows.ts";

/** Returns the new fields, or undefined to leave the downtime as it is. If it throws, nothing is written. */
type Decide = (stored: Stored) => CheckedDraft | undefined;

/** Throws if the user may not restore the downtime. */
type MayRestore = (createdBy: string | null, reason: string, deletedBy: string) => void;

// Transactions don't overlap, so what one has read stays as it is until it writes.
export function createChanges(database: Database) {
  /**
   * Edits downtimes, all or none. Writes nothing where nothing differs.
   * @param kind the kind of the change set
   * @returns the stored downtimes after the edit
   * @throws NotFound
   */
  const changeAll = (ids: readonly number[], author: Author, decide: Decide, kind: Kind = "edit") =>
    database.transaction(async (tx) => {
      const changeSet = await openChangeSet(tx, kind, author);
      const changed: Stored[] = [];
      for (const id of ids) {
        const stored = await read(tx, id);
        const draft = decide(stored);
        const isSame = !draft || keyOf(draft) === keyOf(stored.downtime);
        changed.push(isSame ? stored : await update(tx, stored, draft, changeSet));
      }
      return changed;
    });

  return {
    /** @throws NotFound */
    getStored: (id: number): Promise<Stored> => read(database, id),

    /** Returns those that are stored, in the order of their ids. */
    findAllStored: (ids: readonly number[]): Promise<Stored[]> => readAll(database, ids),

    /** Returns the creators of stored downtimes by id; null if unknown. */
    async creatorsOf(downtimes: readonly Downtime[]): Promise<ReadonlyMap<number, string | null>> {
      const ids = downtimes.map(({ id }) => id);
      return new Map((await readAll(database, ids)).map(({ downtime, createdBy }) => [downtime.id, createdBy]));
    },

    change: async (id: number, author: Author, decide: Decide, kind?: Kind): Promise<Stored> =>
      (await changeAll([id], author, decide, kind))[0] as Stored,

    changeAll,

    /**
     * Deletes a downtime; its history stays.
     * @param mayDelete throws if the stored downtime may not be deleted
     * @throws NotFound
     */
    remove: (id: number, author: Author, mayDelete: (stored: Stored) => void = () => {}): Promise<void> =>
      database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, "delete", author);
        mayDelete(await read(tx, id));
        await removeAll(tx, [id], changeSet, isOccurrence);
      }),

    /**
     * Deletes all of them, or none. Ignores those that are already deleted.
     * @param mustStay whether a stored downtime prevents the deletion
     * @returns whether one of them prevented it
     */
    removeUnless: (
      ids: readonly number[],
      author: Author,
      mustStay: (stored: Stored) => boolean,
      kind: Kind = "delete",
    ): Promise<boolean> =>
      database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, kind, author);
        const all = await readAll(tx, ids);
        if (all.some(mustStay)) return true;
        if (all.length > 0) await removeAll(tx, ids, changeSet, isOccurrence);
        return false;
      }),

    /**
     * Restores deleted downtimes, all or none, with the same IDs, fields, creators and creation times.
     * @param mayRestore throws if the user may not restore it; gets its creator, reason and who deleted it
     * @throws NotFound if one never existed; Conflict if one isn't deleted
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

/** The new `by_hand` of what is edited or deleted individually: its series no longer changes it. */
const isOccurrence = sql`series IS NOT NULL`;

async function read(reader: Reader, id: number): Promise<Stored> {
  const [stored] = await readAll(reader, [id]);
  if (!stored) throw new NotFound();
  return stored;
}

const readAll = async (reader: Reader, ids: readonly number[]): Promise<Stored[]> =>
  ids.length === 0 ? [] : readStored(reader, sql`${isAmong("id", ids)} ORDER BY id`);

/** Edits a downtime as it was read in the same transaction. */
export async function update(
  tx: Transaction,
  { downtime: { id }, version }: Stored,
  draft: Draft,
  changeSet: ChangeSet,
): Promise<Stored> {
  const fields = draftFields.map((field) => sql`${column(field)} = ${textOf(draft, field)}`);
  const [row] = await tx.all<StoredRow>(
    sql`UPDATE downtime SET ${join(fields, ", ")}, reason_folded = ${foldCase(draft.reason)},
      modified = ${toStamp(changeSet.at)}, version = ${version + 1}, by_hand = (${isOccurrence})
      WHERE id = ${id} RETURNING ${storedColumns}`,
  );
  await recordAll(tx, "change", sql`id = ${id}`, changeSet);
  return toStored(row as StoredRow);
}

/** @throws NotFound if it never existed; Conflict if it isn't deleted */
export async function restore(tx: Transaction, id: number, changeSet: ChangeSet, mayRestore: MayRestore) {
  const versions = await readVersions(tx, sql`downtime_id = ${id}`);
  const [first, last] = [versions[0], versions.at(-1)];
  if (!first || !last) throw new NotFound();
  mayRestore(createdByOf(first), last.reason, last.by);
  const before = versions.findLast(({ action }) => action !== "delete");
  const past = await withFreeOccurrence(tx, last, before);
  const [row] = await tx.all<StoredRow>(
    sql`${reinsertion([{ first, past, version: last.version + 1 }], changeSet.at)}
      ON CONFLICT DO NOTHING RETURNING ${storedColumns}`,
  );
  if (!row) throw new Conflict("This downtime isn't deleted.");
  await recordAll(tx, "restore", sql`id = ${id}`, changeSet);
  return toStored(row);
}

/** Returns the deletion with its old occurrence, unless its series was deleted or the occurrence is taken. */
async function withFreeOccurrence(tx: Transaction, last: VersionRow, before?: VersionRow): Promise<VersionRow> {
  const { series, occurrence, by_hand } = last;
  const isFree =
    series !== null &&
    (await tx.first(sql`SELECT id FROM downtime_series WHERE id = ${series} AND NOT EXISTS (
      SELECT id FROM downtime WHERE series = ${series} AND occurrence = ${occurrence})`));
  if (!isFree) return { ...last, series: null, occurrence: null, by_hand: false };
  // One that its series deleted counts as edited individually, because the series no longer has it.
  return { ...last, by_hand: by_hand ? (before?.by_hand ?? false) : true };
}
