/** Failed sign-ins of the last minute, where every process of the service sees them. */

import { type Database, join, list, type Reader, sql } from "../database/sql.ts";
import { instantOf, toMillis, toStamp } from "../domain/instant.ts";

/** Failures that a subject (a user's name, an address) may have in the time that counts. */
const allowed = 10;
const countedMillis = 60_000;
/** As much of a subject as is kept, in UTF-16 units; more would not fit into PostgreSQL's index. */
const longestSubject = 200;

/** An attempt to sign in that was let through, or must wait. */
export interface Attempt {
  /** 0: go ahead. */
  readonly waitSeconds: number;
  readonly ids: readonly number[];
}

export type Failures = ReturnType<typeof createFailures>;

export function createFailures(database: Database) {
  return {
    /** Counts an attempt as failed for each subject, unless one of them has failed too often already. */
    begin: (subjects: readonly string[], now: number): Promise<Attempt> =>
      database.transaction(async (tx) => {
        await tx.all(sql`DELETE FROM downtime_failure WHERE "at" <= ${toStamp(now - countedMillis)}`);
        const cut = subjects.map((subject) => subject.slice(0, longestSubject));
        for (const subject of cut) {
          const waitSeconds = await waitOf(tx, subject, now);
          if (waitSeconds > 0) return { waitSeconds, ids: [] };
        }
        const rows = cut.map((subject) => sql`(${subject}, ${toStamp(now)})`);
        const added = await tx.all<{ id: number }>(
          sql`INSERT INTO downtime_failure (subject, "at") VALUES ${join(rows, ", ")} RETURNING id`,
        );
        return { waitSeconds: 0, ids: added.map(({ id }) => id) };
      }),

    /** The attempt was none that failed. */
    async forgive({ ids }: Attempt): Promise<void> {
      await database.transaction((tx) => tx.all(sql`DELETE FROM downtime_failure WHERE id IN (${list(ids)})`));
    },
  };
}

/** Seconds until the oldest of the last failures no longer counts; 0 while there are fewer than allowed. */
async function waitOf(reader: Reader, subject: string, now: number): Promise<number> {
  const [oldest] = await reader.all<{ at: string }>(
    sql`SELECT "at" FROM downtime_failure WHERE subject = ${subject} ORDER BY "at" DESC LIMIT 1 OFFSET ${allowed - 1}`,
  );
  return oldest ? Math.max(1, Math.ceil((toMillis(instantOf(oldest.at)) + countedMillis - now) / 1000)) : 0;
}
