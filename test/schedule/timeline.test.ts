import { describe, expect, test } from "bun:test";
import type { Downtime } from "../../src/downtime/downtime.ts";
import { Facility } from "../../src/facility/facility.ts";
import { choicesOf } from "../../src/schedule/query.ts";
import { timelineOf } from "../../src/schedule/timeline.ts";
import { type Instant, toInstant } from "../../src/time/instant.ts";

const telescope = (code: string, ...types: string[]) => ({
  code,
  name: "",
  active: true,
  instrumentTypes: types.map((type) => ({ code: type, active: true })),
});
const enclosure = (code: string, ...telescopes: ReturnType<typeof telescope>[]) => ({
  code,
  name: "",
  active: true,
  telescopes,
});
const facility = new Facility([
  {
    code: "ogg",
    name: "",
    active: true,
    latitude: 20.7,
    longitude: -156.3,
    enclosures: [enclosure("clma", telescope("2m0a", "SPECTRA", "CAMERA"), telescope("0m4b", "CAMERA"))],
  },
  { code: "coj", name: "", active: true, enclosures: [enclosure("doma", telescope("1m0a", "CAMERA"))] },
  { code: "old", name: "", active: false, enclosures: [enclosure("doma", telescope("1m0a", "CAMERA"))] },
]);
const at = (text: string) => text as Instant;
const window = { kind: "week", from: at("2026-11-22T00:00:00Z"), to: at("2026-11-29T00:00:00Z") } as const;
const now = at("2026-11-22T12:00:00Z");

let lastId = 0;
const downtime = (start: string, end: string, fields: Partial<Downtime> = {}): Downtime => ({
  id: ++lastId,
  start: at(`2026-11-22T${start}:00Z`),
  end: at(`2026-11-22T${end}:00Z`),
  site: "ogg",
  enclosure: "clma",
  telescope: "2m0a",
  instrument_type: "",
  reason: "",
  created: now,
  modified: now,
  ...fields,
});
const rowsOf = (downtimes: Downtime[], filter = {}) =>
  timelineOf(facility, filter, downtimes, window, now).flatMap(({ site, rows }) =>
    rows.map(({ telescope, lanes, bars }) => ({
      site,
      telescope,
      lanes,
      bars: bars.map(({ lane, state }) => `${lane} ${state}`),
    })),
  );

describe("the timeline", () => {
  test("has a row for each active telescope, and for those missing from ConfigDB", () => {
    const names = (rows: ReturnType<typeof rowsOf>) => rows.map(({ site, telescope }) => `${site} ${telescope}`);
    expect(names(rowsOf([]))).toEqual(["ogg 2m0a", "ogg 0m4b", "coj 1m0a"]);
    expect(names(rowsOf([downtime("01:00", "02:00", { site: "gone", telescope: "9m9a" })]))).toContain("gone 9m9a");
    expect(names(rowsOf([], { instrument_type: ["SPECTRA"] }))).toEqual(["ogg 2m0a"]);
    expect(names(rowsOf([], { site: ["ogg"], telescope: ["1m0a"] }))).toEqual([]);
  });

  test("puts overlapping downtimes in different lanes, and adjacent ones in the same", () => {
    const [row] = rowsOf([downtime("01:00", "03:00"), downtime("02:00", "04:00"), downtime("03:00", "05:00")]);
    expect(row).toMatchObject({ lanes: 2, bars: ["0 past", "1 past", "0 past"] });
  });

  test("gives the state of a downtime at each boundary", () => {
    const [row] = rowsOf([downtime("11:00", "12:00"), downtime("12:00", "13:00"), downtime("12:01", "13:00")]);
    expect(row?.bars).toEqual(["0 past", "0 now", "1 upcoming"]);
  });

  test("makes one bar of short downtimes near each other, and none of long, distant or differently timed ones", () => {
    const slots = Array.from({ length: 12 }, (_, index) => {
      const hour = String(9 + index).padStart(2, "0");
      return downtime(`${hour}:00`, `${hour}:30`, index % 2 > 0 ? { instrument_type: "CAMERA" } : {});
    });
    const [row] = timelineOf(facility, {}, slots, window, now)[0]?.rows ?? [];
    const ids = row?.bars.map(({ downtimes }) => downtimes.map(({ id }) => id));
    const first = slots[0]?.id ?? 0;
    expect(ids).toEqual([[0, 1, 2].map((at) => first + at), [first + 3], slots.slice(4).map(({ id }) => id)]);
    expect(row).toMatchObject({ lanes: 1, bars: [{ state: "past" }, { state: "now" }, { state: "upcoming" }] });
    const long = [downtime("13:00", "15:00"), downtime("15:00", "17:00"), downtime("20:00", "20:30")];
    expect(rowsOf(long)[0]?.bars).toHaveLength(3);
  });

  test("clusters more the more downtimes there are, until the page can hold them", () => {
    const many = Array.from({ length: 2000 }, (_, index) => {
      const start = Date.parse("2026-11-22T12:00:00Z") + (index + 1) * 300_000;
      return { ...downtime("00:00", "01:00"), start: toInstant(start), end: toInstant(start + 60_000) };
    });
    const bars = timelineOf(facility, {}, many, window, now)[0]?.rows[0]?.bars ?? [];
    expect(bars.length).toBeLessThan(100);
    expect(bars.flatMap(({ downtimes }) => downtimes).map(({ id }) => id)).toEqual(many.map(({ id }) => id));
  });

  test("shades the nights of a site with coordinates, by depth of twilight", () => {
    const [ogg, coj] = timelineOf(facility, {}, [], window, now);
    expect(ogg?.shades.map((spans) => spans.length)).toEqual([7, 7, 7, 7]);
    const [dusk, , , night] = (ogg?.shades ?? []).map(([first]) => first);
    expect(dusk && night && dusk.start < night.start && night.end < dusk.end).toBe(true);
    expect(coj?.shades).toEqual([]);
  });
});

describe("filter choices", () => {
  const codes = (filter: object, field: "site" | "enclosure" | "telescope" | "instrument_type") =>
    choicesOf(facility, filter)[field].map(({ code, selected: chosen }) => (chosen ? `[${code}]` : code));

  test("are limited to codes that exist in combination", () => {
    expect(codes({}, "telescope")).toEqual(["0m4b", "1m0a", "2m0a"]);
    expect(codes({ site: ["ogg"] }, "telescope")).toEqual(["0m4b", "2m0a"]);
    expect(codes({ site: ["ogg"] }, "site")).toEqual(["coj", "[ogg]", "old"]);
    expect(codes({ instrument_type: ["SPECTRA"] }, "site")).toEqual(["ogg"]);
  });

  test("always include the selected codes", () => {
    expect(codes({ site: ["ogg"], telescope: ["1m0a"] }, "telescope")).toEqual(["0m4b", "[1m0a]", "2m0a"]);
    expect(choicesOf(undefined, { site: ["ogg"] }).site).toEqual([{ code: "ogg", selected: true }]);
  });
});
