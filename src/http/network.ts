/** Identifies clients by their network, for limits. */

import { networkOf } from "../input/address.ts";
import { addressOf, type RequestContext } from "./request-context.ts";
import type { Log } from "./request-log.ts";

export interface NetworkSettings {
  /** Whether a proxy sends the client's address. */
  readonly trustProxy: boolean;
  readonly log: Pick<Log, "warn">;
}

/** @returns a function that returns a client's network; undefined behind an untrusted proxy, whose address all clients share */
export function createNetworks({ trustProxy, log }: NetworkSettings): (context: RequestContext) => string | undefined {
  let hasWarned = false;
  return (context) => {
    if (trustProxy || !context.request.headers.has("x-forwarded-for")) return networkOf(addressOf(context));
    if (!hasWarned)
      log.warn("X-Forwarded-For ignored: set TRUST_PROXY=true behind a proxy to apply limits to each client");
    hasWarned = true;
    return undefined;
  };
}
