/** Undoes change sets: each downtime, and the series, gets its version from before. If one was edited since, nothing is undone. */

import { type Author, type ChangeSet, type Kind, openChangeSet } from "../auth/change-set-store.ts";
import { type Database, isAmong, sql, type Transaction } from "../database/sql.ts";
import { createdByOf } from "../downtime/rows.ts";
import { restore } from "../downtime/store-write.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { instantOf, toInstant } from "../time/instant.ts";
import { canUndo, type LaterVersion, Overtaken, type UndoRights } from "./activity.ts";
import {
  finishSeries,
  isGoneBefore,
  type PastVersion,
  readSeriesStep,
  renameBack,
  reviveSeries,
  type SeriesStep,
  type Step,
  versionColumns,
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
  all: readonly Step[],
  series: SeriesStep | undefined,
  changeSet: ChangeSet,
): Promise<Undone> {
  const now = toInstant(changeSet.at);
  const steps = all.filter((step) => step.newest.action !== "delete" || !isGoneBefore(step));
  const removed = steps.filter(isGoneBefore);
  const restored = steps.filter(({ newest }) => newest.action === "delete");
  const counts = { changed: steps.length - removed.length - restored.length, deleted: removed.length };
  // Without its series, a downtime may have lost its place there, which `restore` checks.
  const single = series ? [] : restored;
  if (series) await reviveSeries(tx, series, changeSet);
  for (const { newest } of single) await restore(tx, newest.downtime_id, changeSet, () => {});
  await writeBack(
    tx,
    steps.filter((step) => !single.includes(step)),
    changeSet,
  );
  if (series) {
    const renamed = await renameBack(tx, series);
    await finishSeries(tx, series, [restored.length, counts.changed, counts.deleted, null, renamed], changeSet);
  }
  const begun = removed.filter(({ newest }) => newest.start <= now).length;
  return { id: await changeSet.id(), ...counts, restored: restored.length, begun };
}

/** Reads, for each downtime of the change set, its first and newest versions, and the one before the change set. */
async function readSteps(tx: Transaction, changeSet: number): Promise<Step[]> {
  const version = (which: "min" | "max") =>
    sql`(SELECT ${which === "min" ? sql`min(id)` : sql`max(id)`} FROM downtime_history WHERE downtime_id = own.downtime_id`;
  const ids = await tx.all<{ first: number; newest: number; before: number | null }>(
    sql`SELECT ${version("min")}) AS first, ${version("max")}) AS newest,
        ${version("max")} AND (change_set IS NULL OR change_set <> ${changeSet})) AS before
      FROM (SELECT DISTINCT downtime_id FROM downtime_history WHERE change_set = ${changeSet}) AS own
      ORDER BY downtime_id`,
  );
  const wanted = ids.flatMap(({ first, newest, before }) => [first, newest, ...(before === null ? [] : [before])]);
  const versions = await tx.all<PastVersion>(
    sql`SELECT ${versionColumns} FROM downtime_history WHERE ${isAmong("id", wanted)}`,
  );
  const byId = new Map(versions.map((one) => [one.id, one]));
  return ids.flatMap(({ first: firstId, newest: newestId, before }) => {
    const [first, newest] = [byId.get(firstId), byId.get(newestId)];
    return first && newest ? [{ first, newest, before: byId.get(before ?? 0) }] : [];
  });
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
  const isLater = ({ newest }: Step | SeriesStep) => newest.change_set !== changeSet;
  const later = steps.filter(isLater).map(
    ({ newest }): LaterVersion => ({
      what: "downtimes",
      id: newest.downtime_id,
      action: newest.action,
      by: newest.by,
      at: instantOf(newest.at),
    }),
  );
  if (!series || !isLater(series)) return later;
  const { id, newest } = series;
  return [{ what: "series", id, action: newest.action, by: newest.by, at: instantOf(newest.at) }, ...later];
}
