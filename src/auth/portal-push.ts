/** Changes of users that the Observation Portal sends by itself. */

import type { Clock } from "../time/instant.ts";
import type { Portal, Profile } from "./portal.ts";
import { isDisabledAtPortal } from "./portal-disabled.ts";
import { hashToken } from "./secrets.ts";
import type { Kept, PortalUser, Users } from "./user-store.ts";

type Say = (message: string, details: Record<string, unknown>) => void;

export interface PortalUserSettings {
  readonly users: Users;
  /** Undefined: no portal is set. */
  readonly portal: Portal | undefined;
  readonly secretKey: string;
  readonly clock: Clock;
  readonly info: Say;
  readonly warn: Say;
}

/** What the portal says of a user beside the profile. */
type Details = Pick<PortalUser, "grant" | "dueAt" | "passwordHash">;

/** How much of a change that the portal sent was kept. */
export type Taken = "all" | "all but the token" | "nothing";

export type KeepProfile = ReturnType<typeof createProfileKeeper>;

export function createProfileKeeper({ users, clock, warn }: Pick<PortalUserSettings, "users" | "clock" | "warn">) {
  /** Stores what the portal says of a user; the token stays with a local user who has the same one. */
  return async function keepProfile({ username, is_staff, tokens }: Profile, details: Details): Promise<Kept> {
    // A profile without tokens says nothing of them.
    const token = tokens && { tokenHash: tokens.api_token ? hashToken(tokens.api_token) : null };
    const kept = await users.keepFromPortal(
      { name: username, staff: is_staff === true, ...token, ...details },
      clock(),
    );
    if (kept.isTokenTaken) warn("the portal's token is a local user's too; it isn't kept", { user: username });
    return kept;
  };
}

export function createPortalPush(
  { users, portal, clock, info, warn }: PortalUserSettings,
  keepProfile: KeepProfile,
): (profile: Profile) => Promise<Taken> {
  /**
   * Takes a change. Whatever the user was signed in with before is worth nothing now.
   * @returns what was kept of it; nothing when the name is a local user's, since a refusal would stop the portal's run
   */
  return async function take(profile) {
    const { username: user, is_staff } = profile;
    const known = await users.findByName(user);
    const isOurs = !known || known.portal !== undefined;
    const active = profile.is_active !== false && !(isOurs && (await isDisabledAtPortal(portal, profile)));
    const { user: kept, isTokenTaken } =
      isOurs && active ? await keepProfile(profile, { passwordHash: null }) : { user: known, isTokenTaken: false };
    if (kept ? !kept.portal : active) {
      warn("the portal sent a change to a local user; nothing was changed", { user });
      return "nothing";
    }
    if (active) {
      await users.askSoon(user, clock());
      await users.endSessions(user);
    } else await users.withdraw(user);
    info("user changed by the portal", { user, staff: is_staff === true, active });
    return isTokenTaken ? "all but the token" : "all";
  };
}
