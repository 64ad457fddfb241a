import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createReport, totalOf } from "../../src/availability/report.ts";
import type { Downtime } from "../../src/downtime/downtime.ts";
import { Facility } from "../../src/facility/facility.ts";
import { lossOf, nightsOf } from "../../src/sky/dark-time.ts";
import { type Instant, parseInstant, toInstant } from "../../src/time/instant.ts";
import { clipped, inOrder, merged, secondsOf } from "../../src/time/interval.ts";

const at = (text: string) => parseInstant(text) as Instant;
const hour = 3600;

// Keck's calendar for the night that begins on 2 January 2008: dark from 05:13Z to 15:39Z, which are 10 h 26 min.
const keck = { latitude: 19.8267, longitude: -155.4747, darkLimit: 18 };
const published = 10 * hour + 26 * 60;

let lastId = 0;
const downtime = (start: string, end: string, reason: string, telescope = "10m0a"): Downtime => ({
  ...{ id: ++lastId, start: at(start), end: at(end), site: "mko", enclosure: "doma", telescope, instrument_type: "" },
  ...{ reason, created: at(start), modified: at(start) },
});
const facility = (place: object = keck) => {
  const telescopes = ["10m0a", "10m0b"].map((code) => ({
    ...{ code, name: "", active: code === "10m0a" },
    instrumentTypes: [],
  }));
  const enclosures = [{ code: "doma", name: "", active: true, telescopes }];
  return new Facility([{ code: "mko", name: "", active: true, enclosures, ...place }]);
};
const span = { start: at("2008-01-01T00:00:00Z"), end: at("2008-01-31T00:00:00Z") };
const reportOf = (downtimes: Downtime[], place?: object) => {
  const report = createReport(facility(place), {}, span);
  inOrder(downtimes).forEach(report.add);
  return report.finish();
};
const report = (downtimes: Downtime[]) => reportOf(downtimes).telescopes[0] ?? expect.unreachable();

describe("a report", () => {
  test("matches the dark hours of a published calendar", () => {
    const dusk = report([downtime("2008-01-03T04:13:00Z", "2008-01-03T06:13:00Z", "Mirror wash")]);
    expect(dusk.seconds_lost).toBe(2 * hour);
    expect(Math.abs((dusk.dark_seconds_lost ?? 0) - hour)).toBeLessThanOrEqual(60);
    expect(dusk.nights_lost).toBeCloseTo(hour / published, 2);
    expect(dusk.nights_touched).toBe(1);
    const night = report([downtime("2008-01-03T05:00:00Z", "2008-01-03T16:00:00Z", "Storm")]);
    expect(Math.abs((night.dark_seconds_lost ?? 0) - published)).toBeLessThanOrEqual(120);
    expect([night.nights_lost, night.nights_touched]).toEqual([1, 1]);
    expect(report([downtime("2008-01-03T17:00:00Z", "2008-01-04T03:00:00Z", "By day")])).toMatchObject({
      seconds_lost: 10 * hour,
      dark_seconds_lost: 0,
      nights_lost: 0,
      nights_touched: 0,
    });
  });

  test("counts overlaps once, for the reason of the downtime that started first", () => {
    const { reasons, ...all } = report([
      downtime("2008-01-03T06:00:00Z", "2008-01-03T08:00:00Z", "Storm"),
      downtime("2008-01-03T07:00:00Z", "2008-01-03T10:00:00Z", "RTI"),
      downtime("2008-01-03T09:00:00Z", "2008-01-03T09:30:00Z", "Storm"),
      downtime("2008-01-04T06:00:00Z", "2008-01-04T07:00:00Z", "First id"),
      downtime("2008-01-04T06:00:00Z", "2008-01-04T07:00:00Z", "Second id"),
    ]);
    expect(all).toMatchObject({ seconds_lost: 5 * hour, dark_seconds_lost: 5 * hour, nights_touched: 2 });
    expect(reasons.map(({ reason, seconds_lost, nights_touched }) => [reason, seconds_lost, nights_touched])).toEqual([
      ["Storm", 2 * hour, 1],
      ["RTI", 2 * hour, 1],
      ["First id", hour, 1],
    ]);
  });

  test("has reasons that add up to the total loss, whatever overlaps", () => {
    const stretch = fc.tuple(fc.nat(300), fc.integer({ min: -10, max: 90 }), fc.constantFrom("a", "b", "c"));
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 15 }), (stretches) => {
        const minute = (count: number) => toInstant(Date.parse(span.start) + (count - 30) * 60_000);
        const downtimes = stretches.map(([from, length, reason]) =>
          downtime(minute(from), minute(from + length), reason),
        );
        const losses = report(downtimes);
        const seconds = losses.reasons.reduce((sum, { seconds_lost }) => sum + seconds_lost, 0);
        expect(seconds).toBe(secondsOf(merged(clipped(downtimes, span))));
        expect(losses.seconds_lost).toBe(seconds);
        // In the sum of two telescopes that lost the same, everything is twice as much.
        const twice = [...downtimes, ...downtimes.map((one) => ({ ...one, telescope: "10m0b" }))];
        const total = totalOf(reportOf(twice));
        expect(total).toMatchObject({ seconds_lost: 2 * seconds });
        expect(total.reasons.map(({ reason }) => reason)).toEqual(losses.reasons.map(({ reason }) => reason));
      }),
    );
  });

  test("counts single instrument types separately, and dark time as null without coordinates", () => {
    const part = { ...downtime("2008-01-03T06:00:00Z", "2008-01-03T08:00:00Z", "Detector"), instrument_type: "CAMERA" };
    expect(report([part])).toMatchObject({
      seconds_lost: 0,
      nights_lost: 0,
      instrument_types: [{ instrument_type: "CAMERA", seconds_lost: 2 * hour, dark_seconds_lost: 2 * hour }],
    });
    const unknown = reportOf([{ ...part, instrument_type: "" }], {});
    expect(unknown.telescopes[0]).toMatchObject({ seconds_lost: 2 * hour, dark_seconds_lost: null, nights: null });
    expect(totalOf(unknown)).toMatchObject({ seconds_lost: 2 * hour, nights_lost: null, dark_seconds: null });
  });

  test("omits inactive telescopes without losses", () => {
    const codes = (downtimes: Downtime[]) => reportOf(downtimes).telescopes.map(({ telescope }) => telescope);
    expect(codes([])).toEqual(["10m0a"]);
    expect(codes([downtime("2008-01-03T06:00:00Z", "2008-01-03T06:00:00Z", "Empty", "10m0b")])).toEqual(["10m0a"]);
    const lost = downtime("2008-01-03T06:00:00Z", "2008-01-03T06:00:01Z", "Storm", "10m0b");
    expect(codes([lost])).toEqual(["10m0a", "10m0b"]);
    expect(codes([{ ...lost, instrument_type: "CAMERA" }])).toEqual(["10m0a", "10m0b"]);
  });
});

describe("nights", () => {
  const month = nightsOf(keck, span);

  test("number one per day, and all are lost when the whole range is", () => {
    const { nights, nightsTouched } = lossOf([span], month);
    expect(nights).toBeCloseTo(30, 9);
    expect(nightsTouched).toBe(30);
    const cut = { start: at("2008-01-03T09:00:00Z"), end: at("2008-01-04T09:00:00Z") };
    expect(lossOf([cut], month).nightsTouched).toBe(2);
  });

  test("of adjacent ranges add up, also when the boundary divides a night", () => {
    const cut = at("2008-01-10T09:00:00Z");
    const parts = [
      { start: span.start, end: cut },
      { start: cut, end: span.end },
    ].map((part) => lossOf([part], nightsOf(keck, part)));
    const whole = lossOf([span], month);
    expect(parts.reduce((sum, { nights }) => sum + nights, 0)).toBeCloseTo(whole.nights, 3);
    expect(
      Math.abs(parts.reduce((sum, { darkSeconds }) => sum + darkSeconds, 0) - whole.darkSeconds),
    ).toBeLessThanOrEqual(4);
  });

  test("near the poles number one per day in winter and none in summer", () => {
    const pole = { latitude: -90, longitude: 0 };
    const winter = { start: at("2026-06-01T12:00:00Z"), end: at("2026-06-11T12:00:00Z") };
    expect(lossOf([winter], nightsOf(pole, winter))).toMatchObject({
      darkSeconds: 864_000,
      nights: 10,
      nightsTouched: 10,
    });
    const summer = { start: at("2026-12-01T00:00:00Z"), end: at("2026-12-11T00:00:00Z") };
    expect(lossOf([summer], nightsOf(pole, summer))).toMatchObject({ darkSeconds: 0, nights: 0, nightsTouched: 0 });
  });
});
