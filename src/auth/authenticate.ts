/** Authentication: who sends a request, what they may do, and their sessions. */

import { isRead } from "../http/methods.ts";
import { checkSameOrigin } from "../http/path.ts";
import { Forbidden, StaleForm, Throttled, Unauthenticated, Unavailable } from "../input/problem.ts";
import { createCredentials, hasToken } from "./credentials.ts";
import { isCsrfOf, type Session, type Sessions } from "./session-store.ts";
import type { AuthSettings } from "./settings.ts";
import { type Audience, isIn, mayCreate, type User, type Visitor } from "./user.ts";

/** The user and session of a request; empty if it is anonymous. */
export interface Found {
  readonly user?: User;
  readonly session?: Session;
}

export type Auth = ReturnType<typeof createAuth>;

/** @param identified in a worker, returns the user whom the main thread has authenticated */
export function createAuth(settings: AuthSettings, identified?: (request: Request) => Found) {
  const { sessions, writeAccess, info } = settings;
  const credentials = createCredentials(settings);
  const names = new WeakMap<Request, string>();

  /** Credentials in a header take precedence over a session. */
  async function find(request: Request): Promise<Found> {
    if (identified) return identified(request);
    const byHeader = await credentials.check(request);
    if (byHeader) return { user: byHeader };
    const session = await sessions.find(request);
    const user = session && (await credentials.confirm(session.user));
    return session && user ? { user, session } : {};
  }

  /** Returns the user and session of a request; empty if it is anonymous. @throws Unauthenticated, Throttled */
  async function identify(request: Request): Promise<Found> {
    const found = await find(request).catch((error): Found => {
      // Everybody may read, and a scheduler that gets an error would observe through a downtime.
      if (isRead(request) && (error instanceof Throttled || error instanceof Unavailable)) return {};
      throw error;
    });
    if (found.user) names.set(request, found.user.name);
    return found;
  }

  /**
   * Returns the user of a request that changes something. A session needs the CSRF token, in a header or the form.
   * @throws Unauthenticated, StaleForm without the token, Forbidden from another site or outside the audience
   */
  async function requireUser(
    request: Request,
    form?: { readonly csrf?: unknown },
    audience: Audience = "user",
    isSafe = false,
  ): Promise<User> {
    const { user, session } = await identify(request);
    if (!user) throw new Unauthenticated();
    // Browsers add a remembered Basic password to requests from other sites' pages, but never a token.
    if (!isSafe && !hasToken(request)) checkSameOrigin(request);
    if (!isSafe && session && !isCsrfOf(session, request.headers.get("x-csrf-token") ?? form?.csrf))
      throw new StaleForm();
    if (!isIn(audience, user, writeAccess)) throw new Forbidden();
    return user;
  }

  return {
    writeAccess,
    identify,
    requireUser,

    /** As `requireUser`, for users who may create downtimes. */
    requireWriter: (request: Request): Promise<User> => requireUser(request, undefined, "writer"),

    /** As `requireUser`, for staff; reads need no CSRF token. */
    requireStaff: (request: Request): Promise<User> => requireUser(request, undefined, "staff", isRead(request)),

    /** The username of a request, if it was authenticated, for the log. */
    userOf: (request: Request): string | undefined => names.get(request),

    /** Whether a request has neither credentials nor cookies. */
    isNobody: ({ headers }: Request): boolean => !headers.has("authorization") && !headers.has("cookie"),

    /** Returns the visitor of a page. @throws Unauthenticated, Throttled as `identify` */
    async visit(request: Request): Promise<Visitor> {
      const { user, session } = await identify(request);
      if (!user) return { mayCreate: true };
      return { user, ...(session && { csrf: session.csrf }), mayCreate: mayCreate(user, writeAccess) };
    },

    signIn: credentials.checkPassword,

    /** Starts a session. @returns the value of `Set-Cookie`, and the CSRF token */
    startSession(user: User, request: Request) {
      info("sign-in", { user: user.name });
      names.set(request, user.name);
      return sessions.start(user, request);
    },
    listSessions: sessions.list,
    /** Ends the request's session. @returns the value of `Set-Cookie` that deletes the cookie */
    endSession(request: Request): Promise<string> {
      info("sign-out", { user: names.get(request) });
      return sessions.end(request);
    },
    /** Ends all sessions of a user, all but one, or only one. */
    async endSessions(user: User, which?: Parameters<Sessions["endAll"]>[1]): Promise<void> {
      info(which?.only === undefined ? "signed out everywhere" : "session ended", { user: user.name });
      await sessions.endAll(user, which);
    },

    checkServerKey: credentials.checkServerKey,
    storePush: credentials.storePush,
  };
}
