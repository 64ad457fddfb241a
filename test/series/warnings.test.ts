import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { checkDraft, type Draft } from "../../src/downtime/downtime.ts";
import { addWarnings, overlapFinder, spanOf } from "../../src/series/warnings.ts";
import { expansionOf, observatory } from "./observatory.ts";

const hourly = (count: number, minutes: number) => ({
  kind: "calendar",
  zone: "UTC",
  start: "2027-01-12T00:00:00",
  minutes,
  rrule: `FREQ=HOURLY;COUNT=${count}`,
});
const scopes = [{ site: "sso", telescope: "1m0a" }];
const stored = (start: string, end: string, more: Record<string, unknown> = {}): Draft =>
  checkDraft(
    {
      start: `2027-01-12T${start}:00Z`,
      end: `2027-01-12T${end}:00Z`,
      site: "sso",
      enclosure: "doma",
      telescope: "1m0a",
      ...more,
    },
    observatory,
  );

const warn = ({ rows }: ReturnType<typeof expansionOf>, others: readonly Draft[] = []) => {
  const { found, add } = overlapFinder<Draft>(rows);
  for (const other of others.toSorted((a, b) => a.start.localeCompare(b.start))) add(other);
  return addWarnings({ planned: rows, duplicates: [] }, found, observatory);
};

describe("warnings about a series", () => {
  const hours = expansionOf(hourly(3, 30), { scopes });
  const of = (...others: Draft[]) => warn(hours, others);
  const overlapping = (...others: Draft[]) => of(...others).map(({ overlaps }) => overlaps.length);

  test("list downtimes that overlap on the same telescope, but not those that only touch", () => {
    expect(overlapping(stored("00:30", "01:00"), stored("01:30", "02:00"))).toEqual([0, 0, 0]);
    expect(overlapping(stored("00:29", "01:01"), stored("01:30", "02:01"))).toEqual([1, 1, 1]);
    expect(overlapping(stored("00:00", "23:00"), stored("01:10", "01:20"))).toEqual([1, 2, 1]);
    expect(overlapping(stored("00:00", "23:00", { telescope: "2m0a" }))).toEqual([0, 0, 0]);
  });

  test("aren't confused by a downtime that ends before it starts, as the original allowed", () => {
    const backwards = { ...stored("05:00", "06:00"), end: stored("00:10", "04:00").end };
    expect(overlapping(stored("00:00", "00:10"), backwards)).toEqual([1, 0, 0]);
  });

  test("list the first twenty of many overlaps, and count them all", () => {
    const many = Array.from({ length: 25 }, () => stored("00:00", "23:00"));
    const [row] = of(...many, stored("00:00", "23:00"));
    expect([row?.overlaps.length, row?.overlapCount]).toEqual([20, 26]);
    const [other] = of(...many.slice(0, 20));
    expect([other?.overlaps.length, other?.overlapCount]).toEqual([20, 20]);
  });

  test("include one instrument type that overlaps the whole telescope, but not another type", () => {
    expect(overlapping(stored("00:00", "00:10", { instrument_type: "CAMERA" }))).toEqual([1, 0, 0]);
    const camera = expansionOf(hourly(1, 30), { scopes: [{ ...scopes[0], instrument_type: "CAMERA" }] });
    const others = ["CAMERA", "SPECTROGRAPH", ""].map((type) => stored("00:00", "00:10", { instrument_type: type }));
    const [row] = warn(camera, others);
    expect(row?.overlaps.map(({ instrument_type }) => instrument_type)).toEqual(["CAMERA", ""]);
  });

  test("mark occurrences that overlap each other", () => {
    const own = (minutes: number) =>
      warn(expansionOf(hourly(3, minutes), { scopes })).map(({ warnings }) => warnings.includes("own_overlap"));
    expect([own(60), own(61)]).toEqual([
      [false, false, false],
      [true, true, true],
    ]);
  });

  test("mark occurrences partly outside dark time, where the site's position is known", () => {
    // On 12 January the sun sets on Siding Spring at about 09:30 in UTC; it is 12° below the horizon from 10:14 to 17:55 or so.
    const isLight = (start: string, scope: Record<string, string>) =>
      warn(expansionOf({ ...hourly(1, 60), start: `2027-01-12T${start}` }, { scopes: [scope] })).map(({ warnings }) =>
        warnings.includes("light"),
      );
    const telescope = { site: "sso", telescope: "1m0a" };
    expect(["03:00", "10:05", "13:00"].map((start) => isLight(start, telescope))).toEqual([[true], [true], [false]]);
    expect(isLight("03:00", { site: "nowhere" })).toEqual([false]);
  });

  test("don't mark the whole dark time", () => {
    const dark = { from: { event: "astronomical_dusk" }, to: { event: "astronomical_dawn" } };
    const nights = expansionOf(
      { kind: "night", first: "2027-01-01", last: "2027-12-31", ...dark },
      { scopes: [{ site: "cta" }, { site: "lap" }] },
    );
    const warnings = warn(nights).flatMap((one) => one.warnings);
    expect(nights.rows).toHaveLength(730);
    expect(warnings).toEqual(Array(4).fill("clock_changed"));
  });

  test("mark inactive telescopes", () => {
    const inactive = expansionOf(hourly(2, 30), {
      scopes: [{ site: "sso", enclosure: "doma", telescope: "old" }, { site: "sso" }],
    });
    const occurrences = warn(inactive);
    expect(occurrences).toHaveLength(6);
    const telescopes = occurrences
      .filter(({ warnings }) => warnings.includes("inactive"))
      .map(({ planned: { draft } }) => draft.telescope);
    expect(telescopes).toEqual(["old", "old"]);
  });

  test("span from the first start to the last end", () => {
    expect<unknown>(spanOf(hours.rows.map(({ draft }) => draft))).toEqual({
      from: "2027-01-12T00:00:00Z",
      to: "2027-01-12T02:30:00Z",
    });
    expect(spanOf([])).toBeUndefined();
  });

  test("find the same overlaps as a comparison of each pair", () => {
    const clock = (minutes: number) => new Date(minutes * 60_000).toISOString().slice(11, 16);
    const windows = fc.array(
      fc.record({
        from: fc.nat(1000),
        length: fc.integer({ min: 1, max: 400 }),
        telescope: fc.constantFrom("1m0a", "2m0a"),
        instrument_type: fc.constantFrom("", "CAMERA"),
      }),
      { maxLength: 12 },
    );
    const hours = expansionOf(hourly(8, 45), {
      scopes: [...scopes, { site: "sso", telescope: "2m0a", instrument_type: "CAMERA" }],
    });
    fc.assert(
      fc.property(windows, (others) => {
        const drafts = others.map(({ from, length, ...place }) => stored(clock(from), clock(from + length), place));
        for (const { planned, overlaps } of warn(hours, drafts)) {
          const { draft } = planned;
          const expected = drafts.filter(
            (other) => other.telescope === draft.telescope && other.start < draft.end && other.end > draft.start,
          );
          expect(new Set(overlaps)).toEqual(new Set(expected));
        }
      }),
      { numRuns: 50 },
    );
  });
});
