/** Networks: tells clients apart, where each may have only so much. */

import { networkOf } from "../input/address.ts";

import { addressOf, type RequestContext } from "./request-context.ts";
import type { Log } from "./request-log.ts";

export interface NetworkSettings {
  /** A proxy stands in front of the service, and tells each client's address. */
  readonly trustProxy: boolean;
  readonly log: Pick<Log, "warn">;
}

/** @returns tells where a client is; undefined where a proxy in front isn't trusted: all clients then seem to have its address */
export function createNetworks({ trustProxy, log }: NetworkSettings): (caller: RequestContext) => string | undefined {
  let hasWarned = false;
  return (caller) => {
    if (trustProxy || !caller.request.headers.has("x-forwarded-for")) return networkOf(addressOf(caller));
    if (!hasWarned)
      log.warn("X-Forwarded-For ignored: set TRUST_PROXY=true behind a proxy, so that clients count apart");
    hasWarned = true;
    return undefined;
  };
}
