/** Rows of series: how a series and its versions look in the database, and how both are written. */

import type { ChangeSet } from "../auth/change-set-store.ts";
import { list, sql, type Transaction } from "../database/sql.ts";
import { type Instant, instantOf, toStamp } from "../time/instant.ts";
import { type Plan, partsOf } from "./plan.ts";
import type { Series } from "./series.ts";

/** A series with the whole of its plan. */
export type StoredSeries = Series & Plan;

/** One version of a series: as it became, or as it was when it was deleted. */
export interface SeriesVersion {
  readonly action: "create" | "change" | "end" | "delete";
  /** Counts the series' versions from 1; a delete has the number of what it deleted. */
  readonly version: number;
  readonly at: Instant;
  readonly by: string;
  /** The portal could not be asked at that time whether the user was still good. */
  readonly unconfirmed: boolean;
  readonly plan: Plan;
  /** Downtimes that were created, changed and deleted with it. */
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
  /** Why no downtime was changed with it; null where some were. */
  readonly warning: string | null;
}

export interface SeriesRow {
  readonly id: number;
  readonly plan: string;
  readonly created: string;
  readonly modified: string;
  readonly created_by: string;
  readonly version: number;
}
export const seriesColumns = sql`id, plan, created, modified, created_by, version`;

export const toSeries = ({ id, plan, created, modified, created_by, version }: SeriesRow): StoredSeries => ({
  id,
  ...(JSON.parse(plan) as Plan),
  created: instantOf(created),
  modified: instantOf(modified),
  version,
  createdBy: created_by,
});

/** A plan as it is kept. */
export function textOf(plan: Plan): string {
  const { earlier, ended } = plan;
  return JSON.stringify({ ...partsOf(plan).at(-1), earlier, ended });
}

/** What was done to the downtimes with a version of their series. */
export type Doings = readonly [created: number, changed: number, deleted: number, warning: string | null];

/** Writes the next version over the stored one. */
export async function updateSeries(
  tx: Transaction,
  action: "change" | "end",
  id: number,
  plan: Plan,
  doings: Doings,
  changeSet: ChangeSet,
): Promise<StoredSeries> {
  const [row] = await tx.all<SeriesRow>(
    sql`UPDATE downtime_series SET plan = ${textOf(plan)}, modified = ${toStamp(changeSet.at)}, version = version + 1
      WHERE id = ${id} RETURNING ${seriesColumns}`,
  );
  const series = toSeries(row as SeriesRow);
  await recordSeries(tx, action, series, doings, changeSet);
  return series;
}

/** Writes down who did what and when, in the transaction that does it. */
export async function recordSeries(
  tx: Transaction,
  action: SeriesVersion["action"],
  series: StoredSeries,
  doings: Doings,
  { by, at, unconfirmed = false, id }: ChangeSet,
): Promise<void> {
  const values = [
    series.id,
    action,
    series.version,
    toStamp(at),
    by,
    unconfirmed,
    textOf(series),
    ...doings,
    await id(),
  ];
  await tx.all(
    sql`INSERT INTO downtime_series_history
      (series_id, action, version, "at", "by", unconfirmed, plan, created, changed, deleted, warning, change_set)
      VALUES (${list(values)})`,
  );
}
