/** Who asks: `Authorization: Basic` or `Authorization: Token`, or else the session of a browser's cookie. */

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

/** Wrong tokens, or wrong keys of the portal, in a minute from one network. */
const mostWrongTokens = 10;

interface AuthSettings {
  readonly users: Users;
  readonly failures: Failures;
  readonly tokens: Pick<Tokens, "touch">;
  readonly sessions: Sessions;
  readonly secretKey: string;
  readonly writeAccess: WriteAccess;
  /** Undefined: there are none but local users. */
  readonly portal: Portal | undefined;
  /** What the portal shows when it sends a profile by itself; empty: nothing is taken. */
  readonly serverKey: string;
  readonly clock: Clock;
  /** Milliseconds since 1970 that never go back, whatever the time of day is set to. */
  readonly steadyClock: Clock;
  readonly info: (message: string, details: Record<string, unknown>) => void;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

/** The fields of a form that was sent, as far as they matter here. */
interface Form {
  readonly csrf?: unknown;
}

/** Whom a request comes from; nobody where it doesn't say. */
export interface Found {
  readonly user?: User;
  readonly session?: Session;
}

export type Auth = ReturnType<typeof createAuth>;

/** @param told tells who sends a request, where that was found out elsewhere */
export function createAuth(settings: AuthSettings, told?: (request: Request) => Found) {
  const { users, writeAccess, serverKey, info, warn } = settings;
  const portalUsers = createPortalUsers(settings);
  const throttle = createThrottle(settings);
  const checkPassword = createPasswordCheck({ ...settings, portalUsers, throttle });
  const keeper = createSessionKeeper(settings);
  const noteUse = createTokenUse(settings);

  async function checkToken(token: string, address: string): Promise<StoredUser> {
    const hash = hashToken(token);
    const user = await users.findByTokenHash(hash);
    const limits = [{ subject: `token from ${networkOf(address)}`, most: mostWrongTokens }];
    if ((await throttle.tell(hash, user !== undefined, limits)) && user) {
      noteUse(hash);
      return user;
    }
    // Often a program whose token was replaced: nobody but the log will say that it reads nothing any more.
    warn("unknown token", { address });
    throw new Unauthenticated("Invalid token.");
  }

  const confirmed = async (user: StoredUser, token?: string): Promise<User> => {
    const standing = await portalUsers.confirm(user, token);
    if (!standing) throw new Unauthenticated("User inactive or deleted.");
    return standing;
  };

  // Whom each request turned out to come from, for the log.
  const names = new WeakMap<Request, string>();

  async function find(request: Request, address: string): Promise<Found> {
    const found = told
      ? told(request)
      : await findByHeaderOrCookie(request, address).catch((error) => asStranger(request, error));
    if (found.user) names.set(request, found.user.name);
    return found;
  }

  /** A session only where no header names a user: whoever sends a header means it. */
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
     * Who sends the request.
     * @param address the client's network address
     * @throws Unauthenticated, Throttled as `identify`
     */
    find,

    /** The name of the user whom the request turned out to come from. */
    userOf: (request: Request): string | undefined => names.get(request),

    /** Whether the request says nothing of who sends it. */
    isNobody: ({ headers }: Request): boolean => !headers.has("authorization") && !headers.has("cookie"),

    /**
     * The user who sends the request; undefined when it doesn't say. A scheme that isn't ours counts as none.
     * @param address the client's network address
     * @throws Unauthenticated when it says so wrongly, Throttled after too many wrong passwords
     */
    identify: async (request: Request, address: string): Promise<User | undefined> =>
      (await find(request, address)).user,

    /**
     * Who looks at a page, and what its forms must send along.
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
     * The user, who wants to change something. With a session the request must prove that it comes from a page of ours:
     * by the header `X-CSRF-Token` or by the form's field `csrf`.
     * @param form the form, where one was sent; a route that must refuse before it reads a body leaves it out
     * @throws Unauthenticated for nobody, StaleForm without that proof, Forbidden for another site's page
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
     * As `requireUser`, and the user may create downtimes.
     * @throws Unauthenticated for nobody, Forbidden for somebody who may not
     */
    async requireWriter(request: Request, address: string, form?: Form): Promise<User> {
      const user = await auth.requireUser(request, address, form);
      if (!mayCreate(user, writeAccess)) throw new Forbidden();
      return user;
    },

    /**
     * The user whom the name and the password prove, as the sign-in form sends them.
     * @throws Unauthenticated, or Throttled after too many wrong ones
     */
    signIn: async (name: string, password: string, address: string): Promise<User> =>
      confirmed(await checkPassword(name, password, address)),

    /** Begins a session. @returns the value of `Set-Cookie`, and what the session's forms must send along */
    startSession(user: User, request: Request): Promise<{ readonly cookie: string; readonly csrf: string }> {
      info("sign-in", { user: user.name });
      names.set(request, user.name);
      return keeper.start(user, request);
    },
    /** Ends the request's session. @returns the value of `Set-Cookie` that makes the browser forget it */
    endSession(request: Request): Promise<string> {
      info("sign-out", { user: names.get(request) });
      return keeper.end(request);
    },
    /** Ends all sessions of the user, in whatever browser. */
    endAllSessions(user: User): Promise<void> {
      info("signed out everywhere", { user: user.name });
      return keeper.endAll(user);
    },

    /**
     * Takes a user's profile that the portal sends by itself.
     * @param address the client's network address
     * @returns how much of it was kept
     * @throws Unauthenticated unless the request shows the portal's key, Throttled after too many wrong keys
     */
    async takeProfile(request: Request, address: string, read: () => Promise<string>): Promise<Taken> {
      const [scheme, key, ...rest] = (request.headers.get("authorization") ?? "").trim().split(/\s+/);
      if (scheme?.toLowerCase() !== "server" || !key || rest.length > 0) throw new Unauthenticated();
      const isRight = serverKey !== "" && isSameSecret(key, serverKey);
      const limits = [{ subject: `server key from ${networkOf(address)}`, most: mostWrongTokens }];
      if (!(await throttle.tell(hashToken(`Server ${key}`), isRight, limits))) {
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
 * Answers a reader whose credentials can't be checked now as it would a stranger, since everybody may read, and a scheduler
 * that gets an error observes through a downtime.
 * @throws the error of a request that writes, and every other error
 */
function asStranger({ method }: Request, error: unknown): Found {
  const isReading = method === "GET" || method === "HEAD";
  if (isReading && (error instanceof Throttled || error instanceof Unavailable)) return {};
  throw error;
}
