/** Checks usernames and passwords: slowly by the hash, then from a cache for a while. */

import { LRUCache } from "lru-cache";
import { networkOf } from "../input/address.ts";
import { Throttled, tolerating, Unauthenticated, Unavailable } from "../input/problem.ts";
import type { PortalUsers } from "./portal-users.ts";
import { fingerprint, hashPassword, isOldHash, verifyPassword } from "./secrets.ts";
import type { AuthSettings } from "./settings.ts";
import type { Throttle } from "./throttle.ts";
import type { StoredUser } from "./user.ts";

/** What the API says of wrong passwords; clients parse it. */
export const wrongPassword = "Invalid username/password.";

/** How long a correct password isn't hashed again: programs send it with each request. */
const cachedMillis = 60_000;
/** The same for a password that the portal has just accepted. */
const cachedFromPortalMillis = 5 * 60_000;
/** How long credentials that were correct are exempt from the throttle, so that an attacker can't lock their owner out. */
const exemptMillis = 24 * 3_600_000;
const maxProofs = 1000;

/** Wrong passwords per minute for one name from one network. */
const maxPerNameAndNetwork = 10;
/** Wrong passwords per minute for one name, or from one network: higher, since other users share them. */
const maxPerEither = 100;

/** Credentials that were correct, the stored hash that they matched, and until when the password isn't hashed again. */
type Proof = Readonly<{ name: string; passwordHash: string; at: number; freshUntil: number }>;

export function createPasswordCheck(settings: AuthSettings, throttle: Throttle, portalUsers: PortalUsers) {
  const { users, secretKey, clock, steadyClock, warn } = settings;
  // Key: fingerprint of name and password. The user is read on each request, so that a new password or a disabled account
  // takes effect at once, whichever process changed it.
  const proofs = new LRUCache<string, Proof>({ max: maxProofs });
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
      { subject: `name ${name} from ${network}`, max: maxPerNameAndNetwork },
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
    if (proven.passwordHash) {
      if (isOldHash(proven.passwordHash)) await replaceHash(proven.name, proven.passwordHash, password);
      remember(key, proven, proven.passwordHash);
    }
    return proven;
  }

  async function replaceHash(name: string, oldHash: string, password: string): Promise<void> {
    const replacing = hashPassword(password).then((hash) => users.replacePasswordHash(name, oldHash, hash));
    // The old hash stays valid; the next sign-in tries again.
    await replacing.catch(tolerating(Unavailable));
  }

  function remember(key: string, { name, portal }: StoredUser, passwordHash: string): void {
    const isFresh = portal?.passwordConfirmed && Date.parse(portal.passwordConfirmed) + cachedMillis > clock();
    const at = steadyClock();
    const freshUntil = at + (isFresh ? cachedFromPortalMillis : cachedMillis);
    proofs.set(key, { name, passwordHash, at, freshUntil });
  }

  /** Returns the user, even a disabled one. @throws Unauthenticated, Throttled, Unavailable if too many checks are waiting */
  return async function checkPassword(name: string, password: string, address: string): Promise<StoredUser> {
    // PostgreSQL would reject these in a query.
    if (name.includes("\0") || !name.isWellFormed()) throw new Unauthenticated(wrongPassword);
    const key = fingerprint(secretKey, name, password);
    const known = proofs.get(key);
    const user = await users.findByName(known?.name ?? name);
    if (user && known?.passwordHash === user.passwordHash && known.freshUntil > steadyClock()) return user;
    const check =
      inFlight.get(key) ?? checkSlowly(key, name, password, address, user).finally(() => inFlight.delete(key));
    inFlight.set(key, check);
    return check;
  };
}
