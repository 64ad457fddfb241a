import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { checkDraft, type Draft } from "../../src/downtime/downtime.ts";
import { previewOf, spanOf } from "../../src/series/preview.ts";
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

describe("a preview", () => {
  const { rows, absences } = expansionOf(hourly(3, 30), { scopes });
  const of = (...others: Draft[]) => previewOf({ rows, absences }, others, observatory);
  const overlapping = (...others: Draft[]) => of(...others).rows.map(({ overlaps }) => overlaps.length);

  test("names what is stored in the same time on the same telescope, and not what only touches it", () => {
    expect(overlapping(stored("00:30", "01:00"), stored("01:30", "02:00"))).toEqual([0, 0, 0]);
    expect(overlapping(stored("00:29", "01:01"), stored("01:30", "02:01"))).toEqual([1, 1, 1]);
    expect(overlapping(stored("00:00", "23:00"), stored("01:10", "01:20"))).toEqual([1, 2, 1]);
    expect(overlapping(stored("00:00", "23:00", { telescope: "2m0a" }))).toEqual([0, 0, 0]);
  });

  test("names the first twenty of many overlaps, and counts them all", () => {
    const many = Array.from({ length: 25 }, () => stored("00:00", "23:00"));
    const [row] = of(...many, stored("00:00", "23:00")).rows;
    expect([row?.overlaps.length, row?.overlapCount]).toEqual([20, 26]);
    const [other] = of(...many.slice(0, 20)).rows;
    expect([other?.overlaps.length, other?.overlapCount]).toEqual([20, 20]);
  });

  test("counts one instrument type as an overlap with the whole telescope, and not with another type", () => {
    expect(overlapping(stored("00:00", "00:10", { instrument_type: "CAMERA" }))).toEqual([1, 0, 0]);
    const camera = expansionOf(hourly(1, 30), { scopes: [{ ...scopes[0], instrument_type: "CAMERA" }] });
    const others = ["CAMERA", "SPECTROGRAPH", ""].map((type) => stored("00:00", "00:10", { instrument_type: type }));
    const [row] = previewOf(camera, others, observatory).rows;
    expect(row?.overlaps.map(({ instrument_type }) => instrument_type)).toEqual(["CAMERA", ""]);
  });

  test("tells rows of the series that overlap each other", () => {
    const own = (minutes: number) =>
      previewOf(expansionOf(hourly(3, minutes), { scopes }), [], observatory).rows.map((row) => row.overlapsOwn);
    expect([own(60), own(61)]).toEqual([
      [false, false, false],
      [true, true, true],
    ]);
  });

  test("tells how much of a row isn't dark, where anybody can know", () => {
    // On 12 January the sun sets on Siding Spring at about 09:30 in UTC, and it is dark from 10:50 to 17:20 or so.
    const light = (start: string, scope: Record<string, string>) =>
      previewOf(
        expansionOf({ ...hourly(1, 60), start: `2027-01-12T${start}` }, { scopes: [scope] }),
        [],
        observatory,
      ).rows.map(({ seconds, lightSeconds }) => [seconds, lightSeconds]);
    expect(light("03:00", { site: "sso", telescope: "1m0a" })).toEqual([[3600, 3600]]);
    expect(light("13:00", { site: "sso", telescope: "1m0a" })).toEqual([[3600, 0]]);
    expect(light("13:00", { site: "nowhere" })).toEqual([[3600, undefined]]);
    const [[, dusk = 0] = []] = light("10:20", { site: "sso", telescope: "1m0a" });
    expect(dusk).toBeGreaterThan(20 * 60);
    expect(dusk).toBeLessThan(40 * 60);
  });

  test("finds the whole dark time dark", () => {
    const dark = { from: { event: "astronomical_dusk" }, to: { event: "astronomical_dawn" } };
    const nights = expansionOf(
      { kind: "night", first: "2027-01-01", last: "2027-12-31", ...dark },
      { scopes: [{ site: "cta" }, { site: "lap" }] },
    );
    const { rows } = previewOf(nights, [], observatory);
    expect(rows).toHaveLength(730);
    expect(rows.filter(({ lightSeconds }) => lightSeconds !== 0)).toEqual([]);
    expect(rows.filter(({ leap }) => leap)).toHaveLength(4);
  });

  test("tells inactive telescopes", () => {
    const inactive = expansionOf(hourly(2, 30), {
      scopes: [{ site: "sso", enclosure: "doma", telescope: "old" }, { site: "sso" }],
    });
    const { rows } = previewOf(inactive, [], observatory);
    expect(rows).toHaveLength(6);
    const telescopes = rows.filter(({ isInactive }) => isInactive).map(({ draft }) => draft.telescope);
    expect(telescopes).toEqual(["old", "old"]);
  });

  test("spans from the first start to the last end", () => {
    expect<unknown>(spanOf({ rows, absences })).toEqual({ from: "2027-01-12T00:00:00Z", to: "2027-01-12T02:30:00Z" });
    expect(spanOf({ rows: [], absences: [] })).toBeUndefined();
  });

  test("finds the overlaps that a look at each pair finds", () => {
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
    const { rows, absences } = expansionOf(hourly(8, 45), {
      scopes: [...scopes, { site: "sso", telescope: "2m0a", instrument_type: "CAMERA" }],
    });
    fc.assert(
      fc.property(windows, (others) => {
        const drafts = others.map(({ from, length, ...place }) => stored(clock(from), clock(from + length), place));
        const found = previewOf({ rows, absences }, drafts, observatory).rows;
        for (const { draft, overlaps } of found) {
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
