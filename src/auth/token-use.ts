/** Records when API tokens were last used, once an hour for each, in the background. */

import { LRUCache } from "lru-cache";
import type { Clock } from "../time/instant.ts";
import type { Tokens } from "./token-store.ts";

const hourMillis = 3_600_000;
const maxTokens = 10_000;

interface TokenUseSettings {
  readonly tokens: Pick<Tokens, "touch">;
  readonly clock: Clock;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

export function createTokenUse({ tokens, clock, warn }: TokenUseSettings) {
  // Hash of a token → the hour in which this process last stored its use.
  const notedIn = new LRUCache<string, number>({ max: maxTokens });

  /** Stores the use of a token, without making the request wait or fail. */
  return function recordUse(hash: string): void {
    const hour = Math.floor(clock() / hourMillis);
    if (notedIn.get(hash) === hour) return;
    notedIn.set(hash, hour);
    tokens.touch(hash, clock()).catch((error) => warn("can't store a token's last use", { error: String(error) }));
  };
}
