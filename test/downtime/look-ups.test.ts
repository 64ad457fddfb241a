import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { calendarQuery } from "../../src/calendar/store.ts";
import { type Database, type Sql, sql } from "../../src/database/sql.ts";
import { checkDraft, type Downtime } from "../../src/downtime/downtime.ts";
import { counted } from "../../src/downtime/filter-sql.ts";
import { readListing } from "../../src/downtime/list-query.ts";
import { part } from "../../src/downtime/list-store.ts";
import { columnNames } from "../../src/downtime/rows.ts";
import { createDowntimes, type Downtimes } from "../../src/downtime/store.ts";
import { toInstant } from "../../src/time/instant.ts";
import { engines, facility, noon, openTestDatabase } from "../harness.ts";

const places = [...facility.places()];
const hourMillis = 3_600_000;

/** More than SQLite looks up by an index, in an order in which nothing is sorted. */
const stored = Array.from({ length: 12_000 }, (_, index) => {
  const start = noon + (((index * 7919) % 12_000) - 6000) * hourMillis;
  const reason = index % 1000 === 3 ? "Fuzzy sky" : `Reason ${index % 200}`;
  const end = start + (1 + (index % 7)) * hourMillis;
  return checkDraft(
    { ...places[index % places.length], reason, start: toInstant(start), end: toInstant(end) },
    facility,
  );
});

type Accepts = (downtime: Downtime) => boolean;
const isFuzzy: Accepts = ({ reason }) => reason === "Fuzzy sky";

/** Queries that an index alone can't answer, and what they mean. */
const queries: Record<string, Accepts> = {
  "reason=zz": isFuzzy,
  "reason=r": ({ reason }) => reason !== "Fuzzy sky",
  "reason=zz&starts_after=1900-01-01": isFuzzy,
  "reason=zz&starts_after=2026-11-22&starts_before=2027-01-01": (downtime) =>
    isFuzzy(downtime) && downtime.start >= "2026-11-22" && downtime.start <= "2027-01-01T00:00:00Z",
  "reason=zz&ends_after=2000-01-01": isFuzzy,
  "reason=zz&ends_after=2000-01-01&starts_before=2100-01-01": isFuzzy,
  "reason=zz&ends_after=2026-11-22&starts_before=2026-12-22": (downtime) =>
    isFuzzy(downtime) && downtime.end >= "2026-11-22T00:00:00Z" && downtime.start <= "2026-12-22T00:00:00Z",
  "reason=zz&site=ogg": (downtime) => isFuzzy(downtime) && downtime.site === "ogg",
  "reason=sky&site=ogg&site=coj&site=tst&telescope=2m0a": (downtime) =>
    isFuzzy(downtime) && downtime.telescope === "2m0a",
  "reason=zz&created_after=1900-01-01": isFuzzy,
  "reason_exact=Fuzzy sky&site=ogg": (downtime) => isFuzzy(downtime) && downtime.site === "ogg",
  "site=ogg&site=coj&site=tst&enclosure=clma": ({ enclosure }) => enclosure === "clma",
  "site=tst": ({ site }) => site === "tst",
  "enclosure=doma": ({ enclosure }) => enclosure === "doma",
  "telescope=0m4b": ({ telescope }) => telescope === "0m4b",
  "ends_before=2026-11-22T12:00:00Z": ({ end }) => end <= "2026-11-22T12:00:00Z",
  "ends_before=1900-01-01": () => false,
  "modified_after=2026-11-22T12:00:01Z": ({ modified }) => modified >= "2026-11-22T12:00:01Z",
  "created_after=2026-11-22T12:00:01Z&starts_after=2000-01-01": ({ created }) => created >= "2026-11-22T12:00:01Z",
  "starts_after=2000-01-01&ends_before=2026-11-22": ({ end }) => end <= "2026-11-22T00:00:00Z",
  "ends_after=2026-11-22&site=tst": ({ end, site }) => end >= "2026-11-22T00:00:00Z" && site === "tst",
};
const orders = ["start", "-start", "end", "created", "-created", "modified", "-end,start"];

for (const engine of engines)
  describe(`among many rows on ${engine}`, () => {
    let database: Database;
    let downtimes: Downtimes;
    let all: readonly Downtime[];
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ database, close } = await openTestDatabase(engine));
      downtimes = createDowntimes(database);
      await downtimes.addAll(stored.slice(0, 6000), { by: "ada", at: noon });
      await downtimes.addAll(stored.slice(6000), { by: "ada", at: noon + 1000 });
      if (engine === "postgres") await database.transaction((tx) => tx.script("ANALYZE downtime"));
      all = (await downtimes.list({ ...listingOf("order=created"), limit: 100_000 })).results;
    });
    afterAll(() => close());

    const listingOf = (query: string) => readListing(new URLSearchParams(query), facility);

    const planOf = async (query: Sql): Promise<string> => {
      const explain = engine === "sqlite" ? sql`EXPLAIN QUERY PLAN ${query}` : sql`EXPLAIN ${query}`;
      const lines = await database.all<Record<string, unknown>>(explain);
      return lines.map((line) => line.detail ?? line["QUERY PLAN"]).join("\n");
    };

    /** A walk along an index that isn't whole: each row that it comes by is looked up. Of reasons an index has the beginning. */
    const walk =
      engine === "sqlite"
        ? /downtime USING INDEX (?!downtime_reason)/
        : /Index Scan (Backward )?using downtime_(start|created)/;

    for (const query of Object.keys(queries))
      test(`${query} neither scans in sort order nor uses an index without bounds`, async () => {
        for (const order of orders)
          for (const limit of [1, 1000]) {
            const listing = { ...listingOf(`${query}&order=${order}`), limit };
            expect(await planOf(part([...columnNames, "version"], listing))).not.toMatch(walk);
          }
        const { filter } = listingOf(query);
        expect(await planOf(sql`SELECT count(*) AS count FROM ${counted(filter)}`)).not.toMatch(walk);
        const deletedSince = toInstant(noon);
        expect(await planOf(calendarQuery({ filter, deletedSince }, 10_000))).not.toMatch(walk);
      });

    test("each query finds exactly its rows, in each order, page by page", async () => {
      for (const [query, accepts] of Object.entries(queries)) {
        const expected = all.filter(accepts);
        for (const order of ["-start", "created", "-end,start"]) {
          const listing = { ...listingOf(`${query}&order=${order}`), limit: 100_000 };
          const { count, results } = await downtimes.list(listing);
          expect([query, order, count]).toEqual([query, order, expected.length]);
          expect(results.map(({ id }) => id).sort((a, b) => a - b)).toEqual(expected.map(({ id }) => id));
          const [{ field, descending } = { field: "start", descending: false } as const] = listing.order;
          const key = (downtime: Downtime) => downtime[field as "start"];
          const sorted = results.map(key).sort();
          expect(results.map(key)).toEqual(descending ? sorted.reverse() : sorted);
          const some = await downtimes.list({ ...listing, limit: 7, offset: 5 });
          expect(some).toEqual({ count, results: results.slice(5, 12) });
        }
      }
    });

    test("a list in the order of an index uses that index only", async () => {
      for (const query of [
        "order=start&limit=10",
        "order=-start&limit=10",
        "order=created&limit=10",
        "starts_after=2026-11-22&order=start&limit=10",
        "site=ogg&telescope=2m0a&starts_after=2026-11-22&order=start&limit=10",
        "created_after=2000-01-01&order=-created&limit=10",
        "ends_after=2000-01-01&order=start&limit=10",
      ])
        expect(await planOf(part(columnNames, listingOf(query)))).toMatch(
          engine === "sqlite" ? walk : /Index Scan (Backward )?using downtime_(start|created|place)/,
        );
    });

    test("overlaps on a telescope are found by their time range, excluding its bounds", async () => {
      for (const one of all.filter((_, index) => index % 1500 === 0)) {
        const expected = all.filter(
          (other) =>
            other.id !== one.id &&
            [other.site, other.enclosure, other.telescope].join() === [one.site, one.enclosure, one.telescope].join() &&
            ["", one.instrument_type].includes(one.instrument_type === "" ? "" : other.instrument_type) &&
            other.start < one.end &&
            other.end > one.start,
        );
        const found = await downtimes.overlapping(one, one.start, one.end, one.id);
        expect(found.map(({ id }) => id).sort((a, b) => a - b)).toEqual(expected.map(({ id }) => id));
      }
    });
  });
