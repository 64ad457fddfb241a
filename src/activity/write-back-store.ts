/** Writes earlier versions of downtimes, in batches, and of their series back, with the history of each. */

import type { ChangeSet } from "../auth/change-set-store.ts";
import { column, isAmong, join, list, rows, sql, type Transaction } from "../database/sql.ts";
import { chunksOf } from "../downtime/add-store.ts";
import { draftFields } from "../downtime/downtime.ts";
import {
  createdByOf,
  draftColumns,
  draftValues,
  recordAll,
  type Standing,
  standingColumns,
  type Version,
} from "../downtime/rows.ts";
import { foldCase } from "../input/text.ts";
import type { Plan } from "../series/plan.ts";
import { freeNames, nameAll, removeAll } from "../series/reconcile-store.ts";
import type { Rename } from "../series/reconciliation.ts";
import {
  type Effects,
  recordSeries,
  type SeriesRow,
  type SeriesVersion,
  seriesColumns,
  toSeries,
  updateSeries,
} from "../series/rows.ts";
import { toStamp } from "../time/instant.ts";

export const versionColumns = sql`id, downtime_id, action, version, "at", "by", change_set, ${draftColumns}, series, ${standingColumns}`;

/** A row of the history; its time is a stamp. */
export type PastVersion = Omit<Version, "at" | "by_hand" | "unconfirmed"> & Standing & { readonly at: string };

/** What a change set did to a downtime. */
export interface Step {
  readonly first: PastVersion;
  readonly newest: PastVersion;
  /** The version before the change set; undefined if that created the downtime. */
  readonly before: PastVersion | undefined;
}

/** Whether the downtime didn't exist before the change set, or was deleted. */
export const isGoneBefore = ({ before }: Step): boolean => !before || before.action === "delete";

/** Writes the version before each step: deletes, edits or restores the downtime. */
export async function writeBack(tx: Transaction, steps: readonly Step[], changeSet: ChangeSet): Promise<void> {
  const gone = steps.filter(isGoneBefore);
  // A deletion says whether the series may create the occurrence again, so it says what it said before.
  for (const byHand of [false, true]) {
    const ids = gone.filter(({ before }) => Boolean(before?.by_hand) === byHand).map(idOf);
    for (const chunk of chunksOf(ids)) {
      await tx.all(sql`UPDATE downtime SET by_hand = ${byHand} WHERE ${isAmong("id", chunk)}`);
      await removeAll(tx, chunk, changeSet);
    }
  }
  const kept = steps.filter((step) => !isGoneBefore(step));
  await freeNames(tx, kept.map(idOf));
  for (const chunk of chunksOf(kept)) await replaceAll(tx, chunk, changeSet);
}

const idOf = ({ newest }: Step) => newest.downtime_id;

const replacements = join(
  [...draftFields, "reason_folded", "modified", "version", "series", "occurrence", "by_hand"].map(
    (field) => sql`${column(field)} = excluded.${column(field)}`,
  ),
  ", ",
);

async function replaceAll(tx: Transaction, steps: readonly Step[], changeSet: ChangeSet): Promise<void> {
  const stamp = toStamp(changeSet.at);
  const values = steps.flatMap(({ first, newest, before }) => {
    if (!before) return [];
    const standing = [before.series, before.occurrence, Boolean(before.by_hand)];
    const times = [first.at, stamp, createdByOf(first), newest.version + 1];
    return [[before.downtime_id, ...draftValues(before), foldCase(before.reason), ...times, ...standing]];
  });
  await tx.all(sql`INSERT INTO downtime
    (id, ${draftColumns}, reason_folded, created, modified, created_by, version, series, ${standingColumns})
    VALUES ${rows(values)} ON CONFLICT (id) DO UPDATE SET ${replacements}`);
  const { restore = [], change = [] } = Object.groupBy(steps, ({ newest }) =>
    newest.action === "delete" ? "restore" : "change",
  );
  if (restore.length > 0) await recordAll(tx, "restore", isAmong("id", restore.map(idOf)), changeSet);
  if (change.length > 0) await recordAll(tx, "change", isAmong("id", change.map(idOf)), changeSet);
}

type PastPlan = Pick<SeriesVersion, "action" | "version" | "by"> & {
  /** A stamp. */
  readonly at: string;
  readonly plan: string;
  readonly renamed: string | null;
  readonly change_set: number | null;
};

/** What a change set did to a series. */
export interface SeriesStep {
  readonly id: number;
  readonly first: PastPlan;
  readonly newest: PastPlan;
  /** The version before the change set; undefined if the series didn't exist then. */
  readonly before: PastPlan | undefined;
}

export async function readSeriesStep(tx: Transaction, changeSet: number): Promise<SeriesStep | undefined> {
  const versions = await tx.all<PastPlan & { id: number }>(
    sql`SELECT series_id AS id, action, version, "at", "by", plan, renamed, change_set FROM downtime_series_history
      WHERE series_id = (SELECT series_id FROM downtime_series_history WHERE change_set = ${changeSet}) ORDER BY id`,
  );
  const [first, newest] = [versions[0], versions.at(-1)];
  if (!first || !newest) return undefined;
  const before = versions.findLast((version) => version.change_set !== changeSet);
  return { id: first.id, first, newest, before: before?.action === "delete" ? undefined : before };
}

/** Stores a deleted series again, so that its downtimes can be. */
export async function reviveSeries(tx: Transaction, { id, first, newest, before }: SeriesStep, { at }: ChangeSet) {
  if (!before || newest.action !== "delete") return;
  const values = [id, before.plan, first.at, toStamp(at), first.by, newest.version];
  await tx.all(sql`INSERT INTO downtime_series (${seriesColumns}) VALUES (${list(values)})`);
}

/** Writes the version before, or deletes the series. */
export async function finishSeries(
  tx: Transaction,
  { id, newest, before }: SeriesStep,
  effects: Effects,
  changeSet: ChangeSet,
): Promise<void> {
  if (before) await updateSeries(tx, "change", id, JSON.parse(before.plan) as Plan, effects, changeSet);
  else if (newest.action !== "delete") {
    const [row] = await tx.all<SeriesRow>(sql`DELETE FROM downtime_series WHERE id = ${id} RETURNING ${seriesColumns}`);
    await recordSeries(tx, "delete", toSeries(row as SeriesRow), effects, changeSet);
  }
}

/** Gives downtimes that got another name, and no version, their name from before, unless they got another one since. */
export async function renameBack(tx: Transaction, { newest }: SeriesStep): Promise<readonly Rename[]> {
  const renamed = JSON.parse(newest.renamed ?? "[]") as readonly Rename[];
  const ids = renamed.map(([id]) => id);
  const stored = await tx.all<{ id: number; occurrence: string }>(
    sql`SELECT id, occurrence FROM downtime WHERE ${isAmong("id", ids)}`,
  );
  const names = new Map(stored.map(({ id, occurrence }) => [id, occurrence]));
  const back = renamed.flatMap(([id, before, after]): Rename[] =>
    names.get(id) === after ? [[id, after, before]] : [],
  );
  await freeNames(
    tx,
    back.map(([id]) => id),
  );
  await nameAll(tx, back);
  return back;
}
