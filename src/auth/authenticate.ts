/** Authenticates requests: by `Authorization: Basic` or `Authorization: Token`, or else by the session cookie. */

import { checkSameOrigin } from "../http/same-origin.ts";
import { networkOf } from "../input/address.ts";
import { Forbidden, StaleForm, Throttled, Unauthenticated, Unavailable } from "../input/problem.ts";
import type { Clock } from "../time/instant.ts";
import { readCredentials } from "./credentials.ts";
import { createPasswordCheck } from "./passwords.ts";
import { type Portal, readProfile } from "./portal.ts";
import type { Taken } from "./portal-push.ts";
import { createPortalUsers } from "./portal-users.ts";
import { hashToken, isSameSecret } from "./secrets.ts";
import { createSessionKeeper, isCsrfOf, type Session } from "./session.ts";
import type { Sessions } from "./session-store.ts";
import { createThrottle } from "./throttle.ts";
import type { Failures } from "./throttle-store.ts";
import type { Tokens } from "./token-store.ts";
import { createTokenUse } from "./token-use.ts";
import { mayCreate, type User, type Visitor, type WriteAccess } from "./user.ts";
import type { StoredUser, Users } from "./user-store.ts";

/** Wrong tokens, or wrong server keys, per minute from one network. */
const maxWrongTokens = 10;

interface AuthSettings {
  readonly users: Users;
  readonly failures: Failures;
  readonly tokens: Pick<Tokens, "touch">;
  readonly sessions: Sessions;
  readonly secretKey: string;
  readonly writeAccess: WriteAccess;
  /** Undefined if no portal is configured. */
  readonly portal: Portal | undefined;
  /** The key with which the portal pushes profiles; empty to reject all. */
  readonly serverKey: string;
  readonly clock: Clock;
  /** A monotonic clock, in milliseconds since 1970. */
  readonly steadyClock: Clock;
  readonly info: (message: string, details: Record<string, unknown>) => void;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

/** The fields of a submitted form that matter here. */
interface Form {
  readonly csrf?: unknown;
}

/** The user and session of a request; empty if it is anonymous. */
export interface Found {
  readonly user?: User;
  readonly session?: Session;
}

export type Auth = ReturnType<typeof createAuth>;

/** @param identified in a worker, returns the user whom the main thread has authenticated */
export function createAuth(settings: AuthSettings, identified?: (request: Request) => Found) {
  const { users, writeAccess, serverKey, info, warn } = settings;
  const portalUsers = createPortalUsers(settings);
  const throttle = createThrottle(settings);
  const checkPassword = createPasswordCheck({ ...settings, portalUsers, throttle });
  const keeper = createSessionKeeper(settings);
  const noteUse = createTokenUse(settings);

  async function checkToken(token: string, address: string): Promise<StoredUser> {
    const hash = hashToken(token);
    const user = await users.findByTokenHash(hash);
    const limits = [{ subject: `token from ${networkOf(address)}`, most: maxWrongTokens }];
    if ((await throttle.count(hash, user !== undefined, limits)) && user) {
      noteUse(hash);
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

  // The username of each request, for the log.
  const names = new WeakMap<Request, string>();

  async function find(request: Request, address: string): Promise<Found> {
    const found = identified
      ? identified(request)
      : await findByHeaderOrCookie(request, address).catch((error) => asAnonymous(request, error));
    if (found.user) names.set(request, found.user.name);
    return found;
  }

  /** Credentials in a header take precedence over a session. */
  async function findByHeaderOrCookie(request: Request, address: string): Promise<Found> {
    const credentials = readCredentials(request);
    if (credentials?.scheme === "token")
      return { user: await confirmed(await checkToken(credentials.token, address), credentials.token) };
    if (credentials?.scheme === "basic")
      return { user: await confirmed(await checkPassword(credentials.name, credentials.password, address)) };
    const session = await keeper.find(request);
    const user = session && (await portalUsers.confirm(session.user));
    return session && user ? { user, session } : {};
  }

  const auth = {
    writeAccess,

    /**
     * Returns the user and session of a request.
     * @param address the client's IP address
     * @throws Unauthenticated, Throttled as `identify`
     */
    find,

    /** The username of a request, if it was authenticated. */
    userOf: (request: Request): string | undefined => names.get(request),

    /** Whether a request has neither credentials nor cookies. */
    isNobody: ({ headers }: Request): boolean => !headers.has("authorization") && !headers.has("cookie"),

    /**
     * Returns the user of a request; undefined if it is anonymous. Unknown schemes of `Authorization` are ignored.
     * @param address the client's IP address
     * @throws Unauthenticated for wrong credentials, Throttled after too many
     */
    identify: async (request: Request, address: string): Promise<User | undefined> =>
      (await find(request, address)).user,

    /**
     * Returns the visitor of a page.
     * @throws Unauthenticated, Throttled as `identify`
     */
    async visit(request: Request, address: string): Promise<Visitor> {
      const { user, session } = await find(request, address);
      return {
        ...(user && { user }),
        ...(session && { csrf: session.csrf }),
        mayCreate: !user || mayCreate(user, writeAccess),
      };
    },

    /**
     * Returns the user of a request that changes something. With a session, the request needs the CSRF token in the header
     * `X-CSRF-Token` or in the form's field `csrf`.
     * @param form the submitted form, if any
     * @throws Unauthenticated without a user, StaleForm without a valid CSRF token, Forbidden if it came from another site
     */
    async requireUser(request: Request, address: string, form?: Form): Promise<User> {
      const { user, session } = await find(request, address);
      if (!user) throw new Unauthenticated();
      // Browsers add a remembered Basic password to requests from other sites' pages, but never a token.
      if (!isByToken(request)) checkSameOrigin(request);
      if (session && !isCsrfOf(session, request.headers.get("x-csrf-token") ?? form?.csrf)) throw new StaleForm();
      return user;
    },

    /**
     * As `requireUser`, for users who may create downtimes.
     * @throws Unauthenticated, StaleForm, Forbidden
     */
    async requireWriter(request: Request, address: string, form?: Form): Promise<User> {
      const user = await auth.requireUser(request, address, form);
      if (!mayCreate(user, writeAccess)) throw new Forbidden();
      return user;
    },

    /**
     * Checks a username and a password from the sign-in form, and returns the user.
     * @throws Unauthenticated, Throttled after too many wrong passwords
     */
    signIn: async (name: string, password: string, address: string): Promise<User> =>
      confirmed(await checkPassword(name, password, address)),

    /** Starts a session. @returns the value of `Set-Cookie`, and the CSRF token */
    startSession(user: User, request: Request): Promise<{ readonly cookie: string; readonly csrf: string }> {
      info("sign-in", { user: user.name });
      names.set(request, user.name);
      return keeper.start(user, request);
    },
    /** Ends the request's session. @returns the value of `Set-Cookie` that deletes the cookie */
    endSession(request: Request): Promise<string> {
      info("sign-out", { user: names.get(request) });
      return keeper.end(request);
    },
    /** Ends all sessions of a user. */
    endAllSessions(user: User): Promise<void> {
      info("signed out everywhere", { user: user.name });
      return keeper.endAll(user);
    },

    /**
     * Stores a profile that the portal pushes.
     * @param address the client's IP address
     * @param read reads the body
     * @returns how much was stored
     * @throws Unauthenticated without the server key, Throttled after too many wrong keys
     */
    async takeProfile(request: Request, address: string, read: () => Promise<string>): Promise<Taken> {
      const [scheme, key, ...rest] = (request.headers.get("authorization") ?? "").trim().split(/\s+/);
      if (scheme?.toLowerCase() !== "server" || !key || rest.length > 0) throw new Unauthenticated();
      const isRight = serverKey !== "" && isSameSecret(key, serverKey);
      const limits = [{ subject: `server key from ${networkOf(address)}`, most: maxWrongTokens }];
      if (!(await throttle.count(hashToken(`Server ${key}`), isRight, limits))) {
        warn("unknown server key", { address });
        throw new Unauthenticated();
      }
      return portalUsers.take(readProfile(await read()));
    },
  };
  return auth;
}

const isByToken = (request: Request): boolean => readCredentials(request)?.scheme === "token";

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
