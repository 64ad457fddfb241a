/** Whether the Observation Portal has disabled a user of whom there is nothing but the API token to ask with. */

import { LRUCache } from "lru-cache";
import type { Clock } from "../time/instant.ts";
import type { Portal, Profile } from "./portal.ts";
import { PortalUnreachable } from "./portal-client.ts";
import type { StoredUser } from "./user-store.ts";

const mostUsers = 10_000;

/** A profile doesn't say that its user is disabled. While the portal can't be asked, nobody is. */
export async function isDisabledAtPortal(portal: Portal | undefined, profile: Profile): Promise<boolean> {
  const answer = portal?.isDisabled(profile).catch((error) => {
    if (error instanceof PortalUnreachable) return false;
    throw error;
  });
  return (await answer) ?? false;
}

/** @param askAgainMillis for how long an answer counts in this process */
export function createDisabledCheck(portal: Portal | undefined, clock: Clock, askAgainMillis: number) {
  const asked = new LRUCache<number, { readonly at: number; readonly isDisabled: Promise<boolean> }>({
    max: mostUsers,
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
