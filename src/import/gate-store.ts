/** The import gate: on the original's own database nothing may be told before its downtimes are imported. */

import { Unavailable } from "../input/problem.ts";

export type ImportGate = ReturnType<typeof createImportGate>;

/**
 * Creates the gate. A scheduler that is told of no downtimes observes through those that wait to be imported.
 * @param countWaiting the number of the original's downtimes that wait to be imported
 */
export function createImportGate(countWaiting: () => Promise<number>) {
  let isOpen = false;
  let counting: Promise<number> | undefined;

  /** Those that wait. Counts until none do, since another process imports them. */
  async function count(): Promise<number> {
    if (isOpen) return 0;
    counting ??= countWaiting().finally(() => {
      counting = undefined;
    });
    const waiting = await counting;
    isOpen ||= waiting === 0;
    return waiting;
  }

  return {
    /** Nothing waits; once true, it stays true. */
    isOpen: (): boolean => isOpen,
    count,

    /** Why nothing can be told; undefined when nothing waits. */
    async refusal(): Promise<Unavailable | undefined> {
      const waiting = await count();
      if (waiting === 0) return undefined;
      return new Unavailable(
        `This database holds ${waiting} downtimes of the original Downtime Database that are not imported yet. ` +
          "Import them (downtime import --from-django), or set IGNORE_ORIGINAL=true to start without them.",
      );
    },
  };
}
