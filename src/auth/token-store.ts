/** Stores API tokens: any number for each user, identified by name. Only their hashes are stored. */

import { type Database, type Reader, sql, type Transaction, write } from "../database/sql.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { type Instant, instantOf, type Stamp, toStamp } from "../time/instant.ts";
import { type Author, recordUser, refuseRepetition } from "./change-set-store.ts";

/** A token without its secret. `created` is undefined for tokens from before users could have several; `lastUsed`: to the hour. */
type Token = Readonly<{ name: string; created?: Instant | undefined; lastUsed?: Instant | undefined }>;

/** A token to store. `created` is null if unknown. */
export type NewToken = Readonly<{ name: string; hash: string; created: Stamp | null }>;

/** The name of a new user's first token. */
export const firstToken = "default";
/** The name of a token from the Observation Portal. */
export const portalToken = "portal";

export type Tokens = ReturnType<typeof createTokens>;

/** Returns a stored time; undefined if there is none. */
export const timeOf = (stamp: string | null) => (stamp === null ? undefined : instantOf(stamp));

const hourMillis = 3_600_000;

export function createTokens(database: Database) {
  return {
    /** Returns a user's tokens, sorted by name. @throws NotFound if the user doesn't exist */
    async list(userName: string): Promise<Token[]> {
      const userId = await idOf(database, userName);
      const rows = await database.all<{ name: string; created: string | null; last_used: string | null }>(
        sql`SELECT name, created, last_used FROM downtime_token WHERE user_id = ${userId} ORDER BY name`,
      );
      return rows.map((row) => ({ name: row.name, created: timeOf(row.created), lastUsed: timeOf(row.last_used) }));
    },

    /**
     * Stores a token. It may replace the user's token with the same name, or all of them.
     * @throws NotFound if the user doesn't exist; Conflict if any user has the same token, or the user one with this name
     */
    put: (
      userName: string,
      token: NewToken,
      author: Author,
      replaced: "none" | "same name" | "all" = "same name",
    ): Promise<void> =>
      database.transaction(async (tx) => {
        await refuseRepetition(tx, author);
        if (token.name === portalToken) throw new Conflict("The portal's own token has this name. Choose another one.");
        const userId = await idOf(tx, userName);
        const which = replaced === "all" ? sql`` : sql`AND name = ${token.name}`;
        if (replaced !== "none") await tx.all(sql`DELETE FROM downtime_token WHERE user_id = ${userId} ${which}`);
        if (!(await addToken(tx, userId, token)))
          throw new Conflict(
            replaced === "none"
              ? `There is a token named ${token.name} already. Choose another name, or revoke it first.`
              : "This token is already in use. Choose another one.",
          );
        await recordUser(tx, userId, "create_token", author, token.name);
      }),

    /** @throws NotFound if the user has no token with this name */
    revoke: (userName: string, name: string, author: Author): Promise<void> =>
      database.transaction(async (tx) => {
        await refuseRepetition(tx, author);
        const userId = await idOf(tx, userName);
        const gone = await tx.all(
          sql`DELETE FROM downtime_token WHERE user_id = ${userId} AND name = ${name} RETURNING id`,
        );
        if (gone.length === 0) throw new NotFound(`User ${userName} has no token named ${name}.`);
        await recordUser(tx, userId, "revoke_token", author, name);
      }),

    /** Stores that a token was used in this hour. @param now in milliseconds since 1970 */
    async touch(hash: string, now: number): Promise<void> {
      const hour = toStamp(now - (now % hourMillis));
      const isNew = sql`hash = ${hash} AND (last_used IS NULL OR last_used < ${hour})`;
      await write(database, sql`UPDATE downtime_token SET last_used = ${hour} WHERE ${isNew}`);
    },
  };
}

async function idOf(reader: Reader, userName: string): Promise<number> {
  const row = await reader.first<{ id: number }>(sql`SELECT id FROM downtime_user WHERE name = ${userName}`);
  if (!row) throw new NotFound(`User not found: ${userName}`);
  return row.id;
}

/** Stores a token. @returns false, and stores nothing, if the token or the user's token with this name exists */
export async function addToken(tx: Transaction, userId: number, { name, hash, created }: NewToken): Promise<boolean> {
  const rows = await tx.all(sql`INSERT INTO downtime_token (user_id, name, hash, created)
    VALUES (${userId}, ${name}, ${hash}, ${created}) ON CONFLICT DO NOTHING RETURNING id`);
  return rows.length > 0;
}

/**
 * Stores a user's portal token; null deletes it. A renamed portal user keeps the token.
 * @returns false if a local user has the same token, which would make its owner ambiguous
 */
export async function storePortalToken(
  tx: Transaction,
  userId: number,
  hash: string | null,
  now: number,
): Promise<boolean> {
  await tx.all(sql`DELETE FROM downtime_token
    WHERE user_id = ${userId} AND name = ${portalToken} ${hash === null ? sql`` : sql`AND hash <> ${hash}`}`);
  if (hash === null) return true;
  await tx.all(sql`DELETE FROM downtime_token WHERE hash = ${hash} AND user_id <> ${userId}
    AND user_id IN (SELECT id FROM downtime_user WHERE origin = 'portal')`);
  await addToken(tx, userId, { name: portalToken, hash, created: toStamp(now) });
  return (
    (await tx.first(sql`SELECT id FROM downtime_token WHERE hash = ${hash} AND user_id = ${userId}`)) !== undefined
  );
}
