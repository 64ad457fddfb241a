/** Places for event streams: how many are open at once, in all and from one network. */

import { TooManyStreams, Unavailable } from "../domain/problem.ts";

/** Each open stream has a connection, and is told of each change. */
export const mostStreams = 1000;
/** A browser opens one for all its windows; many people may share one address. */
export const mostOfOneNetwork = 64;

export type StreamPlaces = ReturnType<typeof createStreamPlaces>;

export function createStreamPlaces() {
  const open = new Map<string, number>();
  let all = 0;

  return {
    /**
     * Takes a place.
     * @param network where the client is; undefined where nobody can tell: then only the total counts
     * @returns gives the place back; further calls do nothing
     * @throws TooManyStreams for this network, Unavailable when all places are taken
     */
    take(network: string | undefined): () => void {
      const count = network === undefined ? 0 : (open.get(network) ?? 0);
      if (count >= mostOfOneNetwork) throw new TooManyStreams(mostOfOneNetwork);
      if (all >= mostStreams) throw new Unavailable("Too many event streams are open. Try again later.", 30);
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
