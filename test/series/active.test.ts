import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { checkChange } from "../../src/downtime/downtime.ts";
import { createDowntimes, type Downtimes } from "../../src/downtime/store.ts";
import { planEdit, planNew, type Reach } from "../../src/series/plan.ts";
import { createSeriesStore, type SeriesStore } from "../../src/series/store.ts";
import { toInstant } from "../../src/time/instant.ts";
import { engines, facility, noon, openTestDatabase } from "../harness.ts";

/** Five days from yesterday on, 10:00 to 14:00 UTC: one is past, one is active, three are upcoming. */
const body = {
  reason: "Crane",
  scopes: [{ site: "ogg", telescope: "2m0a" }],
  rule: { kind: "calendar", zone: "UTC", start: "2026-11-21T10:00:00", minutes: 240, rrule: "FREQ=DAILY;COUNT=5" },
};
const ada = { by: "ada", at: noon };
const now = toInstant(noon);

for (const engine of engines)
  describe(`a running series on ${engine}`, () => {
    let close: () => Promise<void>;
    let downtimes: Downtimes;
    let series: SeriesStore;
    let id = 0;
    beforeAll(async () => {
      const opened = await openTestDatabase(engine);
      close = opened.close;
      downtimes = createDowntimes(opened.database);
      series = createSeriesStore(opened.database);
    });
    afterAll(() => close());

    const windows = async () =>
      (await series.rows(id)).map(
        ({ downtime: { start, end, telescope } }) =>
          `${start.slice(8, 16).replace("T", " ")}–${end.slice(8, 19).replace("T", " ")} ${telescope}`,
      );
    const add = async (plan: object = body) => {
      id = (await series.add(planNew({ ...plan }, facility, now), ada)).series.id;
    };
    const change = (fields: Record<string, unknown>, reach: Reach = {}) =>
      series.change(id, ada, (stored) => planEdit(stored, fields, reach, facility, now));
    const ruled = (fields: object) => ({ rule: { ...body.rule, ...fields } });
    beforeEach(async () => {
      for (const { id: one } of (await series.list({ limit: 100, offset: 0 })).results) {
        await series.end(one, ada, { begun: true });
        for (const { downtime } of await series.rows(one)) await downtimes.remove(downtime.id, ada);
      }
      await add();
    });

    test("can be extended: the active downtime ends later too, and the past one stays", async () => {
      const outcome = await change(ruled({ minutes: 360 }));
      expect(outcome).toMatchObject({ begun: 1, warning: undefined });
      expect(outcome.change.filter(({ isActive }) => isActive)).toHaveLength(1);
      expect(await windows()).toEqual([
        "21 10:00–21 14:00:00 2m0a",
        ...[22, 23, 24, 25].map((day) => `${day} 10:00–${day} 16:00:00 2m0a`),
      ]);
    });

    for (const begun of [undefined, true])
      test(`keeps the start and the telescope of the active downtime, whatever the rule says, with begun ${begun}`, async () => {
        await change({ ...ruled({ start: "2026-11-21T11:00:00" }), reason: "Crane, slow" }, { begun });
        expect((await windows())[1]).toBe("22 10:00–22 15:00:00 2m0a");
        await change({ scopes: [{ site: "ogg", telescope: "0m4b" }] }, { begun });
        expect(await windows()).toContain("22 10:00–22 15:00:00 2m0a");
        // The other telescope is down from now on as well.
        expect(await windows()).toContain("22 11:00–22 15:00:00 0m4b");
        expect((await windows()).filter((one) => one.endsWith("2m0a"))).toHaveLength(begun ? 1 : 2);
      });

    test("that is shortened to less than has passed ends its active downtime now, not earlier", async () => {
      await change(ruled({ minutes: 30 }));
      expect((await windows())[1]).toBe("22 10:00–22 12:00:00 2m0a");
    });

    test("leaves the active downtime unchanged with begun 0, and says why nothing was edited", async () => {
      const outcome = await change(ruled({ rrule: "FREQ=DAILY;COUNT=2", minutes: 360 }), { begun: false });
      expect(outcome).toMatchObject({ begun: 2, warning: undefined });
      expect(outcome.remove).toHaveLength(3);
      const again = await change(ruled({ rrule: "FREQ=DAILY;COUNT=2", minutes: 480 }), { begun: false });
      expect(again.warning).toBe("No downtime was edited: 2 active or past.");
      expect((await series.history(id)).at(-1)).toMatchObject({ action: "change", changed: 0, warning: again.warning });
      expect(await windows()).toEqual(["21 10:00–21 14:00:00 2m0a", "22 10:00–22 14:00:00 2m0a"]);
    });

    test("that gets a break on the day of its active downtime doesn't delete it", async () => {
      for (const begun of [undefined, false, true]) {
        await change({ breaks: [{ from: "2026-11-22", to: "2026-11-22" }] }, { begun });
        expect(await windows()).toContain("22 10:00–22 14:00:00 2m0a");
      }
    });

    test("can end now: the active downtime ends, upcoming ones are deleted, and past ones stay", async () => {
      const tried = await series.tryEnd(id, ada, "now");
      expect([tried.change.length, tried.remove.length, tried.begun]).toEqual([1, 3, 1]);
      const ended = await series.end(id, ada, "now");
      expect(ended.series).toMatchObject({ ended: "2026-11-23" });
      expect(await windows()).toEqual(["21 10:00–21 14:00:00 2m0a", "22 10:00–22 12:00:00 2m0a"]);
      expect((await series.history(id)).at(-1)).toMatchObject({ action: "end", changed: 1, deleted: 3, warning: null });
      // It stays ended, also once its plan is changed.
      await change({ reason: "Crane, done" });
      expect(await windows()).toEqual(["21 10:00–21 14:00:00 2m0a", "22 10:00–22 12:00:00 2m0a"]);
      const again = await series.end(id, ada, "now");
      expect(again.warning).toBe("No downtime was edited: 2 active or past.");
    });

    test("that ends in the second in which it starts lasts one second", async () => {
      const start = Date.parse("2026-11-22T10:00:00Z");
      await series.end(id, { by: "ada", at: start }, "now");
      expect((await windows())[1]).toBe("22 10:00–22 10:00:01 2m0a");
    });

    test("that ends now keeps downtimes that were edited individually, and lists them", async () => {
      const { downtime } = (await series.rows(id))[1] ?? {};
      await downtimes.change(downtime?.id ?? 0, ada, (stored) =>
        checkChange(stored.downtime, { reason: "By hand" }, () => facility),
      );
      const ended = await series.end(id, ada, "now");
      expect(ended.byHand.map((row) => row.downtime.id)).toEqual([downtime?.id ?? 0]);
      expect((await windows())[1]).toBe("22 10:00–22 14:00:00 2m0a");
    });

    test("that is one-time can be extended and ended as well", async () => {
      const once = { kind: "once", start: "2026-11-22T10:00:00Z", end: "2026-11-22T14:00:00Z" };
      await add({ ...body, reason: "Storm", rule: once });
      expect((await change({ rule: { ...once, end: "2026-11-24T14:00:00Z" } })).change).toHaveLength(1);
      expect(await windows()).toEqual(["22 10:00–24 14:00:00 2m0a"]);
      await series.end(id, ada, "now");
      expect(await windows()).toEqual(["22 10:00–22 12:00:00 2m0a"]);
    });

    test("that hasn't begun is deleted when it ends now", async () => {
      await add({ ...body, ...ruled({ start: "2027-01-01T10:00:00" }) });
      const ended = await series.end(id, ada, "now");
      expect([ended.change.length, ended.remove.length, ended.series?.ended]).toEqual([0, 5, "2027-01-01"]);
      expect((await series.end(id, ada, "now")).warning).toBe(
        "No downtime was edited: the series has none in that time.",
      );
    });
  });
