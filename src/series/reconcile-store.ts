/** Compares a plan with the stored downtimes, and writes the difference in batches. */

import type { ChangeSet } from "../auth/change-set-store.ts";
import { isAmong, list, type Reader, replacing, rows, sql, type Transaction } from "../database/sql.ts";
import { chunksOf, insertAll } from "../downtime/add-store.ts";
import { draftFields, stateOf } from "../downtime/downtime.ts";
import {
  draftColumns,
  draftValues,
  keyOf,
  recordAll,
  removeAll,
  type StoredRow,
  storedColumns,
} from "../downtime/rows.ts";
import { Conflict } from "../input/problem.ts";
import { foldCase } from "../input/text.ts";
import { toInstant, toStamp } from "../time/instant.ts";
import { type PlannedDowntime, tooMany } from "./occurrences.ts";
import { checkFrom, type PlannedSeries, type Reach } from "./plan.ts";
import { type PreparedWrite, type Reconciliation, reconcile, reconcileEnding } from "./reconcile.ts";
import { type StoredSeries, seriesIn } from "./rows.ts";
import { mostRows } from "./series.ts";

/** Prepares what a plan does. @param series 0 for a new one @throws Conflict when it would have too many */
export async function prepare(
  reader: Reader,
  series: number,
  { planned, absences, from = "", begun }: PlannedSeries,
  at: number,
): Promise<PreparedWrite> {
  const now = toInstant(at);
  const reads = seriesIn(reader);
  const all = await reads.rows(series);
  // The name of an occurrence begins with its date; the only one of a one-time series is always within the reach.
  const stored = all.filter(({ occurrence }) => occurrence >= from);
  const deleted = new Set([...(await reads.deletedByHand(series))].filter((occurrence) => occurrence >= from));
  const isStored = await findDuplicates(reader, series, planned);
  const own = new Map(stored.map(({ occurrence, downtime }) => [occurrence, downtime]));
  // Keeps the series' own downtimes even if identical ones exist outside it, and active ones while they are extended.
  const isOwn = ({ occurrence, draft }: PlannedDowntime, before = own.get(occurrence)) =>
    before !== undefined && (keyOf(before) === keyOf(draft) || stateOf(before, now) === "now");
  const isDuplicate = (one: PlannedDowntime) => isStored(one) && !isOwn(one);
  const { true: duplicates = [], false: wanted = [] } = Object.groupBy(planned, (one) => `${isDuplicate(one)}`);
  const difference = reconcile(stored, wanted, { now, begun, deleted, isEnd: planned.length === 0 });
  // An edit that makes the series no larger is always allowed, since downtimes may have been restored above the limit.
  const after = all.length + difference.create.length - difference.remove.length;
  if (after > mostRows && after > all.length) throw new Conflict(tooMany);
  return { ...difference, planned, absences, duplicates, warning: reasonForNothing(difference, duplicates.length) };
}

/** As `prepare`, to be written. @throws Conflict also when every planned downtime exists already */
export async function prepareWrite(...of: Parameters<typeof prepare>): Promise<PreparedWrite> {
  const prepared = await prepare(...of);
  if (prepared.planned.length > 0 && prepared.duplicates.length === prepared.planned.length)
    throw new Conflict("All of these downtimes already exist, so the series would have none of its own.");
  return prepared;
}

/** Prepares ending a series: plans nothing within the reach. @param at milliseconds since 1970 @throws Invalid */
export async function prepareEnd(reader: Reader, stored: StoredSeries, reach: Reach | "now", at: number) {
  const nothing = { planned: [], absences: [] };
  if (reach !== "now") {
    checkFrom(stored, reach.from);
    return prepare(reader, stored.id, { ...reach, ...nothing, plan: stored }, at);
  }
  const difference = reconcileEnding(await seriesIn(reader).rows(stored.id), toInstant(at));
  return { ...difference, ...nothing, duplicates: [], warning: reasonForNothing(difference, 0) };
}

function reasonForNothing(
  { create, change, remove, unchanged, begun, byHand, deletedByHand }: Reconciliation,
  duplicates: number,
): string | undefined {
  if (create.length + change.length + remove.length > 0) return undefined;
  const reasons = [
    [unchanged, "already as planned"],
    [begun, "active or past"],
    [byHand.length, "edited individually"],
    [deletedByHand.length, "deleted individually"],
    [duplicates, "already exist outside the series"],
  ] as const;
  const texts = reasons.filter(([count]) => count > 0).map(([count, why]) => `${count.toLocaleString("en")} ${why}`);
  return `No downtime was edited: ${texts.join(", ") || "the series has none in that time"}.`;
}

/** Returns a test: whether an identical downtime exists that this series doesn't manage. */
async function findDuplicates(reader: Reader, series: number, planned: readonly PlannedDowntime[]) {
  const others = new Map<string, string | null>();
  for (const starts of chunksOf([...new Set(planned.map(({ draft }) => draft.start))])) {
    const found = await reader.all<StoredRow>(
      sql`SELECT ${storedColumns} FROM downtime WHERE "start" IN (${list(starts)})
        AND (series IS NULL OR series <> ${series} OR by_hand = ${true})`,
    );
    for (const row of found)
      if (others.get(keyOf(row)) !== null) others.set(keyOf(row), row.series === series ? row.occurrence : null);
  }
  return ({ draft, occurrence }: PlannedDowntime): boolean => {
    const other = others.get(keyOf(draft));
    return other !== undefined && other !== occurrence;
  };
}

/** Writes what was prepared in batches, with the history of each downtime. */
export async function write(tx: Transaction, series: number, prepared: Reconciliation, changeSet: ChangeSet) {
  for (const chunk of chunksOf(prepared.remove.map(({ downtime }) => downtime.id)))
    await removeAll(tx, chunk, changeSet);
  // Names are unique, so all are freed before any is given.
  const renamed = prepared.change.filter(({ row, to }) => row.occurrence !== to.occurrence);
  await freeNames(
    tx,
    renamed.map(({ row }) => row.downtime.id),
  );
  for (const chunk of chunksOf(prepared.change)) await changeAll(tx, chunk, changeSet);
  for (const chunk of chunksOf(prepared.create)) await insertAll(tx, chunk, changeSet, series);
}

/** Replaces the names of downtimes' occurrences with placeholders, so that other downtimes can get them. */
export const freeNames = (tx: Transaction, ids: readonly number[]): Promise<unknown> =>
  tx.all(sql`UPDATE downtime SET occurrence = 'renamed ' || id WHERE series IS NOT NULL AND ${isAmong("id", ids)}`);

const replacements = replacing([...draftFields, "reason_folded", "modified", "occurrence"]);

async function changeAll(tx: Transaction, changes: Reconciliation["change"], changeSet: ChangeSet): Promise<void> {
  const stamp = toStamp(changeSet.at);
  const values = changes.map(({ row, to: { occurrence, draft } }) => [
    row.downtime.id,
    ...draftValues(draft),
    foldCase(draft.reason),
    ...[stamp, stamp, occurrence],
  ]);
  // Every id exists, so nothing is inserted: an upsert is how both engines take many different edits in one statement.
  await tx.all(sql`INSERT INTO downtime (id, ${draftColumns}, reason_folded, created, modified, occurrence)
    VALUES ${rows(values)} ON CONFLICT (id) DO UPDATE SET ${replacements}, version = downtime.version + 1`);
  const ids = changes.map(({ row }) => row.downtime.id);
  await recordAll(tx, "change", isAmong("id", ids), changeSet);
}
