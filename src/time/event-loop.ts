/** Yields the event loop during long work, so that other requests are answered in between. */

const maxTurnMillis = 10;

let turnEndsAt: number | undefined;
const waiting: (() => void)[] = [];

/**
 * Yields once the current turn of the event loop has lasted 10 ms. Work that calls this before each step blocks the thread
 * for one turn plus one step at most.
 * @returns undefined while the turn has time left, so that the caller need not wait; otherwise a promise that resolves in
 * a later turn, in the order of the calls
 */
export function takeTurn(): Promise<void> | undefined {
  if (turnEndsAt === undefined) beginTurn();
  else if (performance.now() > turnEndsAt) return new Promise((resolve) => waiting.push(resolve));
  return undefined;
}

function beginTurn(): void {
  turnEndsAt = performance.now() + maxTurnMillis;
  setImmediate(endTurn);
}

function endTurn(): void {
  turnEndsAt = undefined;
  const next = waiting.shift();
  if (!next) return;
  beginTurn();
  next();
}
