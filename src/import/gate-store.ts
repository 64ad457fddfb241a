/** The import gate: on an OCS Downtime database, no downtime is served before the existing ones are imported. */

import { Unavailable } from "../input/problem.ts";

export type ImportGate = ReturnType<typeof createImportGate>;

/**
 * Creates the gate. A scheduler that gets an empty list would observe through downtimes that aren't imported yet.
 * @param countPending returns the number of OCS downtimes that aren't imported yet
 */
export function createImportGate(countPending: () => Promise<number>) {
  let isOpen = false;
  let counting: Promise<number> | undefined;

  /** Counts again until none are pending, since another process imports them. */
  async function count(): Promise<number> {
    if (isOpen) return 0;
    counting ??= countPending().finally(() => {
      counting = undefined;
    });
    const pending = await counting;
    isOpen ||= pending === 0;
    return pending;
  }

  return {
    /** Whether no import is pending. Once true, it stays true. */
    isOpen: (): boolean => isOpen,
    count,

    /** Returns the error to respond with; undefined if no import is pending. */
    async refusal(): Promise<Unavailable | undefined> {
      const pending = await count();
      if (pending === 0) return undefined;
      return new Unavailable(
        `This database contains ${pending} downtimes of OCS Downtime that aren't imported yet. ` +
          "Run `downtime import --from-django`, or set IGNORE_ORIGINAL=true to start without them.",
      );
    },
  };
}
