/** Stores API tokens: any number for each user, identified by name. Only their hashes are stored. */

import { type Database, sql, type Transaction, write } from "../database/sql.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { hourMillis, instantOf, type Stamp, toStamp } from "../time/instant.ts";
import { type Author, recordUser, refuseRepetition } from "./change-set-store.ts";

type TokenRow = Readonly<{ name: string; created: string | null; last_used: string | null }>;

/** A token to store. `created` is null if unknown. */
export type NewToken = Readonly<{ name: string; hash: string; created: Stamp | null }>;

/** The name of a new user's first token. */
export const firstToken = "default";
/** The name of a token from the Observation Portal. */
export const portalToken = "portal";

export type Tokens = ReturnType<typeof createTokens>;

/** The instant of a stamp; undefined for null. */
export const timeOf = (stamp: string | null) => (stamp === null ? undefined : instantOf(stamp));

export function createTokens(database: Database) {
  const change = (
    action: string,
    userName: string,
    token: string,
    author: Author,
    work: (tx: Transaction, userId: number) => Promise<void>,
  ): Promise<void> =>
    database.transaction(async (tx) => {
      await refuseRepetition(tx, author);
      const user = await tx.first<{ id: number }>(sql`SELECT id FROM downtime_user WHERE name = ${userName}`);
      if (!user) throw new NotFound(`User not found: ${userName}`);
      await work(tx, user.id);
      await recordUser(tx, user.id, action, author, token);
    });

  return {
    /** Returns a user's tokens, sorted by name. `created` is unknown for the oldest ones; `lastUsed`: to the hour. */
    async list(userName: string) {
      const rows = await database.all<TokenRow>(
        sql`SELECT t.name, t.created, t.last_used FROM downtime_token AS t JOIN downtime_user AS u ON u.id = t.user_id
          WHERE u.name = ${userName} ORDER BY t.name`,
      );
      return rows.map((row) => ({ name: row.name, created: timeOf(row.created), lastUsed: timeOf(row.last_used) }));
    },

    /** Stores a token. @param replacesAll deletes all others of the user @throws NotFound; Conflict if the name is taken */
    put: (userName: string, token: NewToken, author: Author, replacesAll = false): Promise<void> =>
      change("create_token", userName, token.name, author, async (tx, userId) => {
        if (token.name === portalToken)
          throw new Conflict("This name is reserved for the portal. Choose another name.");
        if (replacesAll) await tx.all(sql`DELETE FROM downtime_token WHERE user_id = ${userId}`);
        if (!(await addToken(tx, userId, token)))
          throw new Conflict(`A token named ${token.name} already exists. Choose another name, or revoke it first.`);
      }),

    /** @throws NotFound if the user has no token with this name */
    revoke: (userName: string, name: string, author: Author): Promise<void> =>
      change("revoke_token", userName, name, author, async (tx, userId) => {
        const isIt = sql`user_id = ${userId} AND name = ${name}`;
        const gone = await tx.all(sql`DELETE FROM downtime_token WHERE ${isIt} RETURNING id`);
        if (gone.length === 0) throw new NotFound(`User ${userName} has no token named ${name}.`);
      }),

    /** Stores that a token was used in this hour. @param now in milliseconds since 1970 */
    async touch(hash: string, now: number): Promise<void> {
      const hour = toStamp(now - (now % hourMillis));
      const isNew = sql`hash = ${hash} AND (last_used IS NULL OR last_used < ${hour})`;
      await write(database, sql`UPDATE downtime_token SET last_used = ${hour} WHERE ${isNew}`);
    },
  };
}

/** Stores a token. @returns false, and stores nothing, if the token or the user's token with this name exists */
export async function addToken(tx: Transaction, userId: number, { name, hash, created }: NewToken): Promise<boolean> {
  const rows = await tx.all(sql`INSERT INTO downtime_token (user_id, name, hash, created)
    VALUES (${userId}, ${name}, ${hash}, ${created}) ON CONFLICT DO NOTHING RETURNING id`);
  return rows.length > 0;
}

/** Stores a user's portal token; null deletes it. @returns false if a local user has it: the owner would be ambiguous */
export async function storePortalToken(tx: Transaction, userId: number, hash: string | null, now: number) {
  const isOther = hash === null ? sql`` : sql`AND hash <> ${hash}`;
  await tx.all(sql`DELETE FROM downtime_token WHERE user_id = ${userId} AND name = ${portalToken} ${isOther}`);
  if (hash === null) return true;
  await tx.all(sql`DELETE FROM downtime_token WHERE hash = ${hash} AND user_id <> ${userId}
    AND user_id IN (SELECT id FROM downtime_user WHERE origin = 'portal')`);
  await addToken(tx, userId, { name: portalToken, hash, created: toStamp(now) });
  const stored = sql`SELECT id FROM downtime_token WHERE hash = ${hash} AND user_id = ${userId}`;
  return (await tx.first(stored)) !== undefined;
}
