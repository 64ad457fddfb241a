import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Overtaken } from "../../src/activity/undo.ts";
import { createUndo } from "../../src/activity/undo-store.ts";
import { sql } from "../../src/database/sql.ts";
import { type CheckedDraft, checkDraft } from "../../src/downtime/downtime.ts";
import { createDowntimes } from "../../src/downtime/store.ts";
import { planEdit, planNew } from "../../src/series/plan.ts";
import { createSeriesStore } from "../../src/series/store.ts";
import { toInstant } from "../../src/time/instant.ts";
import { draft, engines, facility, noon, openTestDatabase } from "../harness.ts";

const ada = { by: "ada", at: noon };
const ben = { by: "ben", at: noon + 60_000 };
const now = toInstant(noon);
const all = { edit() {}, delete() {}, restore() {} };
const plan = {
  reason: "Education",
  scopes: [{ site: "ogg" }],
  rule: {
    kind: "night",
    first: "2026-12-01",
    last: "2026-12-05",
    from: { event: "astronomical_dusk" },
    minutes: 30,
  },
};
let made = 0;
/** A unique draft. */
const fresh = (fields = {}): CheckedDraft =>
  checkDraft({ ...draft, reason: `Mirror wash ${++made}`, ...fields }, facility);

for (const engine of engines)
  describe(`undo on ${engine}`, () => {
    let opened: Awaited<ReturnType<typeof openTestDatabase>>;
    let stores: ReturnType<typeof open>;
    const open = ({ database }: typeof opened) => ({
      downtimes: createDowntimes(database),
      series: createSeriesStore(database),
      undo: createUndo(database),
    });
    beforeAll(async () => {
      opened = await openTestDatabase(engine);
      stores = open(opened);
    });
    afterAll(() => opened.close());

    const idsOf = async (count: number) =>
      Promise.all(Array.from({ length: count }, async () => (await stores.downtimes.add(fresh(), ada)).id));
    const newest = async () =>
      (await opened.database.first<{ id: number }>(sql`SELECT max(id) AS id FROM downtime_change_set`))?.id ?? 0;
    /** All that an undo restores. Versions only grow, and the time of the last edit is that of the undo. */
    const state = async () => ({
      downtimes: await opened.database.all(
        sql`SELECT id, "start", "end", site, enclosure, telescope, instrument_type, reason, reason_folded, category,
          created, created_by, series, occurrence, by_hand FROM downtime ORDER BY id`,
      ),
      series: await opened.database.all(sql`SELECT id, plan, created, created_by FROM downtime_series ORDER BY id`),
    });
    const versions = async () =>
      new Map(
        (await opened.database.all<{ id: number; version: number }>(sql`SELECT id, version FROM downtime`)).map(
          ({ id, version }) => [id, version],
        ),
      );
    const addSeries = async (fields = {}) =>
      (await stores.series.add(planNew({ ...plan, reason: `Education ${++made}`, ...fields }, facility, now), ada))
        .series.id;
    const editSeries = (id: number, body: object, by = ada) =>
      stores.series.change(id, by, (stored) => planEdit(stored, { ...body }, {}, facility, now));
    const rowsOf = async (id: number) => (await stores.series.rows(id)).map(({ downtime }) => downtime.id);

    /** Each prepares, and returns the write that is undone. */
    const kinds: Record<string, () => Promise<() => Promise<unknown>>> = {
      create: async () => () => stores.downtimes.add(fresh(), ada),
      edit: async () => {
        const [id = 0] = await idsOf(1);
        return () => stores.downtimes.change(id, ada, () => fresh({ category: "closure", telescope: "0m4b" }));
      },
      "an end": async () => {
        const { id } = await stores.downtimes.add(fresh({ start: "2026-11-22T10:00:00Z" }), ada);
        return () => stores.downtimes.change(id, ada, ({ downtime }) => ({ ...downtime, end: now }) as never, "end");
      },
      "a bulk delete": async () => {
        const ids = await idsOf(3);
        return () => stores.downtimes.removeUnless(ids, ada, () => false);
      },
      "a restore": async () => {
        const ids = await idsOf(3);
        await stores.downtimes.removeUnless(ids, ada, () => false);
        return () => stores.downtimes.restore(ids, ada);
      },
      "a new series": async () => addSeries,
      "a series' reason": async () => {
        const id = await addSeries();
        return () => editSeries(id, { reason: "Third term" });
      },
      "a series that becomes longer and shorter": async () => {
        const id = await addSeries();
        return () => editSeries(id, { rule: { ...plan.rule, first: "2026-12-03", last: "2026-12-09" } });
      },
      "a series with an excluded date, whose other nights keep their places": async () => {
        const id = await addSeries();
        return () => editSeries(id, { breaks: [{ from: "2026-12-02", to: "2026-12-02" }] });
      },
      "a series' end from a date": async () => {
        const id = await addSeries();
        return () => stores.series.end(id, ada, { from: "2026-12-03" });
      },
      "a series' end now": async () => {
        const id = await addSeries();
        return () => stores.series.end(id, ada, "now");
      },
      "the delete of a series": async () => {
        const id = await addSeries();
        return () => stores.series.end(id, ada, {});
      },
      "an edit of one occurrence": async () => {
        const [id = 0] = await rowsOf(await addSeries());
        return () => stores.downtimes.change(id, ada, () => fresh());
      },
      "the delete of one occurrence": async () => {
        const [id = 0] = await rowsOf(await addSeries());
        return () => stores.downtimes.remove(id, ada);
      },
      "the restore of one occurrence": async () => {
        const [id = 0] = await rowsOf(await addSeries());
        await stores.downtimes.remove(id, ada);
        return () => stores.downtimes.restore([id], ada);
      },
    };

    for (const [name, prepare] of Object.entries(kinds))
      test(`of ${name} restores everything, and undoing that does it again`, async () => {
        const write = await prepare();
        const before = await state();
        await write();
        const after = await state();
        expect(after).not.toEqual(before);
        const seen = await versions();
        const { id } = await stores.undo(await newest(), ben, all);
        expect(await state()).toEqual(before);
        // No version is ever used for other values.
        for (const [id, version] of await versions()) expect(version).toBeGreaterThanOrEqual(seen.get(id) ?? 0);
        const redone = await stores.undo(id, ben, all);
        expect(await state()).toEqual(after);
        await stores.undo(redone.id, ben, all);
        expect(await state()).toEqual(before);
      });

    test("of an edit that only gives occurrences other names gives the names back", async () => {
      const rule = { kind: "calendar", minutes: 60, rrule: "FREQ=DAILY;COUNT=3" };
      const id = await addSeries({ rule: { ...rule, zone: "UTC", start: "2026-12-01T20:00:00" } });
      const before = await state();
      // The same times by another clock, where they are on the next day.
      await editSeries(id, { rule: { ...rule, zone: "Australia/Sydney", start: "2026-12-02T07:00:00" } });
      const after = await state();
      expect(after.downtimes).not.toEqual(before.downtimes);
      const undone = await stores.undo(await newest(), ben, all);
      expect([undone.changed, await state()]).toEqual([6, before]);
      await stores.undo(undone.id, ben, all);
      expect(await state()).toEqual(after);
    });

    test("keeps ids, and leaves each version in the history", async () => {
      const [id = 0] = await idsOf(1);
      await stores.downtimes.remove(id, ada);
      await stores.undo(await newest(), ben, all);
      expect((await stores.downtimes.history(id)).map(({ action, by, version }) => [action, by, version])).toEqual([
        ["create", "ada", 1],
        ["delete", "ada", 1],
        ["restore", "ben", 2],
      ]);
    });

    test("does nothing if one of the downtimes was edited since, and names it", async () => {
      const ids = await idsOf(3);
      const [first = 0] = ids;
      await stores.downtimes.removeUnless(ids, ada, () => false);
      const deleted = await newest();
      await stores.downtimes.restore([first], ben);
      const before = await state();
      const refused = await stores.undo(deleted, ada, all).catch((error) => error);
      expect(refused).toBeInstanceOf(Overtaken);
      expect(refused.detail).toBe(`Nothing was undone. Edited since: downtime ${first} by ben.`);
      expect(await state()).toEqual(before);
    });

    test("does nothing if the series was edited since, and names it", async () => {
      const id = await addSeries();
      const created = await newest();
      await editSeries(id, { reason: "Second term" }, ben);
      const refused = await stores.undo(created, ada, all).catch((error) => error);
      expect(refused.detail).toStartWith(`Nothing was undone. Edited since: series ${id} by ben`);
    });

    test("of an occurrence whose series was edited since no longer leaves it to the series", async () => {
      const id = await addSeries();
      const [one = 0] = await rowsOf(id);
      await stores.downtimes.change(one, ada, () => fresh());
      const edited = await newest();
      await editSeries(id, { reason: `Education ${++made}` });
      await stores.undo(edited, ada, all);
      const [row] = await stores.downtimes.findAllStored([one]);
      expect([row?.byHand, row?.downtime.reason]).toEqual([true, `Education ${made - 2}`]);
    });

    test("counts the deleted downtimes that had begun", async () => {
      await stores.downtimes.add(fresh({ start: "2026-11-22T12:00:00Z" }), ada);
      expect(await stores.undo(await newest(), ada, all)).toMatchObject({ deleted: 1, begun: 1 });
      await stores.downtimes.add(fresh({ start: "2026-11-22T12:00:01Z" }), ada);
      expect(await stores.undo(await newest(), ada, all)).toMatchObject({ deleted: 1, begun: 0 });
    });

    test("writes a thousand downtimes at once", async () => {
      const id = await addSeries({
        scopes: [{ site: "ogg" }, { site: "coj" }],
        rule: { ...plan.rule, first: "2026-12-01", last: "2027-09-30" },
      });
      const rows = await rowsOf(id);
      expect(rows.length).toBeGreaterThan(1000);
      await stores.series.end(id, ada, {});
      const { restored } = await stores.undo(await newest(), ben, all);
      expect(restored).toBe(rows.length);
      expect(await rowsOf(id)).toEqual(rows);
    });

    test("of an import is refused, and of nothing is not found", async () => {
      await stores.downtimes.addAll([fresh()], ada);
      expect(stores.undo(await newest(), ada, all)).rejects.toThrow("An import can't be undone.");
      expect(stores.undo(987_654, ada, all)).rejects.toThrow("Not found.");
    });

    test("asks for the rights of the edit", async () => {
      const deny = (name: string) => () => {
        throw new Error(name);
      };
      const rights = { edit: deny("edit"), delete: deny("delete"), restore: deny("restore") };
      const [id = 0] = await idsOf(1);
      expect(stores.undo(await newest(), ben, rights)).rejects.toThrow("delete");
      await stores.downtimes.change(id, ada, () => fresh());
      expect(stores.undo(await newest(), ben, rights)).rejects.toThrow("edit");
      await stores.downtimes.remove(id, ada);
      expect(stores.undo(await newest(), ben, rights)).rejects.toThrow("restore");
      await addSeries();
      expect(stores.undo(await newest(), ben, rights)).rejects.toThrow("edit");
    });
  });
