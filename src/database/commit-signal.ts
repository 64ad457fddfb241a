/** Signals commits of this thread as they happen, so that nobody has to poll for them, and counts open transactions. */

import type { Database } from "./sql.ts";

/** Wraps a database to call `onCommit` after each transaction; `openWrites` counts those that wait or run. */
export function signalCommits(database: Database, onCommit: () => void): Database & { openWrites(): number } {
  let open = 0;
  const signalling = async <Result>(commit: Promise<Result>): Promise<Result> => {
    open++;
    const result = await commit.finally(() => open--);
    onCommit();
    return result;
  };
  return {
    ...database,
    openWrites: () => open,
    transaction: (work) => signalling(database.transaction(work)),
    exclusively: (work) => signalling(database.exclusively(work)),
  };
}
