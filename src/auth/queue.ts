/** A queue for work that is expensive: so much at once, so much that waits, and no more. */

import { Unavailable } from "../input/problem.ts";

/**
 * @param most how many run at once
 * @param mostWaiting how many wait, the first ones first
 * @returns runs some work in its turn, or throws Unavailable at once when too many wait
 */
export function createQueue(most: number, mostWaiting: number) {
  let running = 0;
  const waiting: (() => void)[] = [];

  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running < most) running += 1;
    else if (waiting.length < mostWaiting) await new Promise<void>((resolve) => waiting.push(resolve));
    else throw new Unavailable("Too many passwords are being checked. Try again.");
    try {
      return await work();
    } finally {
      // The place goes to the next one; without one it is free.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
