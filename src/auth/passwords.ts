/** Passwords: whether a name and a password belong together, slowly once, quickly for a while after. */

import type { Clock } from "../domain/instant.ts";
import { Throttled, Unauthenticated } from "../domain/problem.ts";
import type { User } from "../domain/user.ts";
import type { Failures } from "../store/failures.ts";
import type { Users, UserWithPassword } from "../store/users.ts";
import { fingerprint, verifyPassword } from "./secrets.ts";

/** How long a password that was right needs no second look: long enough for a program that sends it every second. */
const rememberedMillis = 60_000;
const mostRemembered = 1000;

export interface PasswordSettings {
  readonly users: Users;
  readonly failures: Failures;
  readonly secretKey: string;
  readonly clock: Clock;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

export function createPasswordCheck({ users, failures, secretKey, clock, warn }: PasswordSettings) {
  // Fingerprint of name and password → the hash that they were right for. The user is read anew each time, so that
  // another password or a withdrawn account counts at once, whichever process changed it.
  const verified = new Map<string, { passwordHash: string; until: number }>();

  // The same credentials sent over many connections at once are verified once.
  const underWay = new Map<string, Promise<void>>();

  /** @throws Throttled, Unauthenticated */
  async function checkSlowly(
    key: string,
    name: string,
    password: string,
    address: string,
    user?: UserWithPassword,
  ): Promise<void> {
    // Counted as a failure before it is known to be one: a hundred guesses sent at once must not all pass.
    const attempt = await failures.begin([`name ${name}`, `address ${address}`], clock());
    if (attempt.waitSeconds > 0) throw new Throttled(attempt.waitSeconds);
    if (!(await verifyPassword(password, user?.passwordHash ?? null))) {
      warn("sign-in failed", { user: name, address });
      throw new Unauthenticated("Invalid username/password.");
    }
    await failures.forgive(attempt);
    const oldest = verified.keys().next().value;
    if (verified.size >= mostRemembered && oldest !== undefined) verified.delete(oldest);
    if (user?.passwordHash) verified.set(key, { passwordHash: user.passwordHash, until: clock() + rememberedMillis });
  }

  /**
   * The user whom the name and the password prove.
   * @param address the client's network address
   * @throws Unauthenticated, or Throttled after too many wrong ones
   */
  return async function checkPassword(name: string, password: string, address: string): Promise<User> {
    const user = await users.findByName(name);
    const key = fingerprint(secretKey, name, password);
    const known = verified.get(key);
    if (!user || known?.passwordHash !== user.passwordHash || known.until <= clock()) {
      verified.delete(key);
      const check =
        underWay.get(key) ?? checkSlowly(key, name, password, address, user).finally(() => underWay.delete(key));
      underWay.set(key, check);
      await check;
    }
    if (!user?.active) throw new Unauthenticated("User inactive or deleted.");
    return user;
  };
}
