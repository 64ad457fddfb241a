/** Stores browser sessions: a cookie has a random id, the database its hash. Also stores failed sign-ins. */

import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { type Database, list, rows, sql, write } from "../database/sql.ts";
import { addressOf, basePathOf, type Log } from "../http/request-context.ts";
import { atMost } from "../input/lru-limit.ts";
import { type Clock, instantOf, toStamp } from "../time/instant.ts";
import { fingerprint, hashToken, isSameSecret, type Keys } from "./secrets.ts";
import type { StoredUser, User } from "./user.ts";
import type { Users } from "./user-store.ts";

const idleMillis = 12 * 3_600_000;
const maxAgeMillis = 7 * 24 * 3_600_000;
/** The use of a session is stored at most this often, so that a page's dozen requests cause one write. */
const seenMillis = 60_000;
const maxSessions = 10_000;

type SessionRow = Record<"id_hash" | "created" | "seen", string> & Record<"browser" | "address", string | null>;

export interface Session {
  readonly user: StoredUser;
  /** The CSRF token, derived from the id, that every form and script of this session must send to change anything. */
  readonly csrf: string;
  /** The tokens of previous keys: forms that were open while the key was replaced. */
  readonly formerCsrfs: readonly string[];
}

/** Whether a CSRF token is the session's. */
export const isCsrfOf = ({ csrf, formerCsrfs }: Session, token: unknown): boolean =>
  typeof token === "string" && [csrf, ...formerCsrfs].some((own) => isSameSecret(token, own));

// The order matters: most browsers also name others.
const browsers = { Edg: "Edge", OPR: "Opera", Firefox: "Firefox", Chrome: "Chrome", Safari: "Safari" };

/** Names a browser for people; another program by its first word. */
const browserOf = (agent: string | null): string | null =>
  Object.entries(browsers).find(([word]) => agent?.includes(word))?.[1] ??
  agent?.split(/[\s/]/)[0]?.slice(0, 40) ??
  null;

const isSecure = (request: Request) => request.url.startsWith("https:");

/** `__Host-` makes browsers reject cookies set by other hosts or without TLS, but requires `Path=/`. */
const cookieName = (request: Request) =>
  `${isSecure(request) ? (basePathOf(request) === "" ? "__Host-" : "__Secure-") : ""}downtime`;

const idIn = (request: Request): string | undefined =>
  new RegExp(`(?:^|;)\\s*${cookieName(request)}=([\\w-]{43})\\s*(?:;|$)`).exec(
    request.headers.get("cookie") ?? "",
  )?.[1];

/** The hash of the id in the request's cookie; undefined without a cookie. */
export function sessionHashOf(request: Request): string | undefined {
  const id = idIn(request);
  return id && hashToken(id);
}

const cookieOf = (request: Request, id: string, maxAgeSeconds: number) =>
  `${cookieName(request)}=${id}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${isSecure(request) ? "; Secure" : ""}`;

type SessionSettings = Keys & Pick<Log, "warn"> & Readonly<{ users: Pick<Users, "find">; clock: Clock }>;

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions(database: Database, settings: SessionSettings) {
  const { users, secretKey, formerKeys, clock, warn } = settings;
  const csrfOf = (id: string, key = secretKey) => fingerprint(key, "csrf", id);
  // When this process last saw each session, or that it has expired, even if that couldn't be stored.
  const seenHere = new LRUCache<string, number | "over">(atMost(maxSessions));

  const isOver = (created: string, seenAt: number, now: number) =>
    now >= Date.parse(created) + maxAgeMillis || now >= seenAt + idleMillis;

  /** Stores the use of a session in the background: requests must not wait or fail when the database can't be written. */
  const note = (idHash: string, seen: number | "over"): void => {
    seenHere.set(idHash, seen);
    const use = (now: number) => sql`UPDATE downtime_session SET seen = ${toStamp(now)} WHERE id_hash = ${idHash}`;
    const storing = seen === "over" ? remove(idHash) : write(database, use(seen));
    storing.catch((error) => warn("can't store a session's last use", { error: String(error) }));
  };
  const remove = (idHash: string) => write(database, sql`DELETE FROM downtime_session WHERE id_hash = ${idHash}`);

  const endOf = async (request: Request): Promise<void> => {
    const idHash = sessionHashOf(request);
    if (idHash) await remove(idHash);
  };

  return {
    /** Returns the session of the request's cookie; undefined if there is none, it has expired, or its user is disabled. */
    async find(request: Request): Promise<Session | undefined> {
      const id = idIn(request);
      if (!id) return undefined;
      const idHash = hashToken(id);
      const stored = await database.first<SessionRow & { user_id: number }>(
        sql`SELECT * FROM downtime_session WHERE id_hash = ${idHash}`,
      );
      const seen = seenHere.get(idHash) ?? 0;
      if (!stored || seen === "over") return undefined;
      const now = clock();
      const seenAt = Math.max(Date.parse(stored.seen), seen);
      if (isOver(stored.created, seenAt, now)) {
        note(idHash, "over");
        return undefined;
      }
      const user = await users.find(stored.user_id);
      if (!user?.active) return undefined;
      if (now >= seenAt + seenMillis) note(idHash, now);
      return { user, csrf: csrfOf(id), formerCsrfs: formerKeys.map((key) => csrfOf(id, key)) };
    },

    /** Starts a session with a new id, and ends the old one. @returns the value of `Set-Cookie`, and the CSRF token */
    async start({ id: userId }: User, request: Request) {
      await endOf(request);
      const id = randomBytes(32).toString("base64url");
      const now = clock();
      const browser = browserOf(request.headers.get("user-agent"));
      const values = rows([[hashToken(id), userId, toStamp(now), toStamp(now), browser, addressOf(request) || null]]);
      await database.transaction(async (tx) => {
        const isOld = sql`created <= ${toStamp(now - maxAgeMillis)} OR seen <= ${toStamp(now - idleMillis)}`;
        await tx.all(sql`DELETE FROM downtime_session WHERE ${isOld}`);
        await tx.all(
          sql`INSERT INTO downtime_session (id_hash, user_id, created, seen, browser, address) VALUES ${values}`,
        );
      });
      return { cookie: cookieOf(request, id, maxAgeMillis / 1000), csrf: csrfOf(id) };
    },

    /** Returns a user's sessions, the last used first; `seen`: to the minute. */
    async list({ id }: User) {
      const found = await database.all<SessionRow>(
        sql`SELECT * FROM downtime_session WHERE user_id = ${id} ORDER BY seen DESC, created DESC`,
      );
      return found
        .filter(({ created, seen }) => !isOver(created, Date.parse(seen), clock()))
        .map((row) => ({ ...row, created: instantOf(row.created), seen: instantOf(row.seen) }));
    },

    /** Ends the session of the request's cookie, if any. @returns the value of `Set-Cookie` that deletes the cookie */
    async end(request: Request): Promise<string> {
      await endOf(request);
      return cookieOf(request, "", 0);
    },

    /** Ends all sessions of a user, or one of them. @param except the hash of the id of a session that continues */
    endAll: ({ id }: User, { only, except = "" }: { readonly only?: string; readonly except?: string } = {}) => {
      const which = only === undefined ? sql`id_hash <> ${except}` : sql`id_hash = ${only}`;
      return write(database, sql`DELETE FROM downtime_session WHERE user_id = ${id} AND ${which}`);
    },
  };
}

export type Failures = ReturnType<typeof createFailures>;

export function createFailures(database: Database) {
  return {
    /** Returns the failures of some subjects, hashes of names and networks. */
    of: (subjects: readonly string[]) =>
      database.all<{ subject: string; at: string }>(
        sql`SELECT subject, "at" FROM downtime_failure WHERE subject IN (${list(subjects)})`,
      ),

    /** Stores a failure for each subject, and deletes those more than `keptMillis` from now. */
    add: (subjects: readonly string[], now: number, keptMillis: number): Promise<void> =>
      database.transaction(async (tx) => {
        // Another machine's clock may be ahead, or this one's may have been set back: delete future failures too.
        const [from, to] = [toStamp(now - keptMillis), toStamp(now + keptMillis)];
        await tx.all(sql`DELETE FROM downtime_failure WHERE "at" <= ${from} OR "at" >= ${to}`);
        const added = rows(subjects.map((subject) => [subject, toStamp(now)]));
        await tx.all(sql`INSERT INTO downtime_failure (subject, "at") VALUES ${added}`);
      }),
  };
}
