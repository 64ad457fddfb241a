import { describe, expect, test } from "bun:test";
import { checkSeries, describeRule } from "../../src/series/series.ts";
import { now, observatory } from "./observatory.ts";

const night = {
  kind: "night",
  first: "2027-01-12",
  last: "2027-06-01",
  weekdays: ["FR", "TU", "WE", "TH"],
  from: { event: "astronomical_dusk", offset_minutes: 30 },
  minutes: 30,
};
const calendar = { kind: "calendar", zone: "Pacific/Honolulu", start: "2027-01-12T20:00", minutes: 90 };
const off = { from: "2027-03-01", to: "2027-03-05" };

const descriptions: Record<string, readonly [Record<string, unknown>, breaks?: readonly unknown[]]> = {
  "Tue–Fri nights, from 30 min after astronomical dusk, for 30 min, 12 Jan – 1 Jun 2027, except 2 breaks": [
    night,
    [off, off],
  ],
  "Tue, Wed, Sun nights, from sunset to midnight, 12 Dec 2026 – 1 Jun 2027, except 1 break": [
    {
      ...night,
      first: "2026-12-12",
      weekdays: ["TU", "WE", "SU"],
      from: { event: "sunset" },
      to: { event: "midnight" },
      minutes: null,
    },
    [off],
  ],
  "every night, from 1 h 30 min before sunrise, for 2 h, 12 Jan 2027": [
    { ...night, last: night.first, weekdays: [], from: { event: "sunrise", offset_minutes: -90 }, minutes: 120 },
  ],
  // The last moment is an hour past midnight in UTC, which is the day before in Honolulu.
  "Tue–Fri at 20:00 (Pacific/Honolulu), for 1 h 30 min, 12 Jan – 31 May 2027": [
    { ...calendar, rrule: "FREQ=WEEKLY;BYDAY=TU,WE,TH,FR;UNTIL=20270601T010000Z" },
  ],
  "Tue at 20:00 (Pacific/Honolulu), for 1 h 30 min, 4 times from 12 Jan 2027, except 1 date, plus 2 dates": [
    {
      ...calendar,
      rrule: "FREQ=WEEKLY;COUNT=4",
      exdates: ["2027-01-19"],
      rdates: ["2027-01-20T20:00", "2027-01-21T20:00"],
    },
  ],
  "every 2 weeks on Mon, Wed at 20:00 (Pacific/Honolulu), for 1 h 30 min, 4 times from 12 Jan 2027": [
    { ...calendar, rrule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=4" },
  ],
  "daily at 20:00:30 (UTC), for 1 h 30 min, 4 times from 12 Jan 2027": [
    { ...calendar, zone: "UTC", start: "2027-01-12T20:00:30", rrule: "FREQ=DAILY;COUNT=4" },
  ],
  "monthly on 1st Tue, last Fri at 20:00 (Pacific/Honolulu), for 1 h 30 min, 4 times from 12 Jan 2027": [
    { ...calendar, rrule: "FREQ=MONTHLY;BYDAY=1TU,-1FR;COUNT=4" },
  ],
  "FREQ=YEARLY;BYMONTHDAY=2,-3;BYMONTH=2,11;COUNT=4 from 20:00 (Pacific/Honolulu), for 1 h 30 min, 4 times from 12 Jan 2027":
    [{ ...calendar, rrule: "FREQ=YEARLY;BYMONTHDAY=2,-3;BYMONTH=2,11;COUNT=4" }],
  "FREQ=HOURLY;INTERVAL=6;COUNT=8 from 20:00 (Pacific/Honolulu), for 1 h 30 min, 8 times from 12 Jan 2027": [
    { ...calendar, rrule: "FREQ=HOURLY;INTERVAL=6;COUNT=8" },
  ],
  "once, from 2027-01-15 08:45Z, for 1 h": [
    { kind: "once", start: "2027-01-15T08:45:00Z", end: "2027-01-15T09:45:00Z" },
  ],
};

describe("a series in one line", () => {
  for (const [description, [rule, breaks = []]] of Object.entries(descriptions))
    test(description, () => {
      expect(describeRule(checkSeries({ scopes: [{ site: "mko" }], rule, breaks }, observatory, now))).toBe(
        description,
      );
    });
});
