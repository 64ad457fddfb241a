/** Writes earlier versions of downtimes, in batches, and of their series back, with the history of each. */

import type { ChangeSet } from "../auth/change-set-store.ts";
import { column, isAmong, join, list, sql, type Transaction } from "../database/sql.ts";
import { chunksOf } from "../downtime/add-store.ts";
import { draftFields } from "../downtime/downtime.ts";
import { recordAll, reinsertion, removeAll, type VersionRow } from "../downtime/rows.ts";
import type { Plan } from "../series/plan.ts";
import { freeNames } from "../series/reconcile-store.ts";
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

/** What a change set did to a downtime or a series. */
export interface Step<Past = VersionRow> {
  readonly first: Past;
  readonly newest: Past;
  /** The version before the change set; undefined if that created it. */
  readonly before: Past | undefined;
}

/** @param versions all versions of one downtime or series, oldest first */
export function stepOf<Past extends { readonly change_set: number | null }>(
  versions: readonly Past[],
  changeSet: number,
): Step<Past> | undefined {
  const [first, newest] = [versions[0], versions.at(-1)];
  const before = versions.findLast(({ change_set }) => change_set !== changeSet);
  return first && newest && { first, newest, before };
}

/** Whether the downtime or series didn't exist before the change set, or was deleted. */
export const isGoneBefore = ({ before }: Step<{ readonly action: string }>): boolean =>
  !before || before.action === "delete";

/** Writes the version before each step: deletes, edits or restores the downtime. */
export async function writeBack(tx: Transaction, steps: readonly Step[], changeSet: ChangeSet): Promise<void> {
  const gone = steps.filter(isGoneBefore);
  // A deletion says whether the series may create the occurrence again, so it says what it said before.
  const byHand = isAmong("id", gone.filter(({ before }) => before?.by_hand).map(idOf));
  for (const ids of chunksOf(gone.map(idOf))) await removeAll(tx, ids, changeSet, byHand);
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
  const versions = steps.flatMap(({ first, newest, before }) =>
    before ? [{ first, past: before, version: newest.version + 1 }] : [],
  );
  await tx.all(sql`${reinsertion(versions, changeSet.at)} ON CONFLICT (id) DO UPDATE SET ${replacements}`);
  const groups = Map.groupBy(steps, ({ newest }) => (newest.action === "delete" ? "restore" : "change"));
  for (const [action, group] of groups) await recordAll(tx, action, isAmong("id", group.map(idOf)), changeSet);
}

type PastPlan = Pick<SeriesVersion, "action" | "version" | "by" | "change_set"> & {
  /** The series' ID. */
  readonly id: number;
  /** A stamp. */
  readonly at: string;
  readonly plan: string;
};

export type SeriesStep = Step<PastPlan>;

/** Returns the step of the change set's series, if it has one. */
export async function readSeriesStep(tx: Transaction, changeSet: number): Promise<SeriesStep | undefined> {
  const versions = await tx.all<PastPlan>(
    sql`SELECT series_id AS id, action, version, "at", "by", plan, change_set FROM downtime_series_history AS past
      WHERE series_id = (SELECT series_id FROM downtime_series_history WHERE change_set = ${changeSet}) ORDER BY past.id`,
  );
  const step = stepOf(versions, changeSet);
  return step && { ...step, before: isGoneBefore(step) ? undefined : step.before };
}

/** Stores a deleted series again, so that its downtimes can be. */
export async function reviveSeries(tx: Transaction, { first, newest, before }: SeriesStep, { at }: ChangeSet) {
  if (!before || newest.action !== "delete") return;
  const values = [first.id, before.plan, first.at, toStamp(at), first.by, newest.version];
  await tx.all(sql`INSERT INTO downtime_series (${seriesColumns}) VALUES (${list(values)})`);
}

/** Writes the version before, or deletes the series. */
export async function finishSeries(
  tx: Transaction,
  { newest, before }: SeriesStep,
  effects: Effects,
  changeSet: ChangeSet,
): Promise<void> {
  if (before) await updateSeries(tx, "change", newest.id, JSON.parse(before.plan) as Plan, effects, changeSet);
  else if (newest.action !== "delete") {
    const [row] = await tx.all<SeriesRow>(
      sql`DELETE FROM downtime_series WHERE id = ${newest.id} RETURNING ${seriesColumns}`,
    );
    await recordSeries(tx, "delete", toSeries(row as SeriesRow), effects, changeSet);
  }
}
