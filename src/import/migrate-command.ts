/** `import --from-django` and `import --from-api`: migrates from an OCS Downtime database, or from another service's API. */

import { brokenRule, maxReasonLength } from "../downtime/downtime.ts";
import type { CoreServices } from "../downtime/store.ts";
import type { Facility } from "../facility/facility.ts";
import { Conflict } from "../input/problem.ts";
import { say, warn } from "../input/terminal.ts";
import { type Original, openOriginal } from "./django-database.ts";
import type { ImportedData, ImportResult, ImportStore } from "./import-store.ts";
import { type ImportedDowntime, toImportedDowntime } from "./imported-downtime.ts";
import { readDowntimes } from "./remote-client.ts";

/** The services that the command uses. */
interface MigrationServices extends Omit<CoreServices, "downtimes"> {
  readonly importStore: ImportStore;
}

/** IDs listed per warning. */
const maxListed = 100;

/** Warning → the number of downtimes it applies to, and the first of their IDs. */
type Warnings = Map<string, { count: number; ids: number[] }>;

/**
 * Migrates from an OCS Downtime database.
 * @param where path of the SQLite file, or a `postgres://…` URL; true for this service's own database
 */
export async function migrateFromDjango(
  where: string | true,
  services: MigrationServices,
  dryRun: boolean,
): Promise<void> {
  if (where === true) return migrateFromOriginal(services.importStore.ownDatabase, services, dryRun);
  const original = await openOriginal(where);
  try {
    await migrateFromOriginal(original, services, dryRun);
  } finally {
    await original.close();
  }
}

async function migrateFromOriginal(original: Original, services: MigrationServices, dryRun: boolean): Promise<void> {
  say(`Reading ${original.description}`);
  const users = await original.users();
  await migrate({ downtimes: await original.downtimes(), lastId: await original.lastId(), users }, services, dryRun);
  const withoutPassword = users.filter(({ passwordHash }) => passwordHash === null).map(({ name }) => name);
  if (withoutPassword.length > 0) say(`Users who need a new password: ${withoutPassword.join(", ")}`);
}

/**
 * Migrates from another service's `/api/`, which has no users. Reads everything before the first write, because other
 * writers would have to wait while a transaction waits for a slow service. Skips downtimes with invalid times and lists them.
 */
export async function migrateFromApi(url: string, services: MigrationServices, dryRun: boolean): Promise<void> {
  say(`Reading ${url}`);
  const batches = await readDowntimes(url, services.clock, showProgress);
  const skipped: string[] = [];
  const imported = async function* () {
    for await (const rows of batches)
      yield rows.flatMap((row) => {
        try {
          return [toImportedDowntime(row)];
        } catch (error) {
          if (!(error instanceof Conflict)) throw error;
          skipped.push(error.message);
          return [];
        }
      });
  };
  await migrate({ downtimes: imported(), lastId: 0, users: [] }, services, dryRun);
  if (skipped.length === 0) return;
  const listed = skipped.slice(0, maxListed).join("\n");
  warn(`Skipped: ${skipped.length}\n${listed}${skipped.length > maxListed ? "\n…" : ""}`);
}

async function migrate(
  data: ImportedData,
  { importStore, configdb, clock }: MigrationServices,
  dryRun: boolean,
): Promise<void> {
  const warnings: Warnings = new Map();
  const downtimes = collectWarnings(data.downtimes, configdb.find(), warnings);
  const result = await importStore.importAll({ ...data, downtimes }, { at: clock(), dryRun, onProgress: showProgress });
  report(result, warnings, dryRun);
}

/** Passes the downtimes on and collects their warnings. */
async function* collectWarnings(
  batches: ImportedData["downtimes"],
  facility: Facility | undefined,
  warnings: Warnings,
) {
  for await (const batch of batches) {
    for (const downtime of batch)
      for (const warning of warningsOf(downtime, facility)) {
        const known = warnings.get(warning) ?? { count: 0, ids: [] };
        warnings.set(warning, known);
        known.count += 1;
        if (known.ids.length < maxListed) known.ids.push(downtime.id);
      }
    yield batch;
  }
}

/** Returns the rules for new downtimes that it breaks, and what had to be changed. */
function warningsOf(downtime: ImportedDowntime, facility: Facility | undefined): string[] {
  const rule = brokenRule(downtime, facility);
  return [
    ...downtime.adjustments,
    ...(rule ? [rule] : []),
    ...([...downtime.reason].length > maxReasonLength ? [`Reason is longer than ${maxReasonLength} characters`] : []),
  ];
}

function report({ downtimes, users, takenTokens }: ImportResult, warnings: Warnings, dryRun: boolean): void {
  const total = (counts: ImportResult["users"], noun: string) =>
    `${noun}: ${counts.read} read, ${counts.written} ${dryRun ? "would be imported" : "imported"}, ${counts.existing} already exist`;
  say(total(downtimes, "Downtimes"));
  if (users.read > 0) say(total(users, "Users"));
  for (const { user, name } of takenTokens)
    say(`Skipped token ${name} of ${user}: another user has the same token here.`);
  for (const [warning, { count, ids }] of warnings)
    say(`Warning (imported anyway): ${warning}: ${count} (${ids.join(", ")}${count > ids.length ? ", …" : ""})`);
  if (warnings.size === 0) say("No warnings");
}

/** Prints the progress; nothing if standard error isn't a terminal. */
function showProgress(read: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${read} downtimes read `);
}
