/** Turns: lets so many pieces of work go on at once; the others wait in order, and not for ever. */

import { Unavailable } from "../input/problem.ts";

export interface Semaphore {
  /**
   * Waits for a turn.
   * @returns what ends the turn
   * @throws Unavailable when none is free after so long
   */
  take(patienceMillis: number): Promise<() => void>;
}

/** @param places how many turns there are at once */
export function createSemaphore(places: number): Semaphore {
  let free = places;
  const waiting: (() => void)[] = [];

  const end = () => {
    free += 1;
    waiting.shift()?.();
  };

  return {
    take: (patienceMillis) =>
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
        // A timer can't wait for ever: it would take that for no time at all.
        const isPatient = patienceMillis === Number.POSITIVE_INFINITY;
        const timer = free > 0 || isPatient ? undefined : setTimeout(giveUp, patienceMillis);
        if (free > 0) begin();
        else waiting.push(begin);
      }),
  };
}
