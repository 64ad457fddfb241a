/** `import --from-django` and `import --from-api`: migrates from an OCS Downtime database, or from another service's API. */

import { brokenRule, maxReasonLength } from "../downtime/downtime.ts";
import type { CoreServices } from "../downtime/store.ts";
import type { Facility } from "../facility/facility.ts";
import { Conflict } from "../input/problem.ts";
import { say, warn } from "../input/terminal.ts";
import { openOriginal } from "./django-database.ts";
import type { ImportStore } from "./import-store.ts";
import { type ImportedData, type ImportedDowntime, toImportedDowntime } from "./imported-downtime.ts";
import { readDowntimes } from "./remote-client.ts";

/** The services that the command uses. */
interface MigrationServices extends Omit<CoreServices, "downtimes"> {
  readonly importStore: ImportStore;
}

/** Downtimes listed per warning. */
const maxListed = 100;

/**
 * Migrates from an OCS Downtime database.
 * @param where path of the SQLite file, or a `postgres://…` URL; true for this service's own database
 */
export async function migrateFromDjango(
  where: string | true,
  services: MigrationServices,
  dryRun: boolean,
): Promise<void> {
  const original = where === true ? services.importStore.ownDatabase : await openOriginal(where);
  try {
    say(`Reading ${original.description}`);
    const data = await original.read();
    await migrate(data, services, dryRun);
    const withoutPassword = data.users.filter(({ passwordHash }) => passwordHash === null).map(({ name }) => name);
    if (withoutPassword.length > 0) say(`Users who need a new password: ${withoutPassword.join(", ")}`);
  } finally {
    if (where !== true) await original.close();
  }
}

/**
 * Migrates from another service's `/api/`, which has no users. Reads everything before the first write, because other
 * writers would have to wait while a transaction waits for a slow service. Skips downtimes with invalid times and lists them.
 */
export async function migrateFromApi(url: string, services: MigrationServices, dryRun: boolean): Promise<void> {
  say(`Reading ${url}`);
  const batches = await readDowntimes(url, services.clock, showProgress);
  const skipped: string[] = [];
  const read = (row: Parameters<typeof toImportedDowntime>[0]) => {
    try {
      return toImportedDowntime(row);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      skipped.push(error.message);
      return [];
    }
  };
  const downtimes = async function* () {
    for await (const rows of batches) yield rows.flatMap(read);
  };
  await migrate({ downtimes: downtimes(), lastId: 0, users: [] }, services, dryRun);
  if (skipped.length > 0) warn(`Skipped: ${skipped.length}\n${listed(skipped, "\n")}`);
}

const listed = (items: readonly unknown[], separator: string) =>
  [...items.slice(0, maxListed), ...(items.length > maxListed ? ["…"] : [])].join(separator);

async function migrate(data: ImportedData, { importStore, configdb, clock }: MigrationServices, dryRun: boolean) {
  const facility = configdb.find();
  /** Warning → the IDs of the downtimes that it applies to. */
  const warnings = new Map<string, number[]>();
  const watched = async function* () {
    let read = 0;
    for await (const batch of data.downtimes) {
      for (const downtime of batch)
        for (const warning of warningsOf(downtime, facility)) {
          const ids = warnings.get(warning) ?? [];
          warnings.set(warning, ids);
          ids.push(downtime.id);
        }
      read += batch.length;
      showProgress(read);
      yield batch;
    }
  };
  const result = await importStore.importAll({ ...data, downtimes: watched() }, clock(), dryRun);
  const total = (counts: typeof result.users, noun: string) =>
    `${noun}: ${counts.read} read, ${counts.written} ${dryRun ? "would be imported" : "imported"}, ${counts.existing} already exist`;
  say(total(result.downtimes, "Downtimes"));
  if (result.users.read > 0) say(total(result.users, "Users"));
  for (const { user, name } of result.takenTokens)
    say(`Skipped token ${name} of ${user}: another user has the same token here.`);
  for (const [warning, ids] of warnings)
    say(`Warning (imported anyway): ${warning}: ${ids.length} (${listed(ids, ", ")})`);
  if (warnings.size === 0) say("No warnings");
}

/** Returns the rules for new downtimes that it breaks, and what had to be changed. */
function warningsOf(downtime: ImportedDowntime, facility: Facility | undefined): string[] {
  const rule = brokenRule(downtime, facility);
  const isLong = [...downtime.reason].length > maxReasonLength;
  const long = isLong ? [`Reason is longer than ${maxReasonLength} characters`] : [];
  return [...downtime.adjustments, ...(rule ? [rule] : []), ...long];
}

/** Prints the progress; nothing if standard error isn't a terminal. */
function showProgress(read: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${read} downtimes read `);
}
