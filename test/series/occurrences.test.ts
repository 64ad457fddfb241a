import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { nightEvents } from "../../src/series/night-rule.ts";
import { weekdays } from "../../src/time/zone.ts";
import { errorsOf, expansionOf, now, observatory } from "./observatory.ts";

const calendar = (zone: string, start: string, rrule: string, more: Record<string, unknown> = {}) => ({
  kind: "calendar",
  zone,
  start,
  minutes: 30,
  rrule,
  ...more,
});
const night = (first: string, last: string, more: Record<string, unknown> = {}) => ({
  kind: "night",
  first,
  last,
  from: { event: "midnight" },
  minutes: 60,
  ...more,
});
const startsOf = (rule: Record<string, unknown>, fields?: Record<string, unknown>) =>
  expansionOf(rule, fields).rows.map(({ draft }) => draft.start);
const keysOf = (rule: Record<string, unknown>, fields?: Record<string, unknown>) =>
  expansionOf(rule, fields).rows.map(({ key }) => key);

// The days on which the clocks change in 2027, by each country's law.
describe("a weekly rule keeps its local time across both clock changes", () => {
  const weeks: Record<string, readonly (readonly [start: string, instants: readonly string[]])[]> = {
    "Europe/Madrid": [
      ["2027-03-21T20:00", ["2027-03-21T19:00:00Z", "2027-03-28T18:00:00Z", "2027-04-04T18:00:00Z"]],
      ["2027-10-24T20:00", ["2027-10-24T18:00:00Z", "2027-10-31T19:00:00Z", "2027-11-07T19:00:00Z"]],
    ],
    "America/Chicago": [
      ["2027-03-07T20:00", ["2027-03-08T02:00:00Z", "2027-03-15T01:00:00Z", "2027-03-22T01:00:00Z"]],
      ["2027-10-31T20:00", ["2027-11-01T01:00:00Z", "2027-11-08T02:00:00Z", "2027-11-15T02:00:00Z"]],
    ],
    "Australia/Sydney": [
      ["2027-03-28T20:00", ["2027-03-28T09:00:00Z", "2027-04-04T10:00:00Z", "2027-04-11T10:00:00Z"]],
      ["2027-09-26T20:00", ["2027-09-26T10:00:00Z", "2027-10-03T09:00:00Z", "2027-10-10T09:00:00Z"]],
    ],
    "America/Santiago": [
      ["2027-03-28T20:00", ["2027-03-28T23:00:00Z", "2027-04-05T00:00:00Z", "2027-04-12T00:00:00Z"]],
      ["2027-08-29T20:00", ["2027-08-30T00:00:00Z", "2027-09-05T23:00:00Z", "2027-09-12T23:00:00Z"]],
    ],
  };
  for (const [zone, changes] of Object.entries(weeks))
    for (const [start, instants] of changes)
      test(`${zone}, from ${start}`, () => {
        const { rows } = expansionOf(calendar(zone, start, "FREQ=WEEKLY;COUNT=3"));
        expect<string[]>(rows.map(({ draft }) => draft.start)).toEqual([...instants]);
        expect(rows.map(({ clockChange }) => clockChange)).toEqual([undefined, "changed", undefined]);
      });

  test("Pacific/Honolulu, which has no daylight saving", () => {
    const { rows } = expansionOf(calendar("Pacific/Honolulu", "2027-01-03T20:00", "FREQ=WEEKLY;COUNT=52"));
    expect(new Set(rows.map(({ draft }) => draft.start.slice(10)))).toEqual(new Set(["T06:00:00Z"]));
    expect(rows.filter(({ clockChange }) => clockChange)).toEqual([]);
  });
});

describe("a local time", () => {
  const cases: Record<string, readonly [zone: string, start: string, at: string, clockChange: "skipped" | "doubled"]> =
    {
      "that Madrid skips": ["Europe/Madrid", "2027-03-28T02:30", "2027-03-28T01:30:00Z", "skipped"],
      "that Madrid shows twice": ["Europe/Madrid", "2027-10-31T02:30", "2027-10-31T00:30:00Z", "doubled"],
      "that Chicago skips": ["America/Chicago", "2027-03-14T02:30", "2027-03-14T08:30:00Z", "skipped"],
      "that Chicago shows twice": ["America/Chicago", "2027-11-07T01:30", "2027-11-07T06:30:00Z", "doubled"],
      "that Sydney skips": ["Australia/Sydney", "2027-10-03T02:30", "2027-10-02T16:30:00Z", "skipped"],
      "that Sydney shows twice": ["Australia/Sydney", "2027-04-04T02:30", "2027-04-03T15:30:00Z", "doubled"],
      "that Santiago skips": ["America/Santiago", "2027-09-05T00:30", "2027-09-05T04:30:00Z", "skipped"],
      "that Santiago shows twice": ["America/Santiago", "2027-04-03T23:30", "2027-04-04T02:30:00Z", "doubled"],
    };
  for (const [name, [zone, start, at, clockChange]] of Object.entries(cases))
    test(`${name} is ${clockChange === "skipped" ? "moved forward" : "used the first time"}, with a warning`, () => {
      const { rows } = expansionOf(calendar(zone, start, "FREQ=DAILY;COUNT=1"));
      expect(rows).toMatchObject([{ key: start.slice(0, 10), clockChange, draft: { start: at } }]);
    });

  test("just before or after a skipped hour is an ordinary one", () => {
    const daily = calendar("Europe/Madrid", "2027-03-28T01:59:59", "FREQ=DAILY;COUNT=2;BYHOUR=1,2;BYMINUTE=0,59");
    expect(expansionOf(daily).rows).toMatchObject([
      { draft: { start: "2027-03-28T00:59:59Z" } },
      { clockChange: "skipped", draft: { start: "2027-03-28T01:00:59Z" } },
    ]);
    expect(startsOf(calendar("Europe/Madrid", "2027-03-28T03:00", "FREQ=DAILY;COUNT=1"))).toEqual([
      "2027-03-28T01:00:00Z",
    ] as never);
  });

  test("to which another one is moved isn't planned twice", () => {
    expect(keysOf(calendar("Europe/Madrid", "2027-03-28T01:00", "FREQ=DAILY;BYHOUR=1,2,3,4;COUNT=4"))).toEqual([
      "2027-03-28",
      "2027-03-28.2",
      "2027-03-28.4",
    ]);
  });

  test("that is skipped doesn't count for HOURLY: it goes on in real time, and each occurrence has its own name", () => {
    const hours = (start: string) =>
      expansionOf(calendar("Australia/Sydney", start, "FREQ=HOURLY;COUNT=3")).rows.map(
        ({ key, clockChange, draft }) => `${key} ${draft.start} ${clockChange ?? ""}`,
      );
    expect(hours("2027-10-03T01:00")).toEqual([
      "2027-10-03 2027-10-02T15:00:00Z ",
      "2027-10-03.2 2027-10-02T16:00:00Z changed",
      "2027-10-03.3 2027-10-02T17:00:00Z ",
    ]);
    expect(hours("2027-04-04T02:00")).toEqual([
      "2027-04-04 2027-04-03T15:00:00Z ",
      "2027-04-04.2 2027-04-03T16:00:00Z changed",
      "2027-04-04.3 2027-04-03T17:00:00Z ",
    ]);
  });
});

describe("a rule by clock time", () => {
  test("on 29 February happens only in leap years", () => {
    expect(keysOf(calendar("UTC", "2026-12-01T12:00", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;UNTIL=20281101"))).toEqual([
      "2028-02-29",
    ]);
  });

  test("on the 29th or the 31st skips months without one", () => {
    expect(keysOf(calendar("UTC", "2027-01-29T12:00", "FREQ=MONTHLY;BYMONTHDAY=29;COUNT=13"))).toEqual([
      ...["2027-01-29", "2027-03-29", "2027-04-29", "2027-05-29", "2027-06-29", "2027-07-29", "2027-08-29"],
      ...["2027-09-29", "2027-10-29", "2027-11-29", "2027-12-29", "2028-01-29", "2028-02-29"],
    ]);
    expect(keysOf(calendar("UTC", "2027-01-31T12:00", "FREQ=MONTHLY;COUNT=7"))).toEqual([
      ...["2027-01-31", "2027-03-31", "2027-05-31", "2027-07-31", "2027-08-31", "2027-10-31", "2027-12-31"],
    ]);
  });

  test("begins with the first match, which need not be the start", () => {
    // 12 January 2027 is a Tuesday.
    expect(keysOf(calendar("UTC", "2027-01-12T12:00", "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=3"))).toEqual([
      "2027-01-14",
      "2027-01-18",
      "2027-01-21",
    ]);
  });

  test("ends with the one at UNTIL, which is in UTC, a local time, or a whole date", () => {
    const daily = (until: string) =>
      keysOf(calendar("Pacific/Honolulu", "2027-01-12T20:00", `FREQ=DAILY;UNTIL=${until}`)).length;
    // 20:00 in Honolulu is 06:00 on the next day in UTC.
    expect(daily("20270115T060000Z")).toBe(3);
    expect(daily("20270115T055959Z")).toBe(2);
    expect(daily("20270114T200000")).toBe(3);
    expect(daily("20270114T195959")).toBe(2);
    expect(daily("20270114")).toBe(3);
  });

  test("has excluded dates, whole or a single time, and extra dates", () => {
    const rule = calendar("Europe/Madrid", "2027-02-01T08:00", "FREQ=DAILY;BYHOUR=8,20;COUNT=8", {
      exdates: ["2027-02-02", "2027-02-03T08:00:00", "2027-02-09"],
      rdates: ["2027-02-01T12:00:00", "2027-02-10T09:30:00", "2027-02-01T08:00:00"],
    });
    expect(expansionOf(rule).rows.map(({ key, draft }) => `${key} ${draft.start}`)).toEqual([
      "2027-02-01 2027-02-01T07:00:00Z",
      "2027-02-01.3 2027-02-01T11:00:00Z",
      "2027-02-01.2 2027-02-01T19:00:00Z",
      "2027-02-03.2 2027-02-03T19:00:00Z",
      "2027-02-04 2027-02-04T07:00:00Z",
      "2027-02-04.2 2027-02-04T19:00:00Z",
      "2027-02-10 2027-02-10T08:30:00Z",
    ]);
  });

  test("has breaks by local date, including the first and the last day", () => {
    const rule = calendar("Pacific/Honolulu", "2027-01-12T20:00", "FREQ=DAILY;COUNT=5");
    expect(keysOf(rule, { breaks: [{ from: "2027-01-13", to: "2027-01-14" }] })).toEqual([
      "2027-01-12",
      "2027-01-15",
      "2027-01-16",
    ]);
  });

  test("keeps its occurrences' keys when it moves to another time of day", () => {
    const at = (time: string) => keysOf(calendar("UTC", `2027-01-12T${time}`, "FREQ=WEEKLY;BYDAY=TU,FR;COUNT=9"));
    expect(at("21:30")).toEqual(at("08:00"));
  });

  test("creates a downtime for each telescope, in the order of places", () => {
    const { rows } = expansionOf(calendar("UTC", "2027-01-12T12:00", "FREQ=DAILY;COUNT=2"), {
      reason: "Mirror wash",
      scopes: [{ site: "sso" }, { site: "cta" }],
    });
    expect(rows.map(({ key, draft }) => `${key} ${draft.site} ${draft.telescope} ${draft.reason}`)).toEqual([
      "2027-01-12 sso 1m0a Mirror wash",
      "2027-01-12 sso 2m0a Mirror wash",
      "2027-01-12 cta 1m0a Mirror wash",
      "2027-01-13 sso 1m0a Mirror wash",
      "2027-01-13 sso 2m0a Mirror wash",
      "2027-01-13 cta 1m0a Mirror wash",
    ]);
  });
});

test("a one-time rule creates a downtime for each telescope", () => {
  const once = { kind: "once", start: "2027-01-15T08:45:00Z", end: "2027-01-15T09:45:00Z" };
  expect(expansionOf(once, { scopes: [{ site: "sso" }] }).rows).toMatchObject([
    { key: "once", date: "2027-01-15", draft: { start: once.start, end: once.end, telescope: "1m0a" } },
    { key: "once", date: "2027-01-15", draft: { start: once.start, end: once.end, telescope: "2m0a" } },
  ]);
  // 08:45 in UTC is still the evening before on Mauna Kea.
  expect(errorsOf(() => expansionOf(once, { breaks: [{ from: "2027-01-14", to: "2027-01-14" }] }))).toEqual({
    rule: ["No occurrences remain after breaks and excluded dates."],
  });
});

/** Minutes between an instant and the one that is expected. */
const off = (at: string | undefined, expected: string) =>
  Math.abs(Date.parse(at ?? "") - Date.parse(expected)) / 60_000;

describe("a nightly rule", () => {
  test("follows the twilight in Keck's calendar within two minutes", () => {
    // For the night of 2 January 2008 in local time: dark from 19:13 to 05:39, nautical dawn until 06:06.
    const rule = (from: unknown, more: Record<string, unknown>) =>
      expansionOf(night("2008-01-02", "2008-01-02", { from, minutes: undefined, ...more })).rows[0]?.draft;
    const rti = rule({ event: "astronomical_dusk", offset_minutes: 30 }, { minutes: 30 });
    expect(off(rti?.start, "2008-01-03T05:43:00Z")).toBeLessThanOrEqual(2);
    expect(off(rti?.end, "2008-01-03T06:13:00Z")).toBeLessThanOrEqual(2);
    const dark = rule({ event: "astronomical_dusk" }, { to: { event: "astronomical_dawn" } });
    expect(off(dark?.start, "2008-01-03T05:13:00Z")).toBeLessThanOrEqual(2);
    expect(off(dark?.end, "2008-01-03T15:39:00Z")).toBeLessThanOrEqual(2);
    const morning = rule({ event: "nautical_dawn", offset_minutes: -45 }, { to: { event: "nautical_dawn" } });
    expect(off(morning?.start, "2008-01-03T15:21:00Z")).toBeLessThanOrEqual(2);
    expect(off(morning?.end, "2008-01-03T16:06:00Z")).toBeLessThanOrEqual(2);
  });

  test("has whole minutes", () => {
    const { rows } = expansionOf(night("2027-01-12", "2027-02-12", { from: { event: "sunset" } }));
    expect(rows.filter(({ draft }) => !draft.start.endsWith(":00Z") || !draft.end.endsWith(":00Z"))).toEqual([]);
  });

  test("has the weekday of its evening, also after midnight", () => {
    // 14 and 15 January 2027 are a Thursday and a Friday; midnight in Honolulu is 10:00 in UTC.
    const rule = night("2027-01-11", "2027-01-24", {
      weekdays: ["TH"],
      from: { event: "midnight", offset_minutes: 90 },
    });
    expect(expansionOf(rule).rows.map(({ key, draft }) => `${key} ${draft.start}`)).toEqual([
      "2027-01-14 2027-01-15T11:30:00Z",
      "2027-01-21 2027-01-22T11:30:00Z",
    ]);
  });

  test("uses local midnight, which daylight saving skips in Santiago", () => {
    const { rows } = expansionOf(night("2027-09-03", "2027-09-05"), { scopes: [{ site: "cta" }] });
    expect(rows.map(({ key, clockChange, draft }) => [key, clockChange, draft.start])).toEqual([
      ["2027-09-03", undefined, "2027-09-04T04:00:00Z"],
      ["2027-09-04", "skipped", "2027-09-05T04:00:00Z"],
      ["2027-09-05", undefined, "2027-09-06T03:00:00Z"],
    ] as never);
  });

  test("warns of a clock change since the night before", () => {
    const { rows } = expansionOf(night("2027-10-02", "2027-10-04", { from: { event: "sunset" } }), {
      scopes: [{ site: "sso", telescope: "1m0a" }, { site: "mko" }],
    });
    expect(
      rows
        .filter(({ clockChange }) => clockChange)
        .map(({ key, clockChange, draft }) => [draft.site, key, clockChange]),
    ).toEqual([["sso", "2027-10-03", "changed"]]);
  });

  test("has breaks by the date of its evening", () => {
    const breaks = [
      { from: "2027-01-13", to: "2027-01-14" },
      { from: "2027-01-16", to: "2027-01-16", name: "Open day" },
    ];
    expect(keysOf(night("2027-01-12", "2027-01-17"), { breaks })).toEqual(["2027-01-12", "2027-01-15", "2027-01-17"]);
  });

  test("lasts nearly the same all year on the equator", () => {
    // Twelve hours, less what refraction and the sun's radius take at both ends.
    for (const date of ["2027-03-20", "2027-06-21", "2027-09-23", "2027-12-21"]) {
      const rule = night(date, date, { from: { event: "sunset" }, to: { event: "sunrise" }, minutes: undefined });
      const [row] = expansionOf(rule, { scopes: [{ site: "uio" }] }).rows;
      const minutes = (Date.parse(row?.draft.end ?? "") - Date.parse(row?.draft.start ?? "")) / 60_000;
      expect(minutes).toBeGreaterThanOrEqual(11 * 60 + 50);
      expect(minutes).toBeLessThanOrEqual(11 * 60 + 54);
    }
  });

  test("is refused where the site's position is unknown", () => {
    const scopes = [{ telescope: "1m0a" }];
    expect(errorsOf(() => expansionOf(night("2027-01-12", "2027-01-12"), { scopes }))).toEqual({
      scopes: ["ConfigDB has no position or time zone for nowhere, so nights can't be computed there."],
    });
  });
});

describe("near the pole", () => {
  const scopes = [{ site: "lyr" }];
  const dark = { from: { event: "astronomical_dusk" }, to: { event: "astronomical_dawn" }, minutes: undefined };

  test("nights without darkness are skipped and listed", () => {
    // The sun is 18° down at its lowest for the last time on 4 or 5 March 2027, when it stands 6.2° south.
    const { rows, absences } = expansionOf(night("2027-03-01", "2027-03-10", dark), { scopes });
    expect(rows.map(({ key }) => key).slice(0, 3)).toEqual(["2027-03-01", "2027-03-02", "2027-03-03"]);
    expect(rows.length + absences.length).toBe(10);
    expect(rows.length).toBeLessThanOrEqual(5);
    expect(absences.at(-1)).toEqual({
      site: "lyr",
      date: "2027-03-10",
      why: "No astronomical dusk: the sun doesn't sink 18° below the horizon.",
    });
  });

  test("a summer without a sunset is refused with the reason", () => {
    const rule = night("2027-06-01", "2027-06-03", { from: { event: "sunset" }, minutes: 60 });
    expect(errorsOf(() => expansionOf(rule, { scopes }))).toEqual({
      rule: ["No nights remain. At lyr on 2027-06-01: No sunset: the sun doesn't set."],
    });
  });

  test("a winter night has no sunset or civil dusk, but is dark", () => {
    const whyNot = (event: string) =>
      expansionOf(night("2026-12-21", "2026-12-21", { from: { event }, minutes: 60 }), {
        scopes: [{ site: "lyr" }, { site: "mko" }],
      }).absences.map(({ why }) => why);
    expect(whyNot("sunset")).toEqual(["No sunset: the sun doesn't rise."]);
    expect(whyNot("civil_dawn")).toEqual(["No civil dawn: the sun stays more than 6° below the horizon."]);
    expect(whyNot("astronomical_dusk")).toEqual([]);
  });

  test("other sites keep their nights", () => {
    const { rows, absences } = expansionOf(night("2027-06-01", "2027-06-03", dark), {
      scopes: [{ site: "lyr" }, { site: "uio" }],
    });
    expect(rows.map(({ draft }) => draft.site)).toEqual(["uio", "uio", "uio"]);
    expect(absences.map(({ site, date }) => `${site} ${date}`)).toEqual([
      "lyr 2027-06-01",
      "lyr 2027-06-02",
      "lyr 2027-06-03",
    ]);
  });

  test("a window that would end before it starts is skipped and listed", () => {
    const rule = night("2027-01-12", "2027-01-12", {
      from: { event: "sunrise" },
      to: { event: "nautical_dawn" },
      minutes: undefined,
    });
    expect(errorsOf(() => expansionOf(rule))?.rule?.[0]).toEndWith("End must be after start.");
  });
});

describe("limits", () => {
  const tooMany = "Maximum 5,000 downtimes per series. Select fewer locations, or an earlier end.";
  const minutely = (count: number) =>
    calendar("UTC", "2027-01-01T00:00", `FREQ=MINUTELY;COUNT=${count}`, { minutes: 1 });
  const refusal = (rule: Record<string, unknown>, fields?: Record<string, unknown>) =>
    errorsOf(() => expansionOf(rule, fields));

  test("a series has at most 5,000 downtimes", () => {
    expect(expansionOf(minutely(5000)).rows).toHaveLength(5000);
    expect(refusal(minutely(5001))).toEqual({ "rule.rrule": [tooMany] });
    expect(expansionOf(minutely(2500), { scopes: [{ site: "sso" }] }).rows).toHaveLength(5000);
    expect(refusal(minutely(2501), { scopes: [{ site: "sso" }] })).toEqual({ rule: [tooMany] });
  });

  test("a rule with more of them isn't expanded to its end", () => {
    const began = performance.now();
    expect(refusal(calendar("UTC", "2027-01-01T00:00", "FREQ=SECONDLY;UNTIL=20281101"))).toEqual({
      "rule.rrule": [tooMany],
    });
    expect(refusal(calendar("UTC", "2027-01-01T00:00", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1"))).toEqual({
      "rule.rrule": ["The rule matches too rarely. Use a larger FREQ, or UNTIL instead of COUNT."],
    });
    for (const rrule of [
      "FREQ=YEARLY;INTERVAL=99999;COUNT=2",
      "FREQ=YEARLY;INTERVAL=99999;BYMONTHDAY=30;BYMONTH=2;COUNT=2",
    ])
      expect(refusal(calendar("UTC", "2027-01-01T00:00", rrule))).toBeDefined();
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test("a series reaches at most two years ahead, to the second", () => {
    const until = (end: string) => refusal({ kind: "once", start: "2028-11-01T00:00:00Z", end });
    expect(until("2028-11-22T12:00:00Z")).toBeUndefined();
    expect(until("2028-11-22T12:00:01Z")).toEqual({
      "rule.end": ["A series may reach 2 years ahead, to 2028-11-22 (this one reaches 2028-11-22 12:00:01Z)."],
    });
    expect(refusal(calendar("UTC", "2028-11-21T12:00", "FREQ=DAILY;COUNT=3"))).toEqual({
      "rule.rrule": ["A series may reach 2 years ahead, to 2028-11-22 (this one reaches 2028-11-22 12:30Z)."],
    });
    expect(refusal(night("2028-11-20", "2028-11-23"))).toEqual({
      "rule.last": ["A series may reach 2 years ahead, to 2028-11-22 (this one reaches 2028-11-23)."],
    });
  });

  test("an empty series is refused with the reason", () => {
    // 12 January 2027 is a Tuesday.
    const none = "None of the nights from 2027-01-12 to 2027-01-12";
    expect(refusal(night("2027-01-12", "2027-01-12", { weekdays: ["WE"] }))).toEqual({
      "rule.weekdays": [`${none} is on these weekdays. Select other weekdays or dates.`],
    });
    expect(refusal(night("2027-01-12", "2027-01-12", { rrule: "FREQ=WEEKLY;BYDAY=WE" }))).toEqual({
      "rule.rrule": [`${none} follows the rule. Edit the rule, or select other dates.`],
    });
    const breaks = [{ from: "2027-01-12", to: "2027-01-12" }];
    expect(errorsOf(() => expansionOf(night("2027-01-12", "2027-01-12", { weekdays: ["TU"] }), { breaks }))).toEqual({
      rule: ["No occurrences remain after breaks and excluded dates."],
    });
    expect(refusal(calendar("UTC", "2027-01-12T12:00", "FREQ=WEEKLY;BYDAY=WE;UNTIL=20270112"))).toEqual({
      "rule.rrule": ["The rule has no date before its end. Enter a later end, or other days."],
    });
    expect(refusal(calendar("UTC", "2027-01-12T12:00", "FREQ=DAILY;COUNT=1", { exdates: ["2027-01-12"] }))).toEqual({
      rule: ["No occurrences remain after breaks and excluded dates."],
    });
  });
});

describe("for any rule", () => {
  const zones = ["UTC", "Europe/Madrid", "America/Chicago", "Australia/Sydney", "America/Santiago", "Pacific/Honolulu"];
  const dayMillis = 86_400_000;
  const spell = (date: Date) => date.toISOString().slice(0, 10);
  const dates = fc.date({ min: new Date("2026-12-01"), max: new Date("2028-06-01"), noInvalidDate: true });
  const days = fc.uniqueArray(fc.constantFrom(...weekdays));
  const event = fc.record({
    event: fc.constantFrom(...nightEvents),
    offset_minutes: fc.integer({ min: -120, max: 120 }),
  });
  const nights = fc
    .record({ date: dates, length: fc.nat(20), weekdays: days, from: event, minutes: fc.integer({ min: 1, max: 900 }) })
    .map(({ date, length, ...rule }) => ({
      kind: "night",
      first: spell(date),
      last: spell(new Date(date.getTime() + length * dayMillis)),
      ...rule,
    }));
  const calendars = fc
    .record({
      zone: fc.constantFrom(...zones),
      date: dates,
      freq: fc.constantFrom("DAILY", "WEEKLY", "HOURLY", "MINUTELY"),
      interval: fc.integer({ min: 1, max: 4 }),
      count: fc.integer({ min: 1, max: 15 }),
      byDay: days,
      minutes: fc.integer({ min: 1, max: 900 }),
    })
    .map(({ zone, date, freq, interval, count, byDay, minutes }) => ({
      kind: "calendar",
      zone,
      start: date.toISOString().slice(0, 19),
      minutes,
      rrule: `FREQ=${freq};INTERVAL=${interval};COUNT=${count}${byDay.length > 0 ? `;BYDAY=${byDay}` : ""}`,
    }));
  const scopes = fc.constantFrom(
    [{ site: "sso" }],
    [{ site: "mko" }, { site: "cta" }],
    [{ site: "lyr" }],
    [{ instrument_type: "CAMERA" }, { site: "sso" }],
  );
  const breaks = fc.array(
    fc.record({ date: dates, length: fc.nat(5) }).map(({ date, length }) => ({
      from: spell(date),
      to: spell(new Date(date.getTime() + length * dayMillis)),
    })),
    { maxLength: 3 },
  );

  test("the expansion is in order, within bounds, without duplicates, and the same a second time", () => {
    fc.assert(
      fc.property(fc.oneof(nights, calendars), scopes, breaks, (rule, chosen, off) => {
        const expansion = () => expansionOf(rule, { scopes: chosen, breaks: off });
        if (errorsOf(expansion)) return;
        const { rows, absences } = expansion();
        expect(rows.length).toBeGreaterThan(0);
        const starts = rows.map(({ draft }) => draft.start);
        expect(starts).toEqual([...starts].sort());
        const names = rows.map(({ key, draft: { site, telescope, instrument_type } }) =>
          [key, site, telescope, instrument_type].join(),
        );
        expect(new Set(names).size).toBe(rows.length);
        expect(new Set(rows.map(({ draft }) => JSON.stringify(draft))).size).toBe(rows.length);
        for (const { date, draft } of rows) {
          expect(draft.start < draft.end).toBe(true);
          expect(observatory.has(draft)).toBe(true);
          expect(off.some(({ from, to }) => from <= date && date <= to)).toBe(false);
          if ("first" in rule) expect(date >= rule.first && date <= rule.last).toBe(true);
          expect(Math.abs(Date.parse(draft.start) - Date.parse(`${date}T12:00:00Z`))).toBeLessThan(2 * dayMillis);
        }
        expect(expansion()).toEqual({ rows, absences });
      }),
      { numRuns: 150 },
    );
  });
});

test("any recurrence rule is expanded or refused, and soon", () => {
  const numbers = (least: number, most: number) =>
    fc.array(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 4 }).map(String);
  const maybe = (name: string, values: fc.Arbitrary<string>) =>
    fc.option(values, { nil: "", freq: 1 }).map((value) => value && `;${name}=${value}`);
  const rrules = fc
    .tuple(
      fc
        .constantFrom("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
        .map((freq) => `FREQ=${freq}`),
      fc.constantFrom(";COUNT=1", ";COUNT=40", ";COUNT=9999", ";UNTIL=20280101", ";UNTIL=20270301T000000Z"),
      maybe("INTERVAL", fc.integer({ min: 1, max: 99_999 }).map(String)),
      maybe("BYMONTH", numbers(1, 12)),
      maybe("BYMONTHDAY", numbers(-31, 31)),
      maybe("BYYEARDAY", numbers(-366, 366)),
      maybe("BYWEEKNO", numbers(-53, 53)),
      maybe("BYDAY", fc.constantFrom("MO", "TU,FR", "1MO", "-1SU", "5FR,-5TU")),
      maybe("BYHOUR", numbers(0, 24)),
      maybe("BYMINUTE", numbers(0, 59)),
      maybe("BYSETPOS", numbers(-366, 366)),
    )
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(rrules, (rrule) => {
      const began = performance.now();
      for (const texts of Object.values(errorsOf(() => expansionOf(calendar("UTC", "2027-01-12T20:00", rrule))) ?? {}))
        expect(texts.join()).toMatch(/[A-Z].*\.$/s);
      expect(performance.now() - began).toBeLessThan(5000);
    }),
    { numRuns: 200 },
  );
});

test("one rule with one break gives the hand-made education slots of a term within 15 minutes", () => {
  // Siding Spring, 2 m: what was booked by hand for half an hour each, to the quarter of an hour, from February to May 2018.
  const booked = {
    "10:15": ["02-06"],
    "10:00": ["02-07", "02-08", "02-09", "02-13", "02-14", "02-15", "02-16"],
    "09:45": ["02-20", "02-21", "02-22", "02-23", "02-27", "02-28", "03-01", "03-02"],
    "09:30": ["03-06", "03-07", "03-08", "03-09", "03-13", "03-14"],
    "09:15": ["03-15", "03-16", "03-20", "03-21", "03-22", "03-23"],
    "08:45": ["04-10", "04-11", "04-12", "04-13", "04-17", "04-18", "04-19", "04-20"],
    "08:30": ["04-24", "04-25", "04-26", "04-27"],
  };
  const slots = Object.entries(booked).flatMap(([time, nights]) => nights.map((date) => `2018-${date}T${time}:00Z`));
  const rule = {
    kind: "night",
    first: "2018-02-06",
    last: "2018-04-27",
    weekdays: ["TU", "WE", "TH", "FR"],
    from: { event: "nautical_dusk", offset_minutes: 7 },
    minutes: 30,
  };
  const { rows } = expansionOf(
    rule,
    {
      scopes: [{ site: "sso", telescope: "2m0a" }],
      breaks: [{ from: "2018-03-24", to: "2018-04-09", name: "Easter" }],
    },
    now,
  );
  expect(rows).toHaveLength(slots.length);
  for (const [index, slot] of slots.entries()) expect(off(rows[index]?.draft.start, slot)).toBeLessThanOrEqual(15);
});
