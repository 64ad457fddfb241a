import { describe, expect, test } from "bun:test";
import { Facility } from "../../src/facility/facility.ts";
import { placeChoices, placeNotices, settlePlace } from "../../src/facility/places.ts";

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

describe("choices", () => {
  test("are all there are as long as nothing is chosen", () => {
    expect(placeChoices(facility, place)).toEqual({
      site: ["bpl", "coj", "ogg"],
      enclosure: ["clma", "doma"],
      telescope: ["0m4b", "1m0a", "2m0a"],
      instrument_type: ["CAM", "OLD", "SPEC"],
    });
  });

  test("below what is chosen are those that exist there, and above it they stay", () => {
    expect(placeChoices(facility, { ...place, site: "coj", enclosure: "clma" })).toEqual({
      site: ["bpl", "coj", "ogg"],
      enclosure: ["clma", "doma"],
      telescope: ["2m0a"],
      instrument_type: ["CAM", "OLD"],
    });
  });

  test("another site takes away what isn't there, and fills in what can only be one", () => {
    const before = { site: "coj", enclosure: "doma", telescope: "1m0a", instrument_type: "CAM" };
    expect(settlePlace(facility, { ...before, site: "ogg" })).toEqual({ ...place, site: "ogg", enclosure: "clma" });
    expect(settlePlace(facility, { ...before, site: "bpl" })).toEqual({ ...before, site: "bpl", instrument_type: "" });
    expect(settlePlace(facility, before)).toEqual(before);
    expect(settlePlace(facility, place)).toEqual(place);
  });
});

describe("what is said of a place", () => {
  test("nothing when all is well", () => {
    expect(placeNotices({ ...place, site: "ogg", enclosure: "clma", telescope: "2m0a" }, facility)).toEqual([]);
  });

  test("whatever ConfigDB marks inactive", () => {
    expect(placeNotices({ ...place, site: "bpl", enclosure: "doma", telescope: "1m0a" }, facility)).toEqual([
      "Site bpl is marked inactive in ConfigDB.",
      "Telescope 1m0a is marked inactive in ConfigDB.",
    ]);
    expect(
      placeNotices({ site: "coj", enclosure: "clma", telescope: "2m0a", instrument_type: "OLD" }, facility),
    ).toEqual(["Every OLD on 2m0a is disabled in ConfigDB."]);
  });

  test("that ConfigDB doesn't know it, or has never answered", () => {
    const gone = { ...place, site: "ogg", enclosure: "clma", telescope: "9m9z" };
    expect(placeNotices(gone, facility)).toEqual(["ConfigDB doesn't know this place, or no longer."]);
    expect(placeNotices(gone, undefined)[0]).toContain("never answered");
  });
});
