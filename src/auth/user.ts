/** Users: who may change downtimes. */

import { Problem } from "../input/problem.ts";

/** Somebody who can prove who they are. The name is unique and never changes. */
export interface User {
  readonly id: number;
  readonly name: string;
  /** Staff may change everything. */
  readonly staff: boolean;
  /** One who is not active is let in nowhere. */
  readonly active: boolean;
  /** The portal, which stood by this user a while ago, can't be reached now to ask whether it still does. */
  readonly unconfirmed?: true;
}

/** Whoever looks at a page: a signed-in user, with what proves that a form was filled in by them; or nobody. */
export interface Visitor {
  readonly user?: User;
  /** Goes into the field `csrf` of each form that changes something. */
  readonly csrf?: string;
  /** False: the user can't create downtimes, so pages don't offer it. Whoever isn't signed in may be able to. */
  readonly mayCreate: boolean;
}

/** Whose word is enough to write: staff alone, or everybody who is signed in. */
export type WriteAccess = "staff" | "authenticated";

/** Whether the user may create downtimes at all. */
export const mayCreate = (user: User, access: WriteAccess): boolean => user.staff || access === "authenticated";

/** Whether the user may change or delete a downtime: staff all of them, others only what they made. */
export const mayChange = (user: User, access: WriteAccess, createdBy: string | null): boolean =>
  user.staff || (mayCreate(user, access) && createdBy === user.name);

/**
 * Whether the user may delete a downtime: whoever may change it. Users who may create may also delete one without an owner
 * whose reason is a whole number: a real-time session that was booked before the move from the original.
 */
export const mayDelete = (user: User, access: WriteAccess, createdBy: string | null, reason: string): boolean =>
  mayChange(user, access, createdBy) || (mayCreate(user, access) && createdBy === null && /^\d+$/.test(reason));

/** Whether the user may restore a deleted downtime: staff all of them, others only what they deleted themselves. */
export const mayRestore = (
  user: User,
  access: WriteAccess,
  createdBy: string | null,
  reason: string,
  deletedBy: string,
): boolean => mayDelete(user, access, createdBy, reason) && (user.staff || deletedBy === user.name);

/** A user's name: letters, digits and `@ . + - _`, at most 150 characters, as the Observation Portal has them. */
export const userNamePattern = /^[\p{L}\p{N}@.+_-]{1,150}$/u;

/**
 * Checks a new user's name.
 * @throws Problem 400
 */
export function checkUserName(name: string): string {
  if (!userNamePattern.test(name))
    throw new Problem(400, "A user name has 1 to 150 characters, each a letter, a digit or one of @ . + - _");
  return name;
}

const shortestToken = 10;

/**
 * Checks a new API token. Those that are stored stay as they are.
 * @throws Problem 400
 */
export function checkToken(token: string): string {
  if (token.length < shortestToken || !/^[\x21-\x7e]+$/.test(token))
    throw new Problem(400, `A token has at least ${shortestToken} characters, all of ASCII and none of them a space.`);
  return token;
}

/**
 * Checks the name of an API token.
 * @throws Problem 400
 */
export function checkTokenName(name: string): string {
  if (!/^[^\p{C}\s](?:[^\p{C}]{0,98}[^\p{C}\s])?$/u.test(name))
    throw new Problem(400, "A token's name has 1 to 100 characters, without spaces at its ends or control characters");
  return name;
}
