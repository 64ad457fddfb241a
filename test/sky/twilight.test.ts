import { describe, expect, test } from "bun:test";
import { dipOf, type GeoPosition } from "../../src/sky/sun.ts";
import { darkness, darkSeconds, nextSunrise, type PhaseKind, sunOfNight } from "../../src/sky/twilight.ts";
import { type Instant, parseInstant, toInstant, toMillis } from "../../src/time/instant.ts";
import { usno } from "../fixtures/usno.ts";

const at = (text: string) => parseInstant(text) as Instant;
const hourMillis = 3_600_000;
const noonOf = (date: string) => toMillis(at(`${date}T12:00:00Z`));

/** Each change of phase in a UTC day, to the nearest minute: `civil→day 15:43`. */
function changesOf(position: GeoPosition, date: string): string[] {
  const midnight = toMillis(at(`${date}T00:00:00Z`));
  const phases = darkness(position, toInstant(midnight), toInstant(midnight + 24 * hourMillis));
  return phases.slice(1).map(({ kind, start }, index) => {
    const nearest = toInstant(toMillis(start) + 30_000).slice(11, 16);
    return `${phases[index]?.kind}→${kind} ${nearest}`;
  });
}

for (const { name, days, ...position } of usno)
  describe(`the published table of ${name}`, () => {
    for (const { date, bounds, always } of days)
      test(`${date}, to the minute`, () => {
        const changes = changesOf(position, date);
        const [dawn, sunrise, sunset, dusk] = bounds ?? ["", "", "", ""];
        if (dawn) expect(changes).toContain(`nautical→civil ${dawn}`);
        if (sunrise) expect(changes).toContain(`civil→day ${sunrise}`);
        if (sunset) expect(changes).toContain(`day→civil ${sunset}`);
        if (dusk) expect(changes).toContain(`civil→nautical ${dusk}`);
        if (always === "day") expect(changes).toEqual([]);
        if (always === "night") expect(changes.some((change) => change.includes("day"))).toBe(false);
      });
  });

// There are no published tables of nautical and astronomical twilight for all of these sites, so they are compared with an
// independent formula: the Astronomical Almanac's low-precision sun.
const radians = Math.PI / 180;
function almanacAltitude({ latitude, longitude }: GeoPosition, millis: number): number {
  const days = millis / 86_400_000 - 10_957.5;
  const meanLongitude = 280.46 + 0.9856474 * days;
  const anomaly = (357.528 + 0.9856003 * days) * radians;
  const ecliptic = (meanLongitude + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * radians;
  const tilt = (23.439 - 0.0000004 * days) * radians;
  const ascension = Math.atan2(Math.cos(tilt) * Math.sin(ecliptic), Math.cos(ecliptic));
  const declination = Math.asin(Math.sin(tilt) * Math.sin(ecliptic));
  const sidereal = (280.46061837 + 360.98564736629 * days + longitude) * radians;
  const here = latitude * radians;
  return (
    Math.asin(
      Math.sin(here) * Math.sin(declination) + Math.cos(here) * Math.cos(declination) * Math.cos(sidereal - ascension),
    ) / radians
  );
}

const kindOf = (altitude: number): PhaseKind =>
  altitude < -18
    ? "night"
    : altitude < -12
      ? "astronomical"
      : altitude < -6
        ? "nautical"
        : altitude < -50 / 60
          ? "civil"
          : "day";

const observatories = {
  Haleakala: { latitude: 20.7075, longitude: -156.257 },
  "Siding Spring": { latitude: -31.2729, longitude: 149.0709 },
  "Cerro Tololo": { latitude: -30.1673, longitude: -70.8047 },
  Sutherland: { latitude: -32.3805, longitude: 20.8101 },
  McDonald: { latitude: 30.68, longitude: -104.015 },
};

for (const [name, position] of Object.entries(observatories))
  for (const date of ["2026-03-20", "2026-06-21", "2026-09-22", "2026-12-21"])
    test(`every minute at ${name} on ${date} is in the phase that the almanac's formula gives`, () => {
      const midnight = toMillis(at(`${date}T00:00:00Z`));
      const phases = darkness(position, toInstant(midnight), toInstant(midnight + 24 * hourMillis));
      expect(phases.length).toBeGreaterThanOrEqual(9);
      for (const { kind, start, end } of phases) {
        // The formula's error is about 3 s of time.
        const [from, to] = [toMillis(start) + 5000, toMillis(end) - 5000];
        for (let millis = from; millis < to; millis += 60_000)
          expect(`${toInstant(millis)} ${kindOf(almanacAltitude(position, millis))}`).toBe(
            `${toInstant(millis)} ${kind}`,
          );
        expect(kindOf(almanacAltitude(position, to))).toBe(kind);
      }
    });

test("the twilights of Mauna Kea are within a minute of the Keck calendar", () => {
  // Keck's calendar for 2 January 2008, in local time: 18:46 and 19:13, 05:39 and 06:06.
  const keck = { latitude: 19.8267, longitude: -155.4747 };
  const phases = darkness(keck, at("2008-01-02T22:00:00Z"), at("2008-01-03T22:00:00Z"));
  const startOf = (kind: PhaseKind, which: "find" | "findLast") =>
    toMillis(phases[which]((phase) => phase.kind === kind)?.start as Instant);
  const published = { astronomical: "2008-01-03T04:46:00Z", night: "2008-01-03T05:13:00Z" };
  expect(Math.abs(startOf("astronomical", "find") - Date.parse(published.astronomical))).toBeLessThanOrEqual(60_000);
  expect(Math.abs(startOf("night", "find") - Date.parse(published.night))).toBeLessThanOrEqual(60_000);
  expect(Math.abs(startOf("astronomical", "findLast") - Date.parse("2008-01-03T15:39:00Z"))).toBeLessThanOrEqual(
    60_000,
  );
  expect(Math.abs(startOf("nautical", "findLast") - Date.parse("2008-01-03T16:06:00Z"))).toBeLessThanOrEqual(60_000);
});

describe("phases", () => {
  const siding = observatories["Siding Spring"];
  const [from, to] = [at("2026-11-01T03:17:42Z"), at("2026-12-01T03:17:42Z")];

  test("fill the window without gaps", () => {
    const phases = darkness(siding, from, to);
    expect(phases[0]?.start).toBe(from);
    expect(phases.at(-1)?.end).toBe(to);
    for (const [index, phase] of phases.entries()) {
      expect(phase.start < phase.end).toBe(true);
      if (index > 0) expect(phase.start).toBe(phases[index - 1]?.end as Instant);
      if (index > 0) expect(phase.kind).not.toBe(phases[index - 1]?.kind as PhaseKind);
    }
  });

  test("don't depend on where the window begins", () => {
    const long = darkness(siding, at("2026-11-20T00:00:00Z"), at("2026-11-23T00:00:00Z"));
    const short = darkness(siding, at("2026-11-21T00:00:00Z"), at("2026-11-22T00:00:00Z"));
    const nearest = (start: Instant) =>
      Math.min(...long.map((phase) => Math.abs(toMillis(phase.start) - toMillis(start))));
    expect(short.length).toBe(9);
    for (const { start } of short.slice(1)) expect(nearest(start)).toBeLessThanOrEqual(1000);
  });

  test("are none in an empty window", () => {
    expect(darkness(siding, from, from)).toEqual([]);
  });

  test("of a one-second window are one", () => {
    const [first] = darkness(siding, from, at("2026-11-01T03:17:43Z"));
    expect(first).toEqual({ kind: "day", start: from, end: at("2026-11-01T03:17:43Z") });
  });
});

describe("the dip of the horizon", () => {
  const keck = { latitude: 19.8267, longitude: -155.4747 };
  const dipped = { ...keck, dip: dipOf(4205) };
  const eventsOf = (position: GeoPosition, day: number) =>
    sunOfNight(position, noonOf("2026-01-01") + (day + 0.43) * 24 * hourMillis);
  const minutes = (one: unknown, other: unknown) => (toMillis(one as Instant) - toMillis(other as Instant)) / 60_000;

  test("makes sunset on Mauna Kea 8 to 9.1 minutes later, sunrise earlier by the same, and doesn't move twilights", () => {
    const later: number[] = [];
    for (let day = 0; day < 365; day += 5) {
      const [level, low] = [eventsOf(keck, day), eventsOf(dipped, day)];
      later.push(minutes(low.sunset, level.sunset), minutes(level.sunrise, low.sunrise));
      expect({ ...low, sunset: level.sunset, sunrise: level.sunrise }).toEqual(level);
    }
    expect(Math.min(...later)).toBeGreaterThan(8);
    expect(Math.max(...later)).toBeLessThan(9.1);
    // The middle of the range over a year is 8.6 minutes.
    expect(Math.abs((Math.min(...later) + Math.max(...later)) / 2 - 8.6)).toBeLessThan(0.15);
  });

  test("moves sunrise and sunset in every function, and nothing else", () => {
    const [from, to] = [at("2026-11-22T12:00:00Z"), at("2026-11-23T12:00:00Z")];
    const [level, low] = [keck, dipped].map((position) => darkness(position, from, to));
    const others = (phases = level) => phases?.filter(({ kind }) => kind !== "day" && kind !== "civil");
    expect(others(low)).toEqual(others(level));
    const dayOf = (phases = level) => phases?.find(({ kind }) => kind === "day");
    expect(minutes(dayOf(low)?.end, dayOf(level)?.end)).toBeCloseTo(8.7, 0);
    expect(minutes(dayOf(level)?.start, dayOf(low)?.start)).toBeCloseTo(8.7, 0);
    expect(minutes(nextSunrise(keck, from), nextSunrise(dipped, from))).toBeCloseTo(8.7, 0);
    expect(darkSeconds(dipped, from, to)).toBe(darkSeconds(keck, from, to));
  });

  test("is zero at or below sea level, and always less than civil twilight", () => {
    expect([dipOf(0), dipOf(-400)]).toEqual([0, 0]);
    expect(dipOf(8849)).toBeCloseTo(2.76, 2);
    expect(dipOf(100_000)).toBeLessThan(5.1);
  });
});

describe("near the poles", () => {
  const pole = { latitude: -90, longitude: 0 };
  const tromso = { latitude: 69.65, longitude: 18.96 };

  test("midsummer is one day without a sunset for weeks", () => {
    expect(darkness(tromso, at("2026-06-10T00:00:00Z"), at("2026-06-20T00:00:00Z"))).toEqual([
      { kind: "day", start: at("2026-06-10T00:00:00Z"), end: at("2026-06-20T00:00:00Z") },
    ]);
    expect(nextSunrise(tromso, at("2026-06-10T00:00:00Z"))?.slice(0, 7)).toBe("2026-07");
  });

  test("a winter day has twilight and night but no day", () => {
    const kinds = new Set(
      darkness(tromso, at("2026-12-21T00:00:00Z"), at("2026-12-22T00:00:00Z")).map(({ kind }) => kind),
    );
    expect([...kinds].sort()).toEqual(["astronomical", "civil", "nautical", "night"]);
  });

  test("the pole has one night a year", () => {
    const year = darkness(pole, at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    expect(year.map(({ kind }) => kind)).toEqual([
      "day",
      "civil",
      "nautical",
      "astronomical",
      "night",
      "astronomical",
      "nautical",
      "civil",
      "day",
    ]);
    expect(nextSunrise(pole, at("2026-06-21T00:00:00Z"))?.slice(0, 7)).toBe("2026-09");
  });
});

describe("dark time", () => {
  const tololo = observatories["Cerro Tololo"];

  test.each([
    [undefined, "astronomical"],
    [12, "astronomical"],
    [18, "night"],
    [6, "nautical"],
  ])("is the part of the window in which the sun is below the limit: %p", (darkLimit, darkest) => {
    const position = { ...tololo, ...(darkLimit && { darkLimit }) };
    const night = darkness(position, at("2026-11-22T16:00:00Z"), at("2026-11-23T16:00:00Z")).find(
      ({ kind }) => kind === darkest,
    );
    const start = toMillis(night?.start as Instant);
    expect(darkSeconds(position, toInstant(start - hourMillis), toInstant(start + hourMillis))).toBe(3600);
    expect(darkSeconds(position, toInstant(start), toInstant(start + hourMillis))).toBe(3600);
    expect(darkSeconds(position, toInstant(start - hourMillis), toInstant(start))).toBe(0);
  });

  test("is zero at noon", () => {
    const noon = noonOf("2026-11-22") + 5 * hourMillis;
    expect(darkSeconds(tololo, toInstant(noon - hourMillis), toInstant(noon + hourMillis))).toBe(0);
  });
});

test("the next sunrise is after the instant, never at it", () => {
  const siding = observatories["Siding Spring"];
  const sunrise = nextSunrise(siding, at("2026-11-22T08:00:00Z")) as Instant;
  expect(sunrise.slice(0, 13)).toBe("2026-11-22T18");
  expect(nextSunrise(siding, sunrise)?.slice(0, 13)).toBe("2026-11-23T18");
});
