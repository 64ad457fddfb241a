import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { availabilityOf } from "../../src/availability/availability.ts";
import { AvailabilityQuery, maxSpanDays, ReportQuery, readQuery } from "../../src/availability/query-params.ts";
import { telescopesOf } from "../../src/availability/telescopes.ts";
import type { Downtime } from "../../src/downtime/downtime.ts";
import { Facility } from "../../src/facility/facility.ts";
import { darkSeconds } from "../../src/sky/twilight.ts";
import { type Instant, parseInstant, parseMjd, toInstant, toMillis, toMjd } from "../../src/time/instant.ts";
import { merged } from "../../src/time/interval.ts";

const at = (text: string) => parseInstant(text) as Instant;
const zero = Date.parse("2026-11-22T00:00:00Z");
const minute = (count: number) => toInstant(zero + count * 60_000);

const camera = { code: "CAMERA", active: true };
const telescope = (code: string, active = true) => ({ code, name: "", active, instrumentTypes: [camera] });
const facility = new Facility([
  {
    code: "ogg",
    name: "",
    active: true,
    latitude: 20.7,
    longitude: -156.3,
    enclosures: [{ code: "clma", name: "", active: true, telescopes: [telescope("2m0a"), telescope("0m4b", false)] }],
  },
  {
    code: "tst",
    name: "",
    active: true,
    enclosures: [{ code: "doma", name: "", active: true, telescopes: [{ ...telescope("1m0a"), instrumentTypes: [] }] }],
  },
]);

let lastId = 0;
const downtime = (start: Instant, end: Instant, fields: Partial<Downtime> = {}): Downtime => ({
  id: ++lastId,
  start,
  end,
  site: "ogg",
  enclosure: "clma",
  telescope: "2m0a",
  instrument_type: "",
  reason: "",
  created: start,
  modified: start,
  ...fields,
});
const availability = (downtimes: Downtime[], from: number, to: number, filter = {}) =>
  availabilityOf(telescopesOf(facility, filter, downtimes), { start: minute(from), end: minute(to) }).telescopes;

describe("availability", () => {
  test("matches a minute-by-minute count for overlapping, adjacent, clipped and inverted downtimes", () => {
    const stretch = fc.tuple(fc.integer({ min: -20, max: 140 }), fc.integer({ min: -5, max: 40 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 12 }), (stretches) => {
        const downtimes = stretches.map(([from, length, isPart]) =>
          downtime(minute(from), minute(from + length), { instrument_type: isPart ? "CAMERA" : "" }),
        );
        const [{ blocked, free, instrument_types, ...sums } = expect.unreachable()] = availability(downtimes, 0, 120);
        const [part] = instrument_types;
        const within = (intervals: { start: Instant; end: Instant }[], now: Instant) =>
          intervals.filter(({ start, end }) => start <= now && now < end);
        let [minutes, dark] = [0, 0];
        for (let count = 0; count < 120; count++) {
          const now = minute(count);
          const here = downtimes.filter(({ start, end }) => start <= now && now < end);
          const whole = here.filter(({ instrument_type }) => instrument_type === "");
          expect(within(blocked, now)).toHaveLength(whole.length > 0 ? 1 : 0);
          expect(within(free, now)).toHaveLength(whole.length > 0 ? 0 : 1);
          expect(within(part?.blocked ?? [], now)).toHaveLength(here.length > whole.length ? 1 : 0);
          for (const { id } of whole) expect(blocked.some(({ downtimes }) => downtimes.includes(id))).toBe(true);
          minutes += whole.length > 0 ? 1 : 0;
          dark += whole.length > 0 ? darkSeconds({ latitude: 20.7, longitude: -156.3 }, now, minute(count + 1)) : 0;
        }
        expect([sums.blocked_seconds, sums.dark_blocked_seconds]).toEqual([minutes * 60, dark]);
        const all = [...blocked, ...free].sort((a, b) => (a.start < b.start ? -1 : 1));
        expect(all[0]?.start).toBe(minute(0));
        expect(all.at(-1)?.end).toBe(minute(120));
      }),
      { numRuns: 60 },
    );
  });

  test("merges adjacent downtimes, lists IDs by start time, and clips to the range", () => {
    const [a, b, c] = [
      downtime(minute(-10), minute(10)),
      downtime(minute(10), minute(20)),
      downtime(minute(21), minute(90)),
    ];
    expect(availability([c, b, a], 0, 60)[0]).toMatchObject({
      blocked: [
        { start: minute(0), end: minute(20), downtimes: [a.id, b.id] },
        { start: minute(21), end: minute(60), downtimes: [c.id] },
      ],
      free: [{ start: minute(20), end: minute(21) }],
      blocked_seconds: 59 * 60,
    });
  });

  test("excludes downtimes that end at the range's start or start at its end", () => {
    const downtimes = [downtime(minute(-10), minute(0)), downtime(minute(60), minute(70))];
    expect(availability(downtimes, 0, 60)[0]).toMatchObject({
      blocked: [],
      free: [{ start: minute(0), end: minute(60) }],
    });
  });

  test("marks inactive telescopes, keeps those missing from ConfigDB, and has no dark time without coordinates", () => {
    const gone = downtime(minute(0), minute(10), { site: "old", telescope: "9m9a" });
    const rows = availability(
      [gone, downtime(minute(0), minute(10), { site: "tst", enclosure: "doma", telescope: "1m0a" })],
      0,
      60,
    ).map(
      ({ site, telescope, known, active, blocked_seconds, dark_blocked_seconds }) =>
        [site, telescope, known, active, blocked_seconds, dark_blocked_seconds] as const,
    );
    expect(rows).toEqual([
      ["ogg", "2m0a", true, true, 0, 0],
      ["ogg", "0m4b", true, false, 0, 0],
      ["tst", "1m0a", true, true, 600, null],
      ["old", "9m9a", false, false, 600, null],
    ]);
    expect(
      availabilityOf(telescopesOf(undefined, {}, [gone]), { start: minute(0), end: minute(1) }).telescopes,
    ).toMatchObject([{ site: "old", known: null, active: null }]);
  });

  test("filtered by instrument type covers the telescopes that have it, with their own downtimes", () => {
    const whole = downtime(minute(0), minute(10));
    const found = availability([whole], 0, 60, { instrument_type: ["CAMERA"] });
    expect(found.map(({ telescope, blocked_seconds }) => [telescope, blocked_seconds])).toEqual([
      ["2m0a", 600],
      ["0m4b", 0],
    ]);
  });
});

test("merging gives the same intervals for any input order, sorted and with gaps between them", () => {
  const interval = fc
    .tuple(fc.nat(500), fc.nat(30))
    .map(([from, length]) => ({ start: minute(from), end: minute(from + length) }));
  fc.assert(
    fc.property(fc.array(interval), (intervals) => {
      const whole = merged(intervals);
      for (const [index, { start }] of whole.entries())
        if (index > 0) expect(start > (whole[index - 1]?.end ?? "")).toBe(true);
      const bare = (found: typeof whole) => found.map(({ start, end }) => [start, end]);
      expect(bare(merged(intervals.toReversed()))).toEqual(bare(whole));
    }),
  );
});

describe("Modified Julian Dates", () => {
  test("match the almanac", () => {
    expect(toMjd(at("2000-01-01T12:00:00Z"))).toBe(51_544.5);
    expect(parseMjd("61366")).toBe(at("2026-11-22T00:00:00Z"));
    expect(parseMjd(" 0.5 ")).toBe(at("1858-11-17T12:00:00Z"));
  });

  test("round-trip to the second", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000, max: 4_000_000_000 }), (seconds) => {
        const instant = toInstant(seconds * 1000);
        expect(parseMjd(String(toMjd(instant)))).toBe(instant);
      }),
    );
  });

  test("are not Julian Dates, Unix times or dates", () => {
    for (const text of ["2461366.5", "1795305600", "2026-11-22", "", "-1", "6e4", "NaN"])
      expect(parseMjd(text)).toBeUndefined();
  });
});

describe("a span", () => {
  const month = { start: at("2026-10-23T00:00:00Z"), end: at("2026-11-22T00:00:00Z") };
  const read = (query: string, schema: typeof AvailabilityQuery | typeof ReportQuery = AvailabilityQuery) => {
    const { span: value, errors } = readQuery(
      new URLSearchParams(query),
      schema,
      undefined,
      at("2026-11-22T12:00:00Z"),
    );
    return { value, errors };
  };

  test("accepts the time formats of filters and Modified Julian Dates", () => {
    for (const query of ["start=2026-11-22&end=2026-11-23T06:00", "start=61366&end=61367.25"])
      expect(read(query)).toEqual({
        value: { start: at("2026-11-22T00:00:00Z"), end: at("2026-11-23T06:00:00Z") },
        errors: {},
      });
  });

  test("that is invalid is reported", () => {
    expect(read("start=soon").errors).toEqual({
      start: ["Enter a valid date/time."],
      end: ["This field is required."],
    });
    expect(read("start=61366&end=61366").errors).toEqual({ end: ["End time must be after start time"] });
    expect(read(`start=61000&end=${61_000 + maxSpanDays}`).errors).toEqual({});
    expect(read(`start=61000&end=${61_000 + maxSpanDays}.1`).errors.end?.[0]).toStartWith(
      "The range is 732 days long;",
    );
    for (const year of ["0001", "9999"])
      expect(read(`start=${year}-12-31&end=2026-11-22`).errors).toHaveProperty("start");
  });

  test("has a default", () => {
    expect(read("", ReportQuery)).toEqual({ value: month, errors: {} });
    expect(read("end=2026-03-31", ReportQuery).value.start).toBe(at("2026-03-01T00:00:00Z"));
    expect(toMillis(read("start=2026-11-01", ReportQuery).value.start)).toBe(Date.parse("2026-11-01T00:00:00Z"));
  });
});
