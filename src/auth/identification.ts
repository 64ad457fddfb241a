/** Identifies who sends a request: by `Authorization: Basic` or `Authorization: Token`, or else by the session cookie. */

import { LRUCache } from "lru-cache";
import { networkOf } from "../input/address.ts";
import { Throttled, Unauthenticated, Unavailable } from "../input/problem.ts";
import { readCredentials } from "./credentials.ts";
import { createPasswordCheck } from "./passwords.ts";
import type { PortalUsers } from "./portal-users.ts";
import { hashToken } from "./secrets.ts";
import type { createSessionManager, Session } from "./session.ts";
import type { AuthSettings } from "./settings.ts";
import type { Throttle } from "./throttle.ts";
import type { User } from "./user.ts";
import type { StoredUser } from "./user-rows.ts";

/** Wrong tokens, or wrong server keys, per minute from one network. */
export const maxWrongTokens = 10;
const hourMillis = 3_600_000;
/** Tokens whose last use this process remembers. */
const maxTokens = 10_000;

/** The user and session of a request; empty if it is anonymous. */
export interface Found {
  readonly user?: User;
  readonly session?: Session;
}

interface IdentificationServices extends AuthSettings {
  readonly portalUsers: PortalUsers;
  readonly throttle: Throttle;
  readonly sessionManager: ReturnType<typeof createSessionManager>;
}

export function createIdentification(services: IdentificationServices) {
  const { users, tokens, portalUsers, throttle, sessionManager, clock, warn } = services;
  const checkPassword = createPasswordCheck(services);

  // Hash of a token → the hour in which this process last stored its use.
  const notedIn = new LRUCache<string, number>({ max: maxTokens });

  /** Stores the use of a token once an hour, without making the request wait or fail. */
  function recordUse(hash: string): void {
    const hour = Math.floor(clock() / hourMillis);
    if (notedIn.get(hash) === hour) return;
    notedIn.set(hash, hour);
    tokens.touch(hash, clock()).catch((error) => warn("can't store a token's last use", { error: String(error) }));
  }

  async function checkToken(token: string, address: string): Promise<StoredUser> {
    const hash = hashToken(token);
    const user = await users.findByTokenHash(hash);
    const limits = [{ subject: `token from ${networkOf(address)}`, max: maxWrongTokens }];
    if ((await throttle.count(hash, user !== undefined, limits)) && user) {
      recordUse(hash);
      return user;
    }
    // Often a program with an outdated token. The log is the only place where that shows.
    warn("unknown token", { address });
    throw new Unauthenticated("Invalid token.");
  }

  const confirmed = async (user: StoredUser, token?: string): Promise<User> => {
    const current = await portalUsers.confirm(user, token);
    if (!current) throw new Unauthenticated("User inactive or deleted.");
    return current;
  };

  /** Credentials in a header take precedence over a session. */
  async function findByHeaderOrCookie(request: Request, address: string): Promise<Found> {
    const credentials = readCredentials(request);
    if (credentials?.scheme === "token")
      return { user: await confirmed(await checkToken(credentials.token, address), credentials.token) };
    if (credentials?.scheme === "basic")
      return { user: await confirmed(await checkPassword(credentials.name, credentials.password, address)) };
    const session = await sessionManager.find(request);
    const user = session && (await portalUsers.confirm(session.user));
    return session && user ? { user, session } : {};
  }

  return {
    /** Returns the user and session of a request. @throws Unauthenticated, Throttled */
    find: (request: Request, address: string): Promise<Found> =>
      findByHeaderOrCookie(request, address).catch((error) => asAnonymous(request, error)),

    /**
     * Checks a username and a password from the sign-in form, and returns the user.
     * @throws Unauthenticated, Throttled after too many wrong passwords
     */
    signIn: async (name: string, password: string, address: string): Promise<User> =>
      confirmed(await checkPassword(name, password, address)),
  };
}

/**
 * Treats a read as anonymous if its credentials can't be checked now: everybody may read, and a scheduler that gets an error
 * would observe through a downtime.
 * @throws the error of a write, and any other error
 */
function asAnonymous({ method }: Request, error: unknown): Found {
  const isReading = method === "GET" || method === "HEAD";
  if (isReading && (error instanceof Throttled || error instanceof Unavailable)) return {};
  throw error;
}
