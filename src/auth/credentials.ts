/** Checks credentials: those in `Authorization: Basic`, `Token` or `Server`, and those of the sign-in form. */

import { LRUCache } from "lru-cache";
import { addressOf } from "../http/request-context.ts";
import { networkOf } from "../input/address.ts";
import { atMost } from "../input/lru-limit.ts";
import { Throttled, tolerating, Unauthenticated, Unavailable } from "../input/problem.ts";
import { hourMillis } from "../time/instant.ts";
import { createPortalUsers } from "./portal-users.ts";
import { fingerprint, hashPassword, hashToken, isOldHash, isSameSecret, verifyPassword } from "./secrets.ts";
import type { AuthSettings } from "./settings.ts";
import { createThrottle } from "./throttle.ts";
import type { StoredUser, User } from "./user.ts";

/** What the API says of wrong passwords; clients parse it. */
export const wrongPassword = "Invalid username/password.";

/** Wrong tokens, or wrong server keys, per minute from one network; wrong passwords for one name from one network. */
const maxWrong = 10;
/** Wrong passwords per minute for one name, or from one network: higher, since other users share them. */
const maxPerEither = 100;
/** How long a correct password isn't hashed again: programs send it with each request. */
const cachedMillis = 60_000;
/** The same for a password that the portal has just accepted. */
const cachedFromPortalMillis = 5 * 60_000;
/** How long credentials that were correct are exempt from the throttle, so that an attacker can't lock their owner out. */
const exemptMillis = 24 * hourMillis;
const maxProofs = 1000;
const maxTokens = 10_000;

/** Credentials that were correct, the stored hash that they matched, and until when the password isn't hashed again. */
type Proof = Readonly<{ name: string; passwordHash: string; at: number; freshUntil: number }>;

export function createCredentials(settings: AuthSettings) {
  const { users, tokens, serverKey, secretKey, clock, steadyClock, warn } = settings;
  const throttle = createThrottle(settings);
  const portalUsers = createPortalUsers(settings);
  // Hash of a token → the hour in which this process last stored its use.
  const notedIn = new LRUCache<string, number>(atMost(maxTokens));
  // Key: fingerprint of name and password. The user is read on each request, so that a new password or a disabled account
  // takes effect at once, whichever process changed it.
  const proofs = new LRUCache<string, Proof>(atMost(maxProofs));
  // The same credentials sent on several connections at once are checked once.
  const inFlight = new Map<string, Promise<StoredUser>>();

  /** Checks a local user's hash; asks the portal about everybody else. */
  async function prove(name: string, password: string, user?: StoredUser): Promise<StoredUser | undefined> {
    if (!user || user.portal) return portalUsers.signIn(name, password, user);
    return (await verifyPassword(password, user.passwordHash)) ? user : undefined;
  }

  /** @throws Throttled, Unauthenticated */
  async function checkSlowly(key: string, name: string, password: string, address: string, user?: StoredUser) {
    // Unknown names aren't logged: people type passwords into the wrong field.
    const details = { user: user?.name ?? "unknown", address };
    const network = networkOf(address);
    const limits = [
      { subject: `name ${name} from ${network}`, max: maxWrong },
      { subject: `name ${name}`, max: maxPerEither },
      { subject: `network ${network}`, max: maxPerEither },
    ];
    const attempt = () => prove(name, password, user);
    const proof = proofs.get(key);
    const isExempt = proof && steadyClock() - proof.at < exemptMillis;
    const proven = await (isExempt ? attempt() : throttle.attempt(limits, attempt)).catch((error) => {
      if (error instanceof Throttled) warn("sign-in throttled", details);
      throw error;
    });
    if (!proven) {
      proofs.delete(key);
      warn("sign-in failed", details);
      throw new Unauthenticated(wrongPassword);
    }
    if (proven.passwordHash) await remember(key, proven, proven.passwordHash, password);
    return proven;
  }

  async function remember(key: string, { name, portal }: StoredUser, passwordHash: string, password: string) {
    const replace = async () => users.replacePasswordHash(name, passwordHash, await hashPassword(password));
    // If this fails, the old hash stays valid, and the next sign-in tries again.
    if (isOldHash(passwordHash)) await replace().catch(tolerating(Unavailable));
    const isFresh = portal?.passwordConfirmed && Date.parse(portal.passwordConfirmed) + cachedMillis > clock();
    const at = steadyClock();
    proofs.set(key, { name, passwordHash, at, freshUntil: at + (isFresh ? cachedFromPortalMillis : cachedMillis) });
  }

  /** Returns the user, even a disabled one. @throws Unauthenticated, Throttled, Unavailable if too many checks are waiting */
  async function findByPassword(name: string, password: string, address: string): Promise<StoredUser> {
    // PostgreSQL would reject these in a query.
    if (name.includes("\0") || !name.isWellFormed()) throw new Unauthenticated(wrongPassword);
    const key = fingerprint(secretKey, name, password);
    const known = proofs.get(key);
    const user = await users.findByName(known?.name ?? name);
    if (user && known?.passwordHash === user.passwordHash && known.freshUntil > steadyClock()) return user;
    const slowly = () => checkSlowly(key, name, password, address, user).finally(() => inFlight.delete(key));
    const check = inFlight.get(key) ?? slowly();
    inFlight.set(key, check);
    return check;
  }

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

  async function checkToken(token: string, address: string): Promise<User> {
    const hash = hashToken(token);
    const user = await users.findByTokenHash(hash);
    await count("token", hash, user !== undefined, address, "Invalid token.");
    recordUse(hash);
    return confirm(user as StoredUser, token);
  }

  const checkPassword = async (name: string, password: string, address: string): Promise<User> =>
    confirm(await findByPassword(name, password, address));

  return {
    checkPassword,
    confirm: portalUsers.confirm,
    storePush: portalUsers.storePush,

    /** Returns the user of the header; undefined without one, or with an unknown scheme. @throws Unauthenticated, Throttled */
    async check(request: Request): Promise<User | undefined> {
      const { scheme, parts } = readHeader(request);
      if (scheme === "token") return checkToken(single(parts, "token", "Token"), addressOf(request));
      if (scheme !== "basic") return undefined;
      const { name, password } = readBasic(single(parts, "basic", "Credentials"));
      return checkPassword(name, password, addressOf(request));
    },

    /** @throws Unauthenticated without the server key, Throttled after too many wrong keys */
    async checkServerKey(request: Request): Promise<void> {
      const { scheme, parts } = readHeader(request);
      const [key = ""] = parts;
      if (scheme !== "server" || parts.length !== 1) throw new Unauthenticated();
      const isRight = serverKey !== "" && isSameSecret(key, serverKey);
      await count("server key", hashToken(`Server ${key}`), isRight, addressOf(request));
    },
  };
}

function readHeader({ headers }: Request) {
  const [scheme, ...parts] = (headers.get("authorization") ?? "").trim().split(/\s+/);
  return { scheme: scheme?.toLowerCase(), parts };
}

/** Whether a request has a token, which browsers never add to requests from other sites' pages. */
export const hasToken = (request: Request): boolean => readHeader(request).scheme === "token";

function single([part, ...others]: readonly string[], scheme: string, noun: string): string {
  if (part === undefined) throw new Unauthenticated(`Invalid ${scheme} header. No credentials provided.`);
  if (others.length === 0) return part;
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
