import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { createChangeLog } from "../../src/downtime/change-log.ts";
import { type CheckedDraft, checkDraft } from "../../src/downtime/downtime.ts";
import { readListing } from "../../src/downtime/list-query.ts";
import { createSnapshot } from "../../src/downtime/snapshot-store.ts";
import { createDowntimes } from "../../src/downtime/store.ts";
import { toInstant } from "../../src/time/instant.ts";
import { createClock, draft, type Engine, engines, facility, noon, openTestDatabase } from "../harness.ts";
import { isWhole } from "../sample.ts";

setDefaultTimeout(60_000);

const hourMillis = 3_600_000;
const places = [...facility.places()];
const ada = { by: "ada", at: noon };

const draftOf = (from: number, hours: number, fields: Record<string, unknown> = {}): CheckedDraft =>
  checkDraft(
    {
      ...draft,
      ...places[Math.abs(from) % places.length],
      start: toInstant(noon + from * hourMillis),
      end: toInstant(noon + (from + hours) * hourMillis),
      ...fields,
    },
    facility,
  );

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function create(engine: Engine) {
  const { database, close } = await openTestDatabase(engine);
  cleanUps.push(close);
  const downtimes = createDowntimes(database);
  const changeLog = createChangeLog(database);
  const clock = createClock();
  const snapshot = createSnapshot({ downtimes, changeLog, clock, steadyClock: clock });
  const renew = async () => snapshot.renew(await downtimes.version());
  return { downtimes, snapshot, clock, renew };
}

const listingOf = (query: string) => readListing(new URLSearchParams(query), facility);

for (const engine of engines)
  describe(`the snapshot on ${engine}`, () => {
    test("responds as the database would after each change, or not at all", async () => {
      const { downtimes, snapshot, renew } = await create(engine);
      const query = fc.record(
        {
          ends_after: fc.constantFrom("2026-11-21", "2026-11-22", "2026-11-22T12:00:00Z", "2026-12-01"),
          starts_after: fc.constantFrom("2026-11-22T11:00:00Z", "2026-11-25"),
          starts_before: fc.constantFrom("2026-11-22T12:00:00Z", "2026-11-29"),
          ends_before: fc.constantFrom("2026-11-23", "2026-12-24"),
          site: fc.constantFrom("ogg", "coj"),
          telescope: fc.constantFrom("2m0a", "1m0a"),
          enclosure: fc.constantFrom("clma", "doma"),
          instrument_type: fc.constantFrom("2M0-FLOYDS-SCICAM"),
          category: fc.constantFrom("fault", "weather"),
          reason: fc.constantFrom("STRASSE", "é", "1", "%"),
          reason_exact: fc.constantFrom("Straße 1", "straße 1"),
          ordering: fc.constantFrom(
            "start",
            "-end,start",
            "-created",
            "modified",
            "site,-telescope",
            "reason",
            "category",
            "-id",
          ),
          limit: fc.constantFrom("1", "3", "1000"),
          offset: fc.constantFrom("0", "2"),
        },
        { requiredKeys: [] },
      );
      const { sample } = fc;
      const queries = sample(query, { numRuns: isWhole ? 150 : 50, seed: 16 }).map((some) =>
        String(new URLSearchParams(some)),
      );
      let answered = 0;
      const compare = async () => {
        await renew();
        for (const query of queries) {
          const listing = listingOf(query);
          const page = snapshot.list(listing);
          if (!page) continue;
          answered += 1;
          const { ageSeconds, ...list } = page;
          expect([query, list, ageSeconds]).toEqual([query, await downtimes.list(listing), 0]);
        }
      };
      const reasons = ["Straße 1", "É 2", "100 %", "wash"];
      const some = Array.from({ length: 120 }, (_, index) =>
        draftOf(((index * 37) % 240) - 80, 1 + (index % 30), {
          reason: reasons[index % reasons.length],
          category: ["fault", "weather", ""][index % 3],
        }),
      );
      await downtimes.addAll(some, ada);
      await compare();
      expect(answered).toBeGreaterThan(queries.length / 3);
      const [first, second] = (await downtimes.list(listingOf("ends_after=2026-11-22"))).results;
      const ids = [first?.id as number, second?.id as number] as const;
      await downtimes.change(ids[0], { by: "ben", at: noon + 1000 }, () => draftOf(5, 1, { reason: "Moved" }));
      await compare();
      await downtimes.change(ids[0], { by: "ben", at: noon + 2000 }, () => draftOf(-500, 1, { reason: "Long over" }));
      await downtimes.remove(ids[1], { by: "ben", at: noon + 3000 });
      await compare();
      await downtimes.restore([ids[1]], { by: "ben", at: noon + 4000 });
      await downtimes.change(ids[0], { by: "ben", at: noon + 5000 }, () => draftOf(0, 3000, { reason: "For long" }));
      await compare();
      // More than are followed one by one.
      await downtimes.addAll(
        Array.from({ length: 2500 }, (_, index) => draftOf(index - 1000, 1, { reason: `Many ${index}` })),
        ada,
      );
      await compare();
    });

    test("has no lists of the past, or by fields that only the database has, or before the first read", async () => {
      const { downtimes, snapshot, clock, renew } = await create(engine);
      expect(snapshot.list(listingOf("ends_after=2026-11-22"))).toBeUndefined();
      await downtimes.add(draftOf(1, 2), ada);
      await renew();
      expect(snapshot.list(listingOf("ends_after=2026-11-22"))?.count).toBe(1);
      for (const query of ["", "starts_before=2030-01-01", "ends_after=2026-11-20T23:59:59Z", "series=1", "site=ogg"])
        expect([query, snapshot.list(listingOf(query))]).toEqual([query, undefined]);
      for (const field of ["created_after", "created_before", "modified_after", "modified_before"])
        expect(snapshot.list(listingOf(`ends_after=2026-11-22&${field}=2026-11-22`))).toBeUndefined();
      clock.forward(75_000);
      expect(snapshot.list(listingOf("ends_after=2026-11-22"))?.ageSeconds).toBe(75);
      await renew();
      expect(snapshot.list(listingOf("ends_after=2026-11-22"))?.ageSeconds).toBe(0);
      // The next day it drops past downtimes.
      clock.forward(48 * hourMillis);
      await renew();
      expect(snapshot.list(listingOf("ends_after=2026-11-22"))).toBeUndefined();
      expect(snapshot.list(listingOf("ends_after=2026-11-23"))?.count).toBe(0);
    });

    test("holds the first 20,000, and has no lists that reach beyond them", async () => {
      const { downtimes, snapshot, renew } = await create(engine);
      await downtimes.addAll(
        Array.from({ length: 20_010 }, (_, index) => draftOf(index, 1, { reason: "" })),
        ada,
      );
      await renew();
      const until = (hours: number) =>
        `ends_after=2026-11-22&starts_before=${toInstant(noon + hours * hourMillis)}&limit=30000`;
      const countUntil = (hours: number) => snapshot.list(listingOf(until(hours)))?.count;
      expect(countUntil(100)).toBe(101);
      expect([countUntil(19_999), countUntil(20_000)]).toEqual([20_000, undefined]);
      expect(snapshot.list(listingOf("ends_after=2026-11-22"))).toBeUndefined();
      // One more among them, and one behind.
      await downtimes.addAll([draftOf(50, 1, { reason: "Another" }), draftOf(20_005, 1, { reason: "Another" })], ada);
      await renew();
      expect(countUntil(100)).toBe(102);
      expect([countUntil(19_998), countUntil(19_999)]).toEqual([20_000, undefined]);
    });
  });
