/** Restores deleted downtimes with the same IDs and fields. */

import type { ChangeSet } from "../auth/change-set-store.ts";
import { list, type Reader, type Sql, sql, type Transaction } from "../database/sql.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { foldCase } from "../input/text.ts";
import { toStamp } from "../time/instant.ts";
import {
  createdByOf,
  draftColumns,
  draftValues,
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

/** Throws if the user may not restore the downtime. */
export type MayRestore = (createdBy: string | null, reason: string, deletedBy: string) => void;

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
