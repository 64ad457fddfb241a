/** The part of an undo that concerns a series: its plan goes back with its downtimes. */

import type { ChangeSet } from "../auth/change-set-store.ts";
import { isAmong, list, sql, type Transaction } from "../database/sql.ts";
import type { Plan } from "../series/plan.ts";
import { freeNames, nameAll } from "../series/reconcile-store.ts";
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

type PastVersion = Pick<SeriesVersion, "action" | "version" | "by"> & {
  /** A stamp. */
  readonly at: string;
  readonly plan: string;
  readonly renamed: string | null;
  readonly change_set: number | null;
};

/** What a change set did to a series. */
export interface SeriesStep {
  readonly id: number;
  readonly first: PastVersion;
  readonly newest: PastVersion;
  /** The version before the change set; undefined if the series didn't exist then. */
  readonly before: PastVersion | undefined;
}

export async function readSeriesStep(tx: Transaction, changeSet: number): Promise<SeriesStep | undefined> {
  const versions = await tx.all<PastVersion & { id: number }>(
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
