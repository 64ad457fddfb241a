/** Sessions: a cookie has a random id, the database its hash. Forms contain a CSRF token derived from the id. */

import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { basePathOf } from "../http/request-context.ts";
import { toMillis } from "../time/instant.ts";
import { fingerprint, hashToken, isSameSecret } from "./secrets.ts";
import type { AuthSettings } from "./settings.ts";
import type { StoredUser, User } from "./user.ts";

/** An unused session expires after this time. */
const idleMillis = 12 * 3_600_000;
/** A session expires after this time even if it is used. */
const maxAgeMillis = 7 * 24 * 3_600_000;
/** The use of a session is stored at most this often, so that a page's dozen requests cause one write. */
const seenMillis = 60_000;
const maxSessions = 10_000;
const idPattern = /^[\w-]{43}$/;

export interface Session {
  readonly user: StoredUser;
  /** The CSRF token that every form and script of this session must send to change anything. */
  readonly csrf: string;
  /** The tokens of previous keys: forms that were open while the key was replaced. */
  readonly formerCsrfs: readonly string[];
}

export function createSessionManager({ sessions, users, secretKey, formerKeys, clock, warn }: AuthSettings) {
  const csrfOf = (id: string, key = secretKey) => fingerprint(key, "csrf", id);
  // When this process last saw each session, or that it has expired, even if that couldn't be stored.
  const seenHere = new LRUCache<string, number | "over">({ max: maxSessions });

  /** Stores the use of a session in the background: requests must not wait or fail when the database can't be written. */
  const note = (idHash: string, seen: number | "over"): void => {
    seenHere.set(idHash, seen);
    const storing = seen === "over" ? sessions.end(idHash) : sessions.touch(idHash, seen);
    storing.catch((error) => warn("can't store a session's last use", { error: String(error) }));
  };

  const endOf = async (request: Request): Promise<void> => {
    const idHash = sessionHashOf(request);
    if (idHash) await sessions.end(idHash);
  };

  return {
    /** Returns the session of the request's cookie; undefined if there is none, it has expired, or its user is disabled. */
    async find(request: Request): Promise<Session | undefined> {
      const id = idOf(request);
      const idHash = id && hashToken(id);
      const stored = idHash && (await sessions.find(idHash));
      const seen = (idHash && seenHere.get(idHash)) || 0;
      if (!stored || seen === "over") return undefined;
      const now = clock();
      const seenAt = Math.max(toMillis(stored.seen), seen);
      if (now >= toMillis(stored.created) + maxAgeMillis || now >= seenAt + idleMillis) {
        note(idHash, "over");
        return undefined;
      }
      const user = await users.find(stored.userId);
      if (!user?.active) return undefined;
      if (now >= seenAt + seenMillis) note(idHash, now);
      return { user, csrf: csrfOf(id), formerCsrfs: formerKeys.map((key) => csrfOf(id, key)) };
    },

    /**
     * Starts a session with a new id, and ends the request's old one, which prevents session fixation.
     * @returns the value of `Set-Cookie`, and the CSRF token
     */
    async start(user: User, request: Request, address: string) {
      await endOf(request);
      const id = randomBytes(32).toString("base64url");
      const device = { browser: browserOf(request.headers.get("user-agent")), address: address || null };
      await sessions.start(hashToken(id), user.id, clock(), overAt(clock()), device);
      return { cookie: cookieOf(request, id, maxAgeMillis / 1000), csrf: csrfOf(id) };
    },

    /** Returns a user's sessions, the last used first. */
    async list({ id }: User) {
      const { createdBefore, seenBefore } = overAt(clock());
      const all = await sessions.list(id);
      return all.filter(({ created, seen }) => toMillis(created) > createdBefore && toMillis(seen) > seenBefore);
    },

    /** Ends the session of the request's cookie, if any. @returns the value of `Set-Cookie` that deletes the cookie */
    async end(request: Request): Promise<string> {
      await endOf(request);
      return cookieOf(request, "", 0);
    },
  };
}

const overAt = (now: number) => ({ createdBefore: now - maxAgeMillis, seenBefore: now - idleMillis });

/** Whether a CSRF token is the session's. */
export const isCsrfOf = ({ csrf, formerCsrfs }: Session, token: unknown): boolean =>
  typeof token === "string" && [csrf, ...formerCsrfs].some((own) => isSameSecret(token, own));

// The order matters: most browsers also name others.
const browsers = { Edg: "Edge", OPR: "Opera", Firefox: "Firefox", Chrome: "Chrome", Safari: "Safari" };
const systems = { Android: "Android", iPhone: "iPhone", Windows: "Windows", Mac: "macOS", Linux: "Linux" };

/** Names a browser for people, `Firefox on Linux`; another program by its first word. */
function browserOf(agent: string | null): string | null {
  const nameIn = (names: object) => Object.entries(names).find(([word]) => agent?.includes(word))?.[1];
  const system = nameIn(systems);
  const browser = nameIn(browsers) ?? agent?.split(/[\s/]/)[0]?.slice(0, 40) ?? null;
  return browser && system ? `${browser} on ${system}` : browser;
}

/** The hash of the id in the request's cookie; undefined without a cookie. */
export function sessionHashOf(request: Request): string | undefined {
  const id = idOf(request);
  return id && hashToken(id);
}

const isSecure = (request: Request) => request.url.startsWith("https:");

/**
 * Over TLS, the prefix `__Host-` makes browsers reject cookies set by other hosts or without TLS. It requires `Path=/`;
 * under a base path, `__Secure-` still requires TLS.
 */
const cookieName = (request: Request) =>
  `${isSecure(request) ? (basePathOf(request) === "" ? "__Host-" : "__Secure-") : ""}downtime`;

function idOf(request: Request): string | undefined {
  const start = `${cookieName(request)}=`;
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  const ids = pairs.filter((pair) => pair.startsWith(start)).map((pair) => pair.slice(start.length));
  return ids.find((id) => idPattern.test(id));
}

const cookieOf = (request: Request, id: string, maxAgeSeconds: number) =>
  `${cookieName(request)}=${id}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${isSecure(request) ? "; Secure" : ""}`;
