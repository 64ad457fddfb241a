/** The stored series, and every version they ever had. A series and its downtimes are written together, or not at all. */

import { type Author, openChangeSet } from "../auth/change-set-store.ts";
import { type Database, type Reader, sql } from "../database/sql.ts";
import type { Downtime } from "../downtime/downtime.ts";
import { NotFound } from "../input/problem.ts";
import { instantOf, toStamp } from "../time/instant.ts";
import { readOverlaps } from "./overlap-store.ts";
import { checkFrom, dateAfterLast, dateOfFirst, endPlan, type Plan } from "./plan.ts";
import type { PlannedDowntime, PlannedSeries, Reach } from "./planned.ts";
import type { StoredOccurrence } from "./reconcile.ts";
import {
  type PreparedWrite,
  prepare,
  prepareEnding,
  readDeleted,
  readRows,
  refuseDuplicates,
  write,
} from "./reconcile-store.ts";
import {
  type Doings,
  recordSeries,
  type SeriesRow,
  type SeriesVersion,
  type StoredSeries,
  seriesColumns,
  textOf,
  toSeries,
  updateSeries,
} from "./rows.ts";

/** What a write does, or did, to the series and its downtimes. */
export interface Outcome extends PreparedWrite {
  /** As it is afterwards; undefined when it is only tried, or gone. */
  readonly series: StoredSeries | undefined;
}

/** What was written of a series that is there afterwards. */
interface Saved extends Outcome {
  readonly series: StoredSeries;
}

/** Says what a stored series shall book. What it throws leaves all as it was. */
type Decide = (stored: StoredSeries) => PlannedSeries;

export type SeriesStore = ReturnType<typeof createSeriesStore>;

export function createSeriesStore(database: Database) {
  return {
    /** The newest first, with the number of downtimes that each has. */
    async list({ limit, offset }: { readonly limit: number; readonly offset: number }) {
      const found = await database.all<SeriesRow & { rows: number }>(
        sql`SELECT ${seriesColumns}, (SELECT count(*) FROM downtime WHERE series = downtime_series.id) AS rows
          FROM downtime_series ORDER BY id DESC LIMIT ${limit} OFFSET ${offset}`,
      );
      const all = await database.first<{ count: number }>(sql`SELECT count(*) AS count FROM downtime_series`);
      return { count: all?.count ?? 0, results: found.map(({ rows, ...row }) => ({ ...toSeries(row), rows })) };
    },

    find: (id: number): Promise<StoredSeries | undefined> => find(database, id),

    /** @throws NotFound */
    get: (id: number): Promise<StoredSeries> => read(database, id),

    /** Every version, the first one first; it may be gone by now. */
    async history(id: number): Promise<SeriesVersion[]> {
      const versions = await database.all<Omit<SeriesVersion, "at" | "plan"> & { at: string; plan: string }>(
        sql`SELECT action, version, "at", "by", unconfirmed, plan, created, changed, deleted, warning
          FROM downtime_series_history WHERE series_id = ${id} ORDER BY id`,
      );
      return versions.map((row) => ({
        ...row,
        at: instantOf(row.at),
        unconfirmed: Boolean(row.unconfirmed),
        plan: JSON.parse(row.plan) as Plan,
      }));
    },

    /** Its downtimes, the first ones first. */
    rows: (id: number): Promise<StoredOccurrence[]> => readRows(database, id),

    /** The occurrences that somebody deleted and that nobody brought back. */
    deletedByHand: (id: number): Promise<ReadonlySet<string>> => readDeleted(database, id),

    /** The stored downtimes that share time with some that are planned, on their telescopes; not those of the series itself. */
    beside: (planned: readonly PlannedDowntime[], id = 0): Promise<Downtime[]> => readOverlaps(database, planned, id),

    /** Stores a series with its downtimes. @throws Conflict when all of these are stored already */
    add: (booking: PlannedSeries, author: Author): Promise<Saved> =>
      database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, "create_series", author);
        const stamp = toStamp(author.at);
        const [row] = await tx.all<SeriesRow>(
          sql`INSERT INTO downtime_series (plan, created, modified, created_by)
            VALUES (${textOf(booking.plan)}, ${stamp}, ${stamp}, ${author.by}) RETURNING ${seriesColumns}`,
        );
        const series = toSeries(row as SeriesRow);
        const prepared = await prepare(tx, series.id, booking, author.at);
        refuseDuplicates(prepared);
        await write(tx, series.id, prepared, changeSet);
        await recordSeries(tx, "create", series, doingsOf(prepared), changeSet);
        return { ...prepared, series };
      }),

    /** What `add` would do. @param at milliseconds since 1970 */
    tryAdd: async (booking: PlannedSeries, at: number): Promise<Outcome> => ({
      ...(await prepare(database, 0, booking, at)),
      series: undefined,
    }),

    /** Changes a series and its downtimes. When nothing differs, nothing is written. @throws NotFound, Conflict as `add` */
    change: (id: number, author: Author, decide: Decide): Promise<Saved> =>
      database.transaction(async (tx) => {
        const changeSet = await openChangeSet(tx, "edit_series", author);
        const stored = await read(tx, id);
        const booking = decide(stored);
        const prepared = await prepare(tx, id, booking, author.at);
        refuseDuplicates(prepared);
        const isSame = textOf(stored) === textOf(booking.plan) && prepared.warning !== undefined;
        if (isSame) return { ...prepared, series: stored };
        await write(tx, id, prepared, changeSet);
        const series = await updateSeries(tx, "change", id, booking.plan, doingsOf(prepared), changeSet);
        return { ...prepared, series };
      }),

    /** What `change` would do. @param at milliseconds since 1970 @throws NotFound */
    tryChange: async (id: number, at: number, decide: Decide): Promise<Outcome> => ({
      ...(await prepare(database, id, decide(await read(database, id)), at)),
      series: undefined,
    }),

    /**
     * Ends a series: deletes its downtimes within the reach. When all of them are deleted, the series is too; its history
     * stays. Ended now, what is active ends, what comes later is deleted, and the series stays.
     * @param mayEnd is told what is stored, and throws when that must not be ended
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
          await recordSeries(tx, "delete", stored, doingsOf(prepared), changeSet);
          return { ...prepared, series: undefined };
        }
        const ended = endOf(reach, prepared);
        const plan = ended === undefined ? stored : endPlan(stored, ended);
        const isSame = textOf(plan) === textOf(stored) && prepared.warning !== undefined;
        if (isSame) return { ...prepared, series: stored };
        return { ...prepared, series: await updateSeries(tx, "end", id, plan, doingsOf(prepared), changeSet) };
      }),

    /** What `end` would do. @param at milliseconds since 1970 @throws NotFound */
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

/** All of a series, so that nothing of it stays. */
const isWhole = (reach: Reach | "now") => reach !== "now" && reach.from === undefined;

/** @throws Invalid */
const prepareEnd = (reader: Reader, stored: StoredSeries, reach: Reach | "now", at: number): Promise<PreparedWrite> =>
  reach === "now" ? prepareEnding(reader, stored.id, at) : prepare(reader, stored.id, nothing(stored, reach), at);

/** The local date from which on nothing is planned any more; undefined where that stays as it is. */
function endOf(reach: Reach | "now", { change, remove }: PreparedWrite): string | undefined {
  if (reach !== "now" && reach.from !== undefined) return reach.from;
  const first = dateOfFirst(remove.map(({ downtime: { start }, occurrence }) => ({ start, occurrence })));
  return first ?? dateAfterLast(change.map(({ to }) => ({ start: to.draft.start, occurrence: to.occurrence })));
}

/** A booking of nothing more, within a reach. @throws Invalid */
function nothing(plan: Plan, reach: Reach): PlannedSeries {
  checkFrom(plan, reach.from);
  return { ...reach, plan, planned: [], absences: [] };
}

const doingsOf = ({ create, change, remove, warning }: PreparedWrite): Doings => [
  create.length,
  change.length,
  remove.length,
  warning ?? null,
];
