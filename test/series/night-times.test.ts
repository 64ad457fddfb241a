import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Facility, type Site } from "../../src/facility/facility.ts";
import { expand } from "../../src/series/occurrences.ts";
import { checkSeries, describeRule } from "../../src/series/series.ts";
import { addWarnings } from "../../src/series/warnings.ts";
import { datesBetween, localTime } from "../../src/time/zone.ts";
import { expansionOf, now, observatory } from "./observatory.ts";

const dayMillis = 86_400_000;
const night = (first: string, last: string, from: string, to: string) => ({
  kind: "night",
  first,
  last,
  from: { event: from },
  to: { event: to },
});

/** An observatory of one site. */
const facilityAt = (place: Partial<Site>) =>
  new Facility(observatory.sites.filter(({ code }) => code === "mko").map((site) => ({ ...site, ...place })));
const rowsAt = (place: Partial<Site>, rule: Record<string, unknown>) => {
  const facility = facilityAt(place);
  return expand(checkSeries({ scopes: [{ site: "mko" }], rule }, facility, now), facility, now).rows;
};

describe("the night of a date", () => {
  test("exists exactly once per date where the zone is half a day off the sun", () => {
    for (const longitude of [180, -180, 179.99, -179.99]) {
      const rows = rowsAt(
        { latitude: 20, longitude, zone: "UTC" },
        night("2027-01-01", "2028-02-29", "sunset", "sunrise"),
      );
      expect(rows.map(({ key }) => key)).toEqual([...datesBetween("2027-01-01", "2028-02-29")]);
      for (const [index, { draft }] of rows.entries()) {
        const previous = rows[index - 1];
        if (!previous) continue;
        const apart = Date.parse(draft.start) - Date.parse(previous.draft.start);
        expect(Math.abs(apart - dayMillis)).toBeLessThan(3 * 60_000);
      }
    }
  });

  test("begins at the mean noon of that local date, in every zone and at every longitude", () => {
    const zones = [
      "UTC",
      "Pacific/Kiritimati",
      "Pacific/Auckland",
      "America/Santiago",
      "Europe/London",
      "Asia/Kathmandu",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.integer({ min: 0, max: 360 }),
        (zone, longitude, day) => {
          const spell = (days: number) => new Date(Date.UTC(2027, 0, 1 + day + days)).toISOString().slice(0, 10);
          const rows = rowsAt({ latitude: 0, longitude, zone }, night(spell(0), spell(3), "sunset", "sunrise"));
          expect(rows.map(({ key }) => key)).toEqual([spell(0), spell(1), spell(2), spell(3)]);
          for (const [index, { draft, date }] of rows.entries()) {
            const next = rows[index + 1]?.draft;
            if (next)
              expect(Math.abs(Date.parse(next.start) - Date.parse(draft.start) - dayMillis)).toBeLessThan(120_000);
            // On the equator the sun sets some six hours after noon: noon was on that date, give or take summer time.
            const noon = new Date(Date.parse(draft.start) - 6.06 * 3_600_000);
            const around = [-5_400_000, 5_400_000].map((millis) => {
              const at = `${new Date(noon.getTime() + millis).toISOString().slice(0, 19)}Z`;
              return localTime(at as never, zone).date;
            });
            expect(around).toContain(date);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test("has the date of its evening where the zone follows the sun, also east of the date line", () => {
    const kiritimati = { latitude: 1.87, longitude: -157.4, zone: "Pacific/Kiritimati" };
    const [row] = rowsAt(kiritimati, night("2027-01-12", "2027-01-12", "sunset", "sunrise"));
    expect(localTime(row?.draft.start as never, kiritimati.zone).date).toBe("2027-01-12");
    expect(localTime(row?.draft.end as never, kiritimati.zone).date).toBe("2027-01-13");
  });
});

describe("adjoining nightly rules", () => {
  const events = [
    "sunset",
    "civil_dusk",
    "nautical_dusk",
    "astronomical_dusk",
    "astronomical_dawn",
    "nautical_dawn",
    "civil_dawn",
    "sunrise",
  ];

  test("meet to the minute at each event of the sun", () => {
    for (const [index, event] of events.entries()) {
      const before = events[index - 1];
      const after = events[index + 1];
      if (!before || !after) continue;
      const [one, other] = [
        night("2027-01-12", "2027-04-12", before, event),
        night("2027-01-12", "2027-04-12", event, after),
      ].map((rule) => expansionOf(rule, { scopes: [{ site: "mko" }, { site: "sso", telescope: "1m0a" }] }).rows);
      expect(one?.map(({ draft }) => draft.end)).toEqual(other?.map(({ draft }) => draft.start) as never);
    }
  });

  test("from dusk to dawn are all dark: no warning due to a second", () => {
    const scopes = [{ site: "mko" }, { site: "sso", telescope: "1m0a" }, { site: "cta" }, { site: "lap" }];
    const { rows } = expansionOf(night("2026-11-23", "2028-10-01", "astronomical_dusk", "astronomical_dawn"), {
      scopes,
    });
    const planned = rows.map((row) => ({ ...row, occurrence: row.key }));
    const occurrences = addWarnings({ planned, duplicates: [] }, [], observatory);
    expect(occurrences).toHaveLength(4 * 679);
    expect(
      occurrences.filter(({ warnings }) => warnings.includes("light")).map(({ planned }) => planned.draft),
    ).toEqual([]);
  });

  test("are dark where two computations of the same dawn differ by a second", () => {
    const place = { latitude: 45.1352913538624, longitude: 94.39129428676853, zone: "Asia/Hovd" };
    const facility = facilityAt(place);
    const planned = rowsAt(place, night("2027-12-21", "2027-12-21", "astronomical_dusk", "astronomical_dawn")).map(
      (row) => ({ ...row, occurrence: row.key }),
    );
    expect(planned[0]?.draft.end).toBe("2027-12-21T23:31:00Z" as never);
    expect(addWarnings({ planned, duplicates: [] }, [], facility).map(({ warnings }) => warnings)).toEqual([[]]);
  });

  test("warn of one minute of daylight", () => {
    const rule = { ...night("2027-01-12", "2027-01-12", "astronomical_dusk", "astronomical_dawn") };
    const early = { ...rule, from: { event: "astronomical_dusk", offset_minutes: -1 }, dark: "astronomical" };
    const planned = expansionOf(early).rows.map((row) => ({ ...row, occurrence: row.key }));
    expect(addWarnings({ planned, duplicates: [] }, [], observatory)[0]?.warnings).toEqual(["light"]);
  });
});

describe("a daytime rule", () => {
  test("lasts from sunrise to sunset and has the local date of that day", () => {
    const rule = night("2027-01-11", "2027-01-13", "sunrise", "sunset");
    const { rows, absences } = expansionOf({ ...rule, weekdays: ["TU"] });
    expect(absences).toEqual([]);
    // 12 January 2027 is a Tuesday. On Mauna Kea the sun rises at 06:58 and sets at 18:03, in local time.
    expect(rows.map(({ key, draft }) => [key, draft.start.slice(0, 15), draft.end.slice(0, 15)])).toEqual([
      ["2027-01-12", "2027-01-12T16:5", "2027-01-13T04:0"],
    ]);
  });

  test("skips its breaks, and meets the nights before and after", () => {
    const breaks = [{ from: "2027-01-12", to: "2027-01-12" }];
    const days = expansionOf(night("2027-01-11", "2027-01-14", "civil_dawn", "civil_dusk"), { breaks }).rows;
    const nights = expansionOf(night("2027-01-11", "2027-01-14", "civil_dusk", "civil_dawn")).rows;
    expect(days.map(({ key }) => key)).toEqual(["2027-01-11", "2027-01-13", "2027-01-14"]);
    expect(days[0]?.draft.end).toBe(nights[0]?.draft.start as never);
    expect(days[1]?.draft.start).toBe(nights[1]?.draft.end as never);
  });

  test("is described as days", () => {
    const rule = night("2027-01-11", "2027-01-14", "sunrise", "sunset");
    const describe = (more: Record<string, unknown>) =>
      describeRule(checkSeries({ scopes: [{ site: "mko" }], rule: { ...rule, ...more } }, observatory, now));
    expect(describe({})).toBe("every day, from sunrise to sunset, 11 Jan – 14 Jan 2027");
    expect(describe({ weekdays: ["TU"] })).toBe("Tue days, from sunrise to sunset, 11 Jan – 14 Jan 2027");
  });

  test("can start a day before the dawn of its night", () => {
    // How such a day had to be written before: a day before the sunrise that ends the night.
    const rule = { ...night("2027-01-12", "2027-01-12", "sunrise", "sunset") };
    const [row] = expansionOf({ ...rule, from: { event: "sunrise", offset_minutes: -1440 } }).rows;
    expect([row?.key, row?.draft.start.slice(0, 14)]).toEqual(["2027-01-12", "2027-01-12T16:"]);
  });
});
