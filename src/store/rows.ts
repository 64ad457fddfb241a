/** Rows: how a downtime and its versions look in the database, and how both are written. */

import { column, join, rows, sql, type Transaction } from "../database/sql.ts";
import { type Downtime, type Draft, draftFields } from "../domain/downtime.ts";
import { type Instant, instantOf, toStamp } from "../domain/instant.ts";
import type { User } from "../domain/user.ts";

/** Who writes, and when. */
export interface Author {
  /** A user's name, or the words for a command. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The portal could not be asked whether the user is still good. */
  readonly unconfirmed?: boolean;
}

/** Who wrote the first version of a downtime that was moved in; no user can be called so. */
export const movedIn = "moved in";

/** A user as an author. */
export const authorOf = ({ name, unconfirmed }: User, at: number): Author => ({
  by: name,
  at,
  ...(unconfirmed && { unconfirmed }),
});

/** One version of a downtime: as it became, or as it was when it was deleted. */
export type Version = Draft & {
  readonly id: number;
  readonly downtime_id: number;
  readonly action: "create" | "change" | "delete" | "restore";
  /** Counts the downtime's versions from 1; a delete has the number of what it deleted. */
  readonly version: number;
  readonly at: Instant;
  readonly by: string;
  /** The portal could not be asked at that time whether the user was still good. */
  readonly unconfirmed: boolean;
};

export const draftColumns = join(draftFields.map(column), ", ");
export const columns = sql`id, ${draftColumns}, created, modified`;

export type Row = Omit<Downtime, "created" | "modified"> & { readonly created: string; readonly modified: string };
export const toDowntime = (row: Row): Downtime => ({
  ...row,
  created: instantOf(row.created),
  modified: instantOf(row.modified),
});
export const draftValues = (draft: Draft) => draftFields.map((field) => draft[field]);
/** Two drafts with the same key are the very same. */
export const keyOf = (draft: Draft): string => draftValues(draft).join("\0");

/** Writes down who did what and when, in the transaction that does it. */
export async function record(
  tx: Transaction,
  action: Version["action"],
  version: number,
  downtimes: readonly Row[],
  { by, at, unconfirmed = false }: Author,
): Promise<void> {
  const stamp = toStamp(at);
  const versions = downtimes.map((row) => [row.id, action, version, stamp, by, unconfirmed, ...draftValues(row)]);
  await tx.all(
    sql`INSERT INTO downtime_history (downtime_id, action, version, "at", "by", unconfirmed, ${draftColumns})
      VALUES ${rows(versions)}`,
  );
}
