/** Users, and what they may do with downtimes. */

import { Problem } from "../input/problem.ts";
import type { Instant } from "../time/instant.ts";

/** A user. The name is unique and never changes. */
export interface User {
  readonly id: number;
  readonly name: string;
  /** Staff may edit all downtimes. */
  readonly staff: boolean;
  /** Inactive users can't sign in or use tokens. */
  readonly active: boolean;
  /** The portal confirmed the user a while ago, and can't be reached now. */
  readonly unconfirmed?: true;
}

/** A user with the data to authenticate them. */
export interface StoredUser extends User {
  /** Null if the user can't sign in with a password. */
  readonly passwordHash: string | null;
  /** What the portal last said about the user; undefined for local users. */
  readonly portal: PortalStatus | undefined;
}

/** When to ask again; when the portal last confirmed the user, and last accepted the password. */
type PortalTimes = Readonly<Record<"due" | "confirmed" | "passwordConfirmed", Instant | undefined>>;
/** `grant`: the encrypted OAuth tokens, to ask about the user without the password. */
type PortalStatus = PortalTimes & { readonly grant: string | null };

/** The visitor of a page, signed in or not. */
export interface Visitor {
  readonly user?: User;
  /** The value of the field `csrf` in forms that change something. */
  readonly csrf?: string;
  /** False if pages shouldn't offer to create downtimes. True for visitors who aren't signed in: they may after signing in. */
  readonly mayCreate: boolean;
}

/** Who may write: only staff, or every authenticated user. */
export type WriteAccess = "staff" | "authenticated";

/** Who may use a page: every user, those who may create downtimes, or staff. */
export type Audience = "user" | "writer" | "staff";

export const isIn = (audience: Audience, user: User, access: WriteAccess): boolean =>
  user.staff || audience === "user" || (audience === "writer" && access === "authenticated");

export const mayCreate = (user: User, access: WriteAccess): boolean => isIn("writer", user, access);

/** Whether the user may edit a downtime: staff all of them, others those that they created. */
export const mayChange = (user: User, access: WriteAccess, createdBy: string | null): boolean =>
  user.staff || (mayCreate(user, access) && createdBy === user.name);

/**
 * Whether the user may delete a downtime. Those who may create downtimes may also delete one without a creator whose reason
 * is a whole number: a real-time session booked before the migration from OCS Downtime.
 */
export const mayDelete = (user: User, access: WriteAccess, createdBy: string | null, reason: string): boolean =>
  mayChange(user, access, createdBy) || (mayCreate(user, access) && createdBy === null && /^\d+$/.test(reason));

/** Whether the user may restore a deleted downtime: staff all of them, others those that they deleted. */
export const mayRestore = (user: User, access: WriteAccess, createdBy: string | null, reason: string, by: string) =>
  mayDelete(user, access, createdBy, reason) && (user.staff || by === user.name);

/** A username, as the Observation Portal defines it. */
export const userNamePattern = /^[\p{L}\p{N}@.+_-]{1,150}$/u;

/** Creates a function that returns a valid text. @throws Problem 400 */
const checking = (isValid: (text: string) => boolean, error: string) => (text: string) => {
  if (isValid(text)) return text;
  throw new Problem(400, error);
};

/** Checks a new username. @throws Problem 400 */
export const checkUserName = checking(
  (name) => userNamePattern.test(name),
  "A username must have 1 to 150 characters: letters, digits and @ . + - _",
);

/** Checks a new API token. Stored tokens may be shorter. @throws Problem 400 */
export const checkToken = checking(
  (token) => token.length >= 10 && /^[\x21-\x7e]+$/.test(token),
  "A token must have at least 10 printable ASCII characters, without spaces.",
);

/** Checks the name of an API token. @throws Problem 400 */
export const checkTokenName = checking(
  (name) => /^[^\p{C}\s](?:[^\p{C}]{0,98}[^\p{C}\s])?$/u.test(name),
  "A token name must have 1 to 100 characters, no control characters, and no space at either end.",
);

/** Checks a new password. Stored passwords may be shorter, and so may those that commands set. @throws Problem 400 */
export const checkPassword = checking(
  (password) => [...password].length >= 8 && password.length <= 1000 && password.isWellFormed(),
  "A password must have 8 to 1000 characters.",
);

/** Why the last local staff user can't be disabled or lose staff access. */
export const lastStaff = (name: string) =>
  `${name} is the last local staff user who can sign in. Give someone else staff access first.`;
