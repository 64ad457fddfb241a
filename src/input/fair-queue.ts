/** A fair queue for a limited number of slots. Networks take turns, however many requests one of them sends. */

import { GivenUp, Overloaded } from "./problem.ts";

interface Waiting {
  /** The client's network. */
  readonly network: string;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
  /** Goes first and is never rejected. */
  readonly isVital: boolean;
}

const busy = () => new Overloaded("Too many requests are waiting. Try again.");

interface Entry extends Waiting {
  begin(): void;
  refuse(reason: unknown): void;
}

interface QueueSettings {
  /** How many requests run at once. */
  readonly slots: number;
  /** How many requests wait at most, not counting vital ones. */
  readonly maxWaiting: number;
  /** How long a request waits at most; shorter than the timeouts of clients and proxies. */
  readonly timeoutMillis: number;
}

export function createFairQueue({ slots, maxWaiting, timeoutMillis }: QueueSettings) {
  let free = slots;
  const vital: Entry[] = [];
  // In the order of their turns.
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
    // Moves the network behind all others.
    if (next && !next.isVital && network !== undefined && queue && queues.delete(network)) queues.set(network, queue);
    return next;
  };

  const end = () => {
    free += 1;
    nextOne()?.begin();
  };

  /** Rejects the newest request of the network with the most, so that it can't lock the others out. */
  const makeRoom = () => {
    let longest: readonly Entry[] = [];
    let count = 0;
    for (const queue of queues.values()) {
      count += queue.length;
      if (queue.length > longest.length) longest = queue;
    }
    if (count > maxWaiting) longest.at(-1)?.refuse(busy());
  };

  return {
    /**
     * Waits for a slot.
     * @returns a function that releases the slot
     * @throws GivenUp if the client disconnects, Overloaded if it waits too long, or if the queue is full and no other
     * network has more requests in it
     */
    take: (waiting: Waiting): Promise<() => void> =>
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
        if (!waiting.isVital) timer = setTimeout(() => entry.refuse(busy()), timeoutMillis);
        queueOf(entry).push(entry);
        makeRoom();
      }),
  };
}
