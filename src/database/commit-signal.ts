/** Commits of this process, told as they happen: nobody has to wait until they are looked for. */

import type { Database } from "./sql.ts";

/** The database, which calls `tell` after each commit. */
export function tellingCommits(database: Database, tell: () => void): Database {
  const told = async <Result>(commit: Promise<Result>): Promise<Result> => {
    const result = await commit;
    tell();
    return result;
  };
  return {
    ...database,
    transaction: (work) => told(database.transaction(work)),
    exclusively: (work) => told(database.exclusively(work)),
  };
}
