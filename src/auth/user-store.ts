/** Stores users. */

import { type Database, type Sql, sql, type Transaction, write } from "../database/sql.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { toStamp } from "../time/instant.ts";
import { createPortalUserStore } from "./portal-user-store.ts";
import { addToken, firstToken } from "./token-store.ts";
import type { User } from "./user.ts";
import { toUser, type UserRow, userColumns } from "./user-rows.ts";

/** A user to store. */
interface NewUser {
  readonly name: string;
  readonly staff: boolean;
  readonly passwordHash: string | null;
  readonly tokenHash: string | null;
}

export type Users = ReturnType<typeof createUsers>;

export function createUsers(database: Database) {
  const findWhere = async (condition: Sql) => {
    const row = await database.first<UserRow>(sql`SELECT ${userColumns} FROM downtime_user WHERE ${condition}`);
    return row && toUser(row);
  };

  const change = (
    name: string,
    assignment: Sql,
    also: (tx: Transaction, id: number) => Promise<unknown> = async () => {},
  ) =>
    database.transaction(async (tx) => {
      const [row] = await tx.all<{ id: number }>(
        sql`UPDATE downtime_user SET ${assignment} WHERE name = ${name} RETURNING id`,
      );
      if (!row) throw new NotFound(`User not found: ${name}`);
      await also(tx, row.id);
    });

  return {
    find: (id: number) => findWhere(sql`id = ${id}`),
    findByName: (name: string) => findWhere(sql`name = ${name}`),
    findByTokenHash: (hash: string) => findWhere(sql`id = (SELECT user_id FROM downtime_token WHERE hash = ${hash})`),

    /** Returns all users, sorted by name. */
    async list(): Promise<User[]> {
      return (await database.all<UserRow>(sql`SELECT ${userColumns} FROM downtime_user ORDER BY name`)).map(toUser);
    },

    /** Whether there are any users. */
    async areThereAny(): Promise<boolean> {
      return (await database.first(sql`SELECT 1 AS found FROM downtime_user LIMIT 1`)) !== undefined;
    },

    /** Stores a user. @throws Conflict if the name or the token is taken */
    add: ({ name, staff, passwordHash, tokenHash }: NewUser, now: number): Promise<User> =>
      database.transaction(async (tx) => {
        const [row] = await tx.all<UserRow>(
          sql`INSERT INTO downtime_user (name, staff, password_hash) VALUES (${name}, ${staff}, ${passwordHash})
            ON CONFLICT DO NOTHING RETURNING ${userColumns}`,
        );
        const token = tokenHash === null ? undefined : { name: firstToken, hash: tokenHash, created: toStamp(now) };
        if (!row || (token && !(await addToken(tx, row.id, token))))
          throw new Conflict(`User ${name} already exists, or another user has the same token.`);
        return toUser(row);
      }),

    /** Replaces the hash of a password with another one of the same password, unless the password has changed meanwhile. */
    replacePasswordHash: (name: string, old: string, hash: string) =>
      write(
        database,
        sql`UPDATE downtime_user SET password_hash = ${hash} WHERE name = ${name} AND password_hash = ${old}`,
      ),

    /** Sets a password, and ends the user's sessions. @throws NotFound */
    setPasswordHash: (name: string, hash: string) =>
      change(name, sql`password_hash = ${hash}`, (tx, id) =>
        tx.all(sql`DELETE FROM downtime_session WHERE user_id = ${id}`),
      ),
    /** @throws NotFound */
    setStaff: (name: string, staff: boolean) => change(name, sql`staff = ${staff}`),
    /** Enables or disables a user. Disabling ends all sessions. @throws NotFound */
    setActive: (name: string, active: boolean) =>
      change(name, sql`active = ${active}`, async (tx, id) => {
        if (!active) await tx.all(sql`DELETE FROM downtime_session WHERE user_id = ${id}`);
      }),

    ...createPortalUserStore(database),
  };
}
