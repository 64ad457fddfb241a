import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Database, sql } from "../../src/database/sql.ts";
import { checkChange, checkDraft } from "../../src/downtime/downtime.ts";
import type { Filter } from "../../src/downtime/filter.ts";
import { readListing } from "../../src/downtime/list-query.ts";
import { createDowntimes, type Downtimes } from "../../src/downtime/store.ts";
import { Conflict, Forbidden, Invalid, NotFound } from "../../src/input/problem.ts";
import { type PlannedSeries, planEdit, planNew, type Reach } from "../../src/series/plan.ts";
import type { StoredSeries } from "../../src/series/rows.ts";
import { createSeriesStore, type Outcome, type SeriesStore } from "../../src/series/store.ts";
import { toInstant } from "../../src/time/instant.ts";
import { draft, engines, facility, noon, openTestDatabase } from "../harness.ts";

const ada = { by: "ada", at: noon };
const ben = { by: "ben", at: noon + 60_000 };
const now = toInstant(noon);

/** Five evenings, 20:00 to 21:00 UTC, from today on, on the telescopes of ogg. */
const body = {
  reason: "Education",
  scopes: [{ site: "ogg", telescope: "2m0a" }],
  rule: { kind: "calendar", zone: "UTC", start: "2026-11-22T20:00:00", minutes: 60, rrule: "FREQ=DAILY;COUNT=5" },
};
const at = (day: number, hour = 20) => toInstant(Date.UTC(2026, 10, day, hour));
const place = "ogg.clma.2m0a.";

for (const engine of engines)
  describe(`series on ${engine}`, () => {
    let database: Database;
    let close: () => Promise<void>;
    let downtimes: Downtimes;
    let series: SeriesStore;
    let id = 0;
    beforeAll(async () => {
      ({ database, close } = await openTestDatabase(engine));
      downtimes = createDowntimes(database);
      series = createSeriesStore(database);
    });
    afterAll(() => close());

    const book = (changes: Record<string, unknown> = {}): PlannedSeries =>
      planNew({ ...body, ...changes }, facility, now);
    const add = (changes: Record<string, unknown> = {}) => series.add(book(changes), ada);
    const changing =
      (changes: Record<string, unknown>, reach: Partial<Reach> = {}) =>
      (stored: StoredSeries) =>
        planEdit(stored, changes, { begun: false, ...reach }, facility, now);
    const change = (changes: Record<string, unknown>, reach: Partial<Reach> = {}, author = ben) =>
      series.change(id, author, changing(changes, reach));
    const rowsOf = async (filter: Filter = { series: id }) =>
      (await downtimes.list({ filter, order: [{ field: "start", descending: false }], limit: 10_000, offset: 0 }))
        .results;
    const starts = async () => (await rowsOf()).map(({ start }) => start);
    const idOf = async (day: number) => (await rowsOf()).find(({ start }) => start === at(day))?.id ?? 0;
    const counts = ({ create, change, remove, unchanged, begun, byHand, deletedByHand, duplicates }: Outcome) => ({
      created: create.length,
      changed: change.length,
      removed: remove.length,
      unchanged,
      begun,
      byHand: byHand.length,
      deletedByHand: deletedByHand.length,
      duplicates: duplicates.length,
    });
    const none = {
      created: 0,
      changed: 0,
      removed: 0,
      unchanged: 0,
      begun: 0,
      byHand: 0,
      deletedByHand: 0,
      duplicates: 0,
    };
    const empty = async () => {
      for (const { id: one } of (await series.list({ limit: 100, offset: 0 })).results) {
        for (const row of await rowsOf({ series: one })) await downtimes.remove(row.id, ada);
        await series.end(one, ada, { begun: true });
      }
    };
    beforeEach(async () => {
      await empty();
      id = (await add()).series?.id ?? 0;
    });

    test("an edit whose downtimes all exist already keeps active ones", async () => {
      const rule = { ...body.rule, start: "2026-11-22T11:00:00", minutes: 120, rrule: "FREQ=DAILY;COUNT=1" };
      ({ id } = (await add({ reason: "Runs", rule })).series);
      const place = { site: "ogg", enclosure: "clma", telescope: "2m0a", instrument_type: "" };
      const other = { ...rule, start: "2026-11-23T11:00:00" };
      await downtimes.add(
        checkDraft(
          { ...draft, ...place, start: "2026-11-23T11:00:00Z", end: "2026-11-23T13:00:00Z", reason: "Runs" },
          facility,
        ),
        ada,
      );
      const before = await rowsOf();
      const edit = change({ rule: other }, { begun: true }).then(counts, (error) => error);
      expect(await edit).toBeInstanceOf(Conflict);
      expect(await rowsOf()).toEqual(before);
    });

    test("a series is stored with its downtimes, which name it", async () => {
      const stored = await series.get(id);
      expect(stored).toMatchObject({ ...body, id, version: 1, createdBy: "ada", created: now, modified: now });
      const rows = await rowsOf();
      expect(rows.map(({ start, end, reason, series }) => [start, end, reason, series])).toEqual(
        [22, 23, 24, 25, 26].map((day) => [at(day), at(day, 21), "Education", id]),
      );
      expect((await series.rows(id)).map(({ occurrence }) => occurrence)).toEqual(
        [22, 23, 24, 25, 26].map((day) => `2026-11-${day} ${place}`),
      );
      expect(await downtimes.history(rows[0]?.id ?? 0)).toMatchObject([
        { action: "create", by: "ada", version: 1, series: id, by_hand: false, reason: "Education" },
      ]);
      expect(await series.history(id)).toMatchObject([
        { action: "create", by: "ada", version: 1, created: 5, changed: 0, deleted: 0, plan: body },
      ]);
      const texts = await database.all<{ plan: string }>(sql`SELECT plan FROM downtime_series WHERE id = ${id}
        UNION SELECT plan FROM downtime_series_history WHERE series_id = ${id}`);
      expect(texts).toHaveLength(1);
      expect((await series.list({ limit: 10, offset: 0 })).results).toMatchObject([{ id, rows: 5 }]);
    });

    test("a preview saves nothing", async () => {
      const before = await downtimes.version();
      expect(counts(await series.tryAdd(book({ reason: "other" }), ada))).toEqual({ ...none, created: 5 });
      expect(counts(await series.tryChange(id, ada, changing({ reason: "other" })))).toEqual({ ...none, changed: 5 });
      expect(counts(await series.tryEnd(id, ada, { begun: false }))).toEqual({ ...none, removed: 5 });
      expect(await downtimes.version()).toBe(before);
      expect((await series.get(id)).version).toBe(1);
    });

    test("an edit keeps the ids, and adds a version of the series and of each downtime", async () => {
      const ids = (await rowsOf()).map((row) => row.id);
      const version = await downtimes.version();
      const outcome = await change({ reason: "Schools" });
      expect(counts(outcome)).toEqual({ ...none, changed: 5 });
      expect(outcome.series).toMatchObject({ version: 2, reason: "Schools", modified: toInstant(ben.at) });
      const rows = await rowsOf({ series: id, reason: "schools" });
      expect(rows.map((row) => row.id)).toEqual(ids);
      expect(rows[0]).toMatchObject({ created: now, modified: toInstant(ben.at) });
      expect(await downtimes.version()).toBeGreaterThan(version);
      expect(await downtimes.getStored(ids[0] ?? 0)).toMatchObject({ version: 2, createdBy: "ada", byHand: false });
      expect((await downtimes.history(ids[0] ?? 0)).map(({ action, by }) => [action, by])).toEqual([
        ["create", "ada"],
        ["change", "ben"],
      ]);
      expect((await series.history(id)).map(({ action, by, changed }) => [action, by, changed])).toEqual([
        ["create", "ada", 0],
        ["change", "ben", 5],
      ]);
    });

    test("an edit without changes adds no version", async () => {
      const outcome = await change({ reason: "Education" });
      expect(counts(outcome)).toEqual({ ...none, unchanged: 5 });
      expect(outcome.series?.version).toBe(1);
      expect(await series.history(id)).toHaveLength(1);
    });

    test("an edit creates new occurrences and deletes those that are gone", async () => {
      const rule = { ...body.rule, rrule: "FREQ=DAILY;COUNT=6;INTERVAL=2" };
      expect(counts(await change({ rule }))).toEqual({ ...none, created: 3, removed: 2, unchanged: 3 });
      expect(await starts()).toEqual([22, 24, 26, 28, 30].map((day) => at(day)).concat(at(32)));
    });

    test("downtimes that were edited or deleted individually stay so, and are listed", async () => {
      const [changed, deleted] = [await idOf(23), await idOf(24)];
      await downtimes.change(changed, ben, ({ downtime }) =>
        checkChange(downtime, { end: at(23, 22), reason: "Long night" }, () => facility),
      );
      await downtimes.remove(deleted, ben);
      expect(await downtimes.getStored(changed)).toMatchObject({ byHand: true, occurrence: `2026-11-23 ${place}` });
      const outcome = await change({ reason: "Schools" });
      expect(counts(outcome)).toEqual({ ...none, changed: 3, byHand: 1, deletedByHand: 1 });
      expect(outcome.byHand[0]?.downtime).toMatchObject({ id: changed, reason: "Long night" });
      expect((await rowsOf()).map(({ reason }) => reason)).toEqual(["Schools", "Long night", "Schools", "Schools"]);
      expect(counts(await series.end(id, ada, { begun: false }))).toEqual({ ...none, removed: 3, byHand: 1 });
      expect(await series.get(id)).toMatchObject({ ended: "2026-11-22", version: 3 });
    });

    test("a restored downtime belongs to the series again", async () => {
      const one = await idOf(24);
      await downtimes.remove(one, ben);
      expect((await series.deletedByHand(id)).size).toBe(1);
      const [back] = await downtimes.restore([one], ben);
      expect(back).toMatchObject({ byHand: false, downtime: { id: one, series: id } });
      expect(await series.deletedByHand(id)).toEqual(new Set());
      expect(counts(await change({ reason: "Schools" }))).toEqual({ ...none, changed: 5 });
    });

    test("a downtime that the series deleted and a user restores stays, as an ordinary one if its name is taken", async () => {
      const one = await idOf(23);
      const fewer = { ...body.rule, exdates: ["2026-11-23"] };
      expect(counts(await change({ rule: fewer }))).toEqual({ ...none, removed: 1, unchanged: 4 });
      const [back] = await downtimes.restore([one], ben);
      expect(back).toMatchObject({ byHand: true, downtime: { series: id } });
      expect(counts(await change({ rule: fewer, reason: "x" }))).toEqual({ ...none, changed: 4, byHand: 1 });
      await downtimes.remove(one, ben);
      await series.end(id, ada, { begun: false });
      const [alone] = await downtimes.restore([one], ben);
      expect(alone?.downtime.series).toBeUndefined();
      await downtimes.remove(one, ben);
    });

    test("an edit from a date on keeps earlier downtimes", async () => {
      expect(counts(await change({ reason: "Schools" }, { from: "2026-11-25" }))).toEqual({ ...none, changed: 2 });
      expect((await rowsOf()).map(({ reason }) => reason)).toEqual(
        [..."EEE"].map(() => "Education").concat("Schools", "Schools"),
      );
      expect(await series.get(id)).toMatchObject({
        from: "2026-11-25",
        reason: "Schools",
        earlier: [{ from: null, reason: "Education" }],
      });
      const longer = { ...body.rule, minutes: 90 };
      expect(counts(await change({ rule: longer }))).toEqual({ ...none, changed: 5 });
      expect((await rowsOf()).map(({ end, reason }) => `${end.slice(11, 16)} ${reason}`)).toEqual([
        ...["21:30 Education", "21:30 Education", "21:30 Education"],
        ...["21:30 Schools", "21:30 Schools"],
      ]);
      await change({ reason: "Education" });
      expect(await series.get(id)).toMatchObject({ from: null, earlier: [], reason: "Education" });
    });

    test("a series ends on a date: earlier downtimes stay, and later edits add none", async () => {
      expect(counts(await series.end(id, ada, { from: "2026-11-24", begun: false }))).toEqual({ ...none, removed: 3 });
      expect(await starts()).toEqual([at(22), at(23)]);
      expect(await series.get(id)).toMatchObject({ ended: "2026-11-24", version: 2 });
      expect(counts(await change({ reason: "Schools" }))).toEqual({ ...none, changed: 2 });
      await expect(change({ reason: "x" }, { from: "2026-11-24" })).rejects.toThrow("The series ended on 2026-11-24.");
      expect((await series.history(id)).map(({ action }) => action)).toEqual(["create", "end", "change"]);
    });

    test("downtimes that have begun stay, unless included", async () => {
      const later = { by: "ben", at: noon + 32 * 3_600_000 };
      const begun = series.change(id, later, changing({ reason: "Schools" }));
      expect(counts(await begun)).toEqual({ ...none, changed: 3, begun: 2 });
      expect(counts(await change({ reason: "All" }, { begun: true }, later))).toEqual({ ...none, changed: 5 });
      expect(counts(await series.end(id, later, { begun: false }))).toEqual({ ...none, removed: 3, begun: 2 });
      expect(await series.get(id)).toMatchObject({ ended: "2026-11-24" });
      expect(counts(await series.end(id, later, { begun: true }))).toEqual({ ...none, removed: 2 });
      await expect(series.get(id)).rejects.toBeInstanceOf(NotFound);
      expect((await series.history(id)).at(-1)).toMatchObject({ action: "delete", by: "ben", deleted: 2 });
    });

    test("an edit moves nothing to a time that has begun, unless included", async () => {
      const rule = { ...body.rule, start: toInstant(ben.at).slice(0, 19) };
      expect(counts(await change({ rule }))).toEqual({ ...none, changed: 4, begun: 1 });
      expect((await starts())[0]).toBe(at(22));
      const soon = { ...rule, start: toInstant(ben.at + 1000).slice(0, 19) };
      expect(counts(await change({ rule: soon }))).toEqual({ ...none, changed: 5 });
      expect(counts(await change({ rule }, { begun: true }))).toEqual({ ...none, changed: 5 });
    });

    test("a one-time series is edited and deleted as a whole", async () => {
      const rule = { kind: "once", start: at(25), end: at(26) };
      id = (await add({ rule, reason: "Storm", scopes: [{ site: "ogg" }] })).series?.id ?? 0;
      expect(await rowsOf()).toHaveLength(2);
      const longer = { ...rule, end: at(27) };
      expect(counts(await change({ rule: longer }))).toEqual({ ...none, changed: 2 });
      await expect(change({ rule }, { from: "2026-11-25" })).rejects.toBeInstanceOf(Invalid);
      await expect(series.end(id, ada, { from: "2026-11-25", begun: false })).rejects.toBeInstanceOf(Invalid);
      expect(counts(await series.end(id, ada, { begun: false }))).toEqual({ ...none, removed: 2 });
    });

    test("identical downtimes aren't stored twice", async () => {
      const same = checkDraft({ ...draft, start: at(24, 10), end: at(24, 11), reason: "Education" }, facility);
      const { id: other } = await downtimes.add(same, ada);
      const rule = { ...body.rule, start: "2026-11-22T10:00:00" };
      const outcome = await add({ rule });
      expect(counts(outcome)).toEqual({ ...none, created: 4, duplicates: 1 });
      expect(outcome.duplicates[0]?.draft.start).toBe(at(24, 10));
      await expect(change({ rule })).rejects.toThrow("All of these downtimes already exist");
      await expect(add({ rule })).rejects.toBeInstanceOf(Conflict);
      expect((await series.list({ limit: 10, offset: 0 })).count).toBe(2);
      await downtimes.remove(other, ada);
    });

    test("a downtime stays in its series when an identical one is created", async () => {
      const { id: other } = await downtimes.add(checkDraft({ ...(await rowsOf())[2] }, facility), ben);
      const may = [{ from: "2027-05-01", to: "2027-05-02" }];
      expect(counts(await change({ breaks: may }))).toEqual({ ...none, unchanged: 5 });
      expect(await starts()).toHaveLength(5);
      await downtimes.remove(other, ada);
    });

    test("finds exactly the downtimes that overlap planned ones", async () => {
      const others = [
        { start: at(24, 19), end: at(24, 20) },
        { start: at(24, 19), end: at(24, 21), reason: "in part" },
        { start: at(21), end: at(29), reason: "around" },
        { start: at(24, 20), end: at(24, 21), telescope: "0m4b" },
        { start: at(24, 21), end: at(24, 22) },
        { start: at(22, 22), end: at(23, 19) },
      ];
      const ids: number[] = [];
      for (const each of others) ids.push((await downtimes.add(checkDraft({ ...draft, ...each }, facility), ada)).id);
      const { planned } = book();
      const found = async (except?: number) => {
        const occurrences = await series.withWarnings(
          { ...(await series.tryAdd(book(), ada)), planned },
          facility,
          except,
        );
        return occurrences.map(({ overlaps }) => overlaps.map((one) => (one.series === id ? "own" : one.reason)));
      };
      expect(await found(id)).toEqual([["around"], ["around"], ["around", "in part"], ["around"], ["around"]]);
      expect((await found()).flat().filter((one) => one === "own")).toHaveLength(5);
      for (const one of ids) await downtimes.remove(one, ada);
    });

    test("an error leaves everything as it was", async () => {
      const before = [await downtimes.version(), await series.history(id)];
      const refuse = () => {
        throw new Forbidden();
      };
      await expect(series.change(id, ben, refuse)).rejects.toBeInstanceOf(Forbidden);
      await expect(series.end(id, ben, { begun: false }, refuse)).rejects.toBeInstanceOf(Forbidden);
      // The last of its downtimes breaks a rule of the database.
      const plan = book({ reason: "bad" });
      const bad = plan.planned.map((one, index) =>
        index < 4 ? one : { ...one, draft: { ...one.draft, end: one.draft.start } },
      );
      await expect(series.add({ ...plan, planned: bad }, ada)).rejects.toThrow();
      expect([await downtimes.version(), await series.history(id)]).toEqual(before);
      expect((await series.list({ limit: 10, offset: 0 })).count).toBe(1);
      await expect(series.get(987_654)).rejects.toBeInstanceOf(NotFound);
    });

    test("the maximum of downtimes is written, edited and deleted in a few statements", async () => {
      const rule = { ...body.rule, start: "2026-12-01T00:00:00", minutes: 5, rrule: "FREQ=HOURLY;COUNT=5000" };
      const added = await add({ rule });
      id = added.series?.id ?? 0;
      expect(counts(added)).toEqual({ ...none, created: 5000 });
      const later = { rule: { ...rule, start: "2026-12-02T00:00:00" } };
      await expect(change(later, { from: "2026-12-02" })).rejects.toThrow("Maximum 5,000 downtimes per series.");
      const [first] = await series.rows(id);
      await downtimes.change(first?.downtime.id ?? 0, ben, ({ downtime }) =>
        checkChange(downtime, { reason: "Long night" }, () => facility),
      );
      await expect(change(later)).rejects.toThrow("Maximum 5,000 downtimes per series.");
      expect(counts(await change({ reason: "Schools" }))).toEqual({ ...none, changed: 4999, byHand: 1 });
      expect(counts(await series.end(id, ada, { begun: false }))).toEqual({ ...none, removed: 4999, byHand: 1 });
      expect(readListing(new URLSearchParams(`series=${id}`), facility).filter).toEqual({ series: id });
    });
  });
