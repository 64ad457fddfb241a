import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { calendarQuery } from "../../src/calendar/store.ts";
import { type Database, type Sql, sql } from "../../src/database/sql.ts";
import { changeLogQuery } from "../../src/downtime/change-log.ts";
import { checkDraft } from "../../src/downtime/downtime.ts";
import { readListing } from "../../src/downtime/list-query.ts";
import { part } from "../../src/downtime/list-store.ts";
import { columnNames, draftColumns } from "../../src/downtime/rows.ts";
import { createDowntimes } from "../../src/downtime/store.ts";
import { toInstant } from "../../src/time/instant.ts";
import { draft, engines, facility, noon, openTestDatabase } from "../harness.ts";

/** The eleven most frequent queries. */
const queries: Record<string, string> = {
  "the scheduler's week": "ends_after=2026-11-22 00:00:00&starts_before=2026-11-29 00:00:00",
  "the same on one telescope": "ends_after=2026-11-22&starts_before=2026-11-29&site=ogg&telescope=2m0a",
  "the portal's everything": "limit=10000",
  "the session that is cancelled": "site=ogg&enclosure=clma&telescope=2m0a&reason_exact=8812345",
  "what isn't over yet": "ends_after=2027-06-01&order=start",
  "what is on now": "ends_after=2026-11-22T12:00:00Z&starts_before=2026-11-22T12:00:00Z",
  "what starts soon": "starts_after=2027-06-01&starts_before=2027-06-02&order=start",
  "the newest first": "order=-created&limit=100",
  "what was booked on a telescope": "site=ogg&telescope=2m0a&starts_after=2027-06-01&order=start&limit=50",
  "what was stored since": "created_after=2026-11-22T13:00:00Z",
  "the downtimes of a series": "series=1",
};

for (const engine of engines)
  describe(`the plans on ${engine}`, () => {
    let database: Database;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ database, close } = await openTestDatabase(engine));
      // Enough of them that a walk through the table would be the wrong way, and some that last for years.
      const drafts = Array.from({ length: 6000 }, (_, index) => {
        const start = noon + (index - 3000) * 3_600_000;
        const length = index % 1000 === 7 ? 9_000 * 3_600_000 : 1_800_000;
        return checkDraft(
          { ...draft, reason: String(index), start: toInstant(start), end: toInstant(start + length) },
          facility,
        );
      });
      await createDowntimes(database).addAll(drafts, { by: "ada", at: noon });
      // PostgreSQL counts by itself sooner or later; SQLite plans without having counted.
      if (engine === "postgres")
        await database.transaction((tx) => tx.script("ANALYZE downtime; ANALYZE downtime_history"));
    });
    afterAll(() => close());

    const planOf = async (query: Sql): Promise<string> => {
      const explain = engine === "sqlite" ? sql`EXPLAIN QUERY PLAN ${query}` : sql`EXPLAIN ${query}`;
      return (await database.all<Record<string, unknown>>(explain))
        .map((row) => row.detail ?? row["QUERY PLAN"])
        .join("\n");
    };

    if (engine === "postgres")
      test("the version and the check read nothing of what an import hasn't committed yet", async () => {
        const asked: Sql[] = [];
        const watched: Database = {
          ...database,
          first(query) {
            asked.push(query);
            return database.first(query);
          },
          check(query) {
            asked.push(query);
            return database.check(query);
          },
        };
        const { version, check } = createDowntimes(watched);
        const newest = await version();
        asked.length = 0;
        const imported = database.transaction(async (tx) => {
          const values = sql`change_set, ${draftColumns}`;
          await tx.all(sql`INSERT INTO downtime_history (downtime_id, action, version, "at", "by", ${values})
            SELECT 1000000 + downtime_id, action, version, "at", "by", ${values} FROM downtime_history`);
          const others = sql`reason_folded, created, modified`;
          await tx.all(
            sql`INSERT INTO downtime (${draftColumns}, ${others}) SELECT ${draftColumns}, ${others} FROM downtime`,
          );
          expect(await version()).toBe(newest);
          await check();
          expect(asked).toHaveLength(2);
          for (const query of asked) {
            const plan = await planOf(sql`(ANALYZE, BUFFERS) ${query}`);
            expect(Number(/(?<=shared hit=)\d+/.exec(plan)?.[0])).toBeLessThan(20);
          }
          throw new Error("rolled back");
        });
        await expect(imported).rejects.toThrow("rolled back");
      });

    for (const [name, query] of Object.entries(queries))
      test(`${name} is found by an index`, async () => {
        const plan = await planOf(part(["id", "version"], readListing(new URLSearchParams(query), facility)));
        expect(plan).toContain("downtime_");
        // Of a table SQLite says SCAN, of an index in order SCAN … USING INDEX; PostgreSQL says Seq Scan.
        expect(plan).not.toMatch(/SCAN downtime(?! USING)|Seq Scan on downtime/);
      });

    test("overlaps with a window are found by its index, on SQLite by the index alone, also on one telescope", async () => {
      for (const name of ["the scheduler's week", "the same on one telescope"] as const) {
        const plan = await planOf(part(["id", "version"], readListing(new URLSearchParams(queries[name]), facility)));
        expect(plan).toContain(engine === "sqlite" ? "USING COVERING INDEX downtime_window" : "downtime_window");
      }
    });

    test("whole rows that overlap a window come from the index too, on SQLite only from there", async () => {
      const listing = readListing(new URLSearchParams(queries["the scheduler's week"]), facility);
      const plan = await planOf(part([...columnNames, "version"], listing));
      expect(plan).toContain(engine === "sqlite" ? "USING COVERING INDEX downtime_window" : "downtime_window");
      expect(plan).not.toContain("Seq Scan on downtime");
    });

    test("cancelled calendar events and changes after a cursor use an index", async () => {
      const parameters = new URLSearchParams("ends_after=2027-06-01");
      const { filter } = readListing(parameters, facility);
      const cancelled = await planOf(calendarQuery({ filter, deletedSince: toInstant(noon) }, 10_000));
      expect(cancelled).toContain("downtime_history_deleted");
      for (const plan of [cancelled, await planOf(changeLogQuery(5900, 100))])
        expect(plan).not.toMatch(/SCAN (?:last|first|later|entry|stored|downtime)\b(?! USING)|Seq Scan on downtime/);
    });

    test("overlaps with a window are the same, whichever index finds them", async () => {
      const downtimes = createDowntimes(database);
      const everything = (await downtimes.list(readListing(new URLSearchParams("limit=100000"), facility))).results;
      for (const [from, to] of [
        ["2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z"],
        ["2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"],
        ["2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"],
        ["0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"],
      ] as const) {
        const query = `ends_after=${from}&starts_before=${to}&limit=100000`;
        const { results } = await downtimes.list(readListing(new URLSearchParams(query), facility));
        expect(results.map(({ id }) => id)).toEqual(
          everything.filter(({ start, end }) => end >= from && start <= to).map(({ id }) => id),
        );
      }
    });

    test("active and upcoming downtimes by start are the same page by page", async () => {
      const downtimes = createDowntimes(database);
      const everything = (await downtimes.list(readListing(new URLSearchParams("order=start&limit=100000"), facility)))
        .results;
      for (const from of [
        "2026-11-22T12:00:00Z",
        "2026-11-22T12:00:01Z",
        "2026-03-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
      ])
        for (const offset of [0, 3, 40]) {
          const query = `ends_after=${from}&order=start&limit=30&offset=${offset}&reason=1`;
          const { count, results } = await downtimes.list(readListing(new URLSearchParams(query), facility));
          const expected = everything.filter(({ end, reason }) => end >= from && reason.includes("1"));
          expect(results).toEqual(expected.slice(offset, offset + 30));
          expect(count).toBe(expected.length);
        }
      const most = `ends_after=2026-03-01&order=start&limit=${"9".repeat(20)}`;
      const { results } = await downtimes.list(readListing(new URLSearchParams(`${most}&offset=5990`), facility));
      expect(results.length).toBeLessThanOrEqual(10);
      const behind = await downtimes.list(
        readListing(new URLSearchParams(`${most}&offset=${"9".repeat(20)}`), facility),
      );
      expect(behind.results).toEqual([]);
    });
  });
