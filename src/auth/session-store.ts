/** Stores browser sessions, whose ids and ends `session.ts` decides, and failed sign-ins. */

import { type Database, list, rows, sql, write } from "../database/sql.ts";
import { instantOf, toStamp } from "../time/instant.ts";

/** Where a user signed in, if known. */
type Device = Readonly<Record<"browser" | "address", string | null>>;
type Row = Record<"id_hash" | "created" | "seen", string> & Device & { user_id: number };

/** `seen`: when the session was last used, to the minute. */
const toSession = ({ id_hash: idHash, user_id: userId, created, seen, browser, address }: Row) => ({
  ...{ idHash, userId, browser, address },
  created: instantOf(created),
  seen: instantOf(seen),
});

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions(database: Database) {
  return {
    /** Finds a session by the hash of its id, which itself isn't stored. */
    async find(idHash: string) {
      const row = await database.first<Row>(sql`SELECT * FROM downtime_session WHERE id_hash = ${idHash}`);
      return row && toSession(row);
    },

    /** Stores a session, and deletes those created or last used before the given times (milliseconds since 1970). */
    start: (
      idHash: string,
      userId: number,
      now: number,
      over: { readonly createdBefore: number; readonly seenBefore: number },
      { browser, address }: Device,
    ): Promise<void> =>
      database.transaction(async (tx) => {
        const [created, seen] = [toStamp(over.createdBefore), toStamp(over.seenBefore)];
        await tx.all(sql`DELETE FROM downtime_session WHERE created <= ${created} OR seen <= ${seen}`);
        const values = rows([[idHash, userId, toStamp(now), toStamp(now), browser, address]]);
        await tx.all(
          sql`INSERT INTO downtime_session (id_hash, user_id, created, seen, browser, address) VALUES ${values}`,
        );
      }),

    /** Stores when the session was used. */
    touch: (idHash: string, now: number) =>
      write(database, sql`UPDATE downtime_session SET seen = ${toStamp(now)} WHERE id_hash = ${idHash}`),

    end: (idHash: string) => write(database, sql`DELETE FROM downtime_session WHERE id_hash = ${idHash}`),

    /** Returns a user's sessions, the last used first. */
    async list(userId: number) {
      const which = sql`user_id = ${userId} ORDER BY seen DESC, created DESC`;
      return (await database.all<Row>(sql`SELECT * FROM downtime_session WHERE ${which}`)).map(toSession);
    },

    /** Ends all sessions of a user, or one of them. @param except the hash of the id of a session that continues */
    endAll: (userId: number, { only, except = "" }: { readonly only?: string; readonly except?: string } = {}) =>
      write(
        database,
        sql`DELETE FROM downtime_session WHERE user_id = ${userId}
          ${only === undefined ? sql`AND id_hash <> ${except}` : sql`AND id_hash = ${only}`}`,
      ),
  };
}

export type Failures = ReturnType<typeof createFailures>;

export function createFailures(database: Database) {
  return {
    /** Returns the failures of some subjects (hashes of names and networks), with their times in milliseconds since 1970. */
    async of(subjects: readonly string[]) {
      const found = await database.all<{ subject: string; at: string }>(
        sql`SELECT subject, "at" FROM downtime_failure WHERE subject IN (${list(subjects)})`,
      );
      return found.map(({ subject, at }) => ({ subject, at: Date.parse(at) }));
    },

    /** Stores a failure for each subject, and deletes those more than `keptMillis` from now. */
    add: (subjects: readonly string[], now: number, keptMillis: number): Promise<void> =>
      database.transaction(async (tx) => {
        // Another machine's clock may be ahead, or this one's may have been set back: delete future failures too.
        const [from, to] = [toStamp(now - keptMillis), toStamp(now + keptMillis)];
        await tx.all(sql`DELETE FROM downtime_failure WHERE "at" <= ${from} OR "at" >= ${to}`);
        const added = rows(subjects.map((subject) => [subject, toStamp(now)]));
        await tx.all(sql`INSERT INTO downtime_failure (subject, "at") VALUES ${added}`);
      }),
  };
}
