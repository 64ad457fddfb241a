import { describe, expect, test } from "bun:test";
import { fromNow, inWords } from "../../src/time/duration.ts";
import type { Instant } from "../../src/time/instant.ts";
import { localTime } from "../../src/time/zone.ts";

const at = (text: string) => text as Instant;

describe("a duration as text", () => {
  test.each([
    [1, "1 s"],
    [59, "59 s"],
    [60, "1 min"],
    [3599, "59 min"],
    [3600, "1 h"],
    [8100, "2 h 15 min"],
    [172_799, "47 h 59 min"],
    [172_800, "2 d"],
    [277_200, "3 d 5 h"],
  ])("%i seconds are %s", (seconds, words) => expect(inWords(seconds)).toBe(words));

  test("relative to now says whether it is in the past or the future", () => {
    expect(fromNow(at("2026-11-22T12:00:00Z"), at("2026-11-22T12:00:00Z"))).toBe("now");
    expect(fromNow(at("2026-11-22T12:00:01Z"), at("2026-11-22T12:00:00Z"))).toBe("in 1 s");
    expect(fromNow(at("2026-11-22T11:00:00Z"), at("2026-11-22T12:00:00Z"))).toBe("1 h ago");
  });
});

describe("a local time", () => {
  test.each([
    // Daylight saving time begins and ends in Sydney.
    ["2026-10-03T15:59:59Z", "Australia/Sydney", "2026-10-04 01:59:59 +10:00"],
    ["2026-10-03T16:00:00Z", "Australia/Sydney", "2026-10-04 03:00 +11:00"],
    ["2026-04-04T15:59:00Z", "Australia/Sydney", "2026-04-05 02:59 +11:00"],
    ["2026-04-04T16:00:00Z", "Australia/Sydney", "2026-04-05 02:00 +10:00"],
    // Hawaii has none; Lord Howe's changes the clock by half an hour.
    ["2026-07-01T09:30:00Z", "Pacific/Honolulu", "2026-06-30 23:30 -10:00"],
    ["2026-10-03T15:30:00Z", "Australia/Lord_Howe", "2026-10-04 02:30 +11:00"],
    ["2026-07-01T00:00:00Z", "Asia/Kathmandu", "2026-07-01 05:45 +05:45"],
    ["2026-07-01T00:00:00Z", "UTC", "2026-07-01 00:00 +00:00"],
  ])("%s in %s is %s", (instant, zone, expected) => {
    const { date, time, offset } = localTime(at(instant), zone);
    expect(`${date} ${time} ${offset}`).toBe(expected);
  });
});
