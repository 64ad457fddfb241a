import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { checkChange } from "../../src/downtime/downtime.ts";
import { createDowntimes, type Downtimes } from "../../src/downtime/store.ts";
import { planEdit, planNew, type Reach } from "../../src/series/plan.ts";
import { createSeriesStore, type SeriesStore } from "../../src/series/store.ts";
import { toInstant } from "../../src/time/instant.ts";
import { engines, facility, noon, openTestDatabase } from "../harness.ts";

const ada = { by: "ada", at: noon };
const now = toInstant(noon);
const scopes = [{ site: "ogg" }];
const calendar = (start: string, rrule: string, more: object = {}) => ({
  rule: { kind: "calendar", zone: "UTC", start: `${start}:00`, minutes: 60, rrule, ...more },
});
const nights = (first: string, last: string, weekdays: string[] = []) => ({
  rule: { kind: "night", first, last, weekdays, from: { event: "astronomical_dusk" }, minutes: 30 },
});
const once = (start: string, end: string) => ({ rule: { kind: "once", start, end } });

for (const engine of engines)
  describe(`moving a series on ${engine}`, () => {
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
    beforeEach(async () => {
      for (const { id: one } of (await series.list({ limit: 100, offset: 0 })).results) {
        for (const { downtime } of await series.rows(one)) await downtimes.remove(downtime.id, ada);
        await series.end(one, ada, { begun: true });
      }
    });

    /** Place by place the ids in their order, and the days. */
    const rows = async () => {
      const stored = (await series.rows(id)).map(({ downtime }) => downtime);
      const ordered = stored.toSorted((a, b) => a.telescope.localeCompare(b.telescope) || (a.start < b.start ? -1 : 1));
      return { ids: ordered.map((row) => row.id), days: ordered.map(({ start }) => start.slice(5, 16)) };
    };
    const add = async (plan: object) => {
      id = (await series.add(planNew({ reason: "RTI", scopes, ...plan }, facility, now), ada)).series.id;
    };
    const change = (fields: Record<string, unknown>, reach: Reach = {}) =>
      series.change(id, ada, (stored) => planEdit(stored, fields, reach, facility, now));

    const moves: Record<string, readonly [before: Record<string, unknown>, after: Record<string, unknown>]> = {
      "each day, by a day": [
        calendar("2026-12-01T20:00", "FREQ=DAILY;COUNT=5"),
        calendar("2026-12-02T20:00", "FREQ=DAILY;COUNT=5"),
      ],
      "each day, a day earlier": [
        calendar("2026-12-02T20:00", "FREQ=DAILY;COUNT=5"),
        calendar("2026-12-01T20:00", "FREQ=DAILY;COUNT=5"),
      ],
      "each week, by a day": [
        calendar("2026-12-01T20:00", "FREQ=WEEKLY;COUNT=4"),
        calendar("2026-12-02T20:00", "FREQ=WEEKLY;COUNT=4"),
      ],
      "each month, by a week": [
        calendar("2026-12-01T20:00", "FREQ=MONTHLY;COUNT=4"),
        calendar("2026-12-08T20:00", "FREQ=MONTHLY;COUNT=4"),
      ],
      "each hour, by two hours": [
        calendar("2026-12-01T20:00", "FREQ=HOURLY;COUNT=8", { minutes: 30 }),
        calendar("2026-12-01T22:00", "FREQ=HOURLY;COUNT=8", { minutes: 30 }),
      ],
      "only its start, over midnight": [
        calendar("2026-12-01T23:30", "FREQ=DAILY;COUNT=5"),
        calendar("2026-12-02T00:30", "FREQ=DAILY;COUNT=5"),
      ],
      "only its start, within the day": [
        calendar("2026-12-01T20:00", "FREQ=DAILY;COUNT=5"),
        calendar("2026-12-01T21:00", "FREQ=DAILY;COUNT=5"),
      ],
      "nights, by a day": [nights("2026-12-01", "2026-12-05"), nights("2026-12-02", "2026-12-06")],
      "nights of another weekday": [
        nights("2026-12-01", "2026-12-31", ["TU"]),
        nights("2026-12-01", "2026-12-31", ["WE"]),
      ],
      "one that happens once": [
        once("2026-12-01T10:00:00Z", "2026-12-01T12:00:00Z"),
        once("2026-12-09T10:00:00Z", "2026-12-09T12:00:00Z"),
      ],
      "to another kind of rule": [
        calendar("2026-12-01T20:00", "FREQ=DAILY;COUNT=5"),
        nights("2026-12-11", "2026-12-15"),
      ],
    };
    for (const [name, [before, after]] of Object.entries(moves))
      test(`keeps every id in order: ${name}`, async () => {
        await add(before);
        const { ids, days } = await rows();
        const outcome = await change(after);
        expect([outcome.create.length, outcome.remove.length]).toEqual([0, 0]);
        const moved = await rows();
        expect(moved.ids).toEqual(ids);
        expect(moved.days).not.toEqual(days);
        // Each is known by its new name: the same again changes nothing, and back again keeps the ids too.
        expect(await change(after)).toMatchObject({ unchanged: ids.length, series: { version: 2 } });
        await change(before);
        expect(await rows()).toEqual({ ids, days });
      });

    test("to fewer other days keeps the first downtimes and deletes the last ones", async () => {
      await add(calendar("2026-12-01T20:00", "FREQ=WEEKLY;UNTIL=20261229T235959Z"));
      const { ids } = await rows();
      const outcome = await change(calendar("2026-12-02T20:00", "FREQ=WEEKLY;UNTIL=20261229T235959Z"));
      expect([outcome.change.length, outcome.create.length, outcome.remove.length]).toEqual([8, 0, 2]);
      expect((await rows()).ids).toEqual(ids.filter((_, index) => index % 5 !== 4));
    });

    test("pairs only downtimes that stay on their day, where some do", async () => {
      await add(calendar("2026-12-01T20:00", "FREQ=DAILY;COUNT=5"));
      const outcome = await change(calendar("2026-12-01T20:00", "FREQ=DAILY;COUNT=6;INTERVAL=2"));
      expect(outcome).toMatchObject({ unchanged: 6 });
      expect([outcome.create.length, outcome.remove.length]).toEqual([6, 4]);
    });

    test("from a date on keeps earlier downtimes, and the ids of later ones", async () => {
      await add(calendar("2026-12-01T20:00", "FREQ=WEEKLY;COUNT=4"));
      const { ids } = await rows();
      await change(calendar("2026-12-02T20:00", "FREQ=WEEKLY;COUNT=4"), { from: "2026-12-10" });
      const moved = await rows();
      expect(moved.days.slice(0, 2)).toEqual(["12-01T20:00", "12-08T20:00"]);
      expect(moved.ids.filter((one) => ids.includes(one))).toEqual(ids);
    });

    test("keeps downtimes that have begun or were edited or deleted individually, and the ids of the others", async () => {
      await add({
        ...calendar("2026-11-17T10:00", "FREQ=WEEKLY;COUNT=6", { minutes: 60 * 24 * 6 }),
        scopes: [{ site: "ogg", telescope: "2m0a" }],
      });
      const { ids } = await rows();
      const [, active = 0, edited = 0, deleted = 0] = [ids[0], ids[0], ids[2], ids[3]];
      await downtimes.change(edited, ada, ({ downtime }) =>
        checkChange(downtime, { reason: "By hand" }, () => facility),
      );
      await downtimes.remove(deleted, ada);
      await change(calendar("2026-11-18T10:00", "FREQ=WEEKLY;COUNT=6", { minutes: 60 * 24 * 6 }));
      const days = new Map((await series.rows(id)).map(({ downtime }) => [downtime.id, downtime.start.slice(5, 10)]));
      expect(days.get(active)).toBe("11-17");
      expect(days.get(edited)).toBe("12-01");
      expect(days.has(deleted)).toBe(false);
      // Each week has its new one.
      for (const day of ["11-18", "11-25", "12-02", "12-09", "12-16", "12-23"])
        expect([...days.values()]).toContain(day);
      for (const one of [ids[1], ids[4], ids[5]]) expect(days.has(one ?? 0)).toBe(true);
    });
  });
