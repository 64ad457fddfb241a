import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Site } from "../../src/facility/facility.ts";
import { type Instant, toInstant } from "../../src/time/instant.ts";
import { gapsOf, type Interval, inOrder, merged } from "../../src/time/interval.ts";
import {
  linesOf,
  nightsIn,
  readLines,
  readNight,
  type Selection,
  type SemesterNight,
  uptimesBetween,
} from "../../src/uptime/granted-nights.ts";
import { type Down, planUptime, type UptimePart, type UptimePlan } from "../../src/uptime/uptime.ts";

const at = (hour: number): Instant => toInstant(Date.UTC(2027, 0, 1, hour));
const semester = { start: at(0), end: at(240) };
const hours = (start: number, end: number): Interval => ({ start: at(start), end: at(end) });
const part = (start: number, end: number, remove = false): UptimePart => ({ ...hours(start, end), remove });
const foreign = (start: number, end: number): Down => ({ ...hours(start, end), isOwn: false });

/** The downtimes that there are after a plan, in order. */
function rowsAfter(rows: readonly Down[], { create, change, remove }: UptimePlan<Down, Down>): Down[] {
  const changed = new Map(change.map(({ row, to }) => [row, to]));
  return inOrder([...rows.filter((row) => !remove.includes(row)).map((row) => changed.get(row) ?? row), ...create]);
}

/** What is stored after a grant. */
function grant(rows: readonly Down[], parts: readonly UptimePart[]): Down[] {
  const plan = planUptime(rows, semester, parts, ({ start, end }) => ({ start, end, isOwn: true }));
  return rowsAfter(rows, plan);
}
const timesOf = (rows: readonly Interval[]) => rows.map(({ start, end }) => [start, end]);
const downIn = (rows: readonly Interval[]) => timesOf(merged(rows));

/** Nights of ten days, each from hour 8 of a day to hour 18 at most; several never touch. */
const night = fc
  .record({ day: fc.nat(9), late: fc.nat(4), early: fc.nat(4) })
  .map(({ day, late, early }) => part(day * 24 + 8 + late, day * 24 + 18 - early));
const nights = fc.uniqueArray(night, { maxLength: 6, selector: ({ start }) => start.slice(0, 10) });
const rows = nights.map((all) => grant([], all.length > 0 ? all : [part(8, 9)]));
const settings = { seed: 21, numRuns: 300 };
const removing = (parts: readonly UptimePart[]) => parts.map((one) => ({ ...one, remove: true }));

describe("granted nights", () => {
  test("that are added to what is down and then removed change nothing", () => {
    fc.assert(
      fc.property(rows, nights, (stored, added) => {
        const closed = grant(stored, removing(added));
        expect(timesOf(grant(grant(closed, added), removing(added)))).toEqual(timesOf(closed));
      }),
      settings,
    );
  });

  test("that are removed from what is up and then added change nothing", () => {
    fc.assert(
      fc.property(rows, nights, (stored, added) => {
        const open = grant(stored, added);
        expect(timesOf(grant(grant(open, removing(added)), added))).toEqual(timesOf(open));
      }),
      settings,
    );
  });

  test("may be added one by one, in any order, or all at once", () => {
    fc.assert(
      fc.property(rows, nights, fc.array(fc.nat()), (stored, added, keys) => {
        const order = added.map((one, index) => ({ one, key: keys[index] ?? 0 })).sort((a, b) => a.key - b.key);
        const single = order.reduce((now, { one }) => grant(now, [one]), stored);
        expect(timesOf(single)).toEqual(timesOf(grant(stored, added)));
        expect(timesOf(grant(stored, added.toReversed()))).toEqual(timesOf(grant(stored, added)));
      }),
      settings,
    );
  });

  test("leave down everything else of the semester", () => {
    fc.assert(
      fc.property(nights, (added) => {
        fc.pre(added.length > 0);
        expect(downIn(grant([], added))).toEqual(timesOf(gapsOf(merged(added), semester)));
      }),
      settings,
    );
  });

  test("that are added and removed in one request are removed", () => {
    expect(timesOf(grant([], [part(8, 18), part(8, 12, true)]))).toEqual(timesOf([hours(0, 12), hours(18, 240)]));
  });

  test("leave downtimes of others unless they contain all of a night", () => {
    const stored = grant([], [part(8, 18)]);
    const others = [foreign(9, 10), foreign(2, 12), foreign(30, 43), foreign(100, 130)];
    const after = grant([...stored, ...others], [part(8, 18), part(32, 42), part(104, 114)]);
    for (const kept of others.slice(0, 2)) expect(after).toContain(kept);
    expect(timesOf(after)).toEqual(
      timesOf([hours(0, 8), foreign(2, 12), foreign(9, 10), hours(18, 32), hours(30, 32)]).concat(
        timesOf([hours(42, 43), hours(42, 104), hours(100, 104), hours(114, 130), hours(114, 240)]),
      ),
    );
  });

  test("leave downtimes of others that contain only the half of a night, as they do for all of it", () => {
    const night = hours(8, 18);
    for (const granted of [part(8, 18), { ...part(8, 13), night }, { ...part(13, 18), night }]) {
      for (const kept of [foreign(2, 14), foreign(13, 18), foreign(12, 30)])
        expect(grant([kept], [granted])).toContain(kept);
      expect(grant([foreign(8, 18)], [granted])).not.toContain(foreign(8, 18));
    }
    // What the semester has of the night decides.
    expect(grant([foreign(0, 30)], [{ ...part(-4, 2), night: hours(-4, 6) }])).not.toContainEqual(foreign(0, 30));
  });

  test("that are migrated count as granted where downtimes cover both ends of the semester", () => {
    const migrated = [foreign(0, 8), foreign(18, 240)];
    expect(timesOf(grant(migrated, [part(32, 42)]))).toEqual(timesOf([hours(0, 8), hours(18, 32), hours(42, 240)]));
    expect(timesOf(grant([foreign(0, 8)], [part(32, 42)]))).toEqual(
      timesOf([hours(0, 8), hours(0, 32), hours(42, 240)]),
    );
  });

  test("leave what a downtime of theirs has outside the semester", () => {
    const stored = [{ ...hours(-24, 400), isOwn: true }];
    expect(timesOf(grant(stored, [part(8, 18), part(230, 250)]))).toEqual(
      timesOf([hours(-24, 8), hours(18, 230), hours(240, 400)]),
    );
  });
});

describe("the nights of a semester", () => {
  const semester = { start: toInstant(Date.UTC(2027, 2, 1)), end: toInstant(Date.UTC(2027, 2, 15)) };
  const places = [
    { latitude: -31.27, longitude: 149.07, zone: "Australia/Sydney" },
    { latitude: 20.7, longitude: -156.26, zone: "Pacific/Honolulu" },
    { latitude: -30.17, longitude: -70.8, zone: "America/Santiago" },
    { latitude: 28.3, longitude: -16.51, zone: "Atlantic/Canary" },
  ];
  const sites = places.map((place) => ({ code: "any", name: "", active: true, enclosures: [], ...place }));
  const own = ({ start, end }: Interval) => ({ start, end, isOwn: true });
  const tickedIn = (nights: readonly SemesterNight[]) =>
    new Set(nights.flatMap(({ halves }) => halves.filter(({ isGranted }) => isGranted).map(({ key }) => key)));
  const nightsAt = (site: Site, rows: readonly Down[]) => nightsIn(semester, site, rows);
  /** Saves a form that was shown with some halves ticked, with others ticked. */
  const save = (site: Site, rows: readonly Down[], from: Selection, to: Selection): Down[] => {
    const parts = uptimesBetween(from, to).map((night) => readNight(night, site));
    const read = parts.flatMap((one) => ("errors" in one ? [] : one));
    return rowsAfter(rows, planUptime(rows, semester, read, own));
  };

  test("are shown as they were ticked, and ticking and unticking is the identity", () => {
    for (const site of sites) {
      const keys = nightsAt(site, []).flatMap(({ halves }) => halves.map(({ key }) => key));
      const selection = fc.subarray(keys).map((some) => new Set(some));
      fc.assert(
        fc.property(selection, selection, (before, after) => {
          const rows = save(site, [own(semester)], new Set(), before);
          expect(tickedIn(nightsAt(site, rows))).toEqual(before);
          const ticked = save(site, rows, before, after);
          expect(tickedIn(nightsAt(site, ticked))).toEqual(after);
          expect(downIn(save(site, ticked, after, before))).toEqual(downIn(rows));
        }),
        { seed: 21, numRuns: 25 },
      );
    }
  });

  test("are read from the lines that are written, in any order", () => {
    for (const site of sites) {
      const nights = nightsAt(site, []);
      const keys = nights.flatMap(({ halves }) => halves.map(({ key }) => key));
      fc.assert(
        fc.property(fc.subarray(keys), fc.constantFrom("\n", "\r\n"), (some, newline) => {
          const lines = linesOf(new Set(some)).toReversed();
          const text = ["date,portion", ...lines, ""].join(newline);
          expect(readLines(text, nights, site)).toEqual({ selection: new Set(some), errors: [] });
        }),
        { seed: 21, numRuns: 25 },
      );
    }
  });

  test("are those that overlap it: in the west also the night of the day before", () => {
    const days = sites.map((site) => nightsAt(site, []).map(({ day }) => day));
    expect(days.map(([first]) => first)).toEqual(["2027-03-01", "2027-02-28", "2027-02-28", "2027-02-28"]);
    expect(days.map((all) => all.at(-1))).toEqual(["2027-03-14", "2027-03-13", "2027-03-14", "2027-03-14"]);
  });
});

describe("a granted night", () => {
  const site = { code: "any", name: "Any", active: true, enclosures: [] };
  const day = { day: "2027-06-15" };

  test("has the same times without a time zone, and whatever the site's limit of dark", () => {
    const places = [
      { latitude: -31.27, longitude: 149.07, zone: "Australia/Sydney" },
      { latitude: 20.7, longitude: -156.26, zone: "Pacific/Honolulu" },
      { latitude: -30.17, longitude: -70.8, zone: "America/Santiago" },
      { latitude: 28.3, longitude: -16.51, zone: "Atlantic/Canary" },
    ];
    for (const { zone, ...position } of places) {
      const known = readNight(day, { ...site, ...position, zone });
      expect(known).toMatchObject({ remove: false, start: expect.any(String) });
      expect(readNight(day, { ...site, ...position, darkLimit: 18 })).toEqual(known);
    }
  });

  test("is rejected where there is none, or the position is unknown", () => {
    const errorsAt = (position: object, more: object = {}) => {
      const read = readNight({ ...day, ...more }, { ...site, ...position });
      return "errors" in read ? read.errors : {};
    };
    expect(errorsAt({ latitude: 78, longitude: 15 })).toEqual({
      day: ["The sun doesn't cross 12° below the horizon in this night."],
    });
    expect(errorsAt({})).toEqual({ day: ["The site's position is unknown."] });
    for (const remove of ["yes", 1, []])
      expect(errorsAt({}, { remove })).toEqual({ remove: ["Must be a valid boolean."] });
    expect(errorsAt({}, { portion_of_night: "third" })).toHaveProperty("portion_of_night");
    for (const late_start of [-1, "soon", Number.NaN, {}])
      expect(errorsAt({}, { late_start })).toHaveProperty("late_start");
  });
});
