import { describe, expect, test } from "bun:test";
import type { Invalid } from "../../src/input/problem.ts";
import {
  emptySeriesFormInput,
  inputsOf,
  mergeSeriesFormInputs,
  readSeriesFormInput,
  withLocations,
} from "../../src/series/form-input.ts";
import { bodyOf, editedFields, errorsByInput, seriesFormInputOf } from "../../src/series/form-reading.ts";
import { checkSeries, type SeriesDraft } from "../../src/series/series.ts";
import { toInstant } from "../../src/time/instant.ts";
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
    const fields = Object.entries(texts).map(([field, text]) => [`rule.calendar.${field}`, text]);
    const input = typed({ "rule.kind": "calendar", ...Object.fromEntries(fields) }, locations);
    return bodyOf(input, facility, now).rule as Record<string, unknown>;
  };
  const errorsIn = (input: ReturnType<typeof typed>) => {
    try {
      checkSeries(bodyOf(input, facility, now), facility, now);
      return {};
    } catch (error) {
      return errorsByInput((error as Invalid).errors, input);
    }
  };

  test("names each input by the path of its field in the API", () => {
    const input = typed({ "rule.kind": "once" });
    expect(inputsOf(input)).toEqual([
      "from",
      ...["site", "enclosure", "telescope", "instrument_type"].map((part) => `scopes.0.${part}`),
      ...["reason", "category", "rule.kind", "rule.once.start", "rule.once.end", "breaks"],
    ]);
  });

  test("comes back exactly as it was sent", () => {
    const sent = new URLSearchParams([
      ["reason", " two\n lines "],
      ["rule.night.first", "soon"],
      ["rule.night.weekdays", "TU"],
      ["rule.night.weekdays", "FR"],
      ["rule.calendar.rrule", "FREQ=NEVER "],
      ["scopes.0.site", "nowhere"],
      ["scopes.1.telescope", "2m0a"],
      ["scopes.3.site", "after a gap"],
    ]);
    expect(readSeriesFormInput(sent)).toEqual({
      ...emptySeriesFormInput,
      reason: " two\n lines ",
      "rule.night.first": "soon",
      "rule.night.weekdays": "TU,FR",
      "rule.calendar.rrule": "FREQ=NEVER ",
      ...withLocations({}, [{ site: "nowhere" }, { telescope: "2m0a" }]),
    });
  });

  test("shows each error beside its input", () => {
    const wrong = typed({
      "rule.night.first": "soon",
      "rule.night.from.event": "noon",
      "rule.night.from.offset_minutes": "25 h",
      "rule.night.minutes": "30 parsecs",
      breaks: "2026-12-24\n\nthe summer\n2027-02-02 2027-01-01",
    });
    expect(errorsIn(withLocations(wrong, [{}, { site: "ogg" }, { telescope: "9m9z" }]))).toEqual({
      "scopes.0": "At least one of site, enclosure, telescope and instrument type is required.",
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
    expect(errorsIn(typed({}))).toEqual({
      "rule.night.first": "Enter the first night.",
      "rule.night.last": "Enter the last night.",
    });
    const dates = { "rule.night.first": "2027-01-12", "rule.night.last": "2027-01-13" };
    expect(errorsIn(typed(dates))).toEqual({ "rule.night.minutes": "Enter a duration, such as 30 min." });
    expect(errorsIn(typed({ "rule.kind": "once" }))).toEqual({
      "rule.once.start": "Enter a start time.",
      "rule.once.end": "Enter an end time or a duration.",
    });
    expect(errorsIn(typed({ "rule.kind": "once", "rule.once.start": "soon", "rule.once.end": "2 h" }))).toEqual({
      "rule.once.start": "Enter a date and time in UTC, such as 2027-01-15 08:45.",
    });
    expect(errorsIn(typed({ "rule.kind": "calendar" }))).toEqual({
      "rule.calendar.start": "Enter the first occurrence.",
      "rule.calendar.until": "Enter an end date.",
    });
    const start = { "rule.kind": "calendar", "rule.calendar.start": "2027-01-12 20:00" };
    const custom = { ...start, "rule.calendar.repeat": "custom" };
    expect(errorsIn(typed(custom))).toEqual({
      "rule.calendar.rrule": "Enter a rule, such as FREQ=WEEKLY;INTERVAL=2;BYDAY=TU.",
    });
    expect(errorsIn(typed({ ...start, "rule.calendar.until": "soon" }))).toEqual({
      "rule.calendar.until": "Enter a date such as 2027-06-01.",
    });
    expect(errorsIn(typed({ ...start, "rule.calendar.until": "2027-06-01" }))).toEqual({
      "rule.calendar.minutes": "Enter a duration or an end time.",
    });
    const two = [{ site: "ogg" }, { site: "coj" }];
    expect(errorsIn(typed({ ...start, "rule.calendar.until": "2027-06-01" }, two))["rule.calendar.zone"]).toStartWith(
      "Enter a time zone",
    );
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

  test("defaults to the time zone of the site, unless the locations have several", () => {
    expect(ruleOf({}).zone).toBe("Pacific/Honolulu");
    expect(ruleOf({}, [{ site: "ogg" }, { site: "coj" }]).zone).toBeUndefined();
    expect(ruleOf({ zone: " UTC " }).zone).toBe("UTC");
  });

  test("takes a duration or an end time, and shows it again", () => {
    const start = { start: "2027-01-12 20:00", until: "2027-02-01" };
    const series = checkSeries(
      { scopes: [{ site: "ogg" }], rule: ruleOf({ ...start, until_time: " 9:30 " }) },
      facility,
      now,
    );
    expect(series.rule).toMatchObject({ until_time: "09:30" });
    const shown = seriesFormInputOf(series);
    expect([shown["rule.calendar.until_time"], shown["rule.calendar.minutes"]]).toEqual(["09:30", ""]);
    const both = ruleOf({ ...start, until_time: "9:30", minutes: "90 min" });
    expect(() => checkSeries({ scopes: [{ site: "ogg" }], rule: both }, facility, now)).toThrow(
      "Set a duration or an end time, not both.",
    );
  });

  test("adds the end date to a custom rule that has no end", () => {
    const custom = { repeat: "custom", until: "2027-06-01" };
    expect(ruleOf({ ...custom, rrule: "FREQ=DAILY" }).rrule).toBe("FREQ=DAILY;UNTIL=20270601");
    expect(ruleOf({ ...custom, rrule: "FREQ=DAILY;COUNT=3" }).rrule).toBe("FREQ=DAILY;COUNT=3");
  });

  test("sends only the fields that were edited, so that others stay in each part of the plan", () => {
    const before = typed({ reason: "Before", category: "education", "rule.night.minutes": "30 min" });
    const sent = (texts: Record<string, string>, locations?: { site: string }[]) => {
      const input = withLocations({ ...before, ...texts }, locations ?? [{ site: "ogg" }]);
      return Object.keys(editedFields(bodyOf(input, facility, now), input, before));
    };
    expect(sent({})).toEqual([]);
    expect(sent({ from: "2027-03-01", "rule.calendar.start": "of another kind" })).toEqual([]);
    expect(sent({ category: "", "rule.night.minutes": "1 h" })).toEqual(["category", "rule"]);
    expect(sent({ "rule.kind": "once" })).toEqual(["rule"]);
    expect(sent({}, [{ site: "ogg" }, { site: "coj" }])).toEqual(["scopes"]);
  });

  test("is merged input by input with another edit; where both edited one, mine wins", () => {
    const before = typed({ reason: "Before", "rule.night.last": "2027-06-01" });
    const theirs = typed({ reason: "Theirs", "rule.night.last": "2027-06-01", breaks: "2027-05-01" });
    const mine = typed({ reason: "Mine", "rule.night.last": "2027-07-01", from: "2027-03-01" });
    expect(mergeSeriesFormInputs(before, theirs, mine)).toEqual({ ...mine, breaks: "2027-05-01" });
    const moved = withLocations(theirs, [{ site: "coj" }]);
    expect(mergeSeriesFormInputs(before, moved, mine)).toMatchObject({ reason: "Mine", "scopes.0.site": "coj" });
  });
});
