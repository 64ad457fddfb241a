/** Checks credentials: those in `Authorization: Basic`, `Token` or `Server`, and those of the sign-in form. */

import { LRUCache } from "lru-cache";
import { networkOf } from "../input/address.ts";
import { Unauthenticated } from "../input/problem.ts";
import { createPasswordCheck } from "./passwords.ts";
import { createPortalUsers } from "./portal-users.ts";
import { hashToken, isSameSecret } from "./secrets.ts";
import type { AuthSettings } from "./settings.ts";
import { createThrottle } from "./throttle.ts";
import type { StoredUser, User } from "./user.ts";

/** Wrong tokens, or wrong server keys, per minute from one network. */
const maxWrong = 10;
const hourMillis = 3_600_000;
/** Tokens whose last use this process remembers. */
const maxTokens = 10_000;

export function createCredentials(settings: AuthSettings) {
  const { users, tokens, serverKey, clock, warn } = settings;
  const throttle = createThrottle(settings);
  const portalUsers = createPortalUsers(settings);
  const checkPassword = createPasswordCheck(settings, throttle, portalUsers);
  // Hash of a token → the hour in which this process last stored its use.
  const notedIn = new LRUCache<string, number>({ max: maxTokens });

  /** Stores the use of a token once an hour, without making the request wait or fail. */
  function recordUse(hash: string): void {
    const hour = Math.floor(clock() / hourMillis);
    if (notedIn.get(hash) === hour) return;
    notedIn.set(hash, hour);
    tokens.touch(hash, clock()).catch((error) => warn("can't store a token's last use", { error: String(error) }));
  }

  /** @throws Unauthenticated for a wrong secret, Throttled after too many */
  async function count(kind: string, hash: string, isRight: boolean, address: string, refusal?: string): Promise<void> {
    const limits = [{ subject: `${kind} from ${networkOf(address)}`, max: maxWrong }];
    if (await throttle.count(hash, isRight, limits)) return;
    // Often a program with an outdated token. The log is the only place where that shows.
    warn(`unknown ${kind}`, { address });
    throw new Unauthenticated(refusal);
  }

  async function confirm(user: StoredUser, token?: string): Promise<User> {
    const confirmed = await portalUsers.confirm(user, token);
    if (!confirmed) throw new Unauthenticated("User inactive or deleted.");
    return confirmed;
  }

  const checkByPassword = async (name: string, password: string, address: string): Promise<User> =>
    confirm(await checkPassword(name, password, address));

  async function checkToken(token: string, address: string): Promise<User> {
    const hash = hashToken(token);
    const user = await users.findByTokenHash(hash);
    await count("token", hash, user !== undefined, address, "Invalid token.");
    recordUse(hash);
    return confirm(user as StoredUser, token);
  }

  return {
    /** Returns the user with this name and password. @throws Unauthenticated, Throttled after too many wrong passwords */
    checkPassword: checkByPassword,
    confirm: portalUsers.confirm,
    storePush: portalUsers.storePush,

    /** Returns the user of the header; undefined without one, or with an unknown scheme. @throws Unauthenticated, Throttled */
    async check(request: Request, address: string): Promise<User | undefined> {
      const { scheme, parts } = readHeader(request);
      if (scheme === "token") return checkToken(single(parts, "token", "Token"), address);
      if (scheme !== "basic") return undefined;
      const { name, password } = readBasic(single(parts, "basic", "Credentials"));
      return checkByPassword(name, password, address);
    },

    /** @throws Unauthenticated without the server key, Throttled after too many wrong keys */
    async checkServerKey(request: Request, address: string): Promise<void> {
      const { scheme, parts } = readHeader(request);
      const [key = ""] = parts;
      if (scheme !== "server" || parts.length !== 1) throw new Unauthenticated();
      const isRight = serverKey !== "" && isSameSecret(key, serverKey);
      await count("server key", hashToken(`Server ${key}`), isRight, address);
    },
  };
}

function readHeader({ headers }: Request) {
  const [scheme, ...parts] = (headers.get("authorization") ?? "").trim().split(/\s+/);
  return { scheme: scheme?.toLowerCase(), parts };
}

/** Whether a request has a token, which browsers never add to requests from other sites' pages. */
export const hasToken = (request: Request): boolean => readHeader(request).scheme === "token";

function single(parts: readonly string[], scheme: string, noun: string): string {
  const [part] = parts;
  if (part === undefined) throw new Unauthenticated(`Invalid ${scheme} header. No credentials provided.`);
  if (parts.length === 1) return part;
  throw new Unauthenticated(`Invalid ${scheme} header. ${noun} string should not contain spaces.`);
}

function readBasic(encoded: string): { name: string; password: string } {
  const text = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) ? Buffer.from(encoded, "base64").toString() : "";
  const colon = text.indexOf(":");
  // PostgreSQL rejects null characters, and no username has one.
  if (colon < 0 || text.includes("\0"))
    throw new Unauthenticated("Invalid basic header. Credentials not correctly base64 encoded.");
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
