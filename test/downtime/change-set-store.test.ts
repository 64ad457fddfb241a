import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createChangeSets } from "../../src/auth/change-set-store.ts";
import { sql } from "../../src/database/sql.ts";
import { type CheckedDraft, checkDraft } from "../../src/downtime/downtime.ts";
import { createDowntimes } from "../../src/downtime/store.ts";
import { createImportStore } from "../../src/import/import-store.ts";
import { Conflict } from "../../src/input/problem.ts";
import { planEdit, planNew } from "../../src/series/plan.ts";
import { createSeriesStore } from "../../src/series/store.ts";
import { toInstant, toStamp } from "../../src/time/instant.ts";
import { draft, engines, facility, noon, openTestDatabase } from "../harness.ts";

const ada = { by: "ada", at: noon };
const now = toInstant(noon);
const plan = {
  reason: "Education",
  scopes: [{ site: "ogg" }],
  rule: {
    kind: "night",
    first: "2026-12-01",
    last: "2026-12-03",
    from: { event: "astronomical_dusk" },
    minutes: 30,
  },
};
let made = 0;
/** Another draft each time. */
const fresh = (): CheckedDraft => checkDraft({ ...draft, reason: `Mirror wash ${++made}` }, facility);

for (const engine of engines)
  describe(`change sets on ${engine}`, () => {
    let opened: Awaited<ReturnType<typeof openTestDatabase>>;
    let stores: ReturnType<typeof open>;
    const open = ({ database }: typeof opened) => ({
      downtimes: createDowntimes(database),
      series: createSeriesStore(database),
      importStore: createImportStore(database),
      changeSets: createChangeSets(database),
    });
    beforeAll(async () => {
      opened = await openTestDatabase(engine);
      stores = open(opened);
    });
    afterAll(() => opened.close());

    interface Kept {
      readonly id: number;
      readonly kind: string;
      readonly by: string;
      readonly downtimes: number;
      readonly series: number;
    }
    /** Every change set with the number of versions that belong to it. */
    const all = () =>
      opened.database.all<Kept>(
        sql`SELECT id, kind, "by",
            CAST((SELECT count(*) FROM downtime_history WHERE change_set = one.id) AS integer) AS downtimes,
            CAST((SELECT count(*) FROM downtime_series_history WHERE change_set = one.id) AS integer) AS series
          FROM downtime_change_set AS one ORDER BY id`,
      );
    /** The change sets that the work adds. */
    const addedBy = async (work: () => Promise<unknown>) => {
      const before = (await all()).length;
      await work();
      return (await all()).slice(before).map(({ kind, by, downtimes, series }) => [kind, by, downtimes, series]);
    };
    const idsOf = async (count: number) =>
      Promise.all(Array.from({ length: count }, async () => (await stores.downtimes.add(fresh(), ada)).id));

    test("each write of downtimes belongs to exactly one, whatever writes it", async () => {
      const { downtimes, series, importStore } = stores;
      const [one = 0, two = 0] = await idsOf(2);
      expect(await addedBy(() => downtimes.add(fresh(), ada))).toEqual([["create", "ada", 1, 0]]);
      expect(await addedBy(() => downtimes.add(fresh(), ada, "close"))).toEqual([["close", "ada", 1, 0]]);
      expect(await addedBy(() => downtimes.change(one, ada, fresh))).toEqual([["edit", "ada", 1, 0]]);
      expect(await addedBy(() => downtimes.change(one, ada, fresh, "end"))).toEqual([["end", "ada", 1, 0]]);
      expect(await addedBy(() => downtimes.removeUnless([one, two], ada, () => false))).toEqual([
        ["delete", "ada", 2, 0],
      ]);
      expect(await addedBy(() => downtimes.restore([one, two], ada))).toEqual([["restore", "ada", 2, 0]]);
      expect(await addedBy(() => downtimes.remove(two, ada))).toEqual([["delete", "ada", 1, 0]]);
      expect(await addedBy(() => downtimes.addAll([fresh(), fresh(), fresh()], ada))).toEqual([
        ["import", "ada", 3, 0],
      ]);

      let id = 0;
      const add = async () => {
        id = (await series.add(planNew(plan, facility, now), ada)).series.id;
      };
      expect(await addedBy(add)).toEqual([["create_series", "ada", 6, 1]]);
      const rename = { reason: "Education, second term" };
      const edit = () => series.change(id, ada, (stored) => planEdit(stored, rename, { begun: false }, facility, now));
      expect(await addedBy(edit)).toEqual([["edit_series", "ada", 6, 1]]);
      const end = () => series.end(id, ada, { begun: false, from: "2026-12-03" });
      expect(await addedBy(end)).toEqual([["end_series", "ada", 2, 1]]);
      expect(await addedBy(() => series.end(id, ada, { begun: false }))).toEqual([["delete_series", "ada", 4, 1]]);

      const stamp = toStamp(noon);
      const imported = [901, 902].map((id) => ({ ...fresh(), id, created: stamp, modified: stamp, adjustments: [] }));
      const batches = async function* () {
        for (const one of imported) yield [one];
      };
      const move = (dryRun: boolean) =>
        importStore.importAll({ downtimes: batches(), lastId: 0, users: [] }, noon, dryRun);
      expect(await addedBy(() => move(true))).toEqual([]);
      expect(await addedBy(() => move(false))).toEqual([["migrate", "moved in", 2, 0]]);

      const without = sql`SELECT id FROM downtime_history WHERE change_set IS NULL`;
      expect(await opened.database.all(without)).toEqual([]);
    });

    test("a write that changes nothing stores none", async () => {
      const { downtimes, series } = stores;
      const stored = await downtimes.add(fresh(), ada);
      const { id } = (await series.add(planNew(plan, facility, now), ada)).series;
      const nothing = async () => {
        await downtimes.change(stored.id, ada, () => undefined);
        await downtimes.removeUnless([stored.id], ada, () => true);
        await downtimes.removeUnless([987_654], ada, () => false);
        await downtimes.restore([stored.id], ada).catch(() => {});
        await downtimes.addAll([stored as unknown as CheckedDraft], ada);
        await series.change(id, ada, (plan) => planEdit(plan, {}, { begun: false }, facility, now));
      };
      expect(await addedBy(nothing)).toEqual([]);
    });

    test("of several concurrent submissions of a form, one writes, and each finds what it wrote", async () => {
      const { downtimes, changeSets } = stores;
      const author = { ...ada, onceKey: `form ${engine}` };
      expect(await changeSets.findWritten(author.onceKey)).toBeUndefined();
      const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => downtimes.add(fresh(), author)));
      const stored = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      expect(stored).toHaveLength(1);
      for (const one of outcomes) if (one.status === "rejected") expect(one.reason).toBeInstanceOf(Conflict);
      const downtime = stored[0]?.id ?? 0;
      expect(await changeSets.findWritten(author.onceKey)).toMatchObject({ kind: "create", downtime, series: null });
    });

    test("the database itself rejects a repeated key", async () => {
      const insert = () =>
        opened.database.transaction((tx) =>
          tx.all(sql`INSERT INTO downtime_change_set (kind, "at", "by", once_key)
            VALUES ('create', ${"2026-11-22T12:00:00.000000Z"}, 'ada', 'the same')`),
        );
      await insert();
      expect(insert()).rejects.toBeInstanceOf(Conflict);
    });

    test("a form whose work fails may be sent again", async () => {
      const author = { ...ada, onceKey: `failed ${engine}` };
      expect(stores.downtimes.restore([987_654], author)).rejects.toThrow();
      expect((await stores.downtimes.add(fresh(), author)).id).toBeGreaterThan(0);
    });
  });
