/** Checks with a user's API token whether the Observation Portal has disabled the user. */

import { LRUCache } from "lru-cache";
import type { Clock } from "../time/instant.ts";
import type { Portal, Profile } from "./portal.ts";
import { PortalUnreachable } from "./portal-client.ts";
import type { StoredUser } from "./user-rows.ts";

const maxUsers = 10_000;

/** Whether the portal has disabled a user. A profile doesn't say so. False while the portal is unreachable. */
export async function isDisabledAtPortal(portal: Portal | undefined, profile: Profile): Promise<boolean> {
  const answer = portal?.isDisabled(profile).catch((error) => {
    if (error instanceof PortalUnreachable) return false;
    throw error;
  });
  return (await answer) ?? false;
}

/** @param askAgainMillis how long this process caches a result */
export function createDisabledCheck(portal: Portal | undefined, clock: Clock, askAgainMillis: number) {
  const asked = new LRUCache<number, { readonly at: number; readonly isDisabled: Promise<boolean> }>({
    max: maxUsers,
  });

  /** @param token the API token that came with the user's request */
  return function isDisabled({ id, name }: StoredUser, token: string): Promise<boolean> {
    const known = asked.get(id);
    if (known && clock() - known.at < askAgainMillis) return known.isDisabled;
    const isDisabled = isDisabledAtPortal(portal, { username: name, tokens: { api_token: token } });
    asked.set(id, { at: clock(), isDisabled });
    return isDisabled;
  };
}
