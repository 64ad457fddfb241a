/** Imports the data of another downtime service under the same IDs, so that its clients keep working, and tells whether that is pending. */

import { type ChangeSet, openChangeSet } from "../auth/change-set-store.ts";
import { addToken } from "../auth/token-store.ts";
import { continueIds, type Database, isAmong, type Reader, rows, sql, type Transaction } from "../database/sql.ts";
import { draftColumns, draftValues, migratedBy } from "../downtime/rows.ts";
import { Conflict, Unavailable } from "../input/problem.ts";
import { foldCase } from "../input/text.ts";
import { toStamp } from "../time/instant.ts";
import { countOriginal, readOriginal } from "./django-database.ts";
import type { ImportedData, ImportedDowntime } from "./imported-downtime.ts";

export type ImportStore = ReturnType<typeof createImportStore>;

export function createImportStore(database: Database) {
  return {
    /** The OCS Downtime tables in this service's own database. */
    ownDatabase: readOriginal(database),

    /**
     * Imports everything that isn't imported yet, all or nothing.
     * @param dryRun whether to only count. This takes no lock, so other writers don't wait.
     * @returns how many there are, and the tokens that were skipped because another user has the same one here
     * @throws Conflict if an ID belongs to a different downtime here
     */
    async importAll({ downtimes, lastId, users }: ImportedData, at: number, dryRun: boolean) {
      const importWith = async (reader: Reader, tx?: Transaction) => {
        const changeSet = tx && (await openChangeSet(tx, "migrate", { by: migratedBy, at }));
        const counts = { read: 0, written: 0 };
        let largestId = lastId;
        for await (const batch of downtimes) {
          const known = await findImported(reader, batch);
          const fresh = batch.filter(({ id }) => !known.has(id));
          if (tx && changeSet) await insert(tx, fresh, changeSet);
          largestId = Math.max(largestId, ...fresh.map(({ id }) => id));
          counts.read += batch.length;
          counts.written += fresh.length;
        }
        const result = { downtimes: counts, ...(await importUsers(reader, tx, users, at)) };
        // Last, because a rollback doesn't restore a PostgreSQL sequence.
        if (tx && largestId > 0) await continueIds(tx, "downtime", largestId);
        return result;
      };
      return dryRun ? importWith(database) : database.exclusively((tx) => importWith(tx, tx));
    },
  };
}

/**
 * Returns the IDs that were imported earlier. These downtimes may have been edited or deleted since; they are skipped.
 * @throws Conflict if an ID belongs to a different downtime here
 */
async function findImported(reader: Reader, batch: readonly ImportedDowntime[]): Promise<Set<number>> {
  const ids = batch.map(({ id }) => id);
  const created = await reader.all<{ id: number; by: string }>(
    sql`SELECT downtime_id AS id, "by" FROM downtime_history WHERE action = 'create' AND ${isAmong("downtime_id", ids)}`,
  );
  const other = created.find(({ by }) => by !== migratedBy);
  if (other)
    throw new Conflict(
      `Downtime ${other.id} already exists here and is a different one. Migrate to a database without downtimes.`,
    );
  return new Set(created.map(({ id }) => id));
}

async function insert(tx: Transaction, downtimes: readonly ImportedDowntime[], changeSet: ChangeSet): Promise<void> {
  if (downtimes.length === 0) return;
  const ids = downtimes.map(({ id }) => id);
  const values = downtimes.map((downtime) => {
    const { id, reason, created, modified } = downtime;
    return [id, ...draftValues(downtime), foldCase(reason), created, modified];
  });
  await tx.all(
    sql`INSERT INTO downtime (id, ${draftColumns}, reason_folded, created, modified) VALUES ${rows(values)}`,
  );
  // Copied within the database, so that each row is sent once.
  await tx.all(sql`INSERT INTO downtime_history (downtime_id, action, version, "at", "by", change_set, ${draftColumns})
    SELECT id, 'create', 1, created, ${migratedBy}, ${await changeSet.id()}, ${draftColumns} FROM downtime
    WHERE ${isAmong("id", ids)} ORDER BY id`);
}

async function importUsers(reader: Reader, tx: Transaction | undefined, users: ImportedData["users"], at: number) {
  const takenTokens: { user: string; name: string }[] = [];
  const seen = new Set<string>();
  let written = 0;
  for (const { name, staff, active, passwordHash, tokens, isFromPortal } of users) {
    if (await reader.first(sql`SELECT id FROM downtime_user WHERE name = ${name}`)) continue;
    const origin = isFromPortal ? "portal" : "local";
    const confirmed = isFromPortal ? toStamp(at) : null;
    const insertion = sql`INSERT INTO downtime_user (name, staff, active, password_hash, origin, portal_confirmed)
      VALUES (${name}, ${staff}, ${active}, ${passwordHash}, ${origin}, ${confirmed}) RETURNING id`;
    const row = await tx?.first<{ id: number }>(insertion);
    written += 1;
    // OCS Downtime may store the same token twice for a user.
    for (const token of new Map(tokens.map((token) => [token.hash, token])).values()) {
      // A dry run stores no tokens to find.
      if (seen.has(token.hash) || (await reader.first(sql`SELECT id FROM downtime_token WHERE hash = ${token.hash}`)))
        takenTokens.push({ user: name, name: token.name });
      else if (tx && row) await addToken(tx, row.id, token);
      seen.add(token.hash);
    }
  }
  return { users: { read: users.length, written }, takenTokens };
}

/** Creates the gate. A scheduler that gets an empty list would observe through downtimes that haven't been migrated yet. */
export function createImportGate(database: Database, ignoreOriginal: boolean) {
  let isOpen = ignoreOriginal;

  /** Counts the OCS downtimes that aren't imported yet, until there are none: another process may import them. */
  const count = async (): Promise<number> => {
    const all = isOpen ? 0 : await countOriginal(database);
    const imported = sql`SELECT id FROM downtime_history WHERE "by" = ${migratedBy} LIMIT 1`;
    isOpen ||= all === 0 || (await database.first(imported)) !== undefined;
    return isOpen ? 0 : all;
  };

  return {
    /** Whether no import is pending. Once true, it stays true. */
    isOpen: (): boolean => isOpen,
    count,

    /** Returns the error to respond with; undefined if no import is pending. */
    async refusal(): Promise<Unavailable | undefined> {
      const pending = await count();
      if (pending === 0) return undefined;
      return new Unavailable(
        `This database contains ${pending} downtimes of OCS Downtime that haven't been migrated yet. ` +
          "Run `downtime import --from-django`, or set IGNORE_ORIGINAL=true to start without them.",
      );
    },
  };
}
