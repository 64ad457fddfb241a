/** Maps rows to users. Passwords are stored only as hashes. */

import { sql } from "../database/sql.ts";
import { type Instant, instantOf } from "../time/instant.ts";
import type { User } from "./user.ts";

/** A user with the data to authenticate them. */
export interface StoredUser extends User {
  /** Null if the user can't sign in with a password. */
  readonly passwordHash: string | null;
  /** Undefined for local users. */
  readonly portal?: PortalStatus;
}

/** What the portal last said about a user. */
export interface PortalStatus {
  /** The encrypted OAuth tokens, to ask about the user without the password. */
  readonly grant?: string;
  /** When to ask again. */
  readonly due?: Instant;
  /** When the portal last confirmed the user. */
  readonly confirmed?: Instant;
  /** When the portal last accepted the password. */
  readonly passwordConfirmed?: Instant;
}

export interface UserRow {
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

export const userColumns = sql`id, name, password_hash, staff, active, origin, portal_grant, portal_due, portal_confirmed, password_confirmed`;
export const toUser = (row: UserRow): StoredUser => ({
  id: row.id,
  name: row.name,
  staff: Boolean(row.staff),
  active: Boolean(row.active),
  passwordHash: row.password_hash,
  ...(row.origin === "portal" && { portal: toPortalStatus(row) }),
});
const toPortalStatus = (row: UserRow): PortalStatus => ({
  ...(row.portal_grant !== null && { grant: row.portal_grant }),
  ...(row.portal_due !== null && { due: instantOf(row.portal_due) }),
  ...(row.portal_confirmed !== null && { confirmed: instantOf(row.portal_confirmed) }),
  ...(row.password_confirmed !== null && { passwordConfirmed: instantOf(row.password_confirmed) }),
});
