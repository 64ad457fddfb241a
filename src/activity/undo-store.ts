/** Undoes change sets: each downtime, and the series, gets its version from before. If one was edited since, nothing is undone. */

import { type Author, type ChangeSet, type Kind, openChangeSet } from "../auth/change-set-store.ts";
import { type Database, isAmong, list, replacing, sql, type Transaction } from "../database/sql.ts";
import { chunksOf } from "../downtime/add-store.ts";
import { draftFields } from "../downtime/downtime.ts";
import { createdByOf, readVersions, recordAll, reinsertion, removeAll, type VersionRow } from "../downtime/rows.ts";
import { restore } from "../downtime/store-write.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import type { Plan } from "../series/plan.ts";
import { freeNames } from "../series/reconcile-store.ts";
import {
  type Effects,
  recordSeries,
  type SeriesRow,
  type SeriesVersion,
  seriesColumns,
  toSeries,
  updateSeries,
} from "../series/rows.ts";
import { toInstant, toStamp } from "../time/instant.ts";
import { canUndo, Overtaken, type UndoRights } from "./undo.ts";

export type Undo = ReturnType<typeof createUndo>;

/**
 * Undoes a change set, in a change set of its own; undoing that one does everything again.
 * @throws NotFound, Overtaken, and what the rights throw
 */
export const createUndo = (database: Database) => (id: number, author: Author, rights: UndoRights) =>
  database.transaction(async (tx) => {
    const changeSet = await openChangeSet(tx, "undo", author);
    const found = await tx.first<{ kind: Kind }>(sql`SELECT kind FROM downtime_change_set WHERE id = ${id}`);
    if (!found) throw new NotFound();
    if (!canUndo(found.kind)) throw new Conflict("An import can't be undone. Delete its downtimes instead.");
    const series = await readSeriesStep(tx, id);
    const steps = await readSteps(tx, id);
    if (series) rights.edit(series.first.by);
    else for (const step of steps) checkRights(step, rights);
    const newest = [...(series ? [series.newest] : []), ...steps.map((step) => step.newest)];
    const later = newest.filter((version) => version.change_set !== id);
    if (later.length > 0) throw new Overtaken(later.map(nameOf));
    return undoAll(tx, series ? steps : await markOutdated(tx, id, steps), series, changeSet);
  });

const nameOf = (version: VersionRow | PastPlan) =>
  `${"plan" in version ? `series ${version.id}` : `downtime ${version.downtime_id}`} by ${version.by}`;

interface Step<Past = VersionRow> {
  readonly first: Past;
  readonly newest: Past;
  /** The version before the change set; undefined if that created it. */
  readonly before: Past | undefined;
}

function stepOf<Past extends Pick<VersionRow, "change_set">>(versions: readonly Past[], changeSet: number) {
  const [first, newest] = [versions[0], versions.at(-1)];
  const before = versions.findLast(({ change_set }) => change_set !== changeSet);
  return first && newest && { first, newest, before };
}

/** Whether the downtime or series didn't exist before the change set. */
const isGoneBefore = ({ before }: Step<{ readonly action: string }>) => !before || before.action === "delete";
const idOf = ({ newest }: Step) => newest.downtime_id;

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
  const outdated = new Set<number | null>(edited.map(({ id }) => id));
  return steps.map(({ before, ...step }) => {
    return { ...step, before: before && outdated.has(before.series) ? { ...before, by_hand: true } : before };
  });
}

function checkRights(step: Step, rights: UndoRights): void {
  const { first, newest } = step;
  const createdBy = createdByOf(first);
  if (newest.action === "delete") rights.restore(createdBy, newest.reason, newest.by);
  else if (isGoneBefore(step)) rights.delete(createdBy, newest.reason);
  else rights.edit(createdBy);
}

async function undoAll(tx: Transaction, steps: readonly Step[], series: SeriesStep | undefined, changeSet: ChangeSet) {
  const now = toInstant(changeSet.at);
  const { deleted = [], restored = [], changed = [] } = Object.groupBy(steps, effectOf);
  if (series) await reviveSeries(tx, series, changeSet);
  // Without its series, a downtime may have lost its place there, which `restore` checks.
  else for (const step of restored) await restore(tx, idOf(step), changeSet, () => {});
  await removeSteps(tx, deleted, changeSet);
  await writeBack(tx, [...changed, ...(series ? restored : [])], changeSet);
  const counts = { changed: changed.length, deleted: deleted.length };
  if (series) await finishSeries(tx, series, { ...counts, created: restored.length, warning: null }, changeSet);
  // The time of deleted downtimes that had begun no longer counts as lost.
  const begun = deleted.filter(({ newest }) => newest.start <= now).length;
  return { id: await changeSet.id(), ...counts, restored: restored.length, begun };
}

/** What an undo does to a downtime. One that the change set both created and deleted stays as it is. */
function effectOf(step: Step): "deleted" | "restored" | "changed" | "none" {
  const isDeleted = step.newest.action === "delete";
  if (isGoneBefore(step)) return isDeleted ? "none" : "deleted";
  return isDeleted ? "restored" : "changed";
}

async function removeSteps(tx: Transaction, steps: readonly Step[], changeSet: ChangeSet): Promise<void> {
  // `by_hand` of a deletion keeps the series from creating the occurrence again, so it keeps its earlier value.
  const byHand = isAmong("id", steps.filter(({ before }) => before?.by_hand).map(idOf));
  for (const ids of chunksOf(steps.map(idOf))) await removeAll(tx, ids, changeSet, byHand);
}

const ownColumns = ["reason_folded", "modified", "version", "series", "occurrence", "by_hand"];
const replacements = replacing([...draftFields, ...ownColumns]);

async function writeBack(tx: Transaction, all: readonly Step[], changeSet: ChangeSet): Promise<void> {
  await freeNames(tx, all.map(idOf));
  for (const steps of chunksOf(all)) {
    const versions = steps.flatMap(({ first, newest, before }) =>
      before ? [{ first, past: before, version: newest.version + 1 }] : [],
    );
    await tx.all(sql`${reinsertion(versions, changeSet.at)} ON CONFLICT (id) DO UPDATE SET ${replacements}`);
    const groups = Map.groupBy(steps, ({ newest }) => (newest.action === "delete" ? "restore" : "change"));
    for (const [action, group] of groups) await recordAll(tx, action, isAmong("id", group.map(idOf)), changeSet);
  }
}

/** A version of a series. Its time is a stamp. */
type PastPlan = Pick<SeriesVersion, "action" | "version" | "by" | "change_set"> &
  Readonly<Record<"at" | "plan", string>> & { readonly id: number };
type SeriesStep = Step<PastPlan>;

async function readSeriesStep(tx: Transaction, changeSet: number): Promise<SeriesStep | undefined> {
  const versions = await tx.all<PastPlan>(
    sql`SELECT series_id AS id, action, version, "at", "by", plan, change_set FROM downtime_series_history AS past
      WHERE series_id = (SELECT series_id FROM downtime_series_history WHERE change_set = ${changeSet}) ORDER BY past.id`,
  );
  const step = stepOf(versions, changeSet);
  return step && { ...step, before: isGoneBefore(step) ? undefined : step.before };
}

/** Stores a deleted series again, so that its downtimes can be. */
async function reviveSeries(tx: Transaction, { first, newest, before }: SeriesStep, { at }: ChangeSet): Promise<void> {
  if (!before || newest.action !== "delete") return;
  const values = [first.id, before.plan, first.at, toStamp(at), first.by, newest.version];
  await tx.all(sql`INSERT INTO downtime_series (${seriesColumns}) VALUES (${list(values)})`);
}

async function finishSeries(tx: Transaction, { newest, before }: SeriesStep, effects: Effects, changeSet: ChangeSet) {
  if (before) await updateSeries(tx, "change", newest.id, JSON.parse(before.plan) as Plan, effects, changeSet);
  else if (newest.action !== "delete") {
    const [row] = await tx.all<SeriesRow>(
      sql`DELETE FROM downtime_series WHERE id = ${newest.id} RETURNING ${seriesColumns}`,
    );
    await recordSeries(tx, "delete", toSeries(row as SeriesRow), effects, changeSet);
  }
}
