import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { checkSeries, describeRule } from "../../src/series/series.ts";
import { errorsOf, expansionOf, now, observatory } from "./observatory.ts";

const calendar = (zone: string, start: string, more: Record<string, unknown>) => ({
  kind: "calendar",
  zone,
  start,
  rrule: "FREQ=DAILY;COUNT=2",
  ...more,
});
const windowsOf = (rule: Record<string, unknown>) =>
  expansionOf(rule).rows.map(({ draft, leaves, clockChange }) =>
    [draft.start, draft.end, leaves ?? clockChange ?? ""].join(" "),
  );
const wrong = (more: Record<string, unknown>) =>
  errorsOf(() => expansionOf(calendar("Europe/Madrid", "2027-03-27T20:00", more)));

describe("a rule with an end time", () => {
  test("ends when one that starts at that local time starts, across a clock change", () => {
    // Madrid changes its clock on 28 March and 31 October 2027.
    for (const [day, next] of [
      ["2027-03-27", "2027-03-28"],
      ["2027-10-30", "2027-10-31"],
    ]) {
      const night = expansionOf(calendar("Europe/Madrid", `${day}T20:00`, { until_time: "12:00" })).rows;
      const noon = expansionOf(calendar("Europe/Madrid", `${next}T12:00`, { until_time: "20:00" })).rows;
      expect(night.map(({ draft }) => draft.end)).toEqual(noon.map(({ draft }) => draft.start));
      expect(noon[0]?.draft.end).toBe(night[1]?.draft.start as never);
      expect([...night, ...noon].filter(({ leaves }) => leaves)).toEqual([]);
    }
  });

  test("ends on the next day if the time isn't after its start, up to a whole day later", () => {
    const end = (until_time: string) =>
      expansionOf(calendar("UTC", "2027-03-27T20:00", { until_time })).rows[0]?.draft.end as string;
    expect(end("20:01")).toBe("2027-03-27T20:01:00Z");
    expect(end("20:00:30")).toBe("2027-03-27T20:00:30Z");
    expect(end("20:00")).toBe("2027-03-28T20:00:00Z");
    expect(end("19:59")).toBe("2027-03-28T19:59:00Z");
    expect(end("0:00")).toBe("2027-03-28T00:00:00Z");
  });

  test("that ends at a skipped or ambiguous local time ends when one that starts then starts, with a warning", () => {
    expect(windowsOf(calendar("Europe/Madrid", "2027-03-27T20:00", { until_time: "02:30" }))).toEqual([
      "2027-03-27T19:00:00Z 2027-03-28T01:30:00Z skipped",
      "2027-03-28T18:00:00Z 2027-03-29T00:30:00Z changed",
    ]);
    expect(windowsOf(calendar("Europe/Madrid", "2027-10-30T20:00", { until_time: "02:30" }))[0]).toBe(
      "2027-10-30T18:00:00Z 2027-10-31T00:30:00Z doubled",
    );
  });

  test("is skipped and listed where daylight saving skips all of it", () => {
    const { rows, absences } = expansionOf(calendar("Europe/Madrid", "2027-03-27T02:30", { until_time: "03:00" }));
    expect(rows.map(({ key }) => key)).toEqual(["2027-03-27"]);
    expect(absences).toEqual([{ site: "mko", date: "2027-03-28", why: "Daylight saving skips this time." }]);
  });

  test("needs either a duration or a valid end time", () => {
    expect(wrong({})).toEqual({ "rule.minutes": ["Set when each ends: `minutes` or `until_time`."] });
    expect(wrong({ minutes: 30, until_time: "21:00" })).toEqual({
      "rule.until_time": ["Set a duration or an end time, not both."],
    });
    for (const until_time of ["24:00", "12:60", "noon", "12", 12, "12:00Z"])
      expect(wrong({ until_time })).toEqual({ "rule.until_time": ["Enter a time of day, such as 12:00."] });
    expect(wrong({ until_time: "21:00", rrule: "FREQ=HOURLY;COUNT=2" })).toEqual({
      "rule.until_time": ["With HOURLY, MINUTELY or SECONDLY, set a duration instead."],
    });
    const rule = { ...calendar("UTC", "2027-03-27T20:00", { until_time: " 9:05 " }), minutes: null };
    expect(checkSeries({ scopes: [{ site: "mko" }], rule }, observatory, now).rule).toMatchObject({
      until_time: "09:05",
    });
  });

  test("is described with its end time", () => {
    const rule = calendar("UTC", "2027-03-27T20:00:00", { until_time: "12:00" });
    expect(describeRule(checkSeries({ scopes: [{ site: "mko" }], rule }, observatory, now))).toBe(
      "daily at 20:00 (UTC), until 12:00, 2 times from 27 Mar 2027",
    );
  });
});

describe("a rule with a duration", () => {
  test("warns of a gap or an overlap at its end due to a clock change", () => {
    const long = { minutes: 16 * 60 };
    expect(windowsOf(calendar("Europe/Madrid", "2027-10-30T20:00", long))).toEqual([
      "2027-10-30T18:00:00Z 2027-10-31T10:00:00Z gap",
      "2027-10-31T19:00:00Z 2027-11-01T11:00:00Z changed",
    ]);
    expect(windowsOf(calendar("Europe/Madrid", "2027-03-27T20:00", long))[0]).toBe(
      "2027-03-27T19:00:00Z 2027-03-28T11:00:00Z overlap",
    );
  });

  test("warns where it ends exactly at the change, unless one that starts then starts there", () => {
    // The clock goes back from 03:00 to 02:00: a start at 03:00 is an hour later.
    const until = (start: string, minutes: number) =>
      expansionOf(calendar("Europe/Madrid", start, { minutes, rrule: "FREQ=DAILY;COUNT=1" })).rows[0]?.leaves;
    expect(until("2027-10-31T00:00", 180)).toBe("gap");
    expect(until("2027-10-31T00:00", 179)).toBeUndefined();
    // It goes forward from 02:00 to 03:00: a start at 02:00 is moved on to 03:00.
    expect(until("2027-03-28T00:00", 120)).toBeUndefined();
    expect(until("2027-03-28T00:00", 180)).toBe("overlap");
  });

  test("doesn't warn where it counts real time, or without a clock change", () => {
    const hours = { minutes: 60, rrule: "FREQ=HOURLY;COUNT=5" };
    expect(
      windowsOf(calendar("Europe/Madrid", "2027-10-31T00:00", hours)).filter((one) => /gap|overlap/.test(one)),
    ).toEqual([]);
    expect(windowsOf(calendar("Pacific/Honolulu", "2027-10-31T00:00", { minutes: 1440 }))[0]).toEndWith("Z ");
  });
});

test("rules that share a local time meet there, in every zone on every day", () => {
  const time = fc.integer({ min: 0, max: 95 }).map((quarter) => {
    const pad = (number: number) => String(number).padStart(2, "0");
    return `${pad(Math.floor(quarter / 4))}:${pad((quarter % 4) * 15)}`;
  });
  const zones = [
    "UTC",
    "Europe/Madrid",
    "America/Santiago",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "America/Chicago",
  ];
  const days = fc
    .integer({ min: 0, max: 500 })
    .map((day) => new Date(Date.UTC(2027, 0, 1 + day)).toISOString().slice(0, 10));
  fc.assert(
    fc.property(fc.constantFrom(...zones), days, time, time, (zone, day, one, other) => {
      fc.pre(one !== other);
      const rrule = "FREQ=DAILY;COUNT=3";
      const windows = [
        calendar(zone, `${day}T${one}`, { until_time: other, rrule }),
        calendar(zone, `${day}T${other}`, { until_time: one, rrule }),
      ].flatMap((rule) => expansionOf(rule).rows.map(({ draft }) => draft));
      const sorted = windows.sort((a, b) => (a.start < b.start ? -1 : 1));
      // The first or the last one of either rule has no neighbour; a whole one may be leapt over.
      for (const [index, { end }] of sorted.slice(0, -2).entries()) expect(sorted[index + 1]?.start).toBe(end);
    }),
    { numRuns: 300 },
  );
});
