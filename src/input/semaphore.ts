/** A semaphore: limits concurrent work; the rest waits in order, with a timeout. */

import { Unavailable } from "./problem.ts";

export type Semaphore = ReturnType<typeof createSemaphore>;

/**
 * @param slots how many tasks run at once
 * @param busy the error for tasks that wait too long or are too many
 * @param maxWaiting how many tasks wait at most
 */
export function createSemaphore(slots: number, busy: string, maxWaiting = Number.POSITIVE_INFINITY) {
  let free = slots;
  const waiting: (() => void)[] = [];

  const end = () => {
    free += 1;
    waiting.shift()?.();
  };

  /** Waits for a slot. @returns a function that releases the slot @throws Unavailable after the timeout, or if too many wait */
  const take = (timeoutMillis: number): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const begin = () => {
        free -= 1;
        clearTimeout(timer);
        resolve(end);
      };
      const giveUp = () => {
        clearTimeout(timer);
        waiting.splice(waiting.indexOf(begin), 1);
        reject(new Unavailable(busy));
      };
      // `setTimeout` treats Infinity as 0.
      const isForever = timeoutMillis === Number.POSITIVE_INFINITY;
      const timer = free > 0 || isForever ? undefined : setTimeout(giveUp, timeoutMillis);
      if (free > 0) begin();
      else if (waiting.push(begin) > maxWaiting) giveUp();
    });

  return {
    take,

    /** Runs work in a slot. @throws Unavailable as `take` */
    async run<Result>(timeoutMillis: number, work: () => Promise<Result>): Promise<Result> {
      const done = await take(timeoutMillis);
      try {
        return await work();
      } finally {
        done();
      }
    },
  };
}
