import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Database, sql } from "../../src/database/sql.ts";
import { type CheckedDraft, checkDraft, type Downtime } from "../../src/downtime/downtime.ts";
import type { Filter, Listing } from "../../src/downtime/filter.ts";
import { readListing } from "../../src/downtime/list-query.ts";
import type { Stored } from "../../src/downtime/rows.ts";
import { createDowntimes, type Downtimes } from "../../src/downtime/store.ts";
import { toInstant } from "../../src/time/instant.ts";
import { draft, engines, facility, noon, openTestDatabase } from "../harness.ts";

const ada = { by: "ada", at: noon };
const draftOf = (fields: Record<string, unknown> = {}): CheckedDraft => checkDraft({ ...draft, ...fields }, facility);
const listingOf = (query: string): Listing => readListing(new URLSearchParams(query), facility);

for (const engine of engines)
  describe(`the stored downtimes on ${engine}`, () => {
    let database: Database;
    let close: () => Promise<void>;
    let downtimes: Downtimes;
    beforeAll(async () => {
      ({ database, close } = await openTestDatabase(engine));
      downtimes = createDowntimes(database);
    });
    afterAll(() => close());
    beforeEach(async () => {
      await database.transaction(async (tx) => {
        await tx.all(sql`DELETE FROM downtime`);
        await tx.all(sql`DELETE FROM downtime_history`);
      });
    });

    const ids = async (query: string) => (await downtimes.list(listingOf(query))).results.map(({ id }) => id);
    const add = async (...fields: Record<string, unknown>[]) => {
      const stored: number[] = [];
      for (const each of fields) stored.push((await downtimes.add(draftOf(each), ada)).id);
      return stored;
    };

    test("an added downtime is found unchanged, with a first history entry", async () => {
      const stored = await downtimes.add(draftOf(), ada);
      expect<Downtime>(stored).toEqual({
        ...draftOf(),
        id: stored.id,
        created: toInstant(noon),
        modified: toInstant(noon),
      });
      expect((await downtimes.getStored(stored.id)).downtime).toEqual(stored);
      expect(await downtimes.history(stored.id)).toMatchObject([
        { action: "create", by: "ada", at: toInstant(noon), ...draft },
      ]);
    });

    test("an id is never reused, and a deleted downtime keeps its history", async () => {
      const [first = 0] = await add({});
      await downtimes.remove(first, { by: "ben", at: noon + 1000 });
      expect(await downtimes.findAllStored([first])).toEqual([]);
      expect((await downtimes.history(first)).map(({ action, by }) => `${by} ${action}`)).toEqual([
        "ada create",
        "ben delete",
      ]);
      const [second = 0] = await add({});
      expect(second).toBeGreaterThan(first);
    });

    test("a rejected deletion changes nothing, and adds nothing to the history", async () => {
      const [id = 0] = await add({});
      const refuse = ({ createdBy }: Stored) => {
        throw new Error(`created by ${createdBy}`);
      };
      await expect(downtimes.remove(id, ada, refuse)).rejects.toThrow("created by ada");
      expect(await downtimes.findAllStored([id])).toHaveLength(1);
      expect(await downtimes.history(id)).toHaveLength(1);
      await expect(downtimes.remove(999_999, ada)).rejects.toThrow("Not found.");
    });

    test("many are added together, without existing and repeated ones", async () => {
      await add({ reason: "there already" });
      const drafts = [
        draftOf({ reason: "there already" }),
        draftOf({ reason: "new" }),
        draftOf({ reason: "new" }),
        draftOf({ reason: "NEW" }),
      ];
      expect(await downtimes.tryAll(drafts)).toBe(2);
      expect((await downtimes.list(listingOf(""))).count).toBe(1);
      expect(await downtimes.addAll(drafts, ada)).toBe(2);
      expect(await downtimes.addAll(drafts, ada)).toBe(0);
      expect((await downtimes.list(listingOf(""))).results.map(({ reason }) => reason)).toEqual([
        "there already",
        "new",
        "NEW",
      ]);
    });

    test("of many, either all are added or none", async () => {
      const drafts = Array.from({ length: 1500 }, (_, index) => draftOf({ reason: `number ${index}` }));
      // The second chunk breaks a rule that only the database still checks.
      drafts[1400] = { ...draftOf(), end: draftOf().start };
      await expect(downtimes.addAll(drafts, ada)).rejects.toThrow();
      await downtimes.addAll([], ada);
      expect((await downtimes.list(listingOf(""))).count).toBe(0);
      expect(await database.all(sql`SELECT id FROM downtime_history`)).toEqual([]);
    });

    test("time bounds are inclusive", async () => {
      const [id = 0] = await add({ start: "2026-01-01T00:00:00Z", end: "2026-01-02T00:00:00Z" });
      const found = async (query: string) => (await ids(query)).includes(id);
      expect(await found("starts_after=2026-01-01T00:00:00Z")).toBe(true);
      expect(await found("starts_after=2026-01-01T00:00:01Z")).toBe(false);
      expect(await found("starts_before=2026-01-01T00:00:00Z")).toBe(true);
      expect(await found("starts_before=2025-12-31T23:59:59Z")).toBe(false);
      expect(await found("ends_after=2026-01-02")).toBe(true);
      expect(await found("ends_after=2026-01-02T00:00:01")).toBe(false);
      expect(await found("ends_before=2026-01-02")).toBe(true);
      expect(await found("ends_before=2026-01-01T23:59:59")).toBe(false);
      const second = toInstant(noon);
      const before = toInstant(noon - 1000);
      const after = toInstant(noon + 1000);
      expect(await found(`created_after=${second}&created_before=${second}`)).toBe(true);
      expect(await found(`modified_after=${second}&modified_before=${second}`)).toBe(true);
      expect(await found(`created_after=${after}`)).toBe(false);
      expect(await found(`modified_before=${before}`)).toBe(false);
    });

    test("a fraction of a second after a bound is beyond it", async () => {
      const { id } = await downtimes.add(draftOf(), { by: "ada", at: noon + 500 });
      expect(await ids(`created_before=${toInstant(noon)}`)).toEqual([]);
      expect(await ids(`created_before=${toInstant(noon + 1000)}`)).toEqual([id]);
      expect(await ids(`created_after=${toInstant(noon)}`)).toEqual([id]);
    });

    test("reasons are searched ignoring case in every script, and % and _ are literal", async () => {
      const reasons = [
        "ÜNÏCODE",
        "Наждачка",
        "İzmir",
        "Straße",
        "ΟΔΟΣ",
        "50% done",
        "50 x done",
        "a_b",
        "axb",
        "back\\slash",
        "'quoted\"",
        "ﬁlter",
      ];
      const stored = await add(...reasons.map((reason) => ({ reason })));
      const found = async (words: string) =>
        (await ids(new URLSearchParams({ reason: words }).toString())).map((id) => reasons[stored.indexOf(id)] ?? "");
      expect(await found("ünï")).toEqual(["ÜNÏCODE"]);
      expect(await found("ЖД")).toEqual(["Наждачка"]);
      expect(await found("İZM")).toEqual(["İzmir"]);
      expect(await found("STRASSE")).toEqual(["Straße"]);
      expect(await found("ß")).toEqual(["Straße"]);
      expect(await found("οδος")).toEqual(["ΟΔΟΣ"]);
      expect(await found("οδοσ")).toEqual(["ΟΔΟΣ"]);
      expect(await found("0%")).toEqual(["50% done"]);
      expect(await found("A_B")).toEqual(["a_b"]);
      expect(await found("k\\s")).toEqual(["back\\slash"]);
      expect(await found("'quoted\"")).toEqual(["'quoted\""]);
      expect(await found("FILT")).toEqual(["ﬁlter"]);
      expect(await found("x".repeat(60_000))).toEqual([]);
    });

    test("an exact reason is exact", async () => {
      const [id = 0] = await add({ reason: "8812345" }, { reason: "88123456" });
      expect(await ids("reason_exact=8812345")).toEqual([id]);
      expect(await ids("reason_exact=%25")).toEqual([]);
    });

    test("equal rows are sorted by id: descending where the newest come first", async () => {
      const stored = await add({ reason: "a" }, { reason: "b" }, { reason: "c" });
      const backwards = stored.toReversed();
      for (const query of [
        "",
        "order=start",
        "order=-start",
        "order=end",
        "order=-end",
        "order=created",
        "order=modified",
      ])
        expect(await ids(query)).toEqual(stored);
      for (const query of ["order=-created", "order=-modified", "order=start,-created"])
        expect(await ids(query)).toEqual(backwards);
    });

    test("a page of a list has the count of the whole list", async () => {
      const stored = await add({ reason: "a" }, { reason: "b" }, { reason: "c" });
      const part = async (query: string) => {
        const { count, results } = await downtimes.list(listingOf(query));
        return [count, results.map(({ id }) => stored.indexOf(id))];
      };
      expect(await part("limit=2")).toEqual([3, [0, 1]]);
      expect(await part("limit=3")).toEqual([3, [0, 1, 2]]);
      expect(await part("limit=2&offset=2")).toEqual([3, [2]]);
      expect(await part("offset=3")).toEqual([3, []]);
      expect(await part("offset=99999999999999999999")).toEqual([3, []]);
      expect(await part("reason=nothing")).toEqual([0, []]);
    });

    test("a stream has every row of a list in its order", async () => {
      await downtimes.addAll(
        Array.from({ length: 2500 }, (_, index) => draftOf({ reason: `number ${index}` })),
        ada,
      );
      const seen: string[] = [];
      for await (const batch of downtimes.stream(listingOf("order=-created")))
        seen.push(...batch.map(({ reason }) => reason));
      expect(seen).toHaveLength(2500);
      expect(seen[0]).toBe("number 2499");
      expect(seen[2499]).toBe("number 0");
    });

    test("every filter finds what a scan of all rows finds", async () => {
      const times = fc
        .integer({ min: 0, max: 20 })
        .map((hours) => toInstant(Date.parse("2026-01-01") + hours * 3_600_000));
      const places = [...facility.places()];
      const row = fc
        .record({
          start: times,
          end: times,
          place: fc.constantFrom(...places),
          reason: fc.constantFrom("RTI", "rti", "Ölwechsel", "100%", ""),
          category: fc.constantFrom("fault", "weather", ""),
        })
        .filter(({ start, end }) => start < end)
        .map(({ place, ...rest }) => draftOf({ ...rest, ...place }));
      const some = <T extends string>(...values: T[]) => fc.subarray(values, { minLength: 1 });
      const filter: fc.Arbitrary<Filter> = fc.record(
        {
          starts_after: times,
          starts_before: times,
          ends_after: times,
          ends_before: times,
          site: some("ogg", "coj", "tst"),
          enclosure: some("clma", "doma"),
          telescope: some("2m0a", "0m4b", "1m0a"),
          instrument_type: some("2M0-SCICAM-MUSCAT", "1m0-SciCam-Sinistro"),
          category: some("fault", "weather", "closure"),
          reason: fc.constantFrom("rti", "ÖLW", "%", "0"),
          reason_exact: fc.constantFrom("RTI", "100%"),
        },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(row, { maxLength: 12 }),
          fc.array(filter, { minLength: 1, maxLength: 6 }),
          async (rows, filters) => {
            await database.transaction((tx) => tx.all(sql`DELETE FROM downtime`));
            const stored: Downtime[] = [];
            for (const each of rows) stored.push(await downtimes.add(each, ada));
            for (const each of filters) {
              const { results } = await downtimes.list({ ...listingOf(""), filter: each });
              expect(results).toEqual(stored.filter((downtime) => holds(each, downtime)));
            }
          },
        ),
        { numRuns: 40 },
      );
    });
  });

/** The filters once more, as plainly as they can be said. */
function holds(filter: Filter, downtime: Downtime): boolean {
  const {
    starts_after,
    starts_before,
    ends_after,
    ends_before,
    site,
    enclosure,
    telescope,
    instrument_type,
    category,
    reason,
    reason_exact,
  } = filter;
  return (
    (!starts_after || downtime.start >= starts_after) &&
    (!starts_before || downtime.start <= starts_before) &&
    (!ends_after || downtime.end >= ends_after) &&
    (!ends_before || downtime.end <= ends_before) &&
    (!site || site.includes(downtime.site)) &&
    (!enclosure || enclosure.includes(downtime.enclosure)) &&
    (!telescope || telescope.includes(downtime.telescope)) &&
    (!instrument_type || instrument_type.includes(downtime.instrument_type)) &&
    (!category || category.includes(downtime.category ?? "")) &&
    (!reason || downtime.reason.toLowerCase().includes(reason.toLowerCase())) &&
    (!reason_exact || downtime.reason === reason_exact)
  );
}
