import { describe, expect, test } from "bun:test";
import { Facility } from "../../src/facility/facility.ts";
import { fillPlace, placeChoices, placeNotices, settlePlace } from "../../src/facility/places.ts";

const telescope = (code: string, types: readonly string[], active = true) => ({
  code,
  name: "",
  active,
  instrumentTypes: types.map((type) => ({ code: type, active: type !== "OLD" })),
});
const enclosure = (code: string, ...telescopes: ReturnType<typeof telescope>[]) => ({
  code,
  name: "",
  active: true,
  telescopes,
});
const facility = new Facility([
  {
    code: "coj",
    name: "",
    active: true,
    enclosures: [enclosure("clma", telescope("2m0a", ["CAM", "OLD"])), enclosure("doma", telescope("1m0a", ["CAM"]))],
  },
  {
    code: "ogg",
    name: "",
    active: true,
    enclosures: [enclosure("clma", telescope("2m0a", ["SPEC"]), telescope("0m4b", []))],
  },
  { code: "bpl", name: "", active: false, enclosures: [enclosure("doma", telescope("1m0a", [], false))] },
]);
const place = { site: "", enclosure: "", telescope: "", instrument_type: "" };

test("a telescope that is unique within the selection gets its site and enclosure", () => {
  const filled = (selected: object) =>
    Object.values(fillPlace(facility, { ...place, ...selected }))
      .join(" ")
      .trim();
  expect(filled({ site: "coj", telescope: "1m0a" })).toBe("coj doma 1m0a");
  expect(filled({ site: "coj", telescope: "2m0a", instrument_type: "CAM" })).toBe("coj clma 2m0a CAM");
  expect(filled({ telescope: "2m0a" })).toBe("2m0a");
  expect(filled({ site: "coj", telescope: "9m9z" })).toBe("coj  9m9z");
  expect(fillPlace(undefined, { ...place, site: "coj" })).toEqual({ ...place, site: "coj" });
});

describe("the options of a form", () => {
  test("are all codes while nothing is selected", () => {
    expect(placeChoices(facility, place)).toEqual({
      site: ["bpl", "coj", "ogg"],
      enclosure: ["clma", "doma"],
      telescope: ["0m4b", "1m0a", "2m0a"],
      instrument_type: ["CAM", "OLD", "SPEC"],
    });
  });

  test("are limited by the fields before them, not by those after them", () => {
    expect(placeChoices(facility, { ...place, site: "coj", enclosure: "clma" })).toEqual({
      site: ["bpl", "coj", "ogg"],
      enclosure: ["clma", "doma"],
      telescope: ["2m0a"],
      instrument_type: ["CAM", "OLD"],
    });
  });

  test("selecting another site clears fields that don't match it, and fills in fields with one option", () => {
    const before = { site: "coj", enclosure: "doma", telescope: "1m0a", instrument_type: "CAM" };
    expect(settlePlace(facility, { ...before, site: "ogg" })).toEqual({ ...place, site: "ogg", enclosure: "clma" });
    expect(settlePlace(facility, { ...before, site: "bpl" })).toEqual({ ...before, site: "bpl", instrument_type: "" });
    expect(settlePlace(facility, before)).toEqual(before);
    expect(settlePlace(facility, place)).toEqual(place);
  });
});

describe("notices about a place", () => {
  test("are empty for an active telescope", () => {
    expect(placeNotices({ ...place, site: "ogg", enclosure: "clma", telescope: "2m0a" }, facility)).toEqual([]);
  });

  test("name everything that ConfigDB marks inactive", () => {
    expect(placeNotices({ ...place, site: "bpl", enclosure: "doma", telescope: "1m0a" }, facility)).toEqual([
      "Site bpl is marked inactive in ConfigDB.",
      "Telescope 1m0a is marked inactive in ConfigDB.",
    ]);
    expect(
      placeNotices({ site: "coj", enclosure: "clma", telescope: "2m0a", instrument_type: "OLD" }, facility),
    ).toEqual(["Instrument type OLD is marked inactive in ConfigDB."]);
  });

  test("say that a telescope isn't in ConfigDB, or that ConfigDB hasn't been reached", () => {
    const gone = { ...place, site: "ogg", enclosure: "clma", telescope: "9m9z" };
    expect(placeNotices(gone, facility)).toEqual(["This telescope isn't in ConfigDB."]);
    expect(placeNotices(gone, undefined)[0]).toContain("hasn't been reached");
  });
});
