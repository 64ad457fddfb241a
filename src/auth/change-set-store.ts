/** Change sets: all that one transaction does to downtimes and series, under one id, with who did it, when and how. */

import { type Database, type Reader, sql, type Transaction } from "../database/sql.ts";
import { Conflict } from "../input/problem.ts";
import { toStamp } from "../time/instant.ts";
import type { User } from "./user.ts";

/** Who writes, and when. */
export interface Author {
  /** A user's name, or the words for a command. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The portal could not be asked whether the user is still good. */
  readonly unconfirmed?: boolean;
  /** Identifies the form that was sent. What it wrote is never written twice. */
  readonly onceKey?: string;
}

/** A user as an author. */
export const authorOf = ({ name, unconfirmed }: User, at: number, onceKey?: string): Author => ({
  by: name,
  at,
  ...(unconfirmed && { unconfirmed }),
  ...(onceKey !== undefined && { onceKey }),
});

/** What was done: to one downtime or to several, or to a series with its downtimes. */
export type Kind =
  | "create"
  | "edit"
  | "delete"
  | "restore"
  | "close"
  | "end"
  | "extend"
  | "until_notice"
  | "import"
  | "migrate"
  | "create_series"
  | "edit_series"
  | "end_series"
  | "delete_series";

/** An open change set. Whoever writes a version of a downtime or of a series needs its id. */
export interface ChangeSet extends Author {
  /** Stores the change set with the first call, so that a transaction that writes nothing leaves none. */
  id(): Promise<number>;
}

/**
 * Opens the change set of a transaction.
 * @throws Conflict when the form was sent before
 */
export async function openChangeSet(tx: Transaction, kind: Kind, author: Author): Promise<ChangeSet> {
  const { by, at, unconfirmed = false, onceKey = null } = author;
  // Writers take turns, so the first of two clicks has committed by now; the column is unique all the same.
  if (onceKey !== null && (await find(tx, onceKey))) throw new Conflict("This form was already sent.");
  const store = async () => {
    const stored = await tx.first<{ id: number }>(
      sql`INSERT INTO downtime_change_set (kind, "at", "by", unconfirmed, once_key)
        VALUES (${kind}, ${toStamp(at)}, ${by}, ${unconfirmed}, ${onceKey}) RETURNING id`,
    );
    return (stored as { id: number }).id;
  };
  let id: Promise<number> | undefined;
  return { ...author, id: () => (id ??= store()) };
}

const find = (reader: Reader, onceKey: string) =>
  reader.first<{ id: number; kind: Kind }>(sql`SELECT id, kind FROM downtime_change_set WHERE once_key = ${onceKey}`);

/** What a form that was sent has written. */
export interface Written {
  readonly kind: Kind;
  /** In the order in which they were written. */
  readonly downtimes: readonly { readonly id: number; readonly action: string }[];
  /** The series that was written, with its downtimes. */
  readonly series: { readonly id: number; readonly action: string; readonly version: number } | undefined;
}

export type ChangeSets = ReturnType<typeof createChangeSets>;

export function createChangeSets(database: Database) {
  return {
    /** Returns what the form with this key has written; undefined when it has written nothing. */
    async findWritten(onceKey: string): Promise<Written | undefined> {
      const found = await find(database, onceKey);
      if (!found) return undefined;
      const { id, kind } = found;
      const series = await database.first<NonNullable<Written["series"]>>(
        sql`SELECT series_id AS id, action, version FROM downtime_series_history WHERE change_set = ${id}`,
      );
      const downtimes = await database.all<Written["downtimes"][number]>(
        sql`SELECT downtime_id AS id, action FROM downtime_history WHERE change_set = ${id} ORDER BY id LIMIT 1000`,
      );
      return { kind, downtimes, series };
    },
  };
}
