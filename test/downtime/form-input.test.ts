import { describe, expect, test } from "bun:test";
import { draftFields, textOf } from "../../src/downtime/downtime.ts";
import { Facility } from "../../src/facility/facility.ts";
import { emptySeriesFormInput } from "../../src/series/form-input.ts";
import { readForm } from "../../src/series/form-reading.ts";
import { parseDuration } from "../../src/time/duration.ts";
import { type Instant, parseInstant } from "../../src/time/instant.ts";

const hour = 3600;

describe("a duration", () => {
  const lengths: Record<string, number> = {
    "4 h": 4 * hour,
    "4h": 4 * hour,
    "90 min": 90 * 60,
    "90m": 90 * 60,
    "2d": 48 * hour,
    "2 days": 48 * hour,
    "1 h 30 min": 1.5 * hour,
    "1h30m": 1.5 * hour,
    "1.5 h": 1.5 * hour,
    "1,5 h": 1.5 * hour,
    "1 week": 7 * 24 * hour,
    "45 s": 45,
    "3 HOURS": 3 * hour,
    " 4 h ": 4 * hour,
  };
  for (const [text, seconds] of Object.entries(lengths))
    test(`${JSON.stringify(text)} is ${seconds} s`, () => {
      expect(parseDuration(text)).toBe(seconds);
    });

  for (const text of [
    "",
    "4",
    "h",
    "4 x",
    "four h",
    "-4 h",
    "0 h",
    "4 h later",
    "2026-11-23 08:15",
    "1e3 h",
    "4h h",
    "200 years",
    "40000 d",
  ])
    test(`${JSON.stringify(text)} is invalid`, () => {
      expect(parseDuration(text)).toBeUndefined();
    });
});

const facility = new Facility([
  {
    code: "ogg",
    name: "",
    active: true,
    zone: "Pacific/Honolulu",
    enclosures: [
      {
        code: "clma",
        name: "",
        active: true,
        telescopes: [{ code: "2m0a", name: "", active: true, instrumentTypes: [{ code: "CAM", active: true }] }],
      },
    ],
  },
  { code: "lsc", name: "", active: true, enclosures: [] },
]);
const now = parseInstant("2026-11-22T12:00:00Z") as Instant;
const filled = {
  start: "2026-11-23 08:15",
  end: "4 h",
  site: "ogg",
  enclosure: "clma",
  telescope: "2m0a",
  instrument_type: "",
  reason: "Mirror wash",
  category: "maintenance",
};
type Fields = Partial<typeof filled>;
const configdb = { find: () => facility, get: () => facility };
/** Reads the form that edits a downtime of this telescope, which may be incomplete. */
const read = (fields: Fields) => {
  const downtime = { ...filled, start: now, end: now, id: 1, created: now, modified: now, category: "fault" as const };
  const stored = { downtime, version: 1, createdBy: null, occurrence: null, byHand: false };
  return readForm({ ...emptySeriesFormInput, ...filled, ...fields }, configdb, now, { stored });
};

describe("the form of one downtime", () => {
  test("gives a draft if it is valid", () => {
    const { draft, errors } = read({});
    expect(errors).toEqual({});
    expect(draft as object).toEqual({ ...filled, start: "2026-11-23T08:15:00Z", end: "2026-11-23T12:15:00Z" });
  });

  test("accepts an end or a duration, and now", () => {
    expect(read({ end: "2026-11-23T09:00Z" }).draft?.end).toBe("2026-11-23T09:00:00Z" as Instant);
    expect(read({ start: "now", end: "1 h" }).draft).toMatchObject({
      start: "2026-11-22T12:00:00Z",
      end: "2026-11-22T13:00:00Z",
    });
    expect(read({ start: "2026-11-22 10:00", end: " NOW " }).draft?.end).toBe(now);
  });

  test("accepts the site's local time, and any offset", () => {
    expect(read({ start: "2026-11-26 09:00 site", end: "15:00 site" }).draft).toMatchObject({
      start: "2026-11-26T19:00:00Z",
      end: "2026-11-27T01:00:00Z",
    });
    expect(read({ start: "2026-11-26 09:00+11:00", end: "2 d" }).draft?.start).toBe("2026-11-25T22:00:00Z" as Instant);
    expect(read({ start: "2026-11-26 09:00 site", site: "nop" }).errors.start).toContain("Select a time zone");
  });

  test("that is empty shows at each field what to enter", () => {
    expect(read(Object.fromEntries(draftFields.map((field) => [field, ""]))).errors).toEqual({
      site: "Select a site.",
      enclosure: "Select an enclosure.",
      telescope: "Select a telescope.",
      start: "Enter a start time.",
      end: "Enter an end time or a duration.",
    });
  });

  const badStart = 'Enter a date and time in UTC, such as 2026-11-23 08:15, Tue 09:00, or "now".';
  const badEnd = "Enter an end time in UTC, such as 12:15 or Tue 15:00, or a duration such as 4 h.";
  const wrong: [string, Fields, Fields][] = [
    ["a start that is no instant", { start: "soon" }, { start: badStart }],
    ["30 February", { start: "2026-02-30 08:15", end: "2026-03-01 08:15" }, { start: badStart }],
    ["an end that is neither", { end: "later" }, { end: badEnd }],
    ["an end at the start", { end: "2026-11-23 08:15" }, { end: "End must be after start." }],
    ["an end before the start", { end: "2026-11-23 08:14" }, { end: "End must be after start." }],
    ["a site that isn't", { site: "nop" }, { site: '"nop" is not a valid choice.' }],
    ["a telescope that stands elsewhere", { site: "lsc" }, { telescope: "This telescope isn't in ConfigDB." }],
    ["too long a reason", { reason: "é".repeat(3001) }, { reason: "Maximum 3,000 characters (you entered 3,001)." }],
    ["a null character", { reason: "a\0b" }, { reason: "Null characters are not allowed." }],
  ];
  for (const [name, fields, errors] of wrong)
    test(`with ${name} has an error at its field`, () => {
      const reading = read(fields);
      expect(reading.errors as Fields).toEqual(errors);
      expect(reading.draft).toBeUndefined();
    });

  test("with a duration but no start has an error at the start only", () => {
    expect(read({ start: "" }).errors).toEqual({ start: "Enter a start time." });
  });

  test("of a stored downtime parses back to the same downtime, to the second", () => {
    const { draft } = read({ end: "2026-11-23T09:00:07Z", reason: "two\nlines" });
    if (!draft) throw new Error("no draft");
    expect(read(Object.fromEntries(draftFields.map((field) => [field, textOf(draft, field)]))).draft).toEqual(draft);
  });
});
