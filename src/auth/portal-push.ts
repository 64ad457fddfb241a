/** Accepts user changes that the Observation Portal pushes. */

import type { Profile } from "./portal.ts";
import type { PortalUser } from "./portal-user-store.ts";
import { hashToken } from "./secrets.ts";
import type { AuthSettings } from "./settings.ts";

/** How much of a pushed profile was stored. */
export type PushResult = "all" | "all but the token" | "nothing";

/**
 * Stores a profile, without its token if a local user has the same one.
 * @param details what to store besides the profile
 */
export async function storeProfile(
  { users, clock, warn }: AuthSettings,
  { username, is_staff, tokens }: Profile,
  details: Pick<PortalUser, "grant" | "dueAt" | "passwordHash">,
) {
  // A profile without tokens leaves the stored token unchanged.
  const token = tokens && { tokenHash: tokens.api_token ? hashToken(tokens.api_token) : null };
  const kept = await users.storePortalUser({ name: username, staff: is_staff === true, ...token, ...details }, clock());
  if (kept.isTokenTaken) warn("portal token not stored: a local user has the same one", { user: username });
  return kept;
}

/**
 * Stores a pushed profile, and ends the user's sessions.
 * @returns how much was stored: nothing if it is a local user's name. That isn't an error, which would abort the portal's
 * batch.
 */
export async function storePush(settings: AuthSettings, profile: Profile): Promise<PushResult> {
  const { users, portal, clock, info, warn } = settings;
  const { username: user, is_staff } = profile;
  const known = await users.findByName(user);
  const isOurs = !known || known.portal !== undefined;
  const active = profile.is_active !== false && !(isOurs && (await portal?.isDisabled(profile)));
  const { user: kept, isTokenTaken } =
    isOurs && active
      ? await storeProfile(settings, profile, { passwordHash: null })
      : { user: known, isTokenTaken: false };
  if (kept ? !kept.portal : active) {
    warn("ignored a profile from the portal: it is a local user", { user });
    return "nothing";
  }
  if (active) await users.endSessions(user, clock());
  else await users.revokeAccess(user);
  info("user changed by the portal", { user, staff: is_staff === true, active });
  return isTokenTaken ? "all but the token" : "all";
}
