/** Stores series with their history. A series and its downtimes are written in one transaction. */

import { type Author, openChangeSet } from "../auth/change-set-store.ts";
import { type Database, list, type Reader, sql } from "../database/sql.ts";
import type { Downtime } from "../downtime/downtime.ts";
import { NotFound } from "../input/problem.ts";
import { instantOf, toStamp } from "../time/instant.ts";
import { checkFrom, dateAfterLast, dateOfFirst, endPlan, type Plan } from "./plan.ts";
import type { PlannedDowntime, PlannedSeries, Reach } from "./planned.ts";
import {
  prepare,
  prepareEnding,
  readDeleted,
  readOverlaps,
  readRows,
  refuseDuplicates,
  write,
} from "./reconcile-store.ts";
import type { PreparedWrite, StoredOccurrence } from "./reconciliation.ts";
import {
  type Effects,
  recordSeries,
  ruleKind,
  type SeriesRow,
  type SeriesVersion,
  type StoredSeries,
  seriesColumns,
  textOf,
  toSeries,
  updateSeries,
} from "./rows.ts";
import { kindNames, type Rule } from "./rule.ts";

/** What a write did, or would do. */
export interface Outcome extends PreparedWrite {
  /** Undefined when nothing is saved, or when it is deleted. */
  readonly series: StoredSeries | undefined;
}

interface Saved extends Outcome {
  readonly series: StoredSeries;
}

/** Plans an edit of the stored series. If it throws, nothing is saved. */
type Decide = (stored: StoredSeries) => PlannedSeries;

interface SeriesListing {
  readonly limit: number;
  readonly offset: number;
  readonly kinds?: readonly Rule["kind"][];
}

export type SeriesStore = ReturnType<typeof createSeriesStore>;

export function createSeriesStore(database: Database) {
  return {
    /** Newest first, each with its number of downtimes. @param kinds of their rules */
    async list({ limit, offset, kinds = kindNames }: SeriesListing) {
      const shown = sql`FROM downtime_series WHERE ${ruleKind} IN (${list(kinds)})`;
      const found = await database.all<SeriesRow & { rows: number }>(
        sql`SELECT ${seriesColumns}, (SELECT count(*) FROM downtime WHERE series = downtime_series.id) AS rows
          ${shown} ORDER BY id DESC LIMIT ${limit} OFFSET ${offset}`,
      );
      const all = await database.first<{ count: number }>(sql`SELECT count(*) AS count ${shown}`);
      return { count: all?.count ?? 0, results: found.map(({ rows, ...row }) => ({ ...toSeries(row), rows })) };
    },

    find: (id: number): Promise<StoredSeries | undefined> => find(database, id),

    /** @throws NotFound */
    get: (id: number): Promise<StoredSeries> => read(database, id),

    /** Every version in order, also of a deleted series. */
    async history(id: number): Promise<SeriesVersion[]> {
      const versions = await database.all<Omit<SeriesVersion, "at" | "plan"> & { at: string; plan: string }>(
        sql`SELECT action, version, "at", "by", unconfirmed, plan, created, changed, deleted, warning, change_set
          FROM downtime_series_history WHERE series_id = ${id} ORDER BY id`,
      );
      return versions.map((row) => ({
        ...row,
        at: instantOf(row.at),
        unconfirmed: Boolean(row.unconfirmed),
        plan: JSON.parse(row.plan) as Plan,
      }));
    },

    /** Its downtimes in order. */
    rows: (id: number): Promise<StoredOccurrence[]> => readRows(database, id),

    /** The names of occurrences that were deleted individually and not restored. */
    deletedByHand: (id: number): Promise<ReadonlySet<string>> => readDeleted(database, id),

    /** The stored downtimes that overlap planned ones, except those of the series itself. */
    overlapping: (planned: readonly PlannedDowntime[], id = 0): Promise<Downtime[]> =>
      readOverlaps(database, planned, id),

    /** Creates a series with its downtimes. @throws Conflict when all of them exist already */
    add: (planned: PlannedSeries, author: Author): Promise<Saved> =>
      database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, planned.kind ?? "create_series", author);
        const stamp = toStamp(author.at);
        const [row] = await tx.all<SeriesRow>(
          sql`INSERT INTO downtime_series (plan, created, modified, created_by)
            VALUES (${textOf(planned.plan)}, ${stamp}, ${stamp}, ${author.by}) RETURNING ${seriesColumns}`,
        );
        const series = toSeries(row as SeriesRow);
        const prepared = await prepare(tx, series.id, planned, author.at);
        refuseDuplicates(prepared);
        await write(tx, series.id, prepared, changeSet);
        await recordSeries(tx, "create", series, effectsOf(prepared), changeSet);
        return { ...prepared, series };
      }),

    /** Previews `add`. @param at milliseconds since 1970 */
    tryAdd: async (planned: PlannedSeries, at: number): Promise<Outcome> => ({
      ...(await prepare(database, 0, planned, at)),
      series: undefined,
    }),

    /** Edits a series and its downtimes, if anything differs. @throws NotFound, Conflict as `add` */
    change: (id: number, author: Author, decide: Decide): Promise<Saved> =>
      database.transaction(async (tx) => {
        const stored = await read(tx, id);
        const planned = decide(stored);
        const changeSet = await openChangeSet(tx, planned.kind ?? "edit_series", author);
        const prepared = await prepare(tx, id, planned, author.at);
        refuseDuplicates(prepared);
        const isSame = textOf(stored) === textOf(planned.plan) && prepared.warning !== undefined;
        if (isSame) return { ...prepared, series: stored };
        await write(tx, id, prepared, changeSet);
        const series = await updateSeries(tx, "change", id, planned.plan, effectsOf(prepared), changeSet);
        return { ...prepared, series };
      }),

    /** Previews `change`. @param at milliseconds since 1970 @throws NotFound */
    tryChange: async (id: number, at: number, decide: Decide): Promise<Outcome> => ({
      ...(await prepare(database, id, decide(await read(database, id)), at)),
      series: undefined,
    }),

    /**
     * Ends a series: deletes its downtimes within the reach, and with the last one the series, but not its history. Ended now,
     * active downtimes end, upcoming ones are deleted, and the series stays.
     * @param mayEnd throws when the stored series must not be ended
     * @throws NotFound
     */
    end: (id: number, author: Author, reach: Reach | "now", mayEnd: (stored: StoredSeries) => void = () => {}) =>
      database.transaction(async (tx): Promise<Outcome> => {
        const changeSet = await openChangeSet(tx, isWhole(reach) ? "delete_series" : "end_series", author);
        const stored = await read(tx, id);
        mayEnd(stored);
        const prepared = await prepareEnd(tx, stored, reach, author.at);
        await write(tx, id, prepared, changeSet);
        const isGone = !(await tx.first(sql`SELECT id FROM downtime WHERE series = ${id} LIMIT 1`));
        if (isGone && isWhole(reach)) {
          await tx.all(sql`DELETE FROM downtime_series WHERE id = ${id}`);
          await recordSeries(tx, "delete", stored, effectsOf(prepared), changeSet);
          return { ...prepared, series: undefined };
        }
        const ended = endOf(reach, prepared);
        const plan = ended === undefined ? stored : endPlan(stored, ended);
        const isSame = textOf(plan) === textOf(stored) && prepared.warning !== undefined;
        if (isSame) return { ...prepared, series: stored };
        return { ...prepared, series: await updateSeries(tx, "end", id, plan, effectsOf(prepared), changeSet) };
      }),

    /** Previews `end`. @param at milliseconds since 1970 @throws NotFound */
    async tryEnd(id: number, at: number, reach: Reach | "now", mayEnd: (stored: StoredSeries) => void = () => {}) {
      const stored = await read(database, id);
      mayEnd(stored);
      const outcome: Outcome = { ...(await prepareEnd(database, stored, reach, at)), series: undefined };
      return outcome;
    },
  };
}

async function find(reader: Reader, id: number): Promise<StoredSeries | undefined> {
  const row = await reader.first<SeriesRow>(sql`SELECT ${seriesColumns} FROM downtime_series WHERE id = ${id}`);
  return row && toSeries(row);
}

async function read(reader: Reader, id: number): Promise<StoredSeries> {
  const series = await find(reader, id);
  if (!series) throw new NotFound();
  return series;
}

/** Whether the whole series is deleted. */
const isWhole = (reach: Reach | "now") => reach !== "now" && reach.from === undefined;

/** @throws Invalid */
const prepareEnd = (reader: Reader, stored: StoredSeries, reach: Reach | "now", at: number): Promise<PreparedWrite> =>
  reach === "now" ? prepareEnding(reader, stored.id, at) : prepare(reader, stored.id, nothing(stored, reach), at);

/** The new first local date without occurrences; undefined if it stays. */
function endOf(reach: Reach | "now", { change, remove }: PreparedWrite): string | undefined {
  if (reach !== "now" && reach.from !== undefined) return reach.from;
  const first = dateOfFirst(remove.map(({ downtime: { start }, occurrence }) => ({ start, occurrence })));
  return first ?? dateAfterLast(change.map(({ to }) => ({ start: to.draft.start, occurrence: to.occurrence })));
}

/** Plans nothing within the reach. @throws Invalid */
function nothing(plan: Plan, reach: Reach): PlannedSeries {
  checkFrom(plan, reach.from);
  return { ...reach, plan, planned: [], absences: [] };
}

const effectsOf = ({ create, change, remove, warning, rename }: PreparedWrite): Effects => [
  create.length,
  change.length,
  remove.length,
  warning ?? null,
  rename,
];
