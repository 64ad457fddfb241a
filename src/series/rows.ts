/** Reads series, their versions and their downtimes, and writes versions. */

import type { ChangeSet } from "../auth/change-set-store.ts";
import { list, perEngine, type Reader, sql, type Transaction } from "../database/sql.ts";
import { readStored } from "../downtime/rows.ts";
import { NotFound } from "../input/problem.ts";
import { type Instant, instantOf, toStamp } from "../time/instant.ts";
import { type Plan, partsOf } from "./plan.ts";
import type { StoredOccurrence } from "./reconcile.ts";
import { kindNames, type Rule } from "./series.ts";

/** A stored series. Its downtimes have its id in `series`. */
export interface StoredSeries extends Plan {
  readonly id: number;
  readonly created: Instant;
  readonly modified: Instant;
  readonly version: number;
  readonly createdBy: string | null;
}

/** A version of a series: after an edit, or as it was when it was deleted. */
export interface SeriesVersion {
  readonly action: "create" | "change" | "end" | "delete";
  /** From 1; a deletion has the number of the version that it deleted. */
  readonly version: number;
  readonly at: Instant;
  readonly by: string;
  /** The portal was unreachable, so the user wasn't confirmed. */
  readonly unconfirmed: boolean;
  readonly plan: Plan;
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
  readonly warning: string | null;
  /** Null for old versions. */
  readonly change_set: number | null;
}

export type SeriesRow = Pick<StoredSeries, "id" | "version"> &
  Readonly<Record<"plan" | "created" | "modified" | "created_by", string>>;
export const seriesColumns = sql`id, plan, created, modified, created_by, version`;

const ruleKind = perEngine({
  sqlite: () => sql`json_extract(plan, '$.rule.kind')`,
  postgres: () => sql`(plan::json #>> '{rule,kind}')`,
});

export const toSeries = ({ id, plan, created, modified, created_by, version }: SeriesRow): StoredSeries => ({
  id,
  ...(JSON.parse(plan) as Plan),
  created: instantOf(created),
  modified: instantOf(modified),
  version,
  createdBy: created_by,
});

/** What can be read of series, also in a transaction. */
export const seriesIn = (reader: Reader) => ({
  /** Newest first, each with its number of downtimes. @param kinds of their rules */
  async list(listing: { limit: number; offset: number; kinds?: readonly Rule["kind"][] }) {
    const { limit, offset, kinds = kindNames } = listing;
    const shown = sql`FROM downtime_series WHERE ${ruleKind} IN (${list(kinds)})`;
    const found = await reader.all<SeriesRow & { rows: number }>(
      sql`SELECT ${seriesColumns}, (SELECT count(*) FROM downtime WHERE series = downtime_series.id) AS rows
        ${shown} ORDER BY id DESC LIMIT ${limit} OFFSET ${offset}`,
    );
    const all = await reader.first<{ count: number }>(sql`SELECT count(*) AS count ${shown}`);
    return { count: all?.count ?? 0, results: found.map(({ rows, ...row }) => ({ ...toSeries(row), rows })) };
  },

  async find(id: number): Promise<StoredSeries | undefined> {
    const row = await reader.first<SeriesRow>(sql`SELECT ${seriesColumns} FROM downtime_series WHERE id = ${id}`);
    return row && toSeries(row);
  },

  /** @throws NotFound */
  async get(id: number): Promise<StoredSeries> {
    const series = await this.find(id);
    if (!series) throw new NotFound();
    return series;
  },

  /** Every version in order, also of a deleted series. */
  async history(id: number): Promise<SeriesVersion[]> {
    const versions = await reader.all<Omit<SeriesVersion, "at" | "plan"> & { at: string; plan: string }>(
      sql`SELECT action, version, "at", "by", unconfirmed, plan, created, changed, deleted, warning, change_set
        FROM downtime_series_history WHERE series_id = ${id} ORDER BY id`,
    );
    return versions.map((row) => ({
      ...row,
      at: instantOf(row.at),
      unconfirmed: Boolean(row.unconfirmed),
      plan: JSON.parse(row.plan) as Plan,
    }));
  },

  async rows(id: number): Promise<StoredOccurrence[]> {
    const stored = await readStored(reader, sql`series = ${id} ORDER BY "start", id`);
    return stored.map((one) => ({ ...one, occurrence: one.occurrence ?? "" }));
  },

  /** The names of occurrences that were deleted individually and not restored since. */
  async deletedByHand(id: number): Promise<ReadonlySet<string>> {
    const gone = await reader.all<{ occurrence: string }>(
      sql`SELECT occurrence FROM downtime_history AS gone
        WHERE series = ${id} AND action = 'delete' AND by_hand = ${true}
        AND id = (SELECT max(id) FROM downtime_history WHERE downtime_id = gone.downtime_id)`,
    );
    return new Set(gone.map(({ occurrence }) => occurrence));
  },
});

/** A plan as it is stored. */
export function textOf(plan: Plan): string {
  const { earlier, ended } = plan;
  return JSON.stringify({ ...partsOf(plan).at(-1), earlier, ended });
}

/** What a version did to the downtimes. */
export type Effects = Pick<SeriesVersion, "created" | "changed" | "deleted" | "warning">;

/** Updates the stored series to the next version. */
export async function updateSeries(
  tx: Transaction,
  action: "change" | "end",
  id: number,
  plan: Plan,
  effects: Effects,
  changeSet: ChangeSet,
): Promise<StoredSeries> {
  const [row] = await tx.all<SeriesRow>(
    sql`UPDATE downtime_series SET plan = ${textOf(plan)}, modified = ${toStamp(changeSet.at)}, version = version + 1
      WHERE id = ${id} RETURNING ${seriesColumns}`,
  );
  const series = toSeries(row as SeriesRow);
  await recordSeries(tx, action, series, effects, changeSet);
  return series;
}

/** Adds a version to the history. */
export async function recordSeries(
  tx: Transaction,
  action: SeriesVersion["action"],
  series: StoredSeries,
  { created, changed, deleted, warning }: Effects,
  { by, at, unconfirmed = false, id }: ChangeSet,
): Promise<void> {
  await tx.all(
    sql`INSERT INTO downtime_series_history
      (series_id, action, version, "at", "by", unconfirmed, plan, created, changed, deleted, warning, change_set)
      VALUES (${series.id}, ${action}, ${series.version}, ${toStamp(at)}, ${by}, ${unconfirmed}, ${textOf(series)},
        ${created}, ${changed}, ${deleted}, ${warning}, ${await id()})`,
  );
}
