/** Stores what the Observation Portal says about its users; maps the rows of all users. */

import { type Database, sql, write } from "../database/sql.ts";
import { toStamp } from "../time/instant.ts";
import { storePortalToken, timeOf } from "./token-store.ts";
import type { StoredUser } from "./user.ts";

type PortalColumns = Readonly<Record<"grant" | "due" | "confirmed" | "passwordConfirmed", string | null>>;
export type UserRow = Omit<StoredUser, "portal"> & PortalColumns & { readonly origin: "local" | "portal" };
export const userColumns = sql`id, name, staff, active, origin, password_hash AS "passwordHash", portal_grant AS "grant",
  portal_due AS due, portal_confirmed AS confirmed, password_confirmed AS "passwordConfirmed"`;

export function toUser({ origin, grant, due, confirmed, passwordConfirmed, ...user }: UserRow): StoredUser {
  const times = { due: timeOf(due), confirmed: timeOf(confirmed), passwordConfirmed: timeOf(passwordConfirmed) };
  const portal = origin === "portal" ? { grant, ...times } : undefined;
  // SQLite stores 0 and 1.
  return { ...user, staff: Boolean(user.staff), active: Boolean(user.active), portal };
}

/** A user as the portal describes them; undefined fields stay unchanged. */
export interface PortalUser {
  readonly name: string;
  readonly staff: boolean;
  readonly tokenHash?: string | null;
  readonly passwordHash?: string | null;
  readonly grant?: string;
  /** When to ask again, in milliseconds since 1970. */
  readonly dueAt?: number;
}

export function createPortalUserStore(database: Database) {
  return {
    /**
     * Creates or updates a portal user. A token that a local user has isn't stored, since its owner would be ambiguous.
     * @returns `user` is undefined if a local user has the name; `isTokenTaken`: the token wasn't stored
     */
    storePortalUser: (user: PortalUser, now: number) =>
      database.transaction(async (tx) => {
        const { name, staff, tokenHash, passwordHash, grant = null, dueAt } = user;
        const [stamp, due] = [toStamp(now), dueAt === undefined ? null : toStamp(dueAt)];
        const password = sql`, password_hash = ${passwordHash ?? null}, password_confirmed = ${passwordHash ? stamp : null}`;
        await tx.all(
          sql`INSERT INTO downtime_user (name, staff, origin) VALUES (${name}, ${staff}, 'portal') ON CONFLICT DO NOTHING`,
        );
        const [row] = await tx.all<UserRow>(
          sql`UPDATE downtime_user SET staff = ${staff}, portal_confirmed = ${stamp},
            portal_grant = coalesce(${grant}, portal_grant), portal_due = coalesce(${due}, portal_due)
            ${passwordHash === undefined ? sql`` : password}
            WHERE name = ${name} AND origin = 'portal' RETURNING ${userColumns}`,
        );
        const hasToken = row !== undefined && tokenHash !== undefined;
        const isTokenTaken = hasToken && !(await storePortalToken(tx, row.id, tokenHash, now));
        return { user: row && toUser(row), isTokenTaken };
      }),

    /** Claims the task to ask the portal about a user, if it is due, so that only one process does. It is due again at `dueAt`. */
    async claimCheck(id: number, now: number, dueAt: number): Promise<boolean> {
      const isDue = sql`id = ${id} AND portal_due <= ${toStamp(now)}`;
      const claim = sql`UPDATE downtime_user SET portal_due = ${toStamp(dueAt)} WHERE ${isDue} RETURNING id`;
      return (await write(database, claim)).length > 0;
    },

    /** Deletes a password that the portal no longer accepts, and makes it due to ask the portal about the user. */
    forgetPassword: (id: number, now: number) =>
      write(
        database,
        sql`UPDATE downtime_user SET password_hash = NULL, password_confirmed = NULL, portal_due = ${toStamp(now)}
          WHERE id = ${id} AND origin = 'portal'`,
      ),

    /** Revokes a portal user's access: deletes password, tokens and sessions. The user stays, for the history. */
    revokeAccess: (name: string): Promise<void> =>
      database.transaction(async (tx) => {
        await tx.all(
          sql`UPDATE downtime_user SET staff = ${false}, password_hash = NULL, portal_grant = NULL, portal_due = NULL,
            portal_confirmed = NULL, password_confirmed = NULL WHERE name = ${name} AND origin = 'portal'`,
        );
        await tx.all(sql`DELETE FROM downtime_token WHERE ${isOf(name)}`);
        await tx.all(sql`DELETE FROM downtime_session WHERE ${isOf(name)}`);
      }),

    /** Ends the sessions of a portal user, and makes it due to ask the portal about them, if there is a grant. */
    endSessions: (name: string, now: number): Promise<void> =>
      database.transaction(async (tx) => {
        await tx.all(
          sql`UPDATE downtime_user SET portal_due = ${toStamp(now)} WHERE name = ${name} AND portal_grant IS NOT NULL`,
        );
        await tx.all(sql`DELETE FROM downtime_session WHERE ${isOf(name)}`);
      }),
  };
}

const isOf = (name: string) =>
  sql`user_id IN (SELECT id FROM downtime_user WHERE name = ${name} AND origin = 'portal')`;
