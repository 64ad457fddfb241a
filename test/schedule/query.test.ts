import { describe, expect, test } from "bun:test";
import { readListing } from "../../src/downtime/list-query.ts";
import { Facility, type Site } from "../../src/facility/facility.ts";
import { apiOrder, readScheduleQuery, toLinkQuery } from "../../src/schedule/query.ts";
import { toInstant } from "../../src/time/instant.ts";

const site = (code: string, latitude: number, longitude: number): Site => ({
  code,
  name: "",
  active: true,
  latitude,
  longitude,
  enclosures: [
    {
      code: "doma",
      name: "",
      active: true,
      telescopes: [{ code: "1m0a", name: "", active: true, instrumentTypes: [{ code: "CAMERA", active: true }] }],
    },
  ],
});
const facility = new Facility([site("ogg", 20.7, -156.3), site("coj", -31.3, 149.1)]);
const now = toInstant(Date.parse("2026-11-22T12:00:00Z"));
const read = (query: string) => readScheduleQuery(new URLSearchParams(query), facility, now);
const instants = ({ listing: { filter } }: ReturnType<typeof read>): (string | undefined)[] => [
  filter.ends_after,
  filter.starts_before,
];

describe("a schedule query", () => {
  test("defaults to active and upcoming downtimes, soonest first; one that ends now is past", () => {
    const query = read("");
    expect(query.when).toBe("open");
    expect(instants(query)).toEqual(["2026-11-22T12:00:01Z", undefined]);
    expect(query.listing.order).toEqual([{ field: "start", descending: false }]);
  });

  test("for now includes downtimes that start now, but not a second later", () => {
    expect(instants(read("when=now"))).toEqual(["2026-11-22T12:00:01Z", "2026-11-22T12:00:00Z"]);
  });

  test("for a number of days ends after exactly that time", () => {
    expect(instants(read("when=7d"))).toEqual(["2026-11-22T12:00:01Z", "2026-11-29T11:59:59Z"]);
    expect(instants(read("when=30d"))[1]).toBe("2026-12-22T11:59:59Z");
    expect(instants(read("when=all"))).toEqual([undefined, undefined]);
  });

  test("for tonight runs from the first sunset to the last sunrise of the selected sites", () => {
    // Noon UTC is night at both sites: 02:00 in Hawaii, 23:00 in Australia.
    expect(instants(read("when=tonight&site=ogg")).map((at) => at?.slice(0, 13))).toEqual([
      "2026-11-22T03",
      "2026-11-22T16",
    ]);
    expect(instants(read("when=tonight&site=coj")).map((at) => at?.slice(0, 13))).toEqual([
      "2026-11-22T08",
      "2026-11-22T18",
    ]);
    expect(instants(read("when=tonight")).map((at) => at?.slice(0, 13))).toEqual(["2026-11-22T03", "2026-11-22T18"]);
  });

  test("for tonight is 24 hours if no site has coordinates", () => {
    const query = readScheduleQuery(new URLSearchParams("when=tonight"), undefined, now);
    expect(instants(query)).toEqual(["2026-11-22T12:00:01Z", "2026-11-23T11:59:59Z"]);
  });

  test("has no default time filter if start or end times are given, but combines both", () => {
    expect(read("ends_before=2017-01-01").when).toBeUndefined();
    for (const asked of ["reason=RTI", "site=ogg", "site=nop", "series=1", "order=-start", "when=later&reason=RTI"])
      expect(read(asked).when).toBe("all");
    for (const asked of ["", "reason=", "page=2", "window=month", "utm_source=mail", "when=open&reason=RTI"])
      expect(read(asked).when).toBe("open");
    expect(instants(read("ends_before=2017-01-01"))).toEqual([undefined, undefined]);
    expect(instants(read("when=7d&ends_after=2026-11-25"))).toEqual(["2026-11-25T00:00:00Z", "2026-11-29T11:59:59Z"]);
  });

  test("ignores and reports invalid parameters, and keeps the others", () => {
    const query = read("starts_after=soon&site=nop&reason=wash&order=nop");
    expect(query.errors).toEqual({
      starts_after: ["Enter a valid date/time."],
      site: ["Select a valid choice. nop is not one of the available choices."],
      order: ["Select a valid choice. nop is not one of the available choices."],
    });
    expect(query.filter).toEqual({ reason: "wash" });
    expect(query.listing.order).toEqual([{ field: "start", descending: false }]);
  });

  test("can be sorted by columns that the API can't sort by", () => {
    expect(read("order=-reason").listing.order).toEqual([
      { field: "reason_folded", descending: true },
      { field: "start", descending: true },
    ]);
    expect(read("order=-reason").errors).toEqual({});
    expect(apiOrder(read("order=-reason").listing.order)).toBeUndefined();
    expect(apiOrder(read("order=-end,start").listing.order)).toBe("-end,start");
    expect(() => readListing(new URLSearchParams("order=-reason"), facility)).toThrow("not one of the available");
  });

  test("has the requested timeline window, or one that matches the time filter", () => {
    const windowOf = (query: string) => {
      const { kind, from, to } = read(query).window;
      return `${kind} ${from} ${to}`;
    };
    expect(windowOf("")).toBe("week 2026-11-22T00:00:00Z 2026-11-29T00:00:00Z");
    expect(windowOf("when=tonight")).toBe("night 2026-11-22T10:00:00Z 2026-11-23T10:00:00Z");
    expect(windowOf("when=30d")).toBe("month 2026-11-22T00:00:00Z 2026-12-22T00:00:00Z");
    expect(windowOf("window=night&from=2017-08-21T08:45")).toBe("night 2017-08-21T08:45:00Z 2017-08-22T08:45:00Z");
    expect(windowOf("starts_after=2017-08-21T08:45")).toBe("week 2017-08-21T00:00:00Z 2017-08-28T00:00:00Z");
    expect(windowOf("from=9999-12-31&window=nop")).toBe("week 2026-11-22T00:00:00Z 2026-11-29T00:00:00Z");
  });
});

test("page numbers of OCS Downtime links become offsets", () => {
  const offsetOf = (query: string) => read(query).listing.offset;
  expect(["page=1", "page=2", "page=3&offset=7", "page=0", "page=last", "page=-1"].map(offsetOf)).toEqual([
    ...[0, 50, 7, 0, 0, 0],
  ]);
  const spelt = (query: string) => toLinkQuery(new URLSearchParams(query), read(query)).toString();
  expect(spelt("page=2")).toBe("when=open&offset=50");
  expect(spelt("reason=RTI")).toBe("reason=RTI&when=all");
  expect(spelt("starts_after=2026-01-01&when=7d")).toBe("starts_after=2026-01-01&when=7d");
  expect(spelt("starts_after=2026-01-01")).toBe("starts_after=2026-01-01&when=all");
});
