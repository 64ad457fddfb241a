/** Who asks: reads `Authorization: Basic` and `Authorization: Token`. */

import type { Clock } from "../domain/instant.ts";
import { Forbidden, Throttled, Unauthenticated } from "../domain/problem.ts";
import { mayCreate, type User, type WriteAccess } from "../domain/user.ts";
import type { Failures } from "../store/failures.ts";
import type { Users, UserWithPassword } from "../store/users.ts";
import { fingerprint, hashToken, verifyPassword } from "./secrets.ts";

/** How long a password that was right needs no second look: long enough for a program that sends it every second. */
const rememberedMillis = 60_000;
const mostRemembered = 1000;

export interface AuthSettings {
  readonly users: Users;
  readonly failures: Failures;
  readonly secretKey: string;
  readonly writeAccess: WriteAccess;
  readonly clock: Clock;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

export type Auth = ReturnType<typeof createAuth>;

export function createAuth({ users, failures, secretKey, writeAccess, clock, warn }: AuthSettings) {
  // Fingerprint of name and password → the hash that they were right for. The user is read anew each time, so that
  // another password or a withdrawn account counts at once, whichever process changed it.
  const verified = new Map<string, { passwordHash: string; until: number }>();

  // The same credentials sent over many connections at once are verified once.
  const underWay = new Map<string, Promise<void>>();

  async function checkPassword(name: string, password: string, address: string): Promise<User> {
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
  }

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

  async function checkToken(token: string): Promise<User> {
    const user = await users.findByTokenHash(hashToken(token));
    if (!user) throw new Unauthenticated("Invalid token.");
    if (!user.active) throw new Unauthenticated("User inactive or deleted.");
    return user;
  }

  const auth = {
    writeAccess,

    /**
     * The user who sends the request; undefined when it doesn't say. A scheme that isn't ours counts as none.
     * @param address the client's network address
     * @throws Unauthenticated when it says so wrongly, Throttled after too many wrong passwords
     */
    async identify(request: Request, address: string): Promise<User | undefined> {
      const [scheme, ...parts] = (request.headers.get("authorization") ?? "").trim().split(/\s+/);
      if (scheme?.toLowerCase() === "token") return checkToken(single(parts, "token", "Token"));
      if (scheme?.toLowerCase() !== "basic") return undefined;
      const { name, password } = readBasic(single(parts, "basic", "Credentials"));
      return checkPassword(name, password, address);
    },

    /**
     * The user, who may create downtimes.
     * @throws Unauthenticated for nobody, Forbidden for somebody who may not
     */
    async requireWriter(request: Request, address: string): Promise<User> {
      const user = await auth.identify(request, address);
      if (!user) throw new Unauthenticated();
      if (!mayCreate(user, writeAccess)) throw new Forbidden();
      return user;
    },
  };
  return auth;
}

function single(parts: readonly string[], scheme: string, noun: string): string {
  if (parts.length === 0) throw new Unauthenticated(`Invalid ${scheme} header. No credentials provided.`);
  if (parts.length > 1)
    throw new Unauthenticated(`Invalid ${scheme} header. ${noun} string should not contain spaces.`);
  return parts[0] as string;
}

function readBasic(encoded: string): { name: string; password: string } {
  const wrong = new Unauthenticated("Invalid basic header. Credentials not correctly base64 encoded.");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) throw wrong;
  const text = Buffer.from(encoded, "base64").toString();
  const colon = text.indexOf(":");
  if (colon < 0) throw wrong;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
