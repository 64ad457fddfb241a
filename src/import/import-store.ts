/** Moving in: stores what another program has stored, under the ids that its clients know. */

import { type ChangeSet, openChangeSet } from "../auth/change-set-store.ts";
import { addToken, type NewToken } from "../auth/token-store.ts";
import { type Database, join, list, type Reader, sql, type Transaction } from "../database/sql.ts";
import { draftFields } from "../downtime/downtime.ts";
import { draftColumns, movedIn } from "../downtime/rows.ts";
import { Conflict } from "../input/problem.ts";
import { foldCase } from "../input/text.ts";
import { toStamp } from "../time/instant.ts";
import { countOriginal, readOriginal } from "./django-database.ts";
import type { ImportedDowntime, ImportedUser } from "./imported-downtime.ts";

/** What is moved in. */
export interface ImportedData {
  /** A batch at a time. */
  readonly downtimes: AsyncIterable<readonly ImportedDowntime[]>;
  /** The greatest id that was ever given there, to a downtime that may be gone. */
  readonly lastId: number;
  /** A hash instead of each token. */
  readonly users: readonly (Omit<ImportedUser, "tokens"> & { readonly tokens: readonly NewToken[] })[];
}

export interface ImportCounts {
  readonly read: number;
  readonly written: number;
  readonly alreadyThere: number;
}

export interface ImportResult {
  readonly downtimes: ImportCounts;
  readonly users: ImportCounts;
  /** Tokens that somebody else has here. */
  readonly takenTokens: readonly { readonly user: string; readonly name: string }[];
}

export interface ImportOptions {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Only counts what would be stored. Reads, so that nobody has to wait. */
  readonly dryRun: boolean;
  /** Is told after each batch how many downtimes were read. */
  readonly tell: (read: number) => void;
}

export type ImportStore = ReturnType<typeof createImportStore>;

export function createImportStore(database: Database) {
  return {
    /** The original's own tables, where they stand beside ours. */
    here: readOriginal(database),

    /**
     * Stores what is not there already, all of it or nothing.
     * @throws Conflict when an id belongs to another downtime here
     */
    async moveIn(household: ImportedData, { at, dryRun, tell }: ImportOptions): Promise<ImportResult> {
      const move = async (reader: Reader, tx?: Transaction): Promise<ImportResult> => {
        const changeSet = tx && (await openChangeSet(tx, "migrate", { by: movedIn, at }));
        const { tally, greatest } = await moveDowntimes(reader, tx, household, changeSet, tell);
        const moved = { downtimes: tally, ...(await moveUsers(reader, tx, household.users, at)) };
        // Last, since no transaction takes back what a server has done to the next id.
        if (greatest > 0) await tx?.continueIds("downtime", greatest);
        return moved;
      };
      return dryRun ? move(database) : database.exclusively((tx) => move(tx, tx));
    },

    /** The number of the original's downtimes that stand in this very database and wait to be moved in. */
    async waiting(): Promise<number> {
      const count = await countOriginal(database);
      if (count === 0) return 0;
      const imported = await database.first(sql`SELECT id FROM downtime_history WHERE "by" = ${movedIn} LIMIT 1`);
      return imported ? 0 : count;
    },
  };
}

/** @param tx undefined, as the change set: nothing is written */
async function moveDowntimes(
  reader: Reader,
  tx: Transaction | undefined,
  { downtimes, lastId }: ImportedData,
  changeSet: ChangeSet | undefined,
  tell: ImportOptions["tell"],
): Promise<{ tally: ImportCounts; greatest: number }> {
  const tally = { read: 0, written: 0, alreadyThere: 0 };
  let greatest = lastId;
  for await (const batch of downtimes) {
    const known = await findKnown(reader, batch);
    const fresh = batch.filter(({ id }) => !known.has(id));
    if (tx && changeSet) await insert(tx, fresh, changeSet);
    for (const { id } of fresh) greatest = Math.max(greatest, id);
    tally.read += batch.length;
    tally.written += fresh.length;
    tally.alreadyThere += batch.length - fresh.length;
    tell(tally.read);
  }
  return { tally, greatest };
}

/**
 * The ids of those that were moved in before; they may have been changed or deleted since, and stay as they are.
 * @throws Conflict when an id was given to another downtime here
 */
async function findKnown(reader: Reader, batch: readonly ImportedDowntime[]): Promise<Set<number>> {
  if (batch.length === 0) return new Set();
  const rows = await reader.all<{ id: number; by: string }>(
    sql`SELECT downtime_id AS id, "by" FROM downtime_history
      WHERE action = 'create' AND downtime_id IN (${list(batch.map(({ id }) => id))})`,
  );
  const other = rows.find(({ by }) => by !== movedIn);
  if (other)
    throw new Conflict(
      `Downtime ${other.id} here is another one than there. Move into a database in which no downtime was made yet.`,
    );
  return new Set(rows.map(({ id }) => id));
}

async function insert(tx: Transaction, arrivals: readonly ImportedDowntime[], changeSet: ChangeSet): Promise<void> {
  if (arrivals.length === 0) return;
  const rows = arrivals.map((arrival) => {
    const fields = draftFields.map((field) => arrival[field]);
    return sql`(${list([arrival.id, ...fields, foldCase(arrival.reason), arrival.created, arrival.modified])})`;
  });
  await tx.all(
    sql`INSERT INTO downtime (id, ${draftColumns}, reason_folded, created, modified) VALUES ${join(rows, ", ")}`,
  );
  // Copied where it lies, which spares sending each row twice.
  await tx.all(sql`INSERT INTO downtime_history (downtime_id, action, version, "at", "by", change_set, ${draftColumns})
    SELECT id, 'create', 1, created, ${movedIn}, ${await changeSet.id()}, ${draftColumns} FROM downtime
    WHERE id IN (${list(arrivals.map(({ id }) => id))}) ORDER BY id`);
}

async function moveUsers(
  reader: Reader,
  tx: Transaction | undefined,
  users: ImportedData["users"],
  at: number,
): Promise<Omit<ImportResult, "downtimes">> {
  const takenTokens: { user: string; name: string }[] = [];
  const seen = new Set<string>();
  let written = 0;
  for (const { name, staff, active, passwordHash, tokens, isFromPortal } of users) {
    if (await reader.first(sql`SELECT id FROM downtime_user WHERE name = ${name}`)) continue;
    const origin = isFromPortal ? "portal" : "local";
    const confirmed = isFromPortal ? toStamp(at) : null;
    const [row] =
      (await tx?.all<{ id: number }>(
        sql`INSERT INTO downtime_user (name, staff, active, password_hash, origin, portal_confirmed)
          VALUES (${name}, ${staff}, ${active}, ${passwordHash}, ${origin}, ${confirmed}) RETURNING id`,
      )) ?? [];
    written += 1;
    // The two tokens that the original knows of a user may be the same.
    for (const token of new Map(tokens.map((token) => [token.hash, token])).values()) {
      const isTaken =
        seen.has(token.hash) ||
        (await reader.first(sql`SELECT id FROM downtime_token WHERE hash = ${token.hash}`)) !== undefined;
      seen.add(token.hash);
      if (isTaken) takenTokens.push({ user: name, name: token.name });
      else if (tx && row) await addToken(tx, row.id, token);
    }
  }
  return { users: { read: users.length, written, alreadyThere: users.length - written }, takenTokens };
}
