import { describe, expect, test } from "bun:test";
import type { Listing } from "../../src/downtime/filter.ts";
import { readListing } from "../../src/downtime/list-query.ts";
import { Invalid } from "../../src/input/problem.ts";
import { facility } from "../harness.ts";

const read = (query: string) => readListing(new URLSearchParams(query), facility) as unknown as Record<string, unknown>;
const errorsOf = (query: string) => {
  try {
    read(query);
  } catch (error) {
    if (error instanceof Invalid) return error.errors;
    throw error;
  }
  return undefined;
};
const everything = { filter: {}, order: [{ field: "created", descending: false }], limit: 1000, offset: 0 };

describe("a list query", () => {
  test("without parameters is for the first 1,000 downtimes by creation", () => {
    expect(read("")).toEqual(everything);
  });

  test("ignores unknown parameters, and empty times and texts", () => {
    expect(read("unknown=1&starts_after=&ends_before=%20&reason=&reason_exact=")).toEqual(everything);
  });

  test("accepts several codes of a field, and uses the last value of other parameters", () => {
    expect(read("site=ogg&site=coj&starts_after=2020-01-01&starts_after=2021-01-01&limit=5&limit=7")).toEqual({
      ...everything,
      filter: { site: ["ogg", "coj"], starts_after: "2021-01-01T00:00:00Z" },
      limit: 7,
    });
  });

  test("gets an error for each invalid parameter", () => {
    expect(errorsOf("site=nop&site=nix&enclosure=&starts_after=garbage&order=start,bogus&reason=a%00b")).toEqual({
      site: ["Select a valid choice. nop is not one of the available choices."],
      enclosure: ["Select a valid choice.  is not one of the available choices."],
      starts_after: ["Enter a valid date/time."],
      order: ["Select a valid choice. bogus is not one of the available choices."],
      reason: ["Null characters are not allowed."],
    });
  });

  test("sorts by several fields; `ordering` is the same without errors, and `order` comes first", () => {
    const order = (query: string) =>
      (read(query) as unknown as Listing).order.map(({ field, descending }) => (descending ? "-" : "") + field);
    expect(order("order=-start,end")).toEqual(["-start", "end"]);
    expect(order("ordering=-start,bogus,end")).toEqual(["-start", "end"]);
    expect(order("ordering=bogus")).toEqual(["created"]);
    const all = "id,start,end,site,enclosure,telescope,instrument_type,reason,category,created,modified";
    expect(order(`ordering=${all}`)).toEqual(all.split(","));
    expect(order("ordering=-reason,site,length,length_seconds,reason_folded,series,created_by")).toEqual([
      "-reason",
      "site",
    ]);
    expect(order("order=&ordering=end")).toEqual(["end"]);
    expect(order("order=modified&ordering=end")).toEqual(["modified"]);
    for (const field of ["id", "site", "reason"])
      expect(errorsOf(`order=${field}`)).toEqual({
        order: [`Select a valid choice. ${field} is not one of the available choices.`],
      });
    expect(errorsOf("order=--start")).toEqual({
      order: ["Select a valid choice. --start is not one of the available choices."],
    });
  });

  test("uses the default for an invalid limit or offset", () => {
    for (const bad of ["0", "-1", "abc", "", "1.5", "1e3", "0x10"]) expect(read(`limit=${bad}`)).toEqual(everything);
    for (const bad of ["-1", "abc", "1.5"]) expect(read(`offset=${bad}`)).toEqual(everything);
    expect(read("limit=99999999999999999999&offset=3")).toEqual({
      ...everything,
      limit: Number.MAX_SAFE_INTEGER,
      offset: 3,
    });
  });

  test("may name any code until ConfigDB has been reached", () => {
    expect(readListing(new URLSearchParams("site=nop"), undefined).filter).toEqual({ site: ["nop"] });
  });
});
