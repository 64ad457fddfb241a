/** The database rows of downtimes and their versions. */

import type { ChangeSet } from "../auth/change-set-store.ts";
import { columnList, isAmong, list, type Reader, rows, type Sql, sql, type Transaction } from "../database/sql.ts";
import { foldCase } from "../input/text.ts";
import { type Instant, instantOf, toStamp } from "../time/instant.ts";
import { type Category, type Downtime, type Draft, draftFields } from "./downtime.ts";

/** The author of the first version of a migrated downtime. No username contains a space. */
export const migratedBy = "moved in";

/** Returns the creator from the first version; null for migrated downtimes. */
export const createdByOf = ({ by }: { readonly by: string }): string | null => (by === migratedBy ? null : by);

/** A version of a downtime: after a change, or before it was deleted. */
export type Version = Draft & {
  readonly id: number;
  readonly downtime_id: number;
  readonly action: "create" | "change" | "delete" | "restore";
  /** Its series at that time. */
  readonly series: number | null;
  /** Whether it was edited individually; for a delete, whether it was deleted individually and not by its series. */
  readonly by_hand: boolean;
  /** The version, from 1; a delete has the number of the deleted version. */
  readonly version: number;
  readonly at: Instant;
  readonly by: string;
  /** Whether the Observation Portal couldn't be reached at that time to verify the user. */
  readonly unconfirmed: boolean;
  /** Null for versions from before there were change sets. */
  readonly change_set: number | null;
};

export const draftColumns = columnList(draftFields);
export const columnNames = ["id", ...draftFields, "created", "modified", "series"] as const;
export const columns = columnList(columnNames);

export type Row = Omit<Draft, "category"> & {
  readonly category: Category | "";
  readonly id: number;
  readonly created: string;
  readonly modified: string;
  readonly series: number | null;
};
// Field by field, because copying with a rest pattern takes as long as reading the row.
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

/** A stored downtime with its version, creator and occurrence. */
export interface Stored {
  readonly downtime: Downtime;
  readonly version: number;
  /** The creator's username; null if unknown. */
  readonly createdBy: string | null;
  /** The name of its occurrence; null if it has no series. */
  readonly occurrence: string | null;
  /** Whether it was edited individually, so that series changes don't affect it. */
  readonly byHand: boolean;
}

export const storedColumns = sql`${columns}, version, created_by, occurrence, by_hand`;
/** SQLite stores 0 and 1 for false and true. */
export type StoredRow = Row &
  Pick<Stored, "version" | "occurrence"> & { readonly created_by: string | null; readonly by_hand: boolean | number };

export const toStored = ({ version, created_by, occurrence, by_hand, ...row }: StoredRow): Stored => ({
  downtime: toDowntime(row),
  version,
  createdBy: created_by,
  occurrence,
  byHand: Boolean(by_hand),
});

/** Reads stored downtimes. @param which the condition, and their order */
export const readStored = async (reader: Reader, which: Sql): Promise<Stored[]> =>
  (await reader.all<StoredRow>(sql`SELECT ${storedColumns} FROM downtime WHERE ${which}`)).map(toStored);

type DraftRow = Pick<Row, keyof Draft>;
/** The values of `draftColumns`, in their order. */
export const draftValues = (draft: Draft | DraftRow) => draftFields.map((field) => draft[field] ?? "");
/** Returns a key that is equal for identical drafts. */
export const keyOf = (draft: Draft | DraftRow): string => draftValues(draft).join("\0");

/** When the downtime was created, for an entry of the history that is named `entry`. */
export const createdColumn = sql`(SELECT first."at" FROM downtime_history AS first
  WHERE first.downtime_id = entry.downtime_id ORDER BY first.id LIMIT 1) AS created`;

/** A row of the history. Its time is a stamp. */
export type VersionRow = Omit<Version, "category" | "at" | "unconfirmed" | "by_hand"> &
  Pick<StoredRow, "category" | "occurrence" | "by_hand"> & {
    readonly at: string;
    readonly unconfirmed: boolean | number;
  };

/** Reads versions, oldest first. @param which the condition on the history, named `version` */
export const readVersions = (reader: Reader, which: Sql): Promise<VersionRow[]> =>
  reader.all(sql`SELECT id, downtime_id, action, version, "at", "by", unconfirmed, change_set, ${draftColumns}, series,
      occurrence, by_hand
    FROM downtime_history AS version WHERE ${which} ORDER BY id`);

/**
 * Adds a version of each stored downtime to the history, in the transaction of the change: copies them within the
 * database, so that each row is sent once.
 * @param byHand the `by_hand` of the versions; by default, that of the downtimes
 */
export const recordAll = async (
  tx: Transaction,
  action: Version["action"],
  which: Sql,
  { at, by, unconfirmed = false, id }: ChangeSet,
  byHand = sql`by_hand`,
): Promise<unknown> =>
  tx.all(sql`INSERT INTO downtime_history
    (downtime_id, action, version, "at", "by", unconfirmed, change_set, ${draftColumns}, series, occurrence, by_hand)
    SELECT id, ${action}, version, ${list([toStamp(at), by, unconfirmed, await id()])}, ${draftColumns}, series,
      occurrence, ${byHand}
    FROM downtime WHERE ${which} ORDER BY id`);

/** Deletes stored downtimes, with a version for each. @param byHand whether each was deleted individually */
export async function removeAll(tx: Transaction, ids: readonly number[], changeSet: ChangeSet, byHand?: Sql) {
  const which = isAmong("id", ids);
  await recordAll(tx, "delete", which, changeSet, byHand);
  await tx.all(sql`DELETE FROM downtime WHERE ${which}`);
}

/**
 * Returns the INSERT statement that stores earlier versions again, under the same IDs; `ON CONFLICT` must follow.
 * @param versions each with the downtime's first version, which says who created it and when, and its new number
 */
export function reinsertion(
  versions: readonly { readonly first: VersionRow; readonly past: VersionRow; readonly version: number }[],
  at: number,
): Sql {
  const values = versions.map(({ first, past, version }) => [
    ...[past.downtime_id, ...draftValues(past), foldCase(past.reason)],
    ...[first.at, toStamp(at), createdByOf(first), version],
    ...[past.series, past.occurrence, Boolean(past.by_hand)],
  ]);
  return sql`INSERT INTO downtime
    (id, ${draftColumns}, reason_folded, created, modified, created_by, version, series, occurrence, by_hand)
    VALUES ${rows(values)}`;
}
