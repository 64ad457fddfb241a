import { describe, expect, test } from "bun:test";
import type { Invalid } from "../../src/input/problem.ts";
import { errorsByInput } from "../../src/series/form-errors.ts";
import {
  emptySeriesFormInput,
  inputsOf,
  mergeSeriesFormInputs,
  readSeriesFormInput,
  withLocations,
} from "../../src/series/form-input.ts";
import { bodyOf, contextOf, editedFields, seriesFormInputOf } from "../../src/series/form-reading.ts";
import { planNew } from "../../src/series/plan.ts";
import { checkSeries, type SeriesDraft } from "../../src/series/series.ts";
import { toInstant } from "../../src/time/instant.ts";
import { localTime } from "../../src/time/zone.ts";
import { facility, noon } from "../harness.ts";

const now = toInstant(noon);
const scopes = [{ site: "ogg" }, { site: "coj", telescope: "2m0a" }];
const night = { kind: "night", first: "2027-01-12", last: "2027-06-01" };
const calendar = { kind: "calendar", zone: "Pacific/Honolulu", start: "2027-01-12T20:00:00", minutes: 90 };
const breaks = [
  { from: "2027-03-22", to: "2027-03-26", name: "Spring – and more" },
  { from: "2027-05-01", to: "2027-05-01", name: "" },
];

const rules: Record<string, object> = {
  "a length after dusk": {
    ...night,
    weekdays: ["TU", "FR"],
    from: { event: "astronomical_dusk", offset_minutes: 30 },
    minutes: 30,
  },
  "from before sunset to midnight": {
    ...night,
    weekdays: [],
    from: { event: "sunset", offset_minutes: -90 },
    to: { event: "midnight", offset_minutes: 0 },
  },
  "days long": { ...night, weekdays: [], from: { event: "sunset", offset_minutes: 0 }, minutes: 3001 },
  daily: { ...calendar, rrule: "FREQ=DAILY;UNTIL=20270201", exdates: ["2027-01-13"], rdates: ["2027-02-10T21:00:30"] },
  weekly: { ...calendar, rrule: "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270201", exdates: [], rdates: [] },
  monthly: { ...calendar, rrule: "FREQ=MONTHLY;UNTIL=20271201", exdates: ["2027-02-12T20:00:00"], rdates: [] },
  "by a rule of its own": { ...calendar, rrule: "FREQ=MONTHLY;BYDAY=1TU;COUNT=5", exdates: [], rdates: [] },
  "until an instant": { ...calendar, rrule: "FREQ=DAILY;UNTIL=20270201T060000Z", exdates: [], rdates: [] },
  once: { kind: "once", start: "2027-01-12T20:00:00Z", end: "2027-01-14T20:00:30Z" },
  "once, shortly": { kind: "once", start: "2027-01-12T20:00:30Z", end: "2027-01-12T20:45:30Z" },
};

describe("the input of the series form", () => {
  for (const [name, rule] of Object.entries(rules))
    test(`returns the series that it was made from: ${name}`, () => {
      const series: SeriesDraft = checkSeries(
        { reason: " RTI\n", category: "education", scopes, rule, breaks },
        facility,
        now,
      );
      expect<SeriesDraft>(checkSeries(bodyOf(seriesFormInputOf(series), facility, now), facility, now)).toEqual(series);
    });

  const typed = (texts: Record<string, string>, locations = [{ site: "ogg" }]) =>
    withLocations({ ...emptySeriesFormInput, ...texts }, locations);
  const ruleOf = (texts: Record<string, string>, locations?: { site: string }[]) => {
    const input = typed({ repeat: "WEEKLY", ...texts }, locations);
    return bodyOf(input, facility, now).rule as Record<string, unknown>;
  };
  const errorsIn = (input: ReturnType<typeof typed>) => {
    try {
      checkSeries(bodyOf(input, facility, now), facility, now);
      return {};
    } catch (error) {
      return errorsByInput((error as Invalid).errors, input, contextOf(input, facility, now));
    }
  };

  test("counts the inputs of the selected repetition alone", () => {
    const counted = (repeat: string) => inputsOf(typed({ repeat }, [{ site: "ogg" }, { site: "coj" }]));
    const places = ["site", "enclosure", "telescope", "instrument_type"];
    const locations = [...places, ...places.map((part) => `scopes.1.${part}`)];
    const others = ["from", "reason", "category", "repeat"];
    expect(counted("none")).toEqual([...locations, ...others, "start", "end", "zone", "breaks", "name"]);
    expect(counted("NTH")).toEqual(expect.arrayContaining([...locations, ...others, "start", "until", "rrule"]));
    expect(counted("night")).toEqual(expect.arrayContaining(["repeat", "rule.night.first", "rule.night.from.event"]));
    expect(counted("night").some((name) => ["start", "end", "zone", "until"].includes(name))).toBe(false);
    expect(counted("NTH").some((name) => name.startsWith("rule."))).toBe(false);
  });

  test("comes back exactly as it was sent", () => {
    const sent = new URLSearchParams([
      ["reason", " two\n lines "],
      ["rule.night.first", "soon"],
      ["rule.night.weekdays", "TU"],
      ["rule.night.weekdays", "FR"],
      ["rrule", "FREQ=NEVER "],
      ["site", "nowhere"],
      ["scopes.1.telescope", "2m0a"],
      ["scopes.3.site", "after a gap"],
    ]);
    expect(readSeriesFormInput(sent)).toEqual({
      ...emptySeriesFormInput,
      reason: " two\n lines ",
      "rule.night.first": "soon",
      "rule.night.weekdays": "TU,FR",
      rrule: "FREQ=NEVER ",
      ...withLocations({}, [{ site: "nowhere" }, { telescope: "2m0a" }]),
    });
  });

  test("shows each error beside its input", () => {
    const wrong = typed({
      repeat: "night",
      "rule.night.first": "soon",
      "rule.night.from.event": "noon",
      "rule.night.from.offset_minutes": "25 h",
      "rule.night.minutes": "30 parsecs",
      breaks: "2026-12-24\n\nthe summer\n2027-02-02 2027-01-01",
    });
    expect(errorsIn(withLocations(wrong, [{}, { site: "ogg" }, { telescope: "9m9z" }]))).toEqual({
      site: "Select a site.",
      "scopes.2.telescope": '"9m9z" is not a valid choice.',
      "rule.night.first": "Enter a date such as 2027-01-12.",
      "rule.night.last": "Enter the last night.",
      "rule.night.from.event": expect.stringContaining('"noon" is not a valid choice.'),
      "rule.night.from.offset_minutes": "Enter a number from -1440 to 1440.",
      "rule.night.minutes": "Enter a duration, such as 30 min or 1 h 30 min.",
      breaks: "Line 3: Enter a date such as 2027-01-12.",
    });
  });

  test("says what is missing, by the kind of rule", () => {
    expect(errorsIn(typed({ repeat: "night" }))).toEqual({
      "rule.night.first": "Enter the first night.",
      "rule.night.last": "Enter the last night.",
    });
    const dates = { repeat: "night", "rule.night.first": "2027-01-12", "rule.night.last": "2027-01-13" };
    expect(errorsIn(typed(dates))).toEqual({ "rule.night.minutes": "Enter a duration, such as 30 min." });
    expect(errorsIn(typed({ repeat: "none" }))).toEqual({
      start: "Enter a start time.",
      end: "Enter an end time or a duration.",
    });
    expect(errorsIn(typed({ repeat: "none", start: "soon", end: "2 h" }))).toEqual({
      start: 'Enter a date and time in UTC, such as 2026-11-23 08:15, Tue 09:00, or "now".',
    });
    expect(errorsIn(typed({ repeat: "WEEKLY" }))).toEqual({
      start: "Enter a start date and time.",
      until: "Enter an end date.",
    });
    const start = { repeat: "DAILY", start: "2027-01-12 20:00" };
    const custom = { ...start, repeat: "custom" };
    expect(errorsIn(typed(custom))).toEqual({
      rrule: "Enter a rule, such as FREQ=WEEKLY;INTERVAL=2;BYDAY=TU.",
    });
    expect(errorsIn(typed({ ...start, until: "soon" }))).toEqual({
      until: "Enter a date such as 2027-06-01.",
    });
    expect(errorsIn(typed({ ...start, until: "2027-06-01" }))).toEqual({
      end: "Enter an end time or a duration.",
    });
    const two = [{ site: "ogg" }, { site: "coj" }];
    for (const site of [{ zone: "site" }, { start: "2027-01-12 20:00 site" }, { end: "21:00 local" }])
      expect(errorsIn(typed({ ...start, until: "2027-06-01", ...site }, two)).zone).toBe(
        "Select a time zone: the locations don't share one.",
      );
    for (const once of [{ zone: "site" }, { start: "2027-01-12 20:00 site" }])
      expect(errorsIn(typed({ repeat: "none", start: "2027-01-12 20:00", end: "1 h", ...once }, two))).toEqual({
        start: "Select a time zone: site time is unknown or differs.",
      });
  });

  test("takes breaks as people write them and as spreadsheets paste them", () => {
    const lines: [string, string, string, string][] = [
      ["2027-03-22 – 2027-03-26 Spring holidays", "2027-03-22", "2027-03-26", "Spring holidays"],
      ["2027-03-22-2027-03-26: Spring", "2027-03-22", "2027-03-26", "Spring"],
      ["2027-03-22 - 2027-03-26", "2027-03-22", "2027-03-26", ""],
      ["2027-03-22\t2027-03-26\tSpring\t2027", "2027-03-22", "2027-03-26", "Spring\t2027"],
      ["2027-03-22;2027-03-26;Spring", "2027-03-22", "2027-03-26", "Spring"],
      ["2027-03-22 to 2027-03-26, Spring", "2027-03-22", "2027-03-26", "Spring"],
      ["2027-05-01 Labour Day – off", "2027-05-01", "2027-05-01", "Labour Day – off"],
      ["2027-05-01", "2027-05-01", "2027-05-01", ""],
      ["whenever", "whenever", "whenever", ""],
    ];
    const input = typed({ breaks: `\n${lines.map(([line]) => line).join("\n\n")}\n` });
    expect(bodyOf(input, facility, now).breaks).toEqual(lines.map(([, from, to, name]) => ({ from, to, name })));
  });

  test("reads times in UTC, by the site's clock, or in a time zone that is selected", () => {
    const rows: [Record<string, string>, object][] = [
      [{ start: "2027-01-12 20:00" }, { zone: "UTC", start: "2027-01-12T20:00:00" }],
      [
        { start: "2027-01-12", zone: "site" },
        { zone: "Pacific/Honolulu", start: "2027-01-12T00:00:00" },
      ],
      [{ start: "2027-01-12 20:00 site" }, { zone: "Pacific/Honolulu", start: "2027-01-12T20:00:00" }],
      [
        { start: "2027-01-13 06:00Z", zone: "site" },
        { zone: "Pacific/Honolulu", start: "2027-01-12T20:00:00" },
      ],
      [
        { start: "2027-01-12 20:00", zone: "Europe/Madrid" },
        { zone: "Europe/Madrid", start: "2027-01-12T20:00:00" },
      ],
      [{ start: "now" }, { zone: "UTC", start: "2026-11-22T12:00:00" }],
      [{ start: "9:00 site" }, { zone: "Pacific/Honolulu", start: "2026-11-22T09:00:00" }],
      [{ start: "2027-01-12 20:00", zone: " Mars " }, { zone: "Mars" }],
    ];
    for (const [texts, rule] of rows) expect([texts, ruleOf(texts)]).toEqual([texts, expect.objectContaining(rule)]);
  });

  test("takes a duration, a time of day, or the time of the first end", () => {
    const ends: Record<string, object> = {
      "90 min": { minutes: "90 min" },
      " 9:30 ": { until_time: "9:30" },
      "09:30 site": { until_time: "09:30" },
      "24:00": { until_time: "00:00" },
      "2027-01-12 24:00": { until_time: "00:00:00" },
      "2027-01-12 21:15": { until_time: "21:15:00" },
      "2027-01-13 20:00": { until_time: "20:00:00" },
      "2027-01-14 20:00": { minutes: "2880 min" },
      "2027-01-13 07:15Z": { until_time: "21:15:00" },
      "2027-01-12 20:00": { until_time: "2027-01-12 20:00" },
      soon: { until_time: "soon" },
    };
    const start = { start: "2027-01-12 20:00", zone: "site", until: "2027-02-01" };
    for (const [end, fields] of Object.entries(ends))
      expect([end, ruleOf({ ...start, end })]).toEqual([end, expect.objectContaining(fields)]);
    const late = typed({ repeat: "DAILY", ...start, end: "2027-01-12 20:00" });
    expect(errorsIn(late)).toEqual({ end: "Enter an end after the start, or a duration such as 4 h." });
    const series = checkSeries({ scopes: [{ site: "ogg" }], rule: ruleOf({ ...start, end: "9:30" }) }, facility, now);
    expect(seriesFormInputOf(series).end).toBe("09:30");
  });

  test("repeats monthly on the weekday of the start, and shows it so", () => {
    const days: Record<string, string> = {
      "2026-12-01": "1TU",
      "2026-12-08": "2TU",
      "2026-12-28": "4MO",
      "2026-12-29": "-1TU",
      "2027-02-28": "4SU",
    };
    for (const [date, day] of Object.entries(days)) {
      const rule = ruleOf({ repeat: "NTH", start: `${date} 09:00 site`, end: "15:00", until: "2027-06-01" });
      expect(rule).toMatchObject({ zone: "Pacific/Honolulu", rrule: `FREQ=MONTHLY;BYDAY=${day};UNTIL=20270601` });
      const shown = seriesFormInputOf(checkSeries({ scopes: [{ site: "ogg" }], rule }, facility, now));
      expect(shown).toMatchObject({ repeat: "NTH", start: `${date} 09:00`, zone: "Pacific/Honolulu", end: "15:00" });
    }
  });

  const zones = ["Pacific/Honolulu", "Australia/Sydney", "America/Santiago", "Europe/Madrid"];
  for (const zone of zones)
    test(`keeps the local time over both clock changes of a year in ${zone}`, () => {
      const year = { start: "2026-12-07 09:00", end: "15:00", until: "2027-11-30", zone };
      const { planned } = planNew(bodyOf(typed({ repeat: "WEEKLY", ...year }), facility, now), facility, now);
      expect(planned.length).toBe(2 * 52);
      const windows = planned.map(({ draft: { start, end } }) => [start, end].map((at) => localTime(at, zone).time));
      expect(new Set(windows.map(String))).toEqual(new Set(["09:00,15:00"]));
      const offsets = new Set(planned.map(({ draft }) => localTime(draft.start, zone).offset));
      expect(offsets.size).toBe(zone === "Pacific/Honolulu" ? 1 : 2);
      // Without a repetition each of these days is the same time.
      for (const { date, draft } of planned.filter((_, index) => index % 2 === 0)) {
        const once = typed({ repeat: "none", start: `${date} 09:00`, end: "15:00", zone });
        expect(bodyOf(once, facility, now).rule).toMatchObject({ start: draft.start, end: draft.end });
      }
    });

  const changes: readonly (readonly [string, string, string])[] = [
    ["Europe/Madrid", "2027-03-28 02:30", "2027-03-28T01:30:00Z"],
    ["Europe/Madrid", "2027-10-31 02:30", "2027-10-31T00:30:00Z"],
    ["Australia/Sydney", "2027-10-03 02:30", "2027-10-02T16:30:00Z"],
    ["Australia/Sydney", "2027-04-04 02:30", "2027-04-03T15:30:00Z"],
    ["America/Santiago", "2027-09-05 00:30", "2027-09-05T04:30:00Z"],
    ["America/Santiago", "2027-04-03 23:30", "2027-04-04T02:30:00Z"],
    ["Pacific/Honolulu", "2027-03-14 02:30", "2027-03-14T12:30:00Z"],
  ];
  for (const [zone, start, at] of changes)
    test(`reads ${start} in ${zone} as ${at}, once and as the first of a repetition`, () => {
      const times = { start, end: "30 min", zone, until: "2027-12-31" };
      expect(bodyOf(typed({ repeat: "none", ...times }), facility, now).rule).toMatchObject({ start: at });
      const { planned } = planNew(bodyOf(typed({ repeat: "DAILY", ...times }), facility, now), facility, now);
      expect<string | undefined>(planned[0]?.draft.start).toBe(at);
    });

  test("adds the end date to a custom rule that has no end", () => {
    const custom = { repeat: "custom", until: "2027-06-01" };
    expect(ruleOf({ ...custom, rrule: "FREQ=DAILY" }).rrule).toBe("FREQ=DAILY;UNTIL=20270601");
    expect(ruleOf({ ...custom, rrule: "FREQ=DAILY;COUNT=3" }).rrule).toBe("FREQ=DAILY;COUNT=3");
  });

  test("sends only the fields that were edited, so that others stay in each part of the plan", () => {
    const before = typed({ repeat: "night", reason: "Before", category: "education", "rule.night.minutes": "30 min" });
    const sent = (texts: Record<string, string>, locations?: { site: string }[]) => {
      const input = withLocations({ ...before, ...texts }, locations ?? [{ site: "ogg" }]);
      return Object.keys(editedFields(bodyOf(input, facility, now), input, before));
    };
    expect(sent({})).toEqual([]);
    expect(sent({ from: "2027-03-01", start: "of another kind" })).toEqual([]);
    expect(sent({ category: "", "rule.night.minutes": "1 h" })).toEqual(["category", "rule"]);
    expect(sent({ repeat: "none" })).toEqual(["rule"]);
    expect(sent({}, [{ site: "ogg" }, { site: "coj" }])).toEqual(["scopes"]);
  });

  test("is merged input by input with another edit; where both edited one, mine wins", () => {
    const before = typed({ reason: "Before", "rule.night.last": "2027-06-01" });
    const theirs = typed({ reason: "Theirs", "rule.night.last": "2027-06-01", breaks: "2027-05-01" });
    const mine = typed({ reason: "Mine", "rule.night.last": "2027-07-01", from: "2027-03-01" });
    expect(mergeSeriesFormInputs(before, theirs, mine)).toEqual({ ...mine, breaks: "2027-05-01" });
    const moved = withLocations(theirs, [{ site: "coj" }]);
    expect(mergeSeriesFormInputs(before, moved, mine)).toMatchObject({ reason: "Mine", site: "coj" });
  });
});
