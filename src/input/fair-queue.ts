/** A fair queue: requests that wait for one of few places. Networks take turns, however many requests one of them sends. */

import { GivenUp, Overloaded } from "./problem.ts";

export interface Waiting {
  /** Where the request came from. */
  readonly network: string;
  /** Aborted once nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** It comes first, and is never refused. */
  readonly isVital: boolean;
}

export interface FairQueue {
  /**
   * Waits for a place.
   * @returns what gives the place back
   * @throws GivenUp once nobody waits for the answer, Overloaded when too many wait, and no other network has more of them
   */
  take(waiting: Waiting): Promise<() => void>;
}

const busy = () => new Overloaded("Too many requests are waiting. Try again.");

interface Entry extends Waiting {
  begin(): void;
  refuse(reason: unknown): void;
}

export interface QueueSettings {
  /** How many go on at once. */
  readonly places: number;
  /** How many wait at most, beside those that are vital. */
  readonly mostWaiting: number;
  /** How long one waits at most: no longer than clients and proxies do. */
  readonly patienceMillis: number;
}

export function createFairQueue({ places, mostWaiting, patienceMillis }: QueueSettings): FairQueue {
  let free = places;
  const vital: Entry[] = [];
  // The network whose turn it is comes first.
  const queues = new Map<string, Entry[]>();

  const queueOf = ({ network, isVital }: Entry): Entry[] => {
    if (isVital) return vital;
    const queue = queues.get(network) ?? [];
    queues.set(network, queue);
    return queue;
  };

  const remove = (entry: Entry): void => {
    const queue = queueOf(entry);
    const at = queue.indexOf(entry);
    if (at >= 0) queue.splice(at, 1);
    if (queue !== vital && queue.length === 0) queues.delete(entry.network);
  };

  const nextOne = (): Entry | undefined => {
    const [network, queue] = queues.entries().next().value ?? [];
    const next = vital[0] ?? queue?.[0];
    if (next) remove(next);
    // Behind all other networks.
    if (next && !next.isVital && network !== undefined && queue && queues.delete(network)) queues.set(network, queue);
    return next;
  };

  const end = () => {
    free += 1;
    nextOne()?.begin();
  };

  /** Refuses the last one of the network that has the most, so that it can't keep the others out. */
  const makeRoom = () => {
    let longest: readonly Entry[] = [];
    let count = 0;
    for (const queue of queues.values()) {
      count += queue.length;
      if (queue.length > longest.length) longest = queue;
    }
    if (count > mostWaiting) longest.at(-1)?.refuse(busy());
  };

  return {
    take: (waiting) =>
      new Promise((resolve, reject) => {
        const { signal } = waiting;
        const giveUp = () => entry.refuse(new GivenUp());
        const settle = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", giveUp);
        };
        const entry: Entry = {
          ...waiting,
          begin() {
            free -= 1;
            settle();
            resolve(end);
          },
          refuse(reason) {
            remove(entry);
            settle();
            reject(reason);
          },
        };
        let timer: ReturnType<typeof setTimeout> | undefined;
        if (signal.aborted) return reject(new GivenUp());
        if (free > 0) return entry.begin();
        signal.addEventListener("abort", giveUp);
        if (!waiting.isVital) timer = setTimeout(() => entry.refuse(busy()), patienceMillis);
        queueOf(entry).push(entry);
        makeRoom();
      }),
  };
}
