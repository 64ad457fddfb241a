/** Undoes change sets: each downtime, and the series, gets its version from before. If one was edited since, nothing is undone. */

import { type Author, type ChangeSet, type Kind, openChangeSet } from "../auth/change-set-store.ts";
import { type Database, isAmong, sql, type Transaction } from "../database/sql.ts";
import { createdByOf, readVersions } from "../downtime/rows.ts";
import { restore } from "../downtime/store-write.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { instantOf, toInstant } from "../time/instant.ts";
import { canUndo, type LaterVersion, Overtaken, type UndoRights } from "./activity.ts";
import {
  finishSeries,
  isGoneBefore,
  readSeriesStep,
  reviveSeries,
  type SeriesStep,
  type Step,
  stepOf,
  writeBack,
} from "./write-back-store.ts";

/** What an undo did. */
interface Undone {
  /** The change set of the undo. */
  readonly id: number;
  readonly changed: number;
  readonly deleted: number;
  readonly restored: number;
  /** How many of the deleted ones had begun, so that time in which a telescope was down no longer counts. */
  readonly begun: number;
}

export type Undo = ReturnType<typeof createUndo>;

/**
 * Undoes a change set, in a change set of its own; undoing that one does everything again.
 * @throws NotFound, Overtaken, and what the rights throw
 */
export const createUndo =
  (database: Database) =>
  (id: number, author: Author, rights: UndoRights): Promise<Undone> =>
    database.transaction(async (tx) => {
      const changeSet = await openChangeSet(tx, "undo", author);
      const found = await tx.first<{ kind: Kind }>(sql`SELECT kind FROM downtime_change_set WHERE id = ${id}`);
      if (!found) throw new NotFound();
      if (!canUndo(found.kind)) throw new Conflict("An import can't be undone. Delete its downtimes instead.");
      const series = await readSeriesStep(tx, id);
      const steps = await readSteps(tx, id);
      if (series) rights.edit(series.first.by);
      else for (const step of steps) checkRights(step, rights);
      const later = laterThan(id, steps, series);
      if (later.length > 0) throw new Overtaken(later);
      return undoAll(tx, series ? steps : await markOutdated(tx, id, steps), series, changeSet);
    });

async function undoAll(
  tx: Transaction,
  steps: readonly Step[],
  series: SeriesStep | undefined,
  changeSet: ChangeSet,
): Promise<Undone> {
  const now = toInstant(changeSet.at);
  const { deleted = [], restored = [], changed = [] } = Object.groupBy(steps, effectOf);
  if (series) await reviveSeries(tx, series, changeSet);
  // Without its series, a downtime may have lost its place there, which `restore` checks.
  else for (const { newest } of restored) await restore(tx, newest.downtime_id, changeSet, () => {});
  await writeBack(tx, [...deleted, ...changed, ...(series ? restored : [])], changeSet);
  const counts = { changed: changed.length, deleted: deleted.length };
  const effects = { ...counts, created: restored.length, warning: null };
  if (series) await finishSeries(tx, series, effects, changeSet);
  return {
    id: await changeSet.id(),
    ...counts,
    restored: restored.length,
    begun: deleted.filter(({ newest }) => newest.start <= now).length,
  };
}

/** What an undo does to a downtime. One that the change set both created and deleted stays as it is. */
function effectOf(step: Step): "deleted" | "restored" | "changed" | "none" {
  const isDeleted = step.newest.action === "delete";
  if (isGoneBefore(step)) return isDeleted ? "none" : "deleted";
  return isDeleted ? "restored" : "changed";
}

/** Reads the steps of the change set's downtimes. */
async function readSteps(tx: Transaction, changeSet: number): Promise<Step[]> {
  const ids = sql`SELECT downtime_id FROM downtime_history WHERE change_set = ${changeSet}`;
  const versions = await readVersions(tx, sql`downtime_id IN (${ids})`);
  const byDowntime = Map.groupBy(versions, ({ downtime_id }) => downtime_id);
  return [...byDowntime.values()].flatMap((group) => stepOf(group, changeSet) ?? []);
}

/** Marks downtimes as edited individually where their series was edited since: their version before isn't what it plans now. */
async function markOutdated(tx: Transaction, changeSet: number, steps: readonly Step[]): Promise<Step[]> {
  const series = new Set(steps.flatMap(({ before }) => before?.series ?? []));
  const edited = await tx.all<{ id: number }>(
    sql`SELECT DISTINCT series_id AS id FROM downtime_series_history
      WHERE change_set > ${changeSet} AND ${isAmong("series_id", [...series])}`,
  );
  const outdated = new Set(edited.map(({ id }) => id));
  return steps.map((step) =>
    step.before && outdated.has(step.before.series ?? 0)
      ? { ...step, before: { ...step.before, by_hand: true } }
      : step,
  );
}

function checkRights(step: Step, rights: UndoRights): void {
  const { first, newest } = step;
  const createdBy = createdByOf(first);
  if (newest.action === "delete") rights.restore(createdBy, newest.reason, newest.by);
  else if (isGoneBefore(step)) rights.delete(createdBy, newest.reason);
  else rights.edit(createdBy);
}

/** The versions that others wrote after the change set. */
function laterThan(changeSet: number, steps: readonly Step[], series: SeriesStep | undefined): LaterVersion[] {
  const later = [
    ...(series ? [{ ...series.newest, what: "series" as const }] : []),
    ...steps.map(({ newest }) => ({ ...newest, what: "downtimes" as const, id: newest.downtime_id })),
  ];
  return later
    .filter(({ change_set }) => change_set !== changeSet)
    .map(({ what, id, action, by, at }) => ({ what, id, action, by, at: instantOf(at) }));
}
