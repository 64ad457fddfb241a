import { describe, expect, test } from "bun:test";
import { checkSeries, placesIn } from "../../src/series/series.ts";
import { errorsOf, now, observatory } from "./observatory.ts";

const night = {
  kind: "night",
  first: "2027-01-12",
  last: "2027-06-01",
  from: { event: "astronomical_dusk", offset_minutes: 30 },
  minutes: 30,
};
const calendar = {
  kind: "calendar",
  zone: "Pacific/Honolulu",
  start: "2027-01-12T20:00:00",
  minutes: 30,
  rrule: "FREQ=WEEKLY;COUNT=3",
};
const plan = { reason: "RTI", scopes: [{ site: "mko" }], rule: night, breaks: [] };
const wrongWith = (fields: Record<string, unknown>) =>
  errorsOf(() => checkSeries({ ...plan, ...fields }, observatory, now));
const wrongRule = (rule: Record<string, unknown>) => wrongWith({ rule });
const taken = (fields: Record<string, unknown>) => checkSeries({ ...plan, ...fields }, observatory, now);

describe("a series", () => {
  test("that is valid is returned as it is", () => {
    expect<unknown>(taken({})).toEqual({
      ...plan,
      rule: { ...night, from: { event: "astronomical_dusk", offset_minutes: 30 } },
    });
  });

  test("needs no reason and no breaks, and drops what a form leaves empty", () => {
    const { rule, ...rest } = taken({
      reason: undefined,
      breaks: null,
      scopes: [{ site: " mko ", enclosure: "", telescope: null }],
      rule: { ...night, weekdays: [], to: "", minutes: "30", from: { event: "sunset", offset_minutes: "" } },
    });
    expect<unknown>(rest).toEqual({ reason: "", breaks: [], scopes: [{ site: "mko" }] });
    expect<unknown>(rule).toEqual({ ...night, weekdays: [], from: { event: "sunset", offset_minutes: 0 } });
  });

  test("may have read-only fields, but no unknown ones, which may be misspelled", () => {
    expect<unknown>(taken({ id: 5, version: 3 })).toEqual(plan);
    expect(
      wrongWith({ break: [], scopes: [{ site: "mko", telescop: "1m0a" }], rule: { ...night, weekday: ["TU"] } }),
    ).toEqual({
      break: ["Unknown field."],
      "scopes.0.telescop": ["Unknown field."],
      "rule.weekday": ["Unknown field."],
    });
  });

  test("with several invalid fields has all of them named by their paths", () => {
    expect(
      wrongWith({
        reason: 7.5,
        scopes: [{ site: "xyz" }, {}, { site: "cta", telescope: "2m0a" }, "mko"],
        rule: { kind: "night", first: "2027-02-30", weekdays: ["TU", "tu"], from: { event: "dusk" }, minutes: 0 },
        breaks: [{ from: "2027-03-02", to: "2027-03-01" }, { from: "2027-04-01" }],
      }),
    ).toEqual({
      "scopes.0.site": ['"xyz" is not a valid choice.'],
      "scopes.1": ["At least one of site, enclosure, telescope and instrument type is required."],
      "scopes.2": ["No telescope matches cta · 2m0a."],
      "scopes.3": ["Not an object."],
      "rule.first": ["Enter a date such as 2027-01-12."],
      "rule.last": ["This field is required."],
      "rule.weekdays.1": ['"tu" is not a valid choice. Choose one of MO, TU, WE, TH, FR, SA, SU.'],
      "rule.from.event": [
        '"dusk" is not a valid choice. Choose one of sunset, civil_dusk, nautical_dusk, astronomical_dusk, midnight, astronomical_dawn, nautical_dawn, civil_dawn, sunrise.',
      ],
      "rule.minutes": ["Enter a number from 1 to 527040."],
      "breaks.0.to": ["The last day must not be before the first."],
      "breaks.1.to": ["This field is required."],
    });
  });

  test("that isn't an object is refused", () => {
    expect(errorsOf(() => checkSeries("plan", observatory, now))).toEqual({ non_field_errors: ["Not an object."] });
    expect(errorsOf(() => checkSeries({}, observatory, now))).toEqual({
      scopes: ["This field is required."],
      rule: ["This field is required."],
    });
    expect(wrongWith({ scopes: [] })).toEqual({ scopes: ["This list may not be empty."] });
    expect(wrongWith({ scopes: { site: "mko" }, rule: [] })).toEqual({
      scopes: ["Not a list."],
      rule: ["Not an object."],
    });
  });

  test("has at most 100 scopes and breaks", () => {
    const breaks = Array.from({ length: 101 }, () => ({ from: "2027-03-01", to: "2027-03-01" }));
    expect(wrongWith({ breaks: breaks.slice(1) })).toBeUndefined();
    expect(wrongWith({ breaks })).toEqual({ breaks: ["Maximum 100 entries (you sent 101)."] });
  });
});

describe("a duration", () => {
  const minutesOf = (minutes: unknown) => {
    const { rule } = taken({ rule: { ...night, minutes } });
    return "minutes" in rule && rule.minutes;
  };
  test("is a number of minutes, or a text with units", () => {
    expect(["45", 45, "45 min", "1 h 30 min"].map(minutesOf)).toEqual([45, 45, 45, 90]);
    for (const wrong of ["soon", "-30 min", "90 s", "0 min", "", 1.5, {}])
      expect(wrongRule({ ...night, minutes: wrong })).toHaveProperty(["rule.minutes"]);
  });

  test("before an event has a sign", () => {
    const from = { event: "sunset", offset_minutes: "-1 h" };
    const { rule } = taken({ rule: { ...night, from } });
    expect("from" in rule && rule.from).toEqual({ event: "sunset", offset_minutes: -60 });
  });
});

describe("a nightly rule", () => {
  test("has an end event or a duration, not both and not neither", () => {
    expect(wrongRule({ ...night, minutes: undefined })).toEqual({
      "rule.minutes": ["Set when it ends: `minutes` or `to`."],
    });
    expect(wrongRule({ ...night, to: { event: "midnight" } })).toEqual({
      "rule.minutes": ["Set `minutes` or `to`, not both."],
    });
    expect(wrongRule({ ...night, minutes: undefined, to: { event: "midnight" } })).toBeUndefined();
  });

  test("may have one night, and doesn't end before it begins", () => {
    expect(wrongRule({ ...night, last: night.first })).toBeUndefined();
    expect(wrongRule({ ...night, last: "2027-01-11" })).toEqual({
      "rule.last": ["The last night must not be before the first."],
    });
    expect(wrongRule({ ...night, first: "2000-01-01" })).toEqual({
      "rule.last": ["Maximum 5,000 nights, from the first to the last."],
    });
  });
});

describe("a rule by clock time", () => {
  const refused: Record<string, readonly [Record<string, unknown>, Record<string, string[]>]> = {
    "without an end": [
      { rrule: "FREQ=DAILY" },
      { "rule.rrule": ["Add an end: ;UNTIL=20270601T000000Z, or ;COUNT=20."] },
    ],
    "with two ends": [
      { rrule: "FREQ=DAILY;COUNT=3;UNTIL=20270601" },
      { "rule.rrule": ["Use UNTIL or COUNT, not both."] },
    ],
    "that is no rule": [
      { rrule: "every day" },
      { "rule.rrule": ["Invalid RRULE. Enter one such as FREQ=WEEKLY;BYDAY=TU;UNTIL=20270601T000000Z."] },
    ],
    "with a part that no rule has": [
      { rrule: "FREQ=YEARLY;BYEASTER=0;COUNT=1" },
      { "rule.rrule": ['Unknown RRULE part "BYEASTER".'] },
    ],
    "with a value that its part can't have": [
      { rrule: "FREQ=DAILY;BYHOUR=24;COUNT=1" },
      { "rule.rrule": ['Invalid BYHOUR "24".'] },
    ],
    "that ends on no date": [{ rrule: "FREQ=DAILY;UNTIL=20270230" }, { "rule.rrule": ['Invalid UNTIL "20270230".'] }],
    "that ends when nobody plans": [
      { rrule: "FREQ=DAILY;UNTIL=99991231T235959Z" },
      { "rule.rrule": ['Invalid UNTIL "99991231T235959Z".'] },
    ],
    "with a part twice": [
      { rrule: "FREQ=DAILY;COUNT=1;COUNT=2" },
      { "rule.rrule": ["Each part can appear only once."] },
    ],
    "with parts that don't go together": [
      { rrule: "FREQ=WEEKLY;BYDAY=1TU;COUNT=2" },
      { "rule.rrule": ["BYDAY with numeric value MUST NOT be used unless FREQ is MONTHLY or YEARLY."] },
    ],
    "with more lines than one": [
      { rrule: "FREQ=DAILY;COUNT=2\nEXDATE:20270112T200000Z" },
      { "rule.rrule": ['Invalid COUNT "2\nEXDATE:20270112T200000Z".'] },
    ],
    "in a zone that doesn't exist": [
      { zone: "Pacific/Atlantis" },
      { "rule.zone": ['Unknown time zone "Pacific/Atlantis". Enter one such as Pacific/Honolulu, or UTC.'] },
    ],
    "with a start that has an offset": [
      { start: "2027-01-12T20:00:00Z" },
      { "rule.start": ["Enter a local date and time such as 2027-01-12T20:00:00, without an offset."] },
    ],
    "with dates that are none": [
      { exdates: ["2027-01-12", "soon"], rdates: ["2027-01-12"] },
      {
        "rule.exdates.1": ["Enter a date or a local time, such as 2027-02-16 or 2027-02-16T20:00."],
        "rule.rdates.0": ["Enter a local date and time such as 2027-01-12T20:00:00, without an offset."],
      },
    ],
  };
  for (const [name, [fields, errors]] of Object.entries(refused))
    test(`${name} is refused`, () => {
      expect(wrongRule({ ...calendar, ...fields })).toEqual(errors);
    });

  test("may be written as calendars and forms write it", () => {
    const { rule } = taken({ rule: { ...calendar, rrule: " RRULE:freq=weekly;count=3; ", start: "2027-01-12 20:00" } });
    expect<unknown>(rule).toEqual({ ...calendar, rrule: "FREQ=WEEKLY;COUNT=3" });
  });
});

test("a one-time rule must end after it starts", () => {
  const once = { kind: "once", start: "2027-01-15T08:45:00Z", end: "2027-01-15T08:45:00Z" };
  expect(wrongRule(once)).toEqual({ "rule.end": ["End time must be after start time."] });
  expect(wrongRule({ ...once, end: "2027-01-15T08:45:01Z" })).toBeUndefined();
});

test("a rule of an unknown kind is refused", () => {
  expect(wrongRule({ kind: "moon" })).toEqual({
    "rule.kind": ['"moon" is not a valid choice. Choose one of night, calendar, once.'],
  });
});

describe("scopes", () => {
  const telescopes = (...scopes: Record<string, string>[]) =>
    placesIn(taken({ scopes }).scopes, observatory).map(({ site, telescope, instrument_type }) =>
      [site, telescope, instrument_type].filter(Boolean).join(" "),
    );

  test("match each active telescope once, also where several match it", () => {
    expect(telescopes({ site: "sso" }, { telescope: "1m0a", site: "sso" }, { site: "cta" })).toEqual([
      "sso 1m0a",
      "sso 2m0a",
      "cta 1m0a",
    ]);
  });

  test("match an instrument type on every telescope, and nothing else", () => {
    expect(telescopes({ instrument_type: "CAMERA" })).toEqual(["sso 1m0a CAMERA", "sso 2m0a CAMERA"]);
    expect(telescopes({ site: "sso", telescope: "2m0a", instrument_type: "CAMERA" })).toEqual(["sso 2m0a CAMERA"]);
  });

  test("match an inactive telescope only by its full name", () => {
    expect(telescopes({ site: "sso", enclosure: "doma", telescope: "old" })).toEqual(["sso old"]);
    expect(wrongWith({ scopes: [{ telescope: "old" }] })).toEqual({
      "scopes.0": [
        "No telescope matches old. Only inactive telescopes do: to include one, enter its site, enclosure and telescope.",
      ],
    });
    expect(wrongWith({ scopes: [{ site: "shut" }] })?.["scopes.0"]?.[0]).toStartWith(
      "No telescope matches shut. Only inactive telescopes do",
    );
  });
});
