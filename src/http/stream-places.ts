/** Limits the number of open streams, in total and per network, which identifies clients. */

import { networkOf } from "../input/address.ts";
import { Overloaded, TooManyStreams } from "../input/problem.ts";
import { addressOf } from "./request-context.ts";
import type { Log } from "./request-log.ts";

// Kinds of streams: their names in the plural, and their limits.

/** Each has a connection and gets each change. A browser opens one for all windows; many people may share an address. */
export const eventStreams = { noun: "event streams", inAll: 1000, ofOneNetwork: 64 };
/** Each may hold a database connection while its client reads. */
export const longAnswers = { noun: "long answers", inAll: 16, ofOneNetwork: 4 };

/**
 * Creates a function that takes a slot for a stream. Its parameter is the network, undefined if unknown: then only the total
 * limit applies. It returns a function that releases the slot, and throws TooManyStreams for the network, Overloaded in total.
 */
export function createStreamPlaces({ noun, inAll, ofOneNetwork }: typeof eventStreams) {
  const open = new Set<{ readonly network: string | undefined }>();
  return (network: string | undefined): (() => void) => {
    if (network !== undefined && [...open].filter((one) => one.network === network).length >= ofOneNetwork)
      throw new TooManyStreams(noun, ofOneNetwork);
    if (open.size >= inAll) throw new Overloaded(`Too many ${noun} are open. Try again later.`, 30);
    const place = { network };
    open.add(place);
    return () => void open.delete(place);
  };
}

/** Behind an untrusted proxy, all clients have its address: then their networks are unknown. */
export function createNetworks({ trustProxy, log }: { readonly trustProxy: boolean; readonly log: Pick<Log, "warn"> }) {
  let hasWarned = false;
  return (request: Request): string | undefined => {
    if (trustProxy || !request.headers.has("x-forwarded-for")) return networkOf(addressOf(request));
    if (!hasWarned)
      log.warn("X-Forwarded-For ignored: set TRUST_PROXY=true behind a proxy to apply limits to each client");
    hasWarned = true;
    return undefined;
  };
}
