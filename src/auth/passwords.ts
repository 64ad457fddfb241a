/** Passwords: whether a name and a password belong together, slowly once, quickly for a while after. */

import type { Clock } from "../domain/instant.ts";
import { Throttled, Unauthenticated } from "../domain/problem.ts";
import type { Failures } from "../store/failures.ts";
import type { StoredUser, Users } from "../store/users.ts";
import type { PortalUsers } from "./portal-users.ts";
import { fingerprint, hashPassword, isOldHash, verifyPassword } from "./secrets.ts";

/** How long a password that was right needs no second look: long enough for a program that sends it every second. */
const rememberedMillis = 60_000;
/** The same where the portal took it. */
const rememberedFromPortalMillis = 5 * 60_000;
const mostRemembered = 1000;

export interface PasswordSettings {
  readonly users: Users;
  readonly portalUsers: PortalUsers;
  readonly failures: Failures;
  readonly secretKey: string;
  readonly clock: Clock;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

export function createPasswordCheck({ users, portalUsers, failures, secretKey, clock, warn }: PasswordSettings) {
  // Fingerprint of name and password → whom they proved, by the hash that they were right for. The user is read anew
  // each time, so that another password or a withdrawn account counts at once, whichever process changed it.
  const verified = new Map<string, { name: string; passwordHash: string; until: number }>();

  // The same credentials sent over many connections at once are verified once.
  const underWay = new Map<string, Promise<StoredUser>>();

  /** A local user by the hash; everybody else by the portal. */
  async function prove(name: string, password: string, user?: StoredUser): Promise<StoredUser | undefined> {
    if (!user || user.portal) return portalUsers.signIn(name, password, user);
    return (await verifyPassword(password, user.passwordHash)) ? user : undefined;
  }

  /** @throws Throttled, Unauthenticated */
  async function checkSlowly(key: string, name: string, password: string, address: string, user?: StoredUser) {
    // Counted as a failure before it is known to be one: a hundred guesses sent at once must not all pass.
    const attempt = await failures.begin([`name ${name}`, `address ${address}`], clock());
    if (attempt.waitSeconds > 0) {
      warn("sign-in throttled", { user: user?.name ?? "unknown", address });
      throw new Throttled(attempt.waitSeconds);
    }
    const proven = await prove(name, password, user);
    if (!proven) {
      // A name that nobody has isn't logged: people type passwords into the wrong field.
      warn("sign-in failed", { user: user?.name ?? "unknown", address });
      throw new Unauthenticated("Invalid username/password.");
    }
    await failures.forgive(attempt);
    if (proven.passwordHash && isOldHash(proven.passwordHash))
      await users.replacePasswordHash(proven.name, proven.passwordHash, await hashPassword(password));
    remember(key, proven);
    return proven;
  }

  function remember(key: string, { name, passwordHash, portal }: StoredUser): void {
    const oldest = verified.keys().next().value;
    if (verified.size >= mostRemembered && oldest !== undefined) verified.delete(oldest);
    const isFresh = portal?.passwordConfirmed && Date.parse(portal.passwordConfirmed) + rememberedMillis > clock();
    const until = clock() + (isFresh ? rememberedFromPortalMillis : rememberedMillis);
    if (passwordHash) verified.set(key, { name, passwordHash, until });
  }

  /**
   * The user whom the name and the password prove.
   * @param address the client's network address
   * @throws Unauthenticated, or Throttled after too many wrong ones
   */
  return async function checkPassword(name: string, password: string, address: string): Promise<StoredUser> {
    // Nobody has a name that no database can keep.
    if (name.includes("\0") || !name.isWellFormed()) throw new Unauthenticated("Invalid username/password.");
    const key = fingerprint(secretKey, name, password);
    const known = verified.get(key);
    let user = await users.findByName(known?.name ?? name);
    if (!user || known?.passwordHash !== user.passwordHash || known.until <= clock()) {
      verified.delete(key);
      const check =
        underWay.get(key) ?? checkSlowly(key, name, password, address, user).finally(() => underWay.delete(key));
      underWay.set(key, check);
      user = await check;
    }
    if (!user.active) throw new Unauthenticated("User inactive or deleted.");
    return user;
  };
}
