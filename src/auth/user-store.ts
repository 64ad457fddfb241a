/** The stored users. Passwords and tokens are stored as hashes alone; `auth/secrets.ts` makes them. */

import { type Database, join, type Sql, sql, type Transaction } from "../database/sql.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { type Instant, instantOf, toStamp } from "../time/instant.ts";
import { addToken, firstToken, keepPortalToken, removeTokens } from "./token-store.ts";
import type { User } from "./user.ts";

/** A user with what proves them. */
export interface StoredUser extends User {
  /** Null: this user can't sign in with a password. */
  readonly passwordHash: string | null;
  /** Undefined: the user was made here. */
  readonly portal?: Standing;
}

/** How a user stands with the portal. */
interface Standing {
  /** What lets us ask after the user without the password, sealed. */
  readonly grant?: string;
  /** When to ask next. */
  readonly due?: Instant;
  /** When the portal last stood by the user. */
  readonly confirmed?: Instant;
  /** When the portal last took the password. */
  readonly passwordConfirmed?: Instant;
}

/** What is stored of a new user. */
interface NewUser {
  readonly name: string;
  readonly staff: boolean;
  readonly passwordHash: string | null;
  readonly tokenHash: string | null;
}

/** What the portal says of a user; what it doesn't say stays as it is. */
export interface PortalUser {
  readonly name: string;
  readonly staff: boolean;
  readonly tokenHash?: string | null;
  readonly passwordHash?: string | null;
  readonly grant?: string;
  /** When to ask next, in milliseconds since 1970. */
  readonly dueAt?: number;
}

/** What became of what the portal said of a user. */
export interface Kept {
  readonly user: StoredUser | undefined;
  /** The token wasn't kept: a local user has the same one. */
  readonly isTokenTaken: boolean;
}

export type Users = ReturnType<typeof createUsers>;

interface Row {
  id: number;
  name: string;
  password_hash: string | null;
  staff: number | boolean;
  active: number | boolean;
  origin: "local" | "portal";
  portal_grant: string | null;
  portal_due: string | null;
  portal_confirmed: string | null;
  password_confirmed: string | null;
}

const columns = sql`id, name, password_hash, staff, active, origin, portal_grant, portal_due, portal_confirmed, password_confirmed`;
const toUser = (row: Row): StoredUser => ({
  id: row.id,
  name: row.name,
  staff: Boolean(row.staff),
  active: Boolean(row.active),
  passwordHash: row.password_hash,
  ...(row.origin === "portal" && { portal: toStanding(row) }),
});
const toStanding = (row: Row): Standing => ({
  ...(row.portal_grant !== null && { grant: row.portal_grant }),
  ...(row.portal_due !== null && { due: instantOf(row.portal_due) }),
  ...(row.portal_confirmed !== null && { confirmed: instantOf(row.portal_confirmed) }),
  ...(row.password_confirmed !== null && { passwordConfirmed: instantOf(row.password_confirmed) }),
});

export function createUsers(database: Database) {
  const findWhere = async (condition: Sql) => {
    const row = await database.first<Row>(sql`SELECT ${columns} FROM downtime_user WHERE ${condition}`);
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

    /** All users, by name. */
    async list(): Promise<User[]> {
      return (await database.all<Row>(sql`SELECT ${columns} FROM downtime_user ORDER BY name`)).map(toUser);
    },

    async areThereAny(): Promise<boolean> {
      return (await database.first(sql`SELECT 1 AS found FROM downtime_user LIMIT 1`)) !== undefined;
    },

    /** @throws Conflict when the name or the token is taken */
    add: ({ name, staff, passwordHash, tokenHash }: NewUser, now: number): Promise<User> =>
      database.transaction(async (tx) => {
        const [row] = await tx.all<Row>(
          sql`INSERT INTO downtime_user (name, staff, password_hash) VALUES (${name}, ${staff}, ${passwordHash})
            ON CONFLICT DO NOTHING RETURNING ${columns}`,
        );
        const token = tokenHash === null ? undefined : { name: firstToken, hash: tokenHash, created: toStamp(now) };
        if (!row || (token && !(await addToken(tx, row.id, token))))
          throw new Conflict(`There is a user ${name} already, or one with the same token.`);
        return toUser(row);
      }),

    /** Puts another hash of the same password in the place of one, unless the password was changed meanwhile. */
    async replacePasswordHash(name: string, old: string, hash: string): Promise<void> {
      await database.transaction((tx) =>
        tx.all(sql`UPDATE downtime_user SET password_hash = ${hash} WHERE name = ${name} AND password_hash = ${old}`),
      );
    },

    /** Whoever was signed in with the old password is so no more. @throws NotFound */
    setPasswordHash: (name: string, hash: string) =>
      change(name, sql`password_hash = ${hash}`, (tx, id) =>
        tx.all(sql`DELETE FROM downtime_session WHERE user_id = ${id}`),
      ),
    /** @throws NotFound */
    setStaff: (name: string, staff: boolean) => change(name, sql`staff = ${staff}`),
    /** A user who is disabled is signed out everywhere, also once enabled again. @throws NotFound */
    setActive: (name: string, active: boolean) =>
      change(name, sql`active = ${active}`, async (tx, id) => {
        if (!active) await tx.all(sql`DELETE FROM downtime_session WHERE user_id = ${id}`);
      }),

    /**
     * Keeps what the portal says of a user, which is made where it isn't there yet. A token that a local user has too is
     * not kept, since nobody could say whose it is.
     * @returns `user` is undefined when a local user has the name: the portal has no say over those
     */
    keepFromPortal: (user: PortalUser, now: number): Promise<Kept> =>
      database.transaction(async (tx) => {
        await tx.all(
          sql`INSERT INTO downtime_user (name, staff, origin) VALUES (${user.name}, ${user.staff}, 'portal') ON CONFLICT DO NOTHING`,
        );
        const [row] = await tx.all<Row>(
          sql`UPDATE downtime_user SET ${assignmentsOf(user, now)} WHERE name = ${user.name} AND origin = 'portal' RETURNING ${columns}`,
        );
        const isTokenTaken =
          row !== undefined &&
          user.tokenHash !== undefined &&
          !(await keepPortalToken(tx, row.id, user.tokenHash, now));
        return { user: row && toUser(row), isTokenTaken };
      }),

    /**
     * Takes the question whether the portal still stands by a user, for one process alone: it isn't due again before `dueAt`.
     * @returns whether it was there to take
     */
    async claimQuestion(id: number, now: number, dueAt: number): Promise<boolean> {
      const rows = await database.transaction((tx) =>
        tx.all(
          sql`UPDATE downtime_user SET portal_due = ${toStamp(dueAt)} WHERE id = ${id} AND portal_due <= ${toStamp(now)} RETURNING id`,
        ),
      );
      return rows.length > 0;
    },

    /** Makes the question due whether the portal still stands by the user, if there is a grant to ask with. */
    async askSoon(name: string, now: number): Promise<void> {
      await database.transaction((tx) =>
        tx.all(
          sql`UPDATE downtime_user SET portal_due = ${toStamp(now)} WHERE name = ${name} AND portal_grant IS NOT NULL`,
        ),
      );
    },

    /** The portal no longer takes the password: it is forgotten, and the portal is asked at once whether it still stands by the user. */
    async forgetPassword(id: number, now: number): Promise<void> {
      await database.transaction((tx) =>
        tx.all(
          sql`UPDATE downtime_user SET password_hash = NULL, password_confirmed = NULL, portal_due = ${toStamp(now)} WHERE id = ${id} AND origin = 'portal'`,
        ),
      );
    },

    /** The portal no longer stands by a user: whatever proved them proves nothing any more. The name stays with what they did. */
    withdraw: (name: string): Promise<void> =>
      database.transaction(async (tx) => {
        const rows = await tx.all<{ id: number }>(
          sql`UPDATE downtime_user SET staff = ${false}, password_hash = NULL, portal_grant = NULL, portal_due = NULL,
            portal_confirmed = NULL, password_confirmed = NULL WHERE name = ${name} AND origin = 'portal' RETURNING id`,
        );
        for (const { id } of rows) await removeTokens(tx, id);
        await endSessions(tx, name);
      }),

    /** Ends the sessions of a user from the portal. */
    endSessions: (name: string): Promise<void> => database.transaction((tx) => endSessions(tx, name)),
  };
}

function assignmentsOf({ staff, passwordHash, grant, dueAt }: PortalUser, now: number): Sql {
  const confirmed = passwordHash ? toStamp(now) : null;
  return join(
    [
      sql`staff = ${staff}, portal_confirmed = ${toStamp(now)}`,
      ...(passwordHash !== undefined ? [sql`password_hash = ${passwordHash}, password_confirmed = ${confirmed}`] : []),
      ...(grant !== undefined ? [sql`portal_grant = ${grant}`] : []),
      ...(dueAt !== undefined ? [sql`portal_due = ${toStamp(dueAt)}`] : []),
    ],
    ", ",
  );
}

async function endSessions(tx: Transaction, name: string): Promise<void> {
  await tx.all(
    sql`DELETE FROM downtime_session WHERE user_id IN (SELECT id FROM downtime_user WHERE name = ${name} AND origin = 'portal')`,
  );
}
