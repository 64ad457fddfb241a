/** The event loop: lets other requests in between the pieces of long work. */

/** How long work goes on before others are let in. */
const longestTurnMillis = 10;

let turnEndsAt: number | undefined;
const waiting: (() => void)[] = [];

/**
 * Takes a place in the current turn of the event loop. Work that does so before each piece never holds up the thread for
 * longer than a turn and one piece.
 * @returns undefined while the turn has time left, which spares the caller a wait; otherwise what resolves in a later turn,
 * in the order of the calls
 */
export function takeTurn(): Promise<void> | undefined {
  if (turnEndsAt === undefined) beginTurn();
  else if (performance.now() > turnEndsAt) return new Promise((resolve) => waiting.push(resolve));
  return undefined;
}

function beginTurn(): void {
  turnEndsAt = performance.now() + longestTurnMillis;
  setImmediate(endTurn);
}

function endTurn(): void {
  turnEndsAt = undefined;
  const next = waiting.shift();
  if (!next) return;
  beginTurn();
  next();
}
