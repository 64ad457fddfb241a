/** `import --from-django` and `import --from-api`: moves in from another program's database, or from its API. */

import { hashToken } from "../auth/secrets.ts";
import { brokenRule, longestReason } from "../downtime/downtime.ts";
import type { Configdb } from "../facility/configdb.ts";
import type { Facility } from "../facility/facility.ts";
import { say, warn } from "../input/terminal.ts";
import type { Clock } from "../time/instant.ts";
import { type Original, openOriginal } from "./django-database.ts";
import type { ImportCounts, ImportedData, ImportResult, ImportStore } from "./import-store.ts";
import { type ImportedDowntime, isTooLong, tryArrival } from "./imported-downtime.ts";
import { readDowntimes } from "./remote-client.ts";

/** What the command works with. */
export interface MigrationServices {
  readonly moving: ImportStore;
  readonly configdb: Configdb;
  readonly clock: Clock;
}

/** Odd downtimes that are named, of each kind. */
const mostNamed = 100;

/** Why a downtime is odd → those that are, the first ones by their id. */
type Oddities = Map<string, { count: number; ids: number[] }>;

/**
 * Moves in from the original's database.
 * @param where a SQLite file, or `postgres://…`; true: the database is the service's own too
 */
export async function moveFromDjango(
  where: string | true,
  services: MigrationServices,
  dryRun: boolean,
): Promise<void> {
  if (where === true) return moveFromOriginal(services.moving.here, services, dryRun);
  const original = await openOriginal(where);
  try {
    await moveFromOriginal(original, services, dryRun);
  } finally {
    await original.close();
  }
}

async function moveFromOriginal(original: Original, services: MigrationServices, dryRun: boolean): Promise<void> {
  say(`Reading ${original.description}`);
  const users = await original.users();
  const household = {
    downtimes: await original.downtimes(),
    lastId: await original.lastId(),
    users: users.map(({ tokens, ...user }) => ({
      ...user,
      tokens: tokens.map(({ token, ...rest }) => ({ ...rest, hash: hashToken(token) })),
    })),
  };
  await move(household, services, dryRun);
  const withoutPassword = users.filter(({ passwordHash }) => passwordHash === null).map(({ name }) => name);
  if (withoutPassword.length > 0) say(`Users without a password that can be kept: ${withoutPassword.join(", ")}`);
}

/**
 * Moves in from another service's `/api/`, which tells nothing of users. All is read before the first write: nobody else
 * can write while a transaction waits for a slow service. Downtimes whose times can't be read are named and left out.
 */
export async function moveFromApi(url: string, services: MigrationServices, dryRun: boolean): Promise<void> {
  say(`Reading ${url}`);
  const batches = await readDowntimes(url, services.clock, tellTerminal);
  const skipped: string[] = [];
  const arrivals = async function* () {
    for await (const rows of batches)
      yield rows.flatMap((row) => {
        const arrival = tryArrival(row);
        if ("id" in arrival) return [arrival];
        skipped.push(arrival.message);
        return [];
      });
  };
  await move({ downtimes: arrivals(), lastId: 0, users: [] }, services, dryRun);
  if (skipped.length === 0) return;
  const named = skipped.slice(0, mostNamed).join("\n");
  warn(`Left out: ${skipped.length}\n${named}${skipped.length > mostNamed ? "\n…" : ""}`);
}

async function move(
  household: ImportedData,
  { moving, configdb, clock }: MigrationServices,
  dryRun: boolean,
): Promise<void> {
  const oddities: Oddities = new Map();
  const downtimes = watch(household.downtimes, configdb.find(), oddities);
  const moved = await moving.moveIn({ ...household, downtimes }, { at: clock(), dryRun, tell: tellTerminal });
  report(moved, oddities, dryRun);
}

/** Passes the downtimes on, and notes those that are odd. */
async function* watch(batches: ImportedData["downtimes"], facility: Facility | undefined, oddities: Oddities) {
  for await (const batch of batches) {
    for (const arrival of batch)
      for (const oddity of odditiesOf(arrival, facility)) {
        const known = oddities.get(oddity) ?? { count: 0, ids: [] };
        oddities.set(oddity, known);
        known.count += 1;
        if (known.ids.length < mostNamed) known.ids.push(arrival.id);
      }
    yield batch;
  }
}

/** What would keep the downtime from being stored today, and what could not be kept of it. */
function odditiesOf(arrival: ImportedDowntime, facility: Facility | undefined): string[] {
  const rule = brokenRule(arrival, facility);
  return [
    ...arrival.changed,
    ...(rule ? [rule] : []),
    ...(isTooLong(arrival) ? [`The reason is longer than ${longestReason} characters`] : []),
  ];
}

function report({ downtimes, users, takenTokens }: ImportResult, oddities: Oddities, dryRun: boolean): void {
  const total = (tally: ImportCounts, noun: string) =>
    `${noun}: ${tally.read} read, ${tally.written} ${dryRun ? "would be written" : "written"}, ${tally.alreadyThere} already there`;
  say(total(downtimes, "Downtimes"));
  if (users.read > 0) say(total(users, "Users"));
  for (const { user, name } of takenTokens)
    say(`The token ${name} of ${user} belongs to another user here, so it was left out.`);
  for (const [oddity, { count, ids }] of oddities)
    say(`Odd, but kept: ${oddity}: ${count} (${ids.join(", ")}${count > ids.length ? ", …" : ""})`);
  if (oddities.size === 0) say("Odd: none");
}

/** How far it is, on a terminal; nothing elsewhere. */
function tellTerminal(read: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${read} downtimes read `);
}
