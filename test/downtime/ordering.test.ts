/** `ordering=`: a list sorted by any field that the original shows. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { orderingFields } from "../../src/downtime/filter.ts";
import { engines, type Service, startService } from "../harness.ts";

type Row = Readonly<Record<(typeof orderingFields)[number], string | number>>;

/** In no field in the order of another. */
const drafts = [
  { telescope: "2m0a", reason: "b", start: "2026-11-23T08:00:00Z", end: "2026-11-25T08:00:00Z" },
  { telescope: "0m4b", reason: "a", start: "2026-11-24T08:00:00Z", end: "2026-11-24T09:00:00Z" },
  {
    site: "coj",
    enclosure: "doma",
    telescope: "1m0a",
    reason: "C",
    start: "2026-11-22T18:00:00Z",
    end: "2026-11-22T19:00:00Z",
  },
  { telescope: "2m0a", instrument_type: "2M0-SCICAM-MUSCAT", reason: "Z" },
  { telescope: "2m0a", instrument_type: "2M0-FLOYDS-SCICAM", reason: "é" },
  { telescope: "2m0a", reason: "" },
];

for (const engine of engines)
  describe(`ordering on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine });
      for (const fields of drafts) {
        await service.add(fields);
        service.clock.forward(1000);
      }
    });
    afterAll(() => service.stop());

    const list = async (query: string) => (await service.ask<{ results: Row[] }>(`/api/?${query}`)).body.results;
    const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0);

    test("accepts every field, in both directions, with and without a filter; equal rows are sorted by id", async () => {
      const rows = await list("");
      expect(rows).toHaveLength(drafts.length);
      for (const field of orderingFields)
        for (const sign of ["", "-"])
          for (const filter of ["", "&ends_after=2026-01-01", "&site=ogg&site=coj"]) {
            const newestFirst = sign === "-" && (field === "created" || field === "modified");
            const expected = rows.toSorted(
              (a, b) => (sign ? -1 : 1) * compare(a[field], b[field]) || (newestFirst ? -1 : 1) * compare(a.id, b.id),
            );
            const query = `ordering=${sign}${field}${filter}`;
            expect([query, await list(query)]).toEqual([query, expected]);
          }
    });

    test("accepts several fields and ignores unknown ones, page by page", async () => {
      const whole = await list("ordering=-telescope,nop,,reason");
      expect(whole.map(({ telescope, reason }) => `${telescope} ${reason}`)).toEqual([
        "2m0a ",
        "2m0a Z",
        "2m0a b",
        "2m0a é",
        "1m0a C",
        "0m4b a",
      ]);
      const pages = [0, 2, 4].map((offset) => list(`ordering=-telescope,reason&limit=2&offset=${offset}`));
      expect((await Promise.all(pages)).flat()).toEqual(whole);
    });
  });
