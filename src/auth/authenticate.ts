/** Authentication: who sends a request, what they may do, and their sessions. */

import { checkSameOrigin } from "../http/hosts.ts";
import { networkOf } from "../input/address.ts";
import { Forbidden, StaleForm, Unauthenticated } from "../input/problem.ts";
import { readCredentials } from "./credentials.ts";
import { createIdentification, type Found, maxWrongTokens } from "./identification.ts";
import { readProfile } from "./portal.ts";
import { type PushResult, storePush } from "./portal-push.ts";
import { createPortalUsers } from "./portal-users.ts";
import { hashToken, isSameSecret } from "./secrets.ts";
import { createSessionManager, isCsrfOf } from "./session.ts";
import type { Sessions } from "./session-store.ts";
import type { AuthSettings } from "./settings.ts";
import { createThrottle } from "./throttle.ts";
import { type Audience, isIn, mayCreate, type User, type Visitor } from "./user.ts";

/** The fields of a submitted form that matter here. */
interface Form {
  readonly csrf?: unknown;
}

export type { Found };
export type Auth = ReturnType<typeof createAuth>;

/** @param identified in a worker, returns the user whom the main thread has authenticated */
export function createAuth(settings: AuthSettings, identified?: (request: Request) => Found) {
  const { writeAccess, serverKey, info, warn } = settings;
  const portalUsers = createPortalUsers(settings);
  const throttle = createThrottle(settings);
  const sessionManager = createSessionManager(settings);
  const identification = createIdentification({ ...settings, portalUsers, throttle, sessionManager });

  // The username of each request, for the log.
  const names = new WeakMap<Request, string>();

  /**
   * Returns the user and session of a request; empty if it is anonymous. Unknown schemes of `Authorization` are ignored.
   * @param address the client's IP address
   * @throws Unauthenticated for wrong credentials, Throttled after too many
   */
  async function identify(request: Request, address: string): Promise<Found> {
    const found = identified ? identified(request) : await identification.find(request, address);
    if (found.user) names.set(request, found.user.name);
    return found;
  }

  const auth = {
    writeAccess,
    identify,

    /** The username of a request, if it was authenticated. */
    userOf: (request: Request): string | undefined => names.get(request),

    /** Whether a request has neither credentials nor cookies. */
    isNobody: ({ headers }: Request): boolean => !headers.has("authorization") && !headers.has("cookie"),

    /**
     * Returns the visitor of a page.
     * @throws Unauthenticated, Throttled as `identify`
     */
    async visit(request: Request, address: string): Promise<Visitor> {
      const { user, session } = await identify(request, address);
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
     * or the user isn't in the audience
     */
    async requireUser(request: Request, address: string, form?: Form, audience: Audience = "user"): Promise<User> {
      const { user, session } = await identify(request, address);
      if (!user) throw new Unauthenticated();
      // Browsers add a remembered Basic password to requests from other sites' pages, but never a token.
      if (!isByToken(request)) checkSameOrigin(request);
      if (session && !isCsrfOf(session, request.headers.get("x-csrf-token") ?? form?.csrf)) throw new StaleForm();
      if (!isIn(audience, user, writeAccess)) throw new Forbidden();
      return user;
    },

    /**
     * As `requireUser`, for users who may create downtimes.
     * @throws Unauthenticated, StaleForm, Forbidden
     */
    requireWriter: (request: Request, address: string, form?: Form): Promise<User> =>
      auth.requireUser(request, address, form, "writer"),

    /** As `requireUser`, for staff; reads need no CSRF token. @throws Unauthenticated, StaleForm, Forbidden */
    async requireStaff(request: Request, address: string): Promise<User> {
      if (request.method !== "GET" && request.method !== "HEAD")
        return auth.requireUser(request, address, undefined, "staff");
      const { user } = await identify(request, address);
      if (!user) throw new Unauthenticated();
      if (!user.staff) throw new Forbidden();
      return user;
    },

    signIn: identification.signIn,

    /** Starts a session. @param address the client's IP address @returns the value of `Set-Cookie`, and the CSRF token */
    startSession(user: User, request: Request, address: string) {
      info("sign-in", { user: user.name });
      names.set(request, user.name);
      return sessionManager.start(user, request, address);
    },
    listSessions: sessionManager.list,
    /** Ends the request's session. @returns the value of `Set-Cookie` that deletes the cookie */
    endSession(request: Request): Promise<string> {
      info("sign-out", { user: names.get(request) });
      return sessionManager.end(request);
    },
    /** Ends all sessions of a user, all but one, or only one. */
    async endSessions({ id, name }: User, which?: Parameters<Sessions["endAll"]>[1]): Promise<void> {
      info(which?.only === undefined ? "signed out everywhere" : "session ended", { user: name });
      await settings.sessions.endAll(id, which);
    },

    /**
     * Stores a profile that the portal pushes.
     * @param address the client's IP address
     * @param read reads the body
     * @returns how much was stored
     * @throws Unauthenticated without the server key, Throttled after too many wrong keys
     */
    async storePushedProfile(request: Request, address: string, read: () => Promise<string>): Promise<PushResult> {
      const [scheme, key, ...rest] = (request.headers.get("authorization") ?? "").trim().split(/\s+/);
      if (scheme?.toLowerCase() !== "server" || !key || rest.length > 0) throw new Unauthenticated();
      const isRight = serverKey !== "" && isSameSecret(key, serverKey);
      const limits = [{ subject: `server key from ${networkOf(address)}`, max: maxWrongTokens }];
      if (!(await throttle.count(hashToken(`Server ${key}`), isRight, limits))) {
        warn("unknown server key", { address });
        throw new Unauthenticated();
      }
      return storePush(settings, readProfile(await read()));
    },
  };
  return auth;
}

const isByToken = (request: Request): boolean => readCredentials(request)?.scheme === "token";
