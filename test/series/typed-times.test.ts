import { describe, expect, test } from "bun:test";
import { errorsByInput } from "../../src/series/form-errors.ts";
import { emptySeriesFormInput } from "../../src/series/form-input.ts";
import { readTyped, spellTyped, timesInUtc } from "../../src/series/typed-times.ts";
import { type Instant, toInstant } from "../../src/time/instant.ts";
import { facility, noon } from "../harness.ts";

// A Sunday, 12:00 in UTC: 02:00 in Honolulu, 23:00 in Sydney.
const now = toInstant(noon);

describe("a typed time", () => {
  const written: readonly (readonly [zone: string, text: string, at: string | undefined])[] = [
    ["UTC", "Tue 09:00", "2026-11-24T09:00:00Z"],
    ["UTC", "Tuesday 9:00", "2026-11-24T09:00:00Z"],
    ["UTC", " tues, 09:00:30 ", "2026-11-24T09:00:30Z"],
    ["UTC", "WEDS 09:00", "2026-11-25T09:00:00Z"],
    ["UTC", "Thur 09:00", "2026-11-26T09:00:00Z"],
    ["UTC", "friday 09:00", "2026-11-27T09:00:00Z"],
    ["UTC", "Sat 09:00", "2026-11-28T09:00:00Z"],
    ["Pacific/Honolulu", "Tue 09:00", "2026-11-24T19:00:00Z"],
    ["Pacific/Honolulu", "Tue 09:00 site", "2026-11-24T19:00:00Z"],
    ["Pacific/Honolulu", "Tue 09:00Z", "2026-11-24T09:00:00Z"],
    // The day itself counts while its time is still to come, also at that very minute.
    ["UTC", "Sun 12:00", "2026-11-22T12:00:00Z"],
    ["UTC", "Sun 11:59", "2026-11-29T11:59:00Z"],
    ["Pacific/Honolulu", "Sun 01:59", "2026-11-29T11:59:00Z"],
    ["Pacific/Honolulu", "Sunday 02:00", "2026-11-22T12:00:00Z"],
    // In Sydney it is Sunday for one more hour.
    ["Australia/Sydney", "Mon 00:30", "2026-11-22T13:30:00Z"],
    ["Australia/Sydney", "tomorrow 09:00", "2026-11-22T22:00:00Z"],
    ["Australia/Sydney", "today 22:00", "2026-11-22T11:00:00Z"],
    ["UTC", "today 22:00", "2026-11-22T22:00:00Z"],
    ["UTC", "Tomorrow 09:00", "2026-11-23T09:00:00Z"],
    ["Pacific/Honolulu", "tomorrow 09:00", "2026-11-23T19:00:00Z"],
    // 24:00 is midnight at the end of the day.
    ["UTC", "2026-11-30 24:00", "2026-12-01T00:00:00Z"],
    ["UTC", "2026-11-30T24:00:00Z", "2026-12-01T00:00:00Z"],
    ["UTC", "24:00", "2026-11-23T00:00:00Z"],
    ["UTC", "Tue 24:00", "2026-11-25T00:00:00Z"],
    ["Pacific/Honolulu", "Sun 24:00", "2026-11-23T10:00:00Z"],
    ["Pacific/Honolulu", "24:00 site", "2026-11-23T10:00:00Z"],
    ["UTC", "2026-02-30 24:00", undefined],
    ["UTC", "24:01", undefined],
    ["UTC", "Tue", undefined],
    ["UTC", "tomorrow", undefined],
    ["UTC", "Tue soon", undefined],
    ["UTC", "Tuna 09:00", undefined],
    ["UTC", "Tue 25:00", undefined],
    ["UTC", "Tue 2026-12-01 09:00", undefined],
  ];
  for (const [zone, text, at] of written)
    test(`${text} in ${zone} is ${at ?? "not a time"}`, () => {
      expect(readTyped(text, zone, now)).toBe(at as Instant | undefined);
    });

  test("on a weekday is read on the day that a clock change falls on, too", () => {
    const before = "2027-03-27T12:00:00Z" as Instant;
    expect(readTyped("Sun 02:30", "Europe/Madrid", before)).toBe("2027-03-28T01:30:00Z" as Instant);
    expect(readTyped("Mon 02:30", "Europe/Madrid", before)).toBe("2027-03-29T00:30:00Z" as Instant);
  });

  test("is spelt in UTC where a clock change repeats it, so that saving it as shown changes nothing", () => {
    const spelt = (at: string) => spellTyped(at as Instant, "Australia/Sydney", now);
    expect(spelt("2027-04-03T15:30:00Z")).toBe("2027-04-04 02:30");
    expect(spelt("2027-04-03T16:30:00Z")).toBe("2027-04-03 16:30Z");
    expect(spelt("2027-04-03T17:30:00Z")).toBe("2027-04-04 03:30");
  });

  test("that ends something is the first one after the start", () => {
    const times = (start: string, end: string) =>
      Object.values(timesInUtc({ start, end, zone: "site" }, { scopes: [{ site: "ogg" }], facility, now }));
    expect(times("Tue 09:00", "15:00")).toEqual(["2026-11-24T19:00:00Z", "2026-11-25T01:00:00Z"]);
    expect(times("Tue 09:00", "Tue 15:00")).toEqual(["2026-11-24T19:00:00Z", "2026-11-25T01:00:00Z"]);
    expect(times("Tue 00:00", "24:00")).toEqual(["2026-11-24T10:00:00Z", "2026-11-25T10:00:00Z"]);
    expect(times("2026-12-15 09:00", "Fri 15:00")).toEqual(["2026-12-15T19:00:00Z", "2026-12-19T01:00:00Z"]);
  });

  test("that can't be read says which time zone the form takes", () => {
    const wrong = { start: ["x"], end: ["x"] };
    const errorsIn = (zone: string, typed: object = {}, sites = ["ogg"]) => {
      const scopes = sites.map((site) => ({ site }));
      const input = { ...emptySeriesFormInput, start: "soon", end: "later", zone, ...typed };
      return errorsByInput(wrong, input, { scopes, facility, now });
    };
    const words = (place: string) => ({
      start: `Enter a date and time in ${place}, such as 2026-11-23 08:15, Tue 09:00, or "now".`,
      end: `Enter an end time in ${place}, such as 12:15 or Tue 15:00, or a duration such as 4 h.`,
    });
    expect(errorsIn("")).toEqual(words("UTC"));
    expect(errorsIn("site")).toEqual(words("Pacific/Honolulu"));
    expect(errorsIn("", { start: "soon site" })).toEqual(words("Pacific/Honolulu"));
    expect(errorsIn("Europe/Madrid")).toEqual(words("Europe/Madrid"));
    expect(errorsIn("site", {}, ["ogg", "coj"])).toEqual(words("site time"));
    // What can be read, or is empty, has another error.
    expect(errorsIn("site", { start: "", end: "4 h" })).toEqual({ start: "Enter a start time.", end: "x" });
    expect(errorsIn("site", { start: "Tue 09:00", end: "sunrise" })).toEqual({ start: "x", end: "x" });
    // What repeats has no end but a time or a duration.
    expect(errorsIn("site", { start: "Tue 09:00", end: "sunrise", repeat: "DAILY" }).end).toBe(
      words("Pacific/Honolulu").end,
    );
    const lost = "Select a time zone: site time is unknown or differs.";
    for (const sites of [[""], ["ogg", "coj"]])
      expect(errorsIn("site", { start: "Tue 09:00", end: "15:00" }, sites)).toEqual({ start: lost, end: lost });
  });
});
