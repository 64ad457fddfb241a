/** When API tokens were last used: noted once an hour for each, beside the request. */

import { LRUCache } from "lru-cache";
import type { Clock } from "../time/instant.ts";
import type { Tokens } from "./token-store.ts";

const hourMillis = 3_600_000;
const mostTokens = 10_000;

export interface TokenUseSettings {
  readonly tokens: Pick<Tokens, "touch">;
  readonly clock: Clock;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

export function createTokenUse({ tokens, clock, warn }: TokenUseSettings) {
  // Hash of a token → the hour in which this process noted its use.
  const notedIn = new LRUCache<string, number>({ max: mostTokens });

  /** Notes that a token was used. No request waits until this is stored, or fails where it can't be. */
  return function noteUse(hash: string): void {
    const hour = Math.floor(clock() / hourMillis);
    if (notedIn.get(hash) === hour) return;
    notedIn.set(hash, hour);
    tokens
      .touch(hash, clock())
      .catch((error) => warn("the last use of a token could not be stored", { error: String(error) }));
  };
}
