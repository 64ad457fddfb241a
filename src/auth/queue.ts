/** A bounded queue for expensive work. */

import { Unavailable } from "../input/problem.ts";

/**
 * @param maxRunning how many run at once
 * @param maxWaiting how many wait, in order
 * @returns a function that runs work in its turn, or throws Unavailable at once if the queue is full
 */
export function createQueue(maxRunning: number, maxWaiting: number) {
  let running = 0;
  const waiting: (() => void)[] = [];

  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running < maxRunning) running += 1;
    else if (waiting.length < maxWaiting) await new Promise<void>((resolve) => waiting.push(resolve));
    else throw new Unavailable("Too many passwords are being checked. Try again.");
    try {
      return await work();
    } finally {
      // Hands the slot to the next in the queue, if any.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
