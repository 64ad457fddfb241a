/** Stores the history of users: who created or changed whom, how and when. It contains no secrets. */

import { type Reader, sql, type Transaction } from "../database/sql.ts";
import { Conflict } from "../input/problem.ts";
import { instantOf, toStamp } from "../time/instant.ts";
import type { Author } from "./change-set-store.ts";

type Event = Readonly<Record<"user" | "at" | "by" | "action", string> & { unconfirmed: unknown; token: string | null }>;

/** Within this time, a form that arrives again was sent twice, as by a double click. */
const repetitionMillis = 60_000;
/** The newest entries of a history are shown. */
const maxShown = 200;

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

/** Returns the history of all users, newest first. `token` is the name of the token that was created or revoked. */
export async function readUserHistory(reader: Reader) {
  const rows = await reader.all<Event>(
    sql`SELECT u.name AS "user", h."at", h."by", h.unconfirmed, h.action, h.token
      FROM downtime_user_history AS h JOIN downtime_user AS u ON u.id = h.user_id ORDER BY h.id DESC LIMIT ${maxShown}`,
  );
  return rows.map((row) => ({ ...row, at: instantOf(row.at) }));
}
