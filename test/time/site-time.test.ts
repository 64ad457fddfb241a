import { describe, expect, test } from "bun:test";
import { type Instant, parseInstant } from "../../src/time/instant.ts";
import { parseSiteTime } from "../../src/time/zone.ts";

const now = "2026-11-25T12:00:00Z" as Instant;

describe("A site's local time", () => {
  const written: readonly (readonly [string, string, string | undefined])[] = [
    ["Pacific/Honolulu", "2026-11-26 09:00 site", "2026-11-26T19:00:00Z"],
    ["Pacific/Honolulu", "2026-11-26T09:00:30 local", "2026-11-26T19:00:30Z"],
    // Without a date it is the next one: 02:00 in Honolulu is now.
    ["Pacific/Honolulu", "02:00 site", "2026-11-25T12:00:00Z"],
    ["Pacific/Honolulu", "1:59 Site time", "2026-11-26T11:59:00Z"],
    ["Pacific/Honolulu", "02:00", undefined],
    ["Pacific/Honolulu", "2026-02-30 09:00 site", undefined],
    ["Pacific/Honolulu", "25:00 site", undefined],
    ["Pacific/Honolulu", "9999-12-31 23:59 site", undefined],
    // Clocks go forward: times that are skipped move on by an hour.
    ["Australia/Sydney", "2026-10-04 01:59:59 site", "2026-10-03T15:59:59Z"],
    ["Australia/Sydney", "2026-10-04 02:30 site", "2026-10-03T16:30:00Z"],
    ["Australia/Sydney", "2026-10-04 03:00 site", "2026-10-03T16:00:00Z"],
    ["America/Santiago", "2026-09-06 00:30 site", "2026-09-06T04:30:00Z"],
    ["Europe/Madrid", "2026-03-29 02:30 site", "2026-03-29T01:30:00Z"],
    // Clocks go back: of times that occur twice the first counts.
    ["Australia/Sydney", "2026-04-05 02:30 site", "2026-04-04T15:30:00Z"],
    ["Australia/Sydney", "2026-04-05 03:00 site", "2026-04-04T17:00:00Z"],
    ["America/Santiago", "2026-04-04 23:30 site", "2026-04-05T02:30:00Z"],
    ["Europe/Madrid", "2026-10-25 02:30 site", "2026-10-25T00:30:00Z"],
    ["Europe/Madrid", "2026-10-25 03:00 site", "2026-10-25T02:00:00Z"],
  ];
  for (const [zone, text, expected] of written)
    test(`${text} in ${zone} is ${expected ?? "not a time"}`, () => {
      expect(parseSiteTime(text, zone, now)).toBe(expected as Instant | undefined);
    });

  test("can't be read without the site's time zone, and an offset needs none", () => {
    expect(parseSiteTime("09:00 site", undefined, now)).toBeUndefined();
    expect(parseInstant("2026-11-26 09:00+11:00")).toBe("2026-11-25T22:00:00Z" as Instant);
  });
});
