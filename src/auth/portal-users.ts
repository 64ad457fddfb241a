/** Users of the Observation Portal: they have access while the portal confirms them, or did within the last 24 hours. */

import { LRUCache } from "lru-cache";
import { tolerating, Unauthenticated, Unavailable } from "../input/problem.ts";
import { toMillis } from "../time/instant.ts";
import type { Confirmation, Grant, Profile } from "./portal.ts";
import { PortalUnreachable } from "./portal-client.ts";
import type { PortalUser } from "./portal-user-store.ts";
import { hashPassword, hashToken, openSealed, seal, verifyPassword } from "./secrets.ts";
import type { AuthSettings } from "./settings.ts";
import type { StoredUser, User } from "./user.ts";

const minuteMillis = 60_000;
/** Half a minute less than five, so that rights are never older than that even if the portal responds slowly. */
const askAgainMillis = 4.5 * minuteMillis;
/** Older rights are marked as unconfirmed. */
const confirmedMillis = 5 * minuteMillis;
const unreachableAskAgainMillis = minuteMillis;
/** How long users keep access while the portal is unreachable. */
const graceMillis = 24 * 60 * minuteMillis;
/** Users whom this process remembers to be disabled or not. */
const maxUsers = 10_000;

export type PortalUsers = ReturnType<typeof createPortalUsers>;

export function createPortalUsers({ users, portal, secretKey, formerKeys, clock, info, warn }: AuthSettings) {
  const disabled = new LRUCache<number, Promise<boolean>>({
    max: maxUsers,
    ttl: askAgainMillis,
    ttlResolution: 0,
    perf: { now: clock },
  });
  const inFlight = new Map<number, Promise<StoredUser | undefined>>();

  const isWithin = (millis: number, at: string | null | undefined): boolean =>
    Boolean(at) && clock() - Date.parse(at as string) < millis;

  /** Stores a profile, without its token if a local user has the same one. @param details what to store besides it */
  async function store({ username, is_staff, tokens }: Profile, details: Partial<PortalUser>) {
    // A profile without tokens leaves the stored token unchanged.
    const token = tokens && { tokenHash: tokens.api_token ? hashToken(tokens.api_token) : null };
    const user = { name: username, staff: is_staff === true, ...token, ...details };
    const kept = await users.storePortalUser(user, clock());
    if (kept.isTokenTaken) warn("portal token not stored: a local user has the same one", { user: username });
    return kept;
  }

  /** Stores a confirmed user. @returns undefined if it is a local user's name, or the portal has disabled the user */
  async function keep({ profile, grant }: Confirmation, passwordHash?: string): Promise<StoredUser | undefined> {
    if (profile.is_active === false) {
      await users.revokeAccess(profile.username);
      return undefined;
    }
    const { user } = await store(profile, {
      grant: seal(secretKey, JSON.stringify(grant)),
      dueAt: clock() + askAgainMillis,
      ...(passwordHash && { passwordHash }),
    });
    if (!user) warn("portal user rejected: a local user has the same name", { user: profile.username });
    return user;
  }

  /** Checks the hash stored at a sign-in in the last 24 hours. @throws Unauthenticated */
  async function signInByHash(password: string, known: StoredUser | undefined, { message }: PortalUnreachable) {
    const isRecent = isWithin(graceMillis, known?.portal?.passwordConfirmed);
    if (!(await verifyPassword(password, (isRecent && known?.passwordHash) || null)) || !known) {
      warn("portal unreachable; sign-in rejected", { user: known?.name ?? "unknown", error: message });
      throw new Unauthenticated(
        "The Observation Portal can't be reached. Until it is back, only users who signed in during the last 24 hours can sign in.",
      );
    }
    warn("portal unreachable; signed in by the stored password", { user: known.name, error: message });
    await claim(known);
    return known;
  }

  /** Whether this process should ask the portal. False if that can't be stored, so that reads don't fail. */
  const claim = async ({ id }: StoredUser): Promise<boolean> =>
    (await users.claimCheck(id, clock(), clock() + unreachableAskAgainMillis).catch(tolerating(Unavailable))) === true;

  /** Whether the portal has disabled a user. @param token the API token that came with the user's request */
  function isDisabled({ id, name }: StoredUser, token: string): Promise<boolean> | undefined {
    const asked = disabled.get(id) ?? portal?.isDisabled({ username: name, tokens: { api_token: token } });
    if (asked && !disabled.has(id)) disabled.set(id, asked);
    return asked;
  }

  /** Asks the portal about a user without the password. @returns the updated user; undefined if the portal refuses */
  async function refreshUser(user: StoredUser): Promise<StoredUser | undefined> {
    const sealed = user.portal?.grant;
    const text = sealed && openSealed([secretKey, ...formerKeys], sealed);
    const asking = text ? portal?.renew(JSON.parse(text) as Grant) : undefined;
    const confirmation = await asking?.catch(tolerating(PortalUnreachable));
    if (confirmation instanceof PortalUnreachable) {
      warn("portal unreachable; the user's rights stay unchanged", { user: user.name, error: confirmation.message });
      return user;
    }
    if (confirmation?.profile.username === user.name) return keep(confirmation);
    await revokeAccess(user);
    return undefined;
  }

  async function revokeAccess({ name }: StoredUser): Promise<void> {
    await users.revokeAccess(name);
    warn("user's access revoked by the portal", { user: name });
  }

  /** Asks once for all concurrent requests. If another process is asking, uses what is stored without waiting. */
  function refreshOnce(user: StoredUser): Promise<StoredUser | undefined> {
    const refresh = async () => ((await claim(user)) ? refreshUser(user) : users.find(user.id));
    const question = inFlight.get(user.id) ?? refresh().finally(() => inFlight.delete(user.id));
    inFlight.set(user.id, question);
    return question;
  }

  async function refreshIfDue(user: StoredUser): Promise<StoredUser | undefined> {
    const { due, confirmed } = user.portal ?? {};
    if (inFlight.has(user.id) || (due && clock() >= toMillis(due))) return refreshOnce(user);
    // The portal may have refused the user after `user` was read: read it again.
    return isWithin(askAgainMillis, confirmed) ? user : users.find(user.id);
  }

  return {
    /**
     * Signs in a user who isn't local.
     * @param known the stored user with this name
     * @returns undefined if the portal refuses, or none is configured and the hash doesn't match
     * @throws Unauthenticated if the portal is unreachable and the user didn't sign in recently
     */
    async signIn(name: string, password: string, known: StoredUser | undefined): Promise<StoredUser | undefined> {
      // Migrated portal users keep their hashes, which work without a portal.
      if (!portal) return (await verifyPassword(password, known?.passwordHash ?? null)) ? known : undefined;
      const confirmation = await portal.signIn(name, password).catch(tolerating(PortalUnreachable));
      if (confirmation instanceof PortalUnreachable) return signInByHash(password, known, confirmation);
      // Also without a hash, so that the response time doesn't reveal who has signed in here before.
      const isKept = await verifyPassword(password, known?.passwordHash ?? null);
      if (confirmation) return keep(confirmation, (isKept && known?.passwordHash) || (await hashPassword(password)));
      // The old password must not work again when the portal is down.
      if (isKept && known) await users.forgetPassword(known.id, clock());
      return undefined;
    },

    /**
     * Returns the user if they still have access; undefined otherwise. Asks the portal again after five minutes; while it
     * is unreachable, users keep access for 24 hours.
     * @param token the API token that the user authenticated with, if any
     */
    async confirm(user: StoredUser, token?: string): Promise<User | undefined> {
      const { id, name, staff, active, portal: status } = user;
      if (!active || (status && !status.confirmed)) return undefined;
      if (!status?.due) {
        // The user never signed in here: the pushed profile counts until the next push, or until the portal refuses the token.
        const isOut = status && token !== undefined && (await isDisabled(user, token));
        if (isOut) await revokeAccess(user);
        return isOut ? undefined : { id, name, staff, active };
      }
      const asked = portal ? await refreshIfDue(user) : user;
      const confirmed = asked?.portal?.confirmed;
      if (!asked?.active || !isWithin(graceMillis, confirmed)) return undefined;
      const unconfirmed = isWithin(confirmedMillis, confirmed) ? {} : { unconfirmed: true as const };
      return { id, name, staff: asked.staff, active, ...unconfirmed };
    },

    /**
     * Stores a profile that the portal pushes, and ends the user's sessions.
     * @returns how much was stored: nothing if it is a local user's name. That isn't an error, which would abort the
     * portal's batch.
     */
    async storePush(profile: Profile): Promise<"all" | "all but the token" | "nothing"> {
      const { username: user, is_staff } = profile;
      const known = await users.findByName(user);
      const isOurs = !known || known.portal !== undefined;
      const active = profile.is_active !== false && !(isOurs && (await portal?.isDisabled(profile)));
      const isStored = isOurs && active;
      const stored = isStored ? await store(profile, { passwordHash: null }) : { user: known, isTokenTaken: false };
      if (stored.user ? !stored.user.portal : active) {
        warn("ignored a profile from the portal: it is a local user", { user });
        return "nothing";
      }
      if (active) await users.endSessions(user, clock());
      else await users.revokeAccess(user);
      info("user changed by the portal", { user, staff: is_staff === true, active });
      return stored.isTokenTaken ? "all but the token" : "all";
    },
  };
}
