/** Limits the number of open streams, in total and per network, which identifies clients. */

import { networkOf } from "../input/address.ts";
import { Overloaded, TooManyStreams } from "../input/problem.ts";
import { addressOf, type RequestContext } from "./request-context.ts";
import type { Log } from "./request-log.ts";

/** Event streams in total: each has a connection and gets each change. */
export const maxStreams = 1000;
/** Event streams per network: a browser opens one for all its windows, and many people may share an address. */
export const maxStreamsPerNetwork = 64;

/** Kinds of streams: their names in the plural, and their limits. */
const eventStreams = { noun: "event streams", inAll: maxStreams, ofOneNetwork: maxStreamsPerNetwork };

/** Each may hold a database connection while its client reads. */
export const longAnswers = { noun: "long answers", inAll: 16, ofOneNetwork: 4 };

export function createStreamPlaces({ noun, inAll, ofOneNetwork } = eventStreams) {
  const open = new Map<string | undefined, number>();
  let all = 0;
  const add = (network: string | undefined, change: 1 | -1) => {
    all += change;
    const count = (open.get(network) ?? 0) + change;
    if (count > 0) open.set(network, count);
    else open.delete(network);
  };

  return {
    /**
     * Takes a slot.
     * @param network undefined if unknown: then only the total limit applies
     * @returns a function that releases the slot; further calls do nothing
     * @throws TooManyStreams for the network, Overloaded in total
     */
    take(network: string | undefined): () => void {
      if (network !== undefined && (open.get(network) ?? 0) >= ofOneNetwork)
        throw new TooManyStreams(noun, ofOneNetwork);
      if (all >= inAll) throw new Overloaded(`Too many ${noun} are open. Try again later.`, 30);
      add(network, 1);
      let isTaken = true;
      return () => {
        if (isTaken) add(network, -1);
        isTaken = false;
      };
    },
  };
}

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
