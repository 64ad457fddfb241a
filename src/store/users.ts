/** The stored users. Passwords and tokens are stored as hashes alone; `auth/secrets.ts` makes them. */

import { type Database, type Sql, sql } from "../database/sql.ts";
import { Conflict, NotFound } from "../domain/problem.ts";
import type { User } from "../domain/user.ts";

/** A user with what proves a password. */
export interface UserWithPassword extends User {
  /** Null: this user can't sign in with a password. */
  readonly passwordHash: string | null;
}

/** What is stored of a new user. */
export interface NewUser {
  readonly name: string;
  readonly staff: boolean;
  readonly passwordHash: string | null;
  readonly tokenHash: string | null;
}

export type Users = ReturnType<typeof createUsers>;

interface Row {
  id: number;
  name: string;
  password_hash: string | null;
  staff: number | boolean;
  active: number | boolean;
}

const columns = sql`id, name, password_hash, staff, active`;
const toUser = (row: Row): UserWithPassword => ({
  id: row.id,
  name: row.name,
  staff: Boolean(row.staff),
  active: Boolean(row.active),
  passwordHash: row.password_hash,
});

export function createUsers(database: Database) {
  const findWhere = async (condition: Sql) => {
    const row = await database.first<Row>(sql`SELECT ${columns} FROM downtime_user WHERE ${condition}`);
    return row && toUser(row);
  };

  const change = async (name: string, assignment: Sql) => {
    const rows = await database.transaction((tx) =>
      tx.all(sql`UPDATE downtime_user SET ${assignment} WHERE name = ${name} RETURNING id`),
    );
    if (rows.length === 0) throw new NotFound(`There is no user ${name}.`);
  };

  return {
    find: (id: number) => findWhere(sql`id = ${id}`),
    findByName: (name: string) => findWhere(sql`name = ${name}`),
    findByTokenHash: (tokenHash: string) => findWhere(sql`token_hash = ${tokenHash}`),

    /** All users, by name. */
    async list(): Promise<User[]> {
      return (await database.all<Row>(sql`SELECT ${columns} FROM downtime_user ORDER BY name`)).map(toUser);
    },

    async areThereAny(): Promise<boolean> {
      return (await database.first(sql`SELECT 1 AS found FROM downtime_user LIMIT 1`)) !== undefined;
    },

    /** @throws Conflict when the name or the token is taken */
    async add({ name, staff, passwordHash, tokenHash }: NewUser): Promise<User> {
      const [row] = await database.transaction((tx) =>
        tx.all<Row>(
          sql`INSERT INTO downtime_user (name, staff, password_hash, token_hash) VALUES (${name}, ${staff}, ${passwordHash}, ${tokenHash})
            ON CONFLICT DO NOTHING RETURNING ${columns}`,
        ),
      );
      if (!row) throw new Conflict(`There is a user ${name} already, or one with the same token.`);
      return toUser(row);
    },

    /** @throws NotFound */
    setPasswordHash: (name: string, hash: string) => change(name, sql`password_hash = ${hash}`),
    /** @throws NotFound */
    setTokenHash: (name: string, hash: string) => change(name, sql`token_hash = ${hash}`),
    /** @throws NotFound */
    setActive: (name: string, active: boolean) => change(name, sql`active = ${active}`),
  };
}
