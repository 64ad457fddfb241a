import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import type { Site } from "../../src/facility/facility.ts";
import { bodyOf, seriesFormInputOf } from "../../src/series/form-reading.ts";
import type { NightRule } from "../../src/series/night-rule.ts";
import { nightTimes } from "../../src/series/night-times.ts";
import { expand } from "../../src/series/occurrences.ts";
import { checkSeries, describeRule } from "../../src/series/series.ts";
import { addWarnings } from "../../src/series/warnings.ts";
import { nameOfDarkLimit } from "../../src/sky/dark-limit.ts";
import { sunOfNight } from "../../src/sky/twilight.ts";
import { errorsOf, expansionOf, now, observatory } from "./observatory.ts";

type Edges = readonly [dusk: number | null, dawn: number | null];
type Night = readonly [site: string, date: string, civil: Edges, nautical: Edges, astronomical: Edges];
const [head = "", ...lines] = (await Bun.file(join(import.meta.dir, "../fixtures/nights.jsonl")).text())
  .trim()
  .split("\n");
const sites = JSON.parse(head) as Record<string, [latitude: number, longitude: number]>;
const nights = lines.map((line) => JSON.parse(line) as Night);
const limits = [6, 12, 18];

const siteAt = (code: string, [latitude, longitude]: readonly [number, number]): Site => ({
  ...{ code, name: "", active: true, enclosures: [], zone: "UTC" },
  ...{ latitude, longitude },
});
const ruleOf = (fields: Partial<NightRule>): NightRule => ({
  ...{ kind: "night", first: "2018-01-01", last: "2018-12-31" },
  ...fields,
});
const timeOf = (site: Site, date: string, fields: Partial<NightRule>) => {
  const { times, absences } = nightTimes(ruleOf(fields), [date], site);
  const [time] = times;
  return time ? [Date.parse(time.start), Date.parse(time.end)] : (absences[0]?.why ?? expect.unreachable());
};

/** The reference of one night, at each limit, in milliseconds since 1970. */
function* references() {
  for (const [code, date, ...edges] of nights) {
    const position = sites[code] ?? expect.unreachable();
    const noon = Date.parse(`${date}T12:00:00Z`) - (position[1] / 360) * 86_400_000;
    for (const [index, [dusk, dawn]] of edges.entries()) {
      const limit = limits[index] ?? expect.unreachable();
      const [from, to] = [dusk, dawn].map((seconds) => (seconds === null ? undefined : noon + seconds * 1000));
      yield { site: siteAt(code, position), date, noon, limit, dusk: from, dawn: to };
    }
  }
}
/** A second for the sun's position and one for the whole second; more where the sun hardly rises or sets. */
const tolerance = ({ latitude = 0 }: Site) => (Math.abs(latitude) > 60 ? 15_000 : 2000);

describe("the nights that astropy has", () => {
  test("begin, are halved and end at each limit as here", () => {
    let halved = 0;
    for (const { site, noon, limit, dusk, dawn } of references()) {
      const { latitude = 0, longitude = 0 } = site;
      const sun = sunOfNight({ latitude, longitude, darkLimit: limit }, noon);
      if (dusk === undefined || dawn === undefined) {
        expect([sun.dusk, sun.middle, sun.dawn].filter((at) => typeof at === "string")).toEqual([]);
        continue;
      }
      halved++;
      for (const [at, expected] of [
        [sun.dusk, dusk],
        [sun.middle, (dusk + dawn) / 2],
        [sun.dawn, dawn],
      ] as const)
        expect(Math.abs(Date.parse(String(at)) - expected)).toBeLessThanOrEqual(tolerance(site));
    }
    expect(halved).toBeGreaterThan(900);
  });

  test("are rounded to a quarter of an hour, to the nearest, up and down", () => {
    const roundings = { nearest: Math.round, up: Math.ceil, down: Math.floor };
    const quarter = 15 * 60_000;
    for (const { site, date, limit, dusk, dawn } of references()) {
      if (dusk === undefined || dawn === undefined) continue;
      for (const [rounding, round] of Object.entries(roundings)) {
        const fields = { round: 15, rounding: rounding as "up", dark: nameOfDarkLimit(limit) };
        const found = timeOf(site, date, { ...fields, portion: "first_half" });
        const exact = [dusk, (dusk + dawn) / 2];
        // Where a second decides, either is right.
        const sides = [-1, 1].map((side) =>
          exact.map((at) => round((at + side * tolerance(site)) / quarter) * quarter),
        );
        if (sides[0]?.join() === sides[1]?.join())
          expect([site.code, date, found]).toEqual([site.code, date, sides[0] ?? []]);
      }
    }
  });
});

describe("portions of a night", () => {
  test("don't overlap and make the whole, at every place, limit and rounding", () => {
    const fields = fc.record({
      place: fc.tuple(fc.double({ min: -90, max: 90, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true })),
      date: fc
        .integer({ min: 0, max: 364 })
        .map((day) => new Date(Date.UTC(2027, 0, 1 + day)).toISOString().slice(0, 10)),
      dark: fc.constantFrom("civil", "nautical", "astronomical", "0", "15.5"),
      round: fc.constantFrom(undefined, 1, 5, 15, 20, 60),
      rounding: fc.constantFrom("nearest", "up", "down"),
    });
    fc.assert(
      fc.property(fields, ({ place, date, dark, round, rounding }) => {
        const portionOf = (portion: "all" | "first_half" | "second_half") =>
          timeOf(siteAt("any", place), date, { portion, dark, ...(round && { round, rounding }) });
        const [all, first, second] = [portionOf("all"), portionOf("first_half"), portionOf("second_half")];
        if (typeof all === "string") return;
        // A half of a very short night may be rounded away.
        const halves = [first, second].filter((half) => typeof half !== "string");
        expect(halves.flat().toSorted((a, b) => a - b)).toEqual(halves.flat());
        expect([halves[0]?.[0], halves.at(-1)?.[1]]).toEqual([all[0], all[1]]);
        if (halves.length === 2) expect(halves[0]?.[1]).toBe(halves[1]?.[0] ?? 0);
        for (const at of all) expect(at % ((round ?? 1) * 60_000)).toBe(0);
      }),
    );
  });

  test("are those at the limit of the rule, or else of the site", () => {
    const coj = siteAt("coj", sites.coj ?? expect.unreachable());
    const [nautical, astronomical] = ["nautical", "astronomical"].map((dark) =>
      timeOf(coj, "2018-01-03", { portion: "all", dark }),
    );
    expect(timeOf(coj, "2018-01-03", { portion: "all" })).toEqual(nautical ?? []);
    expect(timeOf({ ...coj, darkLimit: 18 }, "2018-01-03", { portion: "all" })).toEqual(astronomical ?? []);
    expect(timeOf(coj, "2018-01-03", { portion: "all", dark: "civil,coj:astronomical" })).toEqual(astronomical ?? []);
  });

  test("cut a window, whose events may be of another limit", () => {
    const coj = siteAt("coj", sites.coj ?? expect.unreachable());
    const half = timeOf(coj, "2018-01-03", { portion: "first_half" });
    const late = timeOf(coj, "2018-01-03", {
      ...{ portion: "first_half", from: { event: "nautical_dusk", offset_minutes: 30 }, to: { event: "sunrise" } },
    });
    expect(late).toEqual([Number(half[0]) + 30 * 60_000, Number(half[1])]);
    const over = { portion: "second_half", from: { event: "sunset" }, minutes: 60 } as const;
    expect(timeOf(coj, "2018-01-03", over)).toBe("None of it is in the selected part of the night.");
  });

  test("don't exist near the poles in summer and winter, and the answer says why", () => {
    const lyr = siteAt("lyr", sites.longyearbyen ?? expect.unreachable());
    const why = (date: string, fields: Partial<NightRule>) => timeOf(lyr, date, fields);
    expect(why("2018-06-21", { portion: "first_half" })).toBe("No dusk: the sun doesn't sink 12° below the horizon.");
    expect(why("2018-12-21", { portion: "second_half", dark: "civil" })).toBe(
      "No middle of the night: the sun stays more than 6° below the horizon.",
    );
    const year = expansionOf(
      { kind: "night", first: "2027-01-01", last: "2027-12-31", portion: "first_half" },
      { scopes: [{ site: "lyr" }] },
    );
    expect(year.rows.length + year.absences.length).toBe(365);
    expect(new Set(year.absences.map(({ why }) => why))).toEqual(
      new Set(["No dusk: the sun doesn't sink 12° below the horizon."]),
    );
  });
});

const datesOf = (rule: Record<string, unknown>, fields = {}) => expansionOf(rule, fields).rows.map(({ date }) => date);
const short = { kind: "night", first: "2027-01-01", last: "2027-03-31", from: { event: "sunset" }, minutes: 30 };

describe("the nights of a rule", () => {
  test("may be listed one by one, and are stored once each, in order", () => {
    const nights = ["2027-03-02", "2027-01-15", "2027-03-02", "2027-02-11"];
    const { first, last, ...rest } = short;
    expect(datesOf({ ...rest, nights })).toEqual(["2027-01-15", "2027-02-11", "2027-03-02"]);
    expect(datesOf({ ...short, nights, weekdays: ["TU"] })).toEqual(["2027-03-02"]);
    expect(datesOf({ ...short, nights }, { breaks: [{ from: "2027-02-01", to: "2027-02-28" }] })).toHaveLength(2);
    const { rule } = checkSeries({ scopes: [{ site: "mko" }], rule: { ...rest, nights } }, observatory, now);
    expect(rule).toMatchObject({ first: "2027-01-15", last: "2027-03-02", nights: nights.toSorted().slice(0, 3) });
  });

  test.each([
    ["FREQ=MONTHLY;BYDAY=1TU", ["2027-01-05", "2027-02-02", "2027-03-02"]],
    ["freq=daily;interval=30", ["2027-01-01", "2027-01-31", "2027-03-02"]],
    ["FREQ=WEEKLY;INTERVAL=6;BYDAY=FR", ["2027-01-01", "2027-02-12", "2027-03-26"]],
    ["FREQ=DAILY;INTERVAL=3;COUNT=2", ["2027-01-01", "2027-01-04"]],
    ["FREQ=DAILY;UNTIL=20270102", ["2027-01-01", "2027-01-02"]],
  ])("may follow a recurrence rule: %s", (rrule, dates) => expect(datesOf({ ...short, rrule })).toEqual(dates));

  test("are dated by the local evening or by the morning in UTC", () => {
    const tuesdays = { ...short, weekdays: ["TU"], last: "2027-01-31" };
    const starts = (site: string, date_of?: string) =>
      expansionOf({ ...tuesdays, ...(date_of && { date_of }) }, { scopes: [{ site, telescope: "1m0a" }] }).rows.map(
        ({ date, draft }) => [date, draft.start.slice(0, 10)],
      );
    // On Hawaii, the sun sets after midnight in UTC; on Siding Spring, it sets and rises on the same day in UTC.
    expect(starts("mko")[0]).toEqual(["2027-01-05", "2027-01-06"]);
    expect(starts("mko", "utc_morning")[0]).toEqual(["2027-01-05", "2027-01-05"]);
    expect(starts("cta", "utc_morning")[0]).toEqual(["2027-01-05", "2027-01-04"]);
    expect(starts("sso", "utc_morning")).toEqual(starts("sso"));
    expect(starts("sso", "evening")).toEqual(starts("sso"));
  });

  test("of an engineering programme are one series, however they lie", () => {
    const nights = Array.from({ length: 115 }, (_, index) =>
      new Date(Date.UTC(2027, 0, 3 + ((index * index) % 7) + 5 * index)).toISOString().slice(0, 10),
    );
    const rule = { kind: "night", nights, portion: "all", dark: "nautical" };
    const series = checkSeries({ scopes: [{ site: "mko" }], rule }, observatory, now);
    const { rows } = expand(series, observatory, now);
    expect(rows.map(({ date }) => date)).toEqual([...new Set(nights)].toSorted());
    expect(describeRule(series)).toStartWith(
      `${rows.length} nights, from dusk to dawn, limit of dark nautical (12°), `,
    );
    const planned = rows.map((row) => ({ ...row, occurrence: row.key }));
    const light = (from: typeof planned) => addWarnings({ planned: from, duplicates: [] }, [], observatory);
    expect(light(planned).flatMap(({ warnings }) => warnings)).not.toContain("light");
    expect(light(planned.map((one) => ({ ...one, darkLimit: 18 })))[0]?.warnings).toContain("light");
  });
});

describe("a rule with portions, rounding or listed nights", () => {
  const rules: Record<string, Record<string, unknown>> = {
    half: { kind: "night", first: "2027-01-12", last: "2027-02-01", weekdays: [], portion: "first_half", dark: "15" },
    "cut half": { ...short, weekdays: ["MO"], portion: "second_half", to: { event: "sunrise" }, minutes: undefined },
    rounded: { ...short, weekdays: [], round: 15, rounding: "up", date_of: "utc_morning" },
    nights: { ...short, weekdays: [], nights: ["2027-01-02", "2027-01-04"], first: undefined, last: undefined },
    recurring: { ...short, weekdays: [], rrule: "FREQ=MONTHLY;BYDAY=1TU", rounding: "nearest", round: "1 h" },
  };
  test.each(Object.keys(rules))("is the same after the form: %s", (name) => {
    const series = checkSeries({ scopes: [{ site: "mko" }], rule: rules[name] }, observatory, now);
    const again = checkSeries(bodyOf(seriesFormInputOf(series), observatory, now), observatory, now);
    const sent = { ...again.rule, ...("from" in series.rule && { from: series.rule.from }) };
    expect(sent).toEqual(series.rule);
    expect(describeRule(again)).toBe(describeRule(series));
    // A response can be sent back, and is stored as the same text.
    const back = checkSeries({ ...series }, observatory, now);
    expect(JSON.stringify(back)).toBe(JSON.stringify(series));
  });

  test("is described in words", () => {
    const describe = (name: string) =>
      describeRule(checkSeries({ scopes: [{ site: "mko" }], rule: rules[name] }, observatory, now));
    expect(Object.keys(rules).map(describe)).toEqual([
      "every night, first half only, limit of dark 15°, 12 Jan – 1 Feb 2027",
      "Mon nights, second half only, from sunset to sunrise, 1 Jan – 31 Mar 2027",
      "every night (dates of the morning in UTC), from sunset, for 30 min, rounded up to 15 min, 1 Jan – 31 Mar 2027",
      "2 nights, from sunset, for 30 min, 2 Jan – 4 Jan 2027",
      "nights: monthly on 1st Tue, from sunset, for 30 min, rounded to 60 min, 1 Jan – 31 Mar 2027",
    ]);
  });

  test.each([
    [{ round: 7 }, { "rule.round": "Enter a divisor of 60, such as 5, 15 or 30." }],
    [{ round: 0 }, { "rule.round": "Enter a number from 1 to 527040." }],
    [{ rounding: "off" }, { "rule.rounding": '"off" is not a valid choice. Choose one of nearest, up, down.' }],
    [{ portion: "third" }, { "rule.portion": expect.stringContaining("is not a valid choice") }],
    [{ portion: "all", minutes: undefined }, { "rule.minutes": "Set when it ends: `minutes` or `to`." }],
    [{ portion: "all", from: undefined }, { "rule.from": "This field is required." }],
    [{ nights: ["2027-01-02", "soon"] }, { "rule.nights.1": "Enter a date such as 2027-01-12." }],
    [{ nights: [], first: undefined }, { "rule.first": "This field is required." }],
    [{ rrule: "FREQ=HOURLY" }, { "rule.rrule": "FREQ must be one of DAILY, WEEKLY, MONTHLY, YEARLY." }],
    [{ rrule: "monthly" }, { "rule.rrule": expect.stringContaining("Invalid RRULE.") }],
    [{ date_of: "noon" }, { "rule.date_of": expect.stringContaining("is not a valid choice") }],
    [{ dark: "dusk" }, { "rule.dark": expect.stringContaining("The limit of dark must be civil, nautical") }],
  ])("is refused by field: %j", (fields, errors) => {
    const found = errorsOf(() => expansionOf({ ...short, ...fields })) ?? {};
    const texts = Object.fromEntries(Object.entries(found).map(([field, [text]]) => [field, text]));
    expect(texts).toEqual(errors as Record<string, string>);
  });
});
