/** Edits, deletes and restores downtimes. Each change adds a version to the history. */

import { type Author, type ChangeSet, type Kind, openChangeSet } from "../auth/change-set-store.ts";
import {
  column,
  type Database,
  isAmong,
  join,
  list,
  type Reader,
  type Sql,
  sql,
  type Transaction,
} from "../database/sql.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { foldCase } from "../input/text.ts";
import { toStamp } from "../time/instant.ts";
import { type CheckedDraft, type Downtime, type Draft, draftFields, textOf } from "./downtime.ts";
import {
  createdByOf,
  draftColumns,
  draftValues,
  keyOf,
  type Row,
  record,
  type Standing,
  type Stored,
  type StoredRow,
  standingColumns,
  storedColumns,
  toStored,
  type Version,
} from "./rows.ts";

/** Throws if the user may not change the downtime. */
type MayChange = (stored: Stored) => void;

/** Returns the new fields for the stored ones; if it returns undefined or throws, nothing is written. */
type Decide = (stored: Stored) => CheckedDraft | undefined;

export function createChanges(database: Database) {
  /**
   * Edits downtimes, all or none. Writes nothing where nothing differs.
   * @param decide runs again if someone else wrote in between
   * @param kind the kind of the change set
   * @returns the stored downtimes after the edit
   * @throws NotFound
   */
  const changeAll = (ids: readonly number[], author: Author, decide: Decide, kind: Kind = "edit") =>
    database.transaction(async (tx) => {
      const changeSet = await openChangeSet(tx, kind, author);
      const changed: Stored[] = [];
      for (const id of ids) changed.push(await change(tx, id, changeSet, decide));
      return changed;
    });

  return {
    /** @throws NotFound */
    getStored: (id: number): Promise<Stored> => read(database, id),

    /** Returns those that are stored, by ID. */
    findAllStored: (ids: readonly number[]): Promise<Stored[]> => readAll(database, ids),

    /** Returns who created these downtimes, by ID; null if unknown. */
    creatorsOf: async (downtimes: readonly Downtime[]): Promise<ReadonlyMap<number, string | null>> => {
      const stored = await readAll(
        database,
        downtimes.map(({ id }) => id),
      );
      return new Map(stored.map(({ downtime, createdBy }) => [downtime.id, createdBy]));
    },

    change: async (id: number, author: Author, decide: Decide, kind?: Kind): Promise<Stored> => {
      const [changed] = await changeAll([id], author, decide, kind);
      return changed as Stored;
    },

    changeAll,

    /**
     * Deletes a downtime; its history stays.
     * @param mayDelete throws if the stored downtime may not be deleted
     * @throws NotFound
     */
    remove: (id: number, author: Author, mayDelete: MayChange = () => {}): Promise<void> =>
      database.transaction(async (tx) => remove(tx, id, await openChangeSet(tx, "delete", author), mayDelete)),

    /**
     * Deletes all of them, or none. Ignores those that are already deleted.
     * @param mustStay whether a stored downtime prevents the deletion
     * @returns whether one of them prevented it
     */
    removeUnless: (ids: readonly number[], author: Author, mustStay: (stored: Stored) => boolean): Promise<boolean> =>
      database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, "delete", author);
        const all = await readAll(tx, ids);
        if (all.some(mustStay)) return true;
        for (const { downtime, version } of all)
          await remove(tx, downtime.id, changeSet, (stored) => {
            if (stored.version !== version)
              throw new Conflict("Someone just changed one of these. Reload, then try again.");
          });
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

async function change(tx: Transaction, id: number, changeSet: ChangeSet, decide: Decide): Promise<Stored> {
  for (;;) {
    const stored = await read(tx, id);
    const draft = decide(stored);
    if (!draft || keyOf(draft) === keyOf(stored.downtime)) return stored;
    const changed = await update(tx, stored, draft, changeSet);
    if (changed) return changed;
  }
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

/** Replaces the version that was read; undefined if it is no longer the newest one. */
export async function update(
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

/** Throws if the user may not restore the downtime. */
type MayRestore = (createdBy: string | null, reason: string, deletedBy: string) => void;

/** @throws NotFound if it never existed; Conflict if it isn't deleted */
export async function restore(
  tx: Transaction,
  id: number,
  changeSet: ChangeSet,
  mayRestore: MayRestore,
): Promise<Stored> {
  const [first, last] = await endsOf(tx, id);
  if (!first || !last) throw new NotFound();
  const createdBy = createdByOf(first);
  mayRestore(createdBy, last.reason, last.by);
  const version = last.version + 1;
  const { series, occurrence, by_hand } = await standingOf(tx, id, last);
  const values = [id, ...draftValues(last), foldCase(last.reason), first.at, toStamp(changeSet.at), createdBy, version];
  const standing = [series, occurrence, Boolean(by_hand)];
  const rows = await tx.all<StoredRow>(
    sql`INSERT INTO downtime
      (id, ${draftColumns}, reason_folded, created, modified, created_by, version, series, ${standingColumns})
      VALUES (${list([...values, ...standing])}) ON CONFLICT DO NOTHING RETURNING ${storedColumns}`,
  );
  const [row] = rows;
  if (!row) throw new Conflict("This downtime isn't deleted.");
  await record(tx, "restore", version, rows, changeSet);
  return toStored(row);
}

type PastVersion = Omit<Version, "by_hand"> & Standing;

/** The first and the last version of a downtime, with exact times. */
async function endsOf(reader: Reader, id: number): Promise<[PastVersion | undefined, PastVersion | undefined]> {
  const pick = (order: Sql) =>
    reader.first<PastVersion>(
      sql`SELECT "at", "by", version, ${draftColumns}, series, ${standingColumns}
        FROM downtime_history WHERE downtime_id = ${id} ORDER BY ${order} LIMIT 1`,
    );
  return [await pick(sql`id`), await pick(sql`id DESC`)];
}

/** Returns the restored downtime's occurrence: the old one, unless its series was deleted or the occurrence is taken. */
async function standingOf(tx: Transaction, id: number, last: PastVersion): Promise<Standing & Pick<Row, "series">> {
  const { series, occurrence, by_hand } = last;
  const none = { series: null, occurrence: null, by_hand: false };
  if (series === null) return none;
  const isFree = await tx.first(sql`SELECT id FROM downtime_series WHERE id = ${series} AND NOT EXISTS (
    SELECT id FROM downtime WHERE series = ${series} AND occurrence = ${occurrence})`);
  if (!isFree) return none;
  // Counts as edited individually, because the series no longer has it.
  if (!by_hand) return { series, occurrence, by_hand: true };
  const before = await tx.first<Standing>(
    sql`SELECT ${standingColumns} FROM downtime_history WHERE downtime_id = ${id} AND action <> 'delete' ORDER BY id DESC LIMIT 1`,
  );
  return { series, occurrence, by_hand: before?.by_hand ?? false };
}
