/** Accepts user changes that the Observation Portal pushes. */

import type { Clock } from "../time/instant.ts";
import type { Portal, Profile } from "./portal.ts";
import { isDisabledAtPortal } from "./portal-disabled.ts";
import type { PortalUser, PortalUserResult } from "./portal-user-store.ts";
import { hashToken } from "./secrets.ts";
import type { Users } from "./user-store.ts";

type Say = (message: string, details: Record<string, unknown>) => void;

export interface PortalUserSettings {
  readonly users: Users;
  /** Undefined if no portal is configured. */
  readonly portal: Portal | undefined;
  readonly secretKey: string;
  readonly clock: Clock;
  readonly info: Say;
  readonly warn: Say;
}

/** What to store besides the profile. */
type Details = Pick<PortalUser, "grant" | "dueAt" | "passwordHash">;

/** How much of a pushed profile was stored. */
export type PushResult = "all" | "all but the token" | "nothing";

type StoreProfile = ReturnType<typeof createProfileStore>;

export function createProfileStore({ users, clock, warn }: Pick<PortalUserSettings, "users" | "clock" | "warn">) {
  /** Stores a profile, without its token if a local user has the same one. */
  return async function storeProfile(
    { username, is_staff, tokens }: Profile,
    details: Details,
  ): Promise<PortalUserResult> {
    // A profile without tokens leaves the stored token unchanged.
    const token = tokens && { tokenHash: tokens.api_token ? hashToken(tokens.api_token) : null };
    const kept = await users.storePortalUser(
      { name: username, staff: is_staff === true, ...token, ...details },
      clock(),
    );
    if (kept.isTokenTaken) warn("portal token not stored: a local user has the same one", { user: username });
    return kept;
  };
}

export function createPortalPush(
  { users, portal, clock, info, warn }: PortalUserSettings,
  storeProfile: StoreProfile,
): (profile: Profile) => Promise<PushResult> {
  /**
   * Stores a pushed profile, and ends the user's sessions.
   * @returns how much was stored: nothing if it is a local user's name. That isn't an error, which would abort the
   * portal's batch.
   */
  return async function storePush(profile) {
    const { username: user, is_staff } = profile;
    const known = await users.findByName(user);
    const isOurs = !known || known.portal !== undefined;
    const active = profile.is_active !== false && !(isOurs && (await isDisabledAtPortal(portal, profile)));
    const { user: kept, isTokenTaken } =
      isOurs && active ? await storeProfile(profile, { passwordHash: null }) : { user: known, isTokenTaken: false };
    if (kept ? !kept.portal : active) {
      warn("ignored a profile from the portal: it is a local user", { user });
      return "nothing";
    }
    if (active) {
      await users.makeCheckDue(user, clock());
      await users.endSessions(user);
    } else await users.revokeAccess(user);
    info("user changed by the portal", { user, staff: is_staff === true, active });
    return isTokenTaken ? "all but the token" : "all";
  };
}
