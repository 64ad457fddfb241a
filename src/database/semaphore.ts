/** A semaphore: limits concurrent work; the rest waits in order, with a timeout. */

import { Unavailable } from "../input/problem.ts";

export interface Semaphore {
  /**
   * Waits for a slot.
   * @returns a function that releases the slot
   * @throws Unavailable after the timeout
   */
  take(timeoutMillis: number): Promise<() => void>;
}

/** @param slots how many tasks run at once */
export function createSemaphore(slots: number): Semaphore {
  let free = slots;
  const waiting: (() => void)[] = [];

  const end = () => {
    free += 1;
    waiting.shift()?.();
  };

  return {
    take: (timeoutMillis) =>
      new Promise((resolve, reject) => {
        const begin = () => {
          free -= 1;
          clearTimeout(timer);
          resolve(end);
        };
        const giveUp = () => {
          waiting.splice(waiting.indexOf(begin), 1);
          reject(new Unavailable("The database is busy. Try again."));
        };
        // `setTimeout` treats Infinity as 0.
        const isForever = timeoutMillis === Number.POSITIVE_INFINITY;
        const timer = free > 0 || isForever ? undefined : setTimeout(giveUp, timeoutMillis);
        if (free > 0) begin();
        else waiting.push(begin);
      }),
  };
}
