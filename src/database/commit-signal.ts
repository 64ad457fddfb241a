/** Signals commits of this process as they happen, so that nobody has to poll for them. */

import type { Database } from "./sql.ts";

/** Wraps a database to call `onCommit` after each transaction. */
export function signalCommits(database: Database, onCommit: () => void): Database {
  const signalling = async <Result>(commit: Promise<Result>): Promise<Result> => {
    const result = await commit;
    onCommit();
    return result;
  };
  return {
    ...database,
    transaction: (work) => signalling(database.transaction(work)),
    exclusively: (work) => signalling(database.exclusively(work)),
  };
}
