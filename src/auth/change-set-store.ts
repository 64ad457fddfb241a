/** Change sets: what one transaction changes in downtimes and series, by whom and when. And the history of users. */

import { type Database, type Reader, rows, sql, type Transaction } from "../database/sql.ts";
import { Conflict } from "../input/problem.ts";
import { toStamp } from "../time/instant.ts";
import type { User } from "./user.ts";

/** Who writes, and when. */
export interface Author {
  /** A username, or `commandLine` for a command. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The Observation Portal could not confirm the user's rights. */
  readonly unconfirmed?: boolean;
  /** Identifies a form submission, so that it is never written twice. */
  readonly onceKey?: string;
}

/** Returns a user as an author. @param at in milliseconds since 1970 */
export const authorOf = ({ name: by, unconfirmed }: User, at: number): Author =>
  unconfirmed ? { by, at, unconfirmed } : { by, at };

type DowntimeKind = "create" | "edit" | "move" | "skip" | "delete" | "restore" | ClosureKind | "uptime";
type ClosureKind = "close" | "end" | "extend" | "until_notice";
type SeriesKind = "create_series" | "edit_series" | "end_series" | "delete_series";
/** What was done to downtimes, or to a series and its downtimes. */
export type Kind = DowntimeKind | SeriesKind | "import" | "migrate" | "undo";

/** An open change set. Each new version of a downtime or series refers to its id. */
export interface ChangeSet extends Author {
  /** Stores the change set on the first call, so that a transaction without changes stores none. */
  id(): Promise<number>;
}

/** Opens the change set of a transaction. @throws Conflict if the form was already sent */
export async function openChangeSet(tx: Transaction, kind: Kind, author: Author): Promise<ChangeSet> {
  const { by, at, unconfirmed = false, onceKey = null } = author;
  // Transactions don't overlap, so the first of two clicks has committed by now. The unique column is a second safeguard.
  const isRepeated = () => tx.first(sql`SELECT id FROM downtime_change_set WHERE once_key = ${onceKey}`);
  if (onceKey !== null && (await isRepeated())) throw new Conflict("This form was already sent.");
  const store = async () => {
    const values = rows([[kind, toStamp(at), by, unconfirmed, onceKey]]);
    const stored = await tx.all<{ id: number }>(
      sql`INSERT INTO downtime_change_set (kind, "at", "by", unconfirmed, once_key) VALUES ${values} RETURNING id`,
    );
    return (stored[0] as { id: number }).id;
  };
  let id: Promise<number> | undefined;
  return { ...author, id: () => (id ??= store()) };
}

/** What a change set has written. */
export interface Written {
  readonly id: number;
  readonly kind: Kind;
  /** The id of the first downtime, if it wrote one. */
  readonly downtime: number | null;
  /** The id, the action and the version of the series, if it wrote one. */
  readonly series: number | null;
  readonly action: string | null;
  readonly version: number | null;
  /** The series that all of the downtimes belong to. */
  readonly occurrencesOf: number | null;
}

export type ChangeSets = ReturnType<typeof createChangeSets>;

export const createChangeSets = (database: Database) => ({
  /** Returns who stored a change set, and what it did; undefined if there is none. */
  find: (id: number) =>
    database.first<{ kind: Kind; by: string }>(sql`SELECT kind, "by" FROM downtime_change_set WHERE id = ${id}`),

  /** Returns what the form submission with this key has written; undefined if nothing. */
  findWritten: (onceKey: string) =>
    database.first<Written>(
      sql`SELECT c.id, c.kind, s.series_id AS series, s.action, s.version,
          (SELECT min(downtime_id) FROM downtime_history WHERE change_set = c.id) AS downtime,
          (SELECT min(series) FROM downtime_history WHERE change_set = c.id
            HAVING count(DISTINCT coalesce(series, 0)) = 1) AS "occurrencesOf"
        FROM downtime_change_set AS c LEFT JOIN downtime_series_history AS s ON s.change_set = c.id
        WHERE c.once_key = ${onceKey}`,
    ),
});

/** Within this time, a form that arrives again was sent twice, as by a double click. */
const repetitionMillis = 60_000;

/** A form arrived twice. What the first one did can be shown again, even a new secret. */
export class SentTwice extends Conflict {}

/** @throws SentTwice, or Conflict if the form was sent before */
export async function refuseRepetition(reader: Reader, { onceKey, at }: Author): Promise<void> {
  if (onceKey === undefined) return;
  const sent = await reader.first<{ at: string }>(
    sql`SELECT "at" FROM downtime_user_history WHERE once_key = ${onceKey}`,
  );
  if (sent)
    throw new (at < Date.parse(sent.at) + repetitionMillis ? SentTwice : Conflict)("This form was already sent.");
}

/** @param action such as `create`, `grant_staff` or `set_password` */
export const recordUser = (
  tx: Transaction,
  userId: number,
  action: string,
  { by, at, unconfirmed = false, onceKey }: Author,
  token: string | null = null,
): Promise<unknown> =>
  tx.all(sql`INSERT INTO downtime_user_history (user_id, action, token, "at", "by", unconfirmed, once_key)
    VALUES (${userId}, ${action}, ${token}, ${toStamp(at)}, ${by}, ${unconfirmed}, ${onceKey ?? null})`);
