/** Stores failed sign-ins, shared by all processes. */

import { type Database, list, rows, sql } from "../database/sql.ts";
import { toStamp } from "../time/instant.ts";

export type Failures = ReturnType<typeof createFailures>;

export function createFailures(database: Database) {
  return {
    /**
     * Returns the stored failures of some subjects, with their times in milliseconds since 1970.
     * @param subjects hashes of the names and networks that attempts count for
     */
    async of(subjects: readonly string[]) {
      const found = await database.all<{ subject: string; at: string }>(
        sql`SELECT subject, "at" FROM downtime_failure WHERE subject IN (${list(subjects)})`,
      );
      return found.map(({ subject, at }) => ({ subject, at: Date.parse(at) }));
    },

    /** Stores a failure for each subject, and deletes those more than `keptMillis` from now. */
    async add(subjects: readonly string[], now: number, keptMillis: number): Promise<void> {
      await database.transaction(async (tx) => {
        // Another machine's clock may be ahead, or this one's may have been set back: delete future failures too.
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
