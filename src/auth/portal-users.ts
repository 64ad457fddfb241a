/** Users of the Observation Portal: they have access while the portal confirms them, or did within the last 24 hours. */

import { LRUCache } from "lru-cache";
import { atMost } from "../input/lru-limit.ts";
import { tolerating, Unauthenticated, Unavailable } from "../input/problem.ts";
import { minuteMillis, toMillis } from "../time/instant.ts";
import type { Confirmation, Grant, Profile } from "./portal.ts";
import { PortalUnreachable } from "./portal-client.ts";
import { hashPassword, hashToken, openSealed, seal, verifyPassword } from "./secrets.ts";
import type { AuthSettings } from "./settings.ts";
import type { StoredUser, User } from "./user.ts";
import type { PortalUser } from "./user-store.ts";

/** Half a minute less than five, so that rights are never older than that even if the portal responds slowly. */
const askAgainMillis = 4.5 * minuteMillis;
/** Older rights are marked as unconfirmed. */
const confirmedMillis = 5 * minuteMillis;
const unreachableAskAgainMillis = minuteMillis;
/** How long users keep access while the portal is unreachable. */
const graceMillis = 24 * 60 * minuteMillis;
const maxTokens = 10_000;

export function createPortalUsers({ users, portal, secretKey, formerKeys, clock, info, warn }: AuthSettings) {
  // Hashes of the API tokens that this process needn't ask about again yet.
  const asked = new LRUCache<string, true>({
    ...atMost(maxTokens),
    ttl: askAgainMillis,
    ttlResolution: 0,
    perf: { now: clock },
  });
  const inFlight = new Map<number, Promise<StoredUser | undefined>>();

  const isWithin = (millis: number, at: string | null | undefined): boolean =>
    at ? clock() - Date.parse(at) < millis : false;

  async function store({ username, is_staff, tokens }: Profile, dueAt: number, details: Partial<PortalUser>) {
    // A profile without tokens leaves the stored token unchanged.
    const token = tokens && { tokenHash: tokens.api_token ? hashToken(tokens.api_token) : null };
    const user = { name: username, staff: is_staff === true, dueAt, ...token, ...details };
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
    const details = { grant: seal(secretKey, JSON.stringify(grant)), passwordHash };
    const { user } = await store(profile, clock() + askAgainMillis, details);
    if (!user) warn("portal user rejected: a local user has the same name", { user: profile.username });
    return user;
  }

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

  /** Asks the portal by the grant; without one, by the API token that came with the request. Undefined: it refuses. */
  async function refreshUser(user: StoredUser, token: string | undefined): Promise<StoredUser | undefined> {
    const { name } = user;
    const sealed = user.portal?.grant;
    if (!sealed && !(token && (await portal?.isDisabled({ username: name, tokens: { api_token: token } })))) {
      if (token) asked.set(hashToken(token), true);
      return user;
    }
    const text = sealed && openSealed([secretKey, ...formerKeys], sealed);
    const asking = text ? portal?.renew(JSON.parse(text) as Grant) : undefined;
    const confirmation = await asking?.catch(tolerating(PortalUnreachable));
    if (confirmation instanceof PortalUnreachable) {
      warn("portal unreachable; the user's rights stay unchanged", { user: name, error: confirmation.message });
      return user;
    }
    if (confirmation?.profile.username === name) return keep(confirmation);
    await users.revokeAccess(name);
    warn("user's access revoked by the portal", { user: name });
    return undefined;
  }

  /** Asks once for all concurrent requests. If another process is asking, uses what is stored without waiting. */
  async function refreshIfDue(user: StoredUser, token: string | undefined): Promise<StoredUser | undefined> {
    const { grant, due, confirmed } = user.portal ?? {};
    // Without a grant, each process asks about each token and stores nothing, so that reads don't wait for a write.
    const isDue = grant ? due && clock() >= toMillis(due) : token && !asked.has(hashToken(token));
    // The portal may have refused the user after `user` was read: read it again.
    if (!isDue && !inFlight.has(user.id)) return isWithin(askAgainMillis, confirmed) ? user : users.find(user.id);
    const refresh = async () => (!grant || (await claim(user)) ? refreshUser(user, token) : users.find(user.id));
    const refreshing = inFlight.get(user.id) ?? refresh().finally(() => inFlight.delete(user.id));
    inFlight.set(user.id, refreshing);
    return refreshing;
  }

  return {
    /** Signs in a user who isn't local; undefined if the portal refuses. @throws Unauthenticated if the password can't be verified */
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

    /** Returns the user if they still have access; undefined otherwise. @param token the one of the request, if any */
    async confirm(user: StoredUser, token?: string): Promise<User | undefined> {
      const { id, name, active, portal: status } = user;
      if (!active || (status && !status.confirmed)) return undefined;
      const asked = status && portal ? await refreshIfDue(user, token) : user;
      if (!asked?.active) return undefined;
      // The user never signed in here: the pushed profile counts until the next push, or until the portal refuses the token.
      if (!status?.grant) return { id, name, staff: asked.staff, active };
      const confirmed = asked.portal?.confirmed;
      if (!isWithin(graceMillis, confirmed)) return undefined;
      const unconfirmed = isWithin(confirmedMillis, confirmed) ? {} : { unconfirmed: true as const };
      return { id, name, staff: asked.staff, active, ...unconfirmed };
    },

    /** Stores a pushed profile, and returns what the portal logs. An error would abort the portal's batch. */
    async storePush(profile: Profile): Promise<string> {
      const { username: user, is_staff } = profile;
      const known = await users.findByName(user);
      if (known && !known.portal) {
        warn("portal profile ignored: a local user has the same name", { user });
        return "Local user; nothing was changed";
      }
      const active = profile.is_active !== false && !(await portal?.isDisabled(profile));
      const stored = active ? await store(profile, clock(), { passwordHash: null }) : undefined;
      if (!active) await users.revokeAccess(user);
      info("user changed by the portal", { user, staff: is_staff === true, active });
      return stored?.isTokenTaken
        ? "User account updated, except its API token: a local user has the same one"
        : "User account updated";
    },
  };
}
