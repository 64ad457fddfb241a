/** A queue for a limited number of slots: the rest of the work waits in turn, with a timeout. */

import { GivenUp, type Unavailable } from "./problem.ts";

/** Waits for work, but not longer than a time. @throws the error of `late` after it */
export async function within<Result>(millis: number, work: PromiseLike<Result>, late: () => Error): Promise<Result> {
  if (millis === Number.POSITIVE_INFINITY) return work;
  const tooLate = Promise.withResolvers<never>();
  const timer = setTimeout(() => tooLate.reject(late()), Math.max(0, millis));
  return Promise.race([work, tooLate.promise]).finally(() => clearTimeout(timer));
}

export type Queue = ReturnType<typeof createQueue>;

interface Waiting {
  readonly timeoutMillis: number;
  /** The client's network. Networks take turns, however many tasks one of them has. */
  readonly network?: string | undefined;
  readonly signal?: AbortSignal;
  /** Goes first, and isn't rejected if too many wait. */
  readonly isVital?: boolean | undefined;
}

interface Entry extends Pick<Waiting, "network" | "isVital"> {
  begin(): void;
  refuse(reason: unknown): void;
}

/**
 * @param slots how many tasks run at once
 * @param busy creates the error for tasks that wait too long, or are too many
 * @param maxWaiting how many tasks wait at most, not counting vital ones
 */
export function createQueue(slots: number, busy: () => Unavailable, maxWaiting = Number.POSITIVE_INFINITY) {
  let free = slots;
  let waiting: Entry[] = [];

  const release = () => {
    free += 1;
    const [next] = waiting;
    next?.begin();
    if (next?.network === undefined || next.isVital) return;
    // Moves the network behind all others.
    const isSame = ({ network }: Entry) => network === next.network;
    waiting = [...waiting.filter((entry) => !isSame(entry)), ...waiting.filter(isSame)];
  };

  const add = (entry: Entry) => {
    const vital = waiting.filter(({ isVital }) => isVital);
    const others = waiting.slice(vital.length);
    (entry.isVital ? vital : others).push(entry);
    waiting = [...vital, ...others];
    if (others.length <= maxWaiting) return;
    // Rejects the newest task of the network with the most, so that it can't lock the others out.
    const [longest] = [...Map.groupBy(others, ({ network }) => network).values()].sort((a, b) => b.length - a.length);
    longest?.at(-1)?.refuse(busy());
  };

  /**
   * Waits for a slot.
   * @returns a function that releases the slot
   * @throws GivenUp if the client disconnects; the error `busy` after the timeout, or if too many wait
   */
  const take = ({ timeoutMillis, network, signal, isVital }: Waiting): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", giveUp);
        waiting = waiting.filter((one) => one !== entry);
      };
      const begin = () => {
        free -= 1;
        leave();
        resolve(release);
      };
      const refuse = (reason: unknown) => {
        leave();
        reject(reason);
      };
      const entry: Entry = { network, isVital, begin, refuse };
      const giveUp = () => refuse(new GivenUp());
      let timer: ReturnType<typeof setTimeout> | undefined;
      if (signal?.aborted) return giveUp();
      if (free > 0) return begin();
      signal?.addEventListener("abort", giveUp);
      // `setTimeout` treats Infinity as 0.
      if (timeoutMillis < Number.POSITIVE_INFINITY) timer = setTimeout(() => refuse(busy()), timeoutMillis);
      add(entry);
    });

  const run = async <Result>(timeoutMillis: number, work: () => Promise<Result>): Promise<Result> => {
    const done = await take({ timeoutMillis });
    try {
      return await work();
    } finally {
      done();
    }
  };
  return { take, run };
}
