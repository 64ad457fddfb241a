/** Stores users, and what the Observation Portal says about its own. */

import { type Database, type Reader, type Sql, sql, type Transaction, write } from "../database/sql.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { commandLine } from "../input/terminal.ts";
import { instantOf, toStamp } from "../time/instant.ts";
import { type Author, recordUser, refuseRepetition } from "./change-set-store.ts";
import { addToken, firstToken, storePortalToken, timeOf } from "./token-store.ts";
import { lastStaff, type StoredUser, type User } from "./user.ts";

type NewUser = Pick<StoredUser, "name" | "staff" | "passwordHash"> & { readonly tokenHash: string | null };

/** What to change of a user; undefined fields stay unchanged. */
export interface UserChange {
  readonly staff?: boolean | undefined;
  readonly active?: boolean | undefined;
  readonly passwordHash?: string | undefined;
}

/** A user as the portal describes them; undefined fields stay unchanged. Deleting the password hash also ends all sessions. */
export interface PortalUser {
  readonly name: string;
  readonly staff: boolean;
  readonly tokenHash?: string | null;
  readonly passwordHash?: string | null | undefined;
  readonly grant?: string | null;
  /** When to ask again, in milliseconds since 1970. */
  readonly dueAt: number;
}

type PortalColumns = Readonly<Record<"grant" | "due" | "confirmed" | "passwordConfirmed", string | null>>;
type UserRow = Omit<StoredUser, "portal"> & PortalColumns & { readonly origin: "local" | "portal" };
const columns = sql`id, name, staff, active, origin, password_hash AS "passwordHash", portal_grant AS "grant",
  portal_due AS due, portal_confirmed AS confirmed, password_confirmed AS "passwordConfirmed"`;

function toUser({ origin, grant, due, confirmed, passwordConfirmed, ...user }: UserRow): StoredUser {
  const times = { due: timeOf(due), confirmed: timeOf(confirmed), passwordConfirmed: timeOf(passwordConfirmed) };
  const portal = origin === "portal" ? { grant, ...times } : undefined;
  // SQLite stores 0 and 1.
  return { ...user, staff: Boolean(user.staff), active: Boolean(user.active), portal };
}

type Event = Readonly<Record<"user" | "at" | "by" | "action", string> & { unconfirmed: unknown; token: string | null }>;
const maxShown = 200;

export type Users = ReturnType<typeof createUsers>;

export function createUsers(database: Database) {
  const findWhere = async (condition: Sql, reader: Reader = database) => {
    const row = await reader.first<UserRow>(sql`SELECT ${columns} FROM downtime_user WHERE ${condition}`);
    return row && toUser(row);
  };

  return {
    find: (id: number) => findWhere(sql`id = ${id}`),
    findByName: (name: string) => findWhere(sql`name = ${name}`),
    findByTokenHash: (hash: string) => findWhere(sql`id = (SELECT user_id FROM downtime_token WHERE hash = ${hash})`),

    list: async (): Promise<StoredUser[]> =>
      (await database.all<UserRow>(sql`SELECT ${columns} FROM downtime_user ORDER BY name`)).map(toUser),

    /** Returns the newest history of all users, newest first. `token` is the name of the one that was created or revoked. */
    async history() {
      const rows = await database.all<Event>(
        sql`SELECT u.name AS "user", h."at", h."by", h.unconfirmed, h.action, h.token FROM downtime_user_history AS h
          JOIN downtime_user AS u ON u.id = h.user_id ORDER BY h.id DESC LIMIT ${maxShown}`,
      );
      return rows.map((row) => ({ ...row, at: instantOf(row.at) }));
    },

    refuseRepetition: (author: Author) => refuseRepetition(database, author),

    areThereAny: async (): Promise<boolean> =>
      (await database.first(sql`SELECT 1 AS found FROM downtime_user LIMIT 1`)) !== undefined,

    /** Stores a user. @throws Conflict if the name or the token is taken */
    add: ({ name, staff, passwordHash, tokenHash: hash }: NewUser, author: Author): Promise<User> =>
      database.transaction(async (tx) => {
        await refuseRepetition(tx, author);
        const [row] = await tx.all<UserRow>(
          sql`INSERT INTO downtime_user (name, staff, password_hash) VALUES (${name}, ${staff}, ${passwordHash})
            ON CONFLICT DO NOTHING RETURNING ${columns}`,
        );
        if (!row) throw new Conflict(`User ${name} already exists.`);
        const created = toStamp(author.at);
        if (hash && !(await addToken(tx, row.id, { name: firstToken, hash, created })))
          throw new Conflict("Another user has the same token. Choose another token.");
        for (const action of ["create", ...(staff ? ["grant_staff"] : [])])
          await recordUser(tx, row.id, action, author);
        return toUser(row);
      }),

    /** Replaces the hash of a password with another one of the same password, unless the password has changed meanwhile. */
    replacePasswordHash: (name: string, old: string, hash: string) => {
      const isSame = sql`name = ${name} AND password_hash = ${old}`;
      return write(database, sql`UPDATE downtime_user SET password_hash = ${hash} WHERE ${isSame}`);
    },

    /**
     * Changes a user. Disabling a user, and a new password, end all sessions.
     * @param keptSession the hash of the id of the session that a new password doesn't end
     * @throws NotFound; Conflict if the Observation Portal decides this, or if nobody could administer users any more
     */
    change: (name: string, change: UserChange, author: Author, keptSession = ""): Promise<void> =>
      database.transaction(async (tx) => {
        await refuseRepetition(tx, author);
        const user = await findWhere(sql`name = ${name}`, tx);
        if (!user) throw new NotFound(`User not found: ${name}`);
        checkPortal(user, change, author);
        const hadLogin = await hasSafeLogin(tx);
        const { staff = user.staff, active = user.active, passwordHash = user.passwordHash } = change;
        await tx.all(sql`UPDATE downtime_user SET staff = ${staff}, active = ${active}, password_hash = ${passwordHash}
          WHERE id = ${user.id}`);
        if (!active || change.passwordHash !== undefined)
          await tx.all(sql`DELETE FROM downtime_session WHERE user_id = ${user.id} AND id_hash <> ${keptSession}`);
        // A user of the command line can revert this there.
        if (hadLogin && author.by !== commandLine && !(await hasSafeLogin(tx))) throw new Conflict(lastStaff(name));
        for (const action of actionsOf(user, change)) await recordUser(tx, user.id, action, author);
      }),

    /** Creates or updates a portal user: undefined if a local user has the name. `isTokenTaken`: one has the token. */
    storePortalUser: ({ name, staff, tokenHash, passwordHash, grant = null, dueAt }: PortalUser, now: number) =>
      database.transaction(async (tx) => {
        const stamp = toStamp(now);
        const password = sql`, password_hash = ${passwordHash ?? null}, password_confirmed = ${passwordHash ? stamp : null}`;
        await tx.all(
          sql`INSERT INTO downtime_user (name, staff, origin) VALUES (${name}, ${staff}, 'portal') ON CONFLICT DO NOTHING`,
        );
        const [row] = await tx.all<UserRow>(
          sql`UPDATE downtime_user SET staff = ${staff}, portal_confirmed = ${stamp}, portal_due = ${toStamp(dueAt)},
            portal_grant = coalesce(${grant}, portal_grant) ${passwordHash === undefined ? sql`` : password}
            WHERE name = ${name} AND origin = 'portal' RETURNING ${columns}`,
        );
        if (passwordHash === null) await endSessions(tx, name);
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
    forgetPassword: (id: number, now: number) => {
      const forgotten = sql`password_hash = NULL, password_confirmed = NULL, portal_due = ${toStamp(now)}`;
      return write(database, sql`UPDATE downtime_user SET ${forgotten} WHERE id = ${id} AND origin = 'portal'`);
    },

    /** Revokes a portal user's access: deletes password, tokens and sessions. The user stays, for the history. */
    revokeAccess: (name: string): Promise<void> =>
      database.transaction(async (tx) => {
        await tx.all(
          sql`UPDATE downtime_user SET staff = ${false}, password_hash = NULL, portal_grant = NULL, portal_due = NULL,
            portal_confirmed = NULL, password_confirmed = NULL WHERE name = ${name} AND origin = 'portal'`,
        );
        await tx.all(sql`DELETE FROM downtime_token WHERE ${isOf(name)}`);
        await endSessions(tx, name);
      }),
  };
}

const isOf = (name: string) =>
  sql`user_id IN (SELECT id FROM downtime_user WHERE name = ${name} AND origin = 'portal')`;
const endSessions = (tx: Transaction, name: string) => tx.all(sql`DELETE FROM downtime_session WHERE ${isOf(name)}`);

function actionsOf(user: StoredUser, { staff = user.staff, active = user.active, passwordHash }: UserChange): string[] {
  const actions = {
    grant_staff: staff && !user.staff,
    revoke_staff: !staff && user.staff,
    enable: active && !user.active,
    disable: !active && user.active,
    set_password: passwordHash !== undefined,
  };
  return Object.entries(actions).flatMap(([action, isDone]) => (isDone ? [action] : []));
}

/** Without a portal, migrated portal users sign in by their password, which commands can set. @throws Conflict */
function checkPortal({ name, portal }: StoredUser, { staff, passwordHash }: UserChange, { by }: Author): void {
  const what =
    staff !== undefined ? "staff access" : passwordHash !== undefined && by !== commandLine && "the password";
  if (portal && what)
    throw new Conflict(`${name} signs in through the Observation Portal, which controls ${what}. Change it there.`);
}

// The portal's users don't count: it may be unreachable or revoke their access. Nor do API tokens: they can only be revoked.
const hasSafeLogin = async (tx: Transaction): Promise<boolean> =>
  (await tx.first(sql`SELECT 1 AS found FROM downtime_user WHERE staff = ${true} AND active = ${true} AND origin = 'local'
    AND (password_hash LIKE '$argon2%' OR password_hash LIKE 'pbkdf2_sha256$%') LIMIT 1`)) !== undefined;
