/** Stores series with their history. A series and its downtimes are written in one transaction. */

import { type Author, type ChangeSet, openChangeSet } from "../auth/change-set-store.ts";
import { type Database, sql, type Transaction } from "../database/sql.ts";
import type { Downtime } from "../downtime/downtime.ts";
import { matching } from "../downtime/filter-sql.ts";
import { columns, type Row, toDowntime } from "../downtime/rows.ts";
import type { Facility } from "../facility/facility.ts";
import { toStamp } from "../time/instant.ts";
import { addDays } from "../time/zone.ts";
import { endPlan, type Plan, type PlannedSeries, type Reach } from "./plan.ts";
import type { PreparedWrite } from "./reconcile.ts";
import { prepare, prepareEnd, prepareWrite, write } from "./reconcile-store.ts";
import {
  type Effects,
  recordSeries,
  type SeriesRow,
  type StoredSeries,
  seriesColumns,
  seriesIn,
  textOf,
  toSeries,
  updateSeries,
} from "./rows.ts";
import { describeRule, titleOf } from "./series.ts";
import { addWarnings, overlapFinder, spanOf, type WithWarnings } from "./warnings.ts";

/** What a write did, or would do. */
export interface Outcome extends PreparedWrite {
  /** Absent when nothing is saved, or when it is deleted. */
  readonly series?: StoredSeries;
}
type Saved = Required<Outcome>;

/** Plans an edit of the stored series. If it throws, nothing is saved. */
type Decide = (stored: StoredSeries) => PlannedSeries;

type MayEnd = (stored: StoredSeries) => void;
type WriteTime = Pick<Author, "at">;

export type SeriesStore = ReturnType<typeof createSeriesStore>;

export function createSeriesStore(database: Database) {
  const reads = seriesIn(database);
  return {
    ...reads,

    /** Describes a series on the page of a downtime that belongs to it, also after the series was deleted. */
    async describe(id: number) {
      const [first, ...rest] = await reads.history(id);
      if (!first) return undefined;
      const last = rest.at(-1) ?? first;
      const isTitled = last.plan.rule.kind === "once" || last.plan.name;
      const words = isTitled ? titleOf(last.plan) : describeRule(last.plan);
      return { words, createdBy: first.by, isDeleted: last.action === "delete" };
    },

    /** Adds warnings to planned occurrences. @param id the series itself, whose downtimes don't count as overlaps */
    async withWarnings(outcome: PreparedWrite, facility: Facility, id = 0): Promise<WithWarnings<Downtime>[]> {
      const drafts = outcome.planned.map(({ draft }) => draft);
      const span = spanOf(drafts);
      if (!span) return [];
      const codes = (field: "site" | "telescope") => [...new Set(drafts.map((draft) => draft[field]))];
      const place = { site: codes("site"), telescope: codes("telescope") };
      const filter = { ends_after: span.from, starts_before: span.to, ...place };
      const query = sql`SELECT ${columns} FROM ${matching(filter)} AND (series IS NULL OR series <> ${id}) ORDER BY "start", id`;
      const { found, add } = overlapFinder<Downtime>(outcome.planned);
      // One query for all. It streams years of downtimes, of which only the overlapping ones are kept in memory.
      for await (const batch of database.stream<Row>(query)) for (const row of batch) add(toDowntime(row));
      return addWarnings(outcome, found, facility);
    },

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
        const prepared = await prepareWrite(tx, series.id, planned, author.at);
        await write(tx, series.id, prepared, changeSet);
        await recordSeries(tx, "create", series, effectsOf(prepared), changeSet);
        return { ...prepared, series };
      }),

    tryAdd: (planned: PlannedSeries, { at }: WriteTime): Promise<Outcome> => prepare(database, 0, planned, at),

    /** Edits a series and its downtimes, if anything differs. @throws NotFound, Conflict as `add` */
    change: (id: number, author: Author, decide: Decide): Promise<Saved> =>
      database.transaction(async (tx) => {
        const stored = await seriesIn(tx).get(id);
        const planned = decide(stored);
        const changeSet = await openChangeSet(tx, planned.kind ?? "edit_series", author);
        return save(tx, "change", stored, planned.plan, await prepareWrite(tx, id, planned, author.at), changeSet);
      }),

    tryChange: async (id: number, { at }: WriteTime, decide: Decide): Promise<Outcome> =>
      prepare(database, id, decide(await reads.get(id)), at),

    /**
     * Ends a series: deletes its downtimes within the reach, and with the last one the series, but not its history. Ended now,
     * active downtimes end, upcoming ones are deleted, and the series stays.
     * @param mayEnd throws when the stored series must not be ended
     * @throws NotFound
     */
    end: (id: number, author: Author, reach: Reach | "now", mayEnd?: MayEnd): Promise<Outcome> =>
      database.transaction(async (tx) => {
        const isWhole = reach !== "now" && reach.from === undefined;
        const changeSet = await openChangeSet(tx, isWhole ? "delete_series" : "end_series", author);
        const stored = await seriesIn(tx).get(id);
        mayEnd?.(stored);
        const prepared = await prepareEnd(tx, stored, reach, author.at);
        const { begun, byHand, change, remove } = prepared;
        if (isWhole && begun + byHand.length === 0) {
          await write(tx, id, prepared, changeSet);
          await tx.all(sql`DELETE FROM downtime_series WHERE id = ${id}`);
          await recordSeries(tx, "delete", stored, effectsOf(prepared), changeSet);
          return prepared;
        }
        const ended = reach !== "now" && reach.from !== undefined ? reach.from : endOf(change, remove);
        const plan = ended === undefined ? stored : endPlan(stored, ended);
        return save(tx, "end", stored, plan, prepared, changeSet);
      }),

    async tryEnd(id: number, { at }: WriteTime, reach: Reach | "now", mayEnd?: MayEnd): Promise<Outcome> {
      const stored = await reads.get(id);
      mayEnd?.(stored);
      return prepareEnd(database, stored, reach, at);
    },
  };
}

/** Writes what was prepared, and the next version of the series, if anything differs. */
async function save(
  tx: Transaction,
  action: "change" | "end",
  stored: StoredSeries,
  plan: Plan,
  prepared: PreparedWrite,
  changeSet: ChangeSet,
): Promise<Saved> {
  if (textOf(plan) === textOf(stored) && prepared.warning !== undefined) return { ...prepared, series: stored };
  await write(tx, stored.id, prepared, changeSet);
  return { ...prepared, series: await updateSeries(tx, action, stored.id, plan, effectsOf(prepared), changeSet) };
}

/** The new first local date without occurrences: that of the first deleted one, or after the last ended one; undefined if it stays. */
function endOf(change: PreparedWrite["change"], remove: PreparedWrite["remove"]): string | undefined {
  // The name of a one-time occurrence has no date, and its local date may be the day before.
  const dateOf = (occurrence: string, otherwise: string) =>
    occurrence.startsWith("once") ? otherwise : occurrence.slice(0, 10);
  const deleted = remove.map(({ occurrence, downtime }) =>
    dateOf(occurrence, addDays(downtime.start.slice(0, 10), -1)),
  );
  const ended = change.map(({ to: { occurrence, draft } }) => dateOf(occurrence, draft.start.slice(0, 10)));
  const last = ended.sort().at(-1);
  return deleted.sort()[0] ?? (last && addDays(last, 1));
}

const effectsOf = ({ create, change, remove, warning }: PreparedWrite): Effects => ({
  created: create.length,
  changed: change.length,
  deleted: remove.length,
  warning: warning ?? null,
});
