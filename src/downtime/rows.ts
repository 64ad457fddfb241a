/** Rows: how a downtime and its versions look in the database, and how both are written. */

import type { ChangeSet } from "../auth/change-set-store.ts";
import { columnList, list, rows, type Sql, sql, type Transaction } from "../database/sql.ts";
import { type Instant, instantOf, toStamp } from "../time/instant.ts";
import type { Category } from "./category.ts";
import { type Downtime, type Draft, draftFields } from "./downtime.ts";

/** Who wrote the first version of a downtime that was moved in; no user can be called so. */
export const migratedBy = "moved in";

/** Who owns a downtime, from its first version: null where it was moved in. */
export const createdByOf = ({ by }: { readonly by: string }): string | null => (by === migratedBy ? null : by);

/** One version of a downtime: as it became, or as it was when it was deleted. */
export type Version = Draft & {
  readonly id: number;
  readonly downtime_id: number;
  readonly action: "create" | "change" | "delete" | "restore";
  /** The series that it belonged to. */
  readonly series: number | null;
  /** It was changed by somebody since the series wrote it; of a delete: it was deleted by somebody, not by the series. */
  readonly by_hand: boolean;
  /** Counts the downtime's versions from 1; a delete has the number of what it deleted. */
  readonly version: number;
  readonly at: Instant;
  readonly by: string;
  /** The portal could not be asked at that time whether the user was still good. */
  readonly unconfirmed: boolean;
};

export const draftColumns = columnList(draftFields);
export const columnNames = ["id", ...draftFields, "created", "modified", "series"] as const;
export const columns = columnList(columnNames);

/** A draft as it is stored. */
export type DraftRow = Omit<Draft, "category"> & { readonly category: Category | "" };

export type Row = DraftRow & {
  readonly id: number;
  readonly created: string;
  readonly modified: string;
  readonly series: number | null;
};
// Field by field: to copy what is left over of each row would take as long as reading it.
export const toDowntime = (row: Row): Downtime => ({
  id: row.id,
  start: row.start,
  end: row.end,
  site: row.site,
  enclosure: row.enclosure,
  telescope: row.telescope,
  instrument_type: row.instrument_type,
  reason: row.reason,
  created: instantOf(row.created),
  modified: instantOf(row.modified),
  ...(row.series !== null && { series: row.series }),
  ...(row.category !== "" && { category: row.category }),
});

/** Where a downtime stands in its series: beside its `series` what is told to nobody. */
export interface Standing {
  /** Which one it is, wherever it was moved to since. */
  readonly occurrence: string | null;
  /** Somebody changed what the series wrote. SQLite keeps it as a number. */
  readonly by_hand: boolean | number;
}
export const standingColumns = sql`occurrence, by_hand`;

/** A stored downtime with what decides who may change it, and whether they have seen its newest version. */
export interface Stored {
  readonly downtime: Downtime;
  /** Counts its versions from 1. */
  readonly version: number;
  /** A user's name; null where nobody knows any more. */
  readonly createdBy: string | null;
  /** Which occurrence of its series it is; null where it belongs to none. */
  readonly occurrence: string | null;
  /** Somebody changed it since its series wrote it, so the series leaves it as it is. */
  readonly byHand: boolean;
}

export const storedColumns = sql`${columns}, version, created_by, ${standingColumns}`;
export type StoredRow = Row & Standing & { readonly version: number; readonly created_by: string | null };

export const toStored = ({ version, created_by, occurrence, by_hand, ...row }: StoredRow): Stored => ({
  downtime: toDowntime(row),
  version,
  createdBy: created_by,
  occurrence,
  byHand: Boolean(by_hand),
});

export const draftValues = (draft: Draft | DraftRow) => draftFields.map((field) => draft[field] ?? "");
/** Two drafts with the same key are the very same. */
export const keyOf = (draft: Draft | DraftRow): string => draftValues(draft).join("\0");

/** What the history keeps of who did it; the values are those of `authorship`. */
const authorColumns = sql`"at", "by", unconfirmed, change_set`;
const authorship = async ({ at, by, unconfirmed = false, id }: ChangeSet) => [toStamp(at), by, unconfirmed, await id()];

/** Writes versions of downtimes into the history, in the transaction that makes them. */
export async function record(
  tx: Transaction,
  action: Version["action"],
  version: number,
  downtimes: readonly (Row & Partial<Standing>)[],
  changeSet: ChangeSet,
): Promise<void> {
  const author = await authorship(changeSet);
  const versions = downtimes.map((row) => {
    const standing = [row.series, row.occurrence ?? null, Boolean(row.by_hand)];
    return [row.id, action, version, ...author, ...draftValues(row), ...standing];
  });
  await tx.all(
    sql`INSERT INTO downtime_history
      (downtime_id, action, version, ${authorColumns}, ${draftColumns}, series, ${standingColumns})
      VALUES ${rows(versions)}`,
  );
}

/**
 * As `record`, for many that are stored: copied where they lie, which spares sending each twice. A delete is written
 * down before it is done.
 */
export const recordAll = async (
  tx: Transaction,
  action: Version["action"],
  which: Sql,
  changeSet: ChangeSet,
): Promise<unknown> =>
  tx.all(sql`INSERT INTO downtime_history
    (downtime_id, action, version, ${authorColumns}, ${draftColumns}, series, ${standingColumns})
    SELECT id, ${action}, version, ${list(await authorship(changeSet))}, ${draftColumns}, series, ${standingColumns}
    FROM downtime WHERE ${which} ORDER BY id`);
