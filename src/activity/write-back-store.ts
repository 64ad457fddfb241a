/** Writes earlier versions of downtimes back, in batches, with the history of each. */

import type { ChangeSet } from "../auth/change-set-store.ts";
import { column, isAmong, join, rows, sql, type Transaction } from "../database/sql.ts";
import { chunksOf } from "../downtime/bulk-insert.ts";
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
import { freeNames, removeAll } from "../series/reconcile-store.ts";
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
