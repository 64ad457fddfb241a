/** Passwords: whether a name and a password belong together, slowly once, quickly for a while after. */

import { LRUCache } from "lru-cache";
import { networkOf } from "../input/address.ts";
import { Throttled, Unauthenticated, Unavailable } from "../input/problem.ts";
import type { Clock } from "../time/instant.ts";
import type { PortalUsers } from "./portal-users.ts";
import { fingerprint, hashPassword, isOldHash, verifyPassword } from "./secrets.ts";
import type { Throttle } from "./throttle.ts";
import type { StoredUser, Users } from "./user-store.ts";

/** How long a password that was right needs no second look: long enough for a program that sends it every second. */
const rememberedMillis = 60_000;
/** The same where the portal took it. */
const rememberedFromPortalMillis = 5 * 60_000;
/** How long who proved a password isn't held up by others who guess it. */
const provedMillis = 24 * 3_600_000;
const mostRemembered = 1000;

/** Wrong passwords in a minute for a name from one network: who mistypes more is guessing. */
const mostOfNameAndNetwork = 10;
/** From everywhere for a name, and for all names from one network: others at it must not be locked out by one who guesses. */
const mostOfEither = 100;

export interface PasswordSettings {
  readonly users: Users;
  readonly portalUsers: PortalUsers;
  readonly throttle: Throttle;
  readonly secretKey: string;
  readonly clock: Clock;
  readonly steadyClock: Clock;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

/** Whom a name and a password proved, by the hash that they were right for. */
interface Proof {
  readonly name: string;
  readonly passwordHash: string;
  readonly at: number;
  /** The password needs no second look before this time. */
  readonly freshUntil: number;
}

export function createPasswordCheck(settings: PasswordSettings) {
  const { users, portalUsers, throttle, secretKey, clock, steadyClock, warn } = settings;
  // By the fingerprint of name and password. The user is read anew each time, so that another password or a withdrawn
  // account counts at once, whichever process changed it.
  const proofs = new LRUCache<string, Proof>({ max: mostRemembered });

  // The same credentials sent over many connections at once are verified once.
  const underWay = new Map<string, Promise<StoredUser>>();

  /** A local user by the hash; everybody else by the portal. */
  async function prove(name: string, password: string, user?: StoredUser): Promise<StoredUser | undefined> {
    if (!user || user.portal) return portalUsers.signIn(name, password, user);
    return (await verifyPassword(password, user.passwordHash)) ? user : undefined;
  }

  /** @throws Throttled, Unauthenticated */
  async function checkSlowly(key: string, name: string, password: string, address: string, user?: StoredUser) {
    // A name that nobody has isn't logged: people type passwords into the wrong field.
    const details = { user: user?.name ?? "unknown", address };
    const network = networkOf(address);
    const limits = [
      { subject: `name ${name} from ${network}`, most: mostOfNameAndNetwork },
      { subject: `name ${name}`, most: mostOfEither },
      { subject: `network ${network}`, most: mostOfEither },
    ];
    const attempt = () => prove(name, password, user);
    const proof = proofs.get(key);
    const isTrusted = proof && steadyClock() - proof.at < provedMillis;
    const proven = await (isTrusted ? attempt() : throttle.attempt(limits, attempt)).catch((error) => {
      if (error instanceof Throttled) warn("sign-in throttled", details);
      throw error;
    });
    if (!proven) {
      proofs.delete(key);
      warn("sign-in failed", details);
      throw new Unauthenticated("Invalid username/password.");
    }
    if (proven.passwordHash && isOldHash(proven.passwordHash)) await replaceOldHash(proven, password);
    remember(key, proven);
    return proven;
  }

  async function replaceOldHash({ name, passwordHash }: StoredUser, password: string): Promise<void> {
    if (passwordHash === null) return;
    const replacing = hashPassword(password).then((hash) => users.replacePasswordHash(name, passwordHash, hash));
    await replacing.catch((error) => {
      // The old one is as good until the next time.
      if (!(error instanceof Unavailable)) throw error;
    });
  }

  function remember(key: string, { name, passwordHash, portal }: StoredUser): void {
    if (!passwordHash) return;
    const isFresh = portal?.passwordConfirmed && Date.parse(portal.passwordConfirmed) + rememberedMillis > clock();
    const at = steadyClock();
    const freshUntil = at + (isFresh ? rememberedFromPortalMillis : rememberedMillis);
    proofs.set(key, { name, passwordHash, at, freshUntil });
  }

  /**
   * The user whom the name and the password prove.
   * @param address the client's network address
   * @throws Unauthenticated, Throttled after too many wrong ones, or Unavailable when too many wait to be checked
   */
  return async function checkPassword(name: string, password: string, address: string): Promise<StoredUser> {
    // Nobody has a name that no database can keep.
    if (name.includes("\0") || !name.isWellFormed()) throw new Unauthenticated("Invalid username/password.");
    const key = fingerprint(secretKey, name, password);
    const known = proofs.get(key);
    let user = await users.findByName(known?.name ?? name);
    if (!user || known?.passwordHash !== user.passwordHash || known.freshUntil <= steadyClock()) {
      const check =
        underWay.get(key) ?? checkSlowly(key, name, password, address, user).finally(() => underWay.delete(key));
      underWay.set(key, check);
      user = await check;
    }
    if (!user.active) throw new Unauthenticated("User inactive or deleted.");
    return user;
  };
}
