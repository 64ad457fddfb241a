/** Sessions: the browser keeps a random id in a cookie, the database keeps its hash. Forms carry a token made from the id. */

import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { type Clock, toMillis } from "../time/instant.ts";
import { fingerprint, hashToken, isSameSecret } from "./secrets.ts";
import type { Sessions } from "./session-store.ts";
import type { User } from "./user.ts";
import type { StoredUser, Users } from "./user-store.ts";

/** A session that nobody uses ends after this time. */
const idleMillis = 12 * 3_600_000;
/** A session ends after this time, however much it is used. */
const longestMillis = 7 * 24 * 3_600_000;
/** Being seen is written down no more often than this, so that a page's dozen requests are one write. */
const seenMillis = 60_000;

const mostSessions = 10_000;

const idPattern = /^[\w-]{43}$/;

/** A session that a request has shown. */
export interface Session {
  readonly user: StoredUser;
  /** What every form and script of this session must send along to change anything. */
  readonly csrf: string;
}

export interface SessionSettings {
  readonly sessions: Sessions;
  readonly users: Users;
  readonly secretKey: string;
  readonly clock: Clock;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

export function createSessionKeeper({ sessions, users, secretKey, clock, warn }: SessionSettings) {
  const csrfOf = (id: string) => fingerprint(secretKey, "csrf", id);
  // When each session was last seen here, or that it is over, whether or not that could be stored.
  const seenHere = new LRUCache<string, number | "over">({ max: mostSessions });

  /** No request waits for what is stored of its session, or fails with it: the disk may be full, or another process writing. */
  const note = (idHash: string, seen: number | "over"): void => {
    seenHere.set(idHash, seen);
    const storing = seen === "over" ? sessions.end(idHash) : sessions.touch(idHash, seen);
    storing.catch((error) => warn("a session's last use could not be stored", { error: String(error) }));
  };

  return {
    /** The session of the request's cookie; undefined when there is none, or it is over, or its user is disabled. */
    async find(request: Request): Promise<Session | undefined> {
      const id = idOf(request);
      if (!id) return undefined;
      const idHash = hashToken(id);
      const stored = await sessions.find(idHash);
      if (!stored) return undefined;
      const now = clock();
      const seen = seenHere.get(idHash) ?? 0;
      if (seen === "over") return undefined;
      const seenAt = Math.max(toMillis(stored.seen), seen);
      if (now >= toMillis(stored.created) + longestMillis || now >= seenAt + idleMillis) {
        note(idHash, "over");
        return undefined;
      }
      const user = await users.find(stored.userId);
      if (!user?.active) return undefined;
      if (now >= seenAt + seenMillis) note(idHash, now);
      return { user, csrf: csrfOf(id) };
    },

    /**
     * Begins a session under a new id, and ends the one that the request came with: an id that somebody planted before
     * the sign-in is worth nothing after it.
     * @returns the value of `Set-Cookie`, and the session's token
     */
    async start(user: User, request: Request): Promise<{ readonly cookie: string; readonly csrf: string }> {
      await endOf(request);
      const id = randomBytes(32).toString("base64url");
      const now = clock();
      await sessions.start(hashToken(id), user.id, now, {
        createdBefore: now - longestMillis,
        seenBefore: now - idleMillis,
      });
      return { cookie: cookieOf(request, id, longestMillis / 1000), csrf: csrfOf(id) };
    },

    /**
     * Ends the session of the request's cookie, if there is one.
     * @returns the value of `Set-Cookie` that makes the browser forget it
     */
    async end(request: Request): Promise<string> {
      await endOf(request);
      return cookieOf(request, "", 0);
    },

    endAll: (user: User): Promise<void> => sessions.endAll(user.id),
  };

  async function endOf(request: Request): Promise<void> {
    const id = idOf(request);
    if (id) await sessions.end(hashToken(id));
  }
}

/** Whether a token that came with a request is the session's. */
export const isCsrfOf = (session: Session, token: unknown): boolean =>
  typeof token === "string" && isSameSecret(token, session.csrf);

const isSecure = (request: Request) => request.url.startsWith("https:");

/** Over TLS the browser itself sees to it that a `__Host-` cookie came from this very host, and over TLS. */
const cookieName = (request: Request) => (isSecure(request) ? "__Host-downtime" : "downtime");

function idOf(request: Request): string | undefined {
  const start = `${cookieName(request)}=`;
  return (request.headers.get("cookie") ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start))
    .map((pair) => pair.slice(start.length))
    .find((id) => idPattern.test(id));
}

const cookieOf = (request: Request, id: string, maxAgeSeconds: number) =>
  `${cookieName(request)}=${id}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${isSecure(request) ? "; Secure" : ""}`;
