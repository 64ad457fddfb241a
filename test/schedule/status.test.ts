import { describe, expect, test } from "bun:test";
import { telescopeStatusesOf } from "../../src/availability/why.ts";
import type { Downtime } from "../../src/downtime/downtime.ts";
import { telescopeStateOf } from "../../src/downtime/state.ts";
import { Facility, type Site } from "../../src/facility/facility.ts";
import { scheduleStatusOf } from "../../src/schedule/schedule.ts";
import { toInstant } from "../../src/time/instant.ts";

const noon = Date.parse("2026-11-22T12:00:00Z");
const now = toInstant(noon);
const minute = (minutes: number) => toInstant(noon + minutes * 60_000);

const telescope = (code: string, active = true) => ({
  code,
  name: "",
  active,
  instrumentTypes: [{ code: "CAMERA", active: true }],
});
const site = (code: string, active = true): Site => ({
  code,
  name: "",
  active,
  enclosures: [{ code: "doma", name: "", active: true, telescopes: [telescope("1m0a"), telescope("old", false)] }],
});
const facility = new Facility([site("ogg"), site("coj"), site("shut", false)]);

let ids = 0;
const downtime = (from: number, to: number, fields: Partial<Downtime> = {}): Downtime => ({
  id: ++ids,
  start: minute(from),
  end: minute(to),
  site: "ogg",
  enclosure: "doma",
  telescope: "1m0a",
  instrument_type: "",
  reason: "",
  created: now,
  modified: now,
  ...fields,
});
const part = { instrument_type: "CAMERA" };
const statusOf = (...downtimes: Downtime[]) => scheduleStatusOf(telescopeStatusesOf(facility, downtimes, now));
const none = { down: 0, partlyDown: 0, inactive: 0, soon: 0 };

test("down is the whole telescope; partly down is an instrument type only", () => {
  expect(telescopeStateOf([])).toBe("available");
  expect(telescopeStateOf([part])).toBe("partly_down");
  expect(telescopeStateOf([part, { instrument_type: "OTHER" }])).toBe("partly_down");
  expect(telescopeStateOf([part, { instrument_type: "" }])).toBe("down");
});

describe("the schedule's status", () => {
  test("counts each telescope once, by its worst state now", () => {
    expect(statusOf()).toEqual(none);
    expect(statusOf(downtime(-10, 10), downtime(-5, 5), downtime(-5, 5, part))).toEqual({ ...none, down: 1 });
    expect(statusOf(downtime(-10, 10, part), downtime(-5, 5, { site: "coj" }))).toEqual({
      ...none,
      down: 1,
      partlyDown: 1,
    });
  });

  test("counts a downtime from its start, inclusive, to its end, exclusive", () => {
    expect(statusOf(downtime(0, 1)).down).toBe(1);
    expect(statusOf(downtime(-1, 0)).down).toBe(0);
  });

  test("counts inactive telescopes separately", () => {
    const inactive = [
      downtime(-1, 1, { telescope: "old" }),
      downtime(-1, 1, { site: "shut", ...part }),
      downtime(-1, 1, { site: "gone" }),
    ];
    expect(statusOf(...inactive)).toEqual({ ...none, inactive: 3 });
    expect(statusOf(...inactive, downtime(-1, 1), downtime(1, 2, { site: "shut" }))).toEqual({
      ...none,
      down: 1,
      inactive: 3,
    });
  });

  test("counts what starts in the next 24 hours at active telescopes, also of a single instrument", () => {
    const soon = [downtime(1, 2), downtime(5, 6), downtime(60, 90, { site: "coj", ...part })];
    const others = [
      downtime(0, 1, { site: "coj" }),
      downtime(1, 2, { telescope: "old" }),
      downtime(1, 2, { site: "gone" }),
    ];
    expect(statusOf(...soon, ...others)).toEqual({ ...none, down: 1, soon: 3 });
  });

  test("counts every telescope until ConfigDB has been reached", () => {
    const telescopes = telescopeStatusesOf(undefined, [downtime(-1, 1, { site: "gone" })], now);
    expect(scheduleStatusOf(telescopes)).toMatchObject({
      down: 1,
      inactive: 0,
    });
  });
});
