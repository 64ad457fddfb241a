/** Failed attempts to prove something, where every process of the service sees them. */

import { type Database, list, rows, sql } from "../database/sql.ts";
import { toStamp } from "../time/instant.ts";

/** One failed attempt. */
export interface Failure {
  /** What was tried, and from where. */
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type Failures = ReturnType<typeof createFailures>;

export function createFailures(database: Database) {
  return {
    /** The stored failures of some subjects. */
    async of(subjects: readonly string[]): Promise<Failure[]> {
      const found = await database.all<{ subject: string; at: string }>(
        sql`SELECT subject, "at" FROM downtime_failure WHERE subject IN (${list(subjects)})`,
      );
      return found.map(({ subject, at }) => ({ subject, at: Date.parse(at) }));
    },

    /** Stores a failure of each subject, and deletes those that are further than `keptMillis` from now. */
    async add(subjects: readonly string[], now: number, keptMillis: number): Promise<void> {
      await database.transaction(async (tx) => {
        // A clock that was set back, or another machine's, may have written what lies ahead.
        await tx.all(
          sql`DELETE FROM downtime_failure WHERE "at" <= ${toStamp(now - keptMillis)} OR "at" >= ${toStamp(now + keptMillis)}`,
        );
        const at = toStamp(now);
        await tx.all(
          sql`INSERT INTO downtime_failure (subject, "at") VALUES ${rows(subjects.map((subject) => [subject, at]))}`,
        );
      });
    },
  };
}
