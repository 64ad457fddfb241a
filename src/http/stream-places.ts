/** Places for streams: how many are open at once, in all and from one network. */

import { Overloaded, TooManyStreams } from "../input/problem.ts";

/** Each open stream has a connection, and is told of each change. */
export const mostStreams = 1000;
/** A browser opens one for all its windows; many people may share one address. */
export const mostOfOneNetwork = 64;

/** A kind of streams, and the most that are open in all and from one network. */
interface StreamLimits {
  /** In the plural. */
  readonly noun: string;
  readonly inAll: number;
  readonly ofOneNetwork: number;
}

const eventStreams: StreamLimits = { noun: "event streams", inAll: mostStreams, ofOneNetwork: mostOfOneNetwork };

/** Each may keep a connection to the database for as long as its client reads. */
export const longAnswers: StreamLimits = { noun: "long answers", inAll: 16, ofOneNetwork: 4 };

export function createStreamPlaces({ noun, inAll, ofOneNetwork }: StreamLimits = eventStreams) {
  const open = new Map<string, number>();
  let all = 0;

  return {
    /**
     * Takes a place.
     * @param network where the client is; undefined where nobody can tell: then only the total counts
     * @returns gives the place back; further calls do nothing
     * @throws TooManyStreams for this network, Overloaded when all places are taken
     */
    take(network: string | undefined): () => void {
      const count = network === undefined ? 0 : (open.get(network) ?? 0);
      if (count >= ofOneNetwork) throw new TooManyStreams(noun, ofOneNetwork);
      if (all >= inAll) throw new Overloaded(`Too many ${noun} are open. Try again later.`, 30);
      all += 1;
      if (network !== undefined) open.set(network, count + 1);
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        all -= 1;
        if (network === undefined) return;
        const left = (open.get(network) ?? 0) - 1;
        if (left > 0) open.set(network, left);
        else open.delete(network);
      };
    },
  };
}
