import { describe, expect, test } from "bun:test";
import { bodyOf } from "../../src/series/form-body.ts";
import {
  emptySeriesFormInput,
  mergeSeriesFormInputs,
  type SeriesFormInput,
  seriesFormInputOf,
} from "../../src/series/form-input.ts";
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

describe("an entry of a series", () => {
  for (const [name, rule] of Object.entries(rules))
    test(`gives back the plan that it stands for: ${name}`, () => {
      const series: SeriesDraft = checkSeries({ reason: " RTI\n", scopes, rule, breaks }, facility);
      const { body, errors } = bodyOf(seriesFormInputOf(series), facility, now);
      expect(errors).toEqual({});
      expect<SeriesDraft>(checkSeries(body, facility)).toEqual(series);
    });

  const typed = (texts: Partial<SeriesFormInput["texts"]>, places = emptySeriesFormInput.places): SeriesFormInput => ({
    ...emptySeriesFormInput,
    texts: { ...emptySeriesFormInput.texts, ...texts },
    places,
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
    const { body, lines: numbers } = bodyOf(
      typed({ breaks: `\n${lines.map(([line]) => line).join("\n\n")}\n` }),
      facility,
      now,
    );
    expect(body.breaks).toEqual(lines.map(([, from, to, name]) => ({ from, to, name })));
    expect(numbers.breaks).toEqual(lines.map((_, index) => 2 + 2 * index));
  });

  test("takes the site's own clock where nobody says whose, unless there are several", () => {
    const [one, other] = ["ogg", "coj"].map((site) => ({ site, enclosure: "", telescope: "", instrument_type: "" }));
    const zoneOf = (...places: NonNullable<typeof one>[]) => {
      const { body, errors } = bodyOf(
        typed({ kind: "calendar", length: "1 h", until: "2027-02-01" }, places),
        facility,
        now,
      );
      return [(body.rule as { zone: string }).zone, errors.zone];
    };
    if (!one || !other) throw new Error("two places");
    expect(zoneOf(one)).toEqual(["Pacific/Honolulu", undefined]);
    expect(zoneOf(one, other)[1]).toStartWith("Say whose clock counts");
  });

  test("takes an end on the clock where a duration may stand, and shows it again", () => {
    const ruleOf = (length: string) => {
      const entry = typed({ kind: "calendar", start: "2027-01-12 20:00", length, until: "2027-02-01", zone: "UTC" });
      const { body, errors } = bodyOf(entry, facility, now);
      return [body.rule as Record<string, unknown>, errors.length] as const;
    };
    const [rule] = ruleOf(" 9:30 ");
    expect([rule.until_time, rule.minutes]).toEqual(["09:30", undefined]);
    const series = checkSeries({ scopes: [{ site: "ogg" }], rule }, facility);
    expect(seriesFormInputOf(series).texts.length).toBe("09:30");
    expect(ruleOf("90 min")[0]).toMatchObject({ minutes: 90 });
    expect(ruleOf("25:00")[1]).toBeString();
  });

  test("adds the last date to a rule of its own that has no end", () => {
    const ruleOf = (rrule: string) => {
      const texts = { kind: "calendar", repeat: "other", rrule, until: "2027-06-01", length: "1 h" };
      return (bodyOf(typed(texts), facility, now).body.rule as { rrule: string }).rrule;
    };
    expect(ruleOf("FREQ=DAILY")).toBe("FREQ=DAILY;UNTIL=20270601");
    expect(ruleOf("FREQ=DAILY;COUNT=3")).toBe("FREQ=DAILY;COUNT=3");
  });

  test("is merged field by field: what either side changed, and where both did, mine", () => {
    const before = typed({ reason: "Before", last: "2027-06-01", breaks: "" });
    const theirs = typed({ reason: "Theirs", last: "2027-06-01", breaks: "2027-05-01" });
    const mine = typed({ reason: "Mine", last: "2027-07-01", breaks: "", from: "2027-03-01" });
    const { texts } = mergeSeriesFormInputs(before, theirs, mine);
    expect([texts.reason, texts.last, texts.breaks, texts.from]).toEqual([
      "Mine",
      "2027-07-01",
      "2027-05-01",
      "2027-03-01",
    ]);
  });
});
