import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { openDatabase } from "../../src/database/open.ts";
import { continueIds } from "../../src/database/sql.ts";
import type { Downtime } from "../../src/downtime/downtime.ts";
import type { ImportedDowntime } from "../../src/import/imported-downtime.ts";
import {
  as,
  createClock,
  createPreparedDatabase,
  databaseSettings,
  draft,
  engines,
  noon,
  type Service,
  startService,
} from "../harness.ts";

setDefaultTimeout(30_000);

interface Change {
  readonly cursor: string;
  readonly action: string;
  readonly at: string;
  readonly by: string;
  readonly version: number;
  readonly downtime: Downtime;
}
interface Changes {
  readonly next: string;
  readonly more: boolean;
  readonly results: Change[];
}

const author = { by: "ada", at: noon };

/** Listens to a stream until it has sent enough. */
async function hear(service: Service, query: string, isEnough: (changes: Change[]) => boolean, headers = {}) {
  const answer = await service.send(`/api/changes/stream${query}`, { headers });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  const changes: Change[] = [];
  let text = "";
  let lastId = "";
  for (;;) {
    const { done, value } = await reader.read();
    text += decoder.decode(value, { stream: true });
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      lastId = /^id: (.+)$/m.exec(event)?.[1] ?? lastId;
      const [, data] = /^data: (.+)$/m.exec(event) ?? [];
      if (data) changes.push(JSON.parse(data));
      if (data) expect(changes.at(-1)?.cursor).toBe(lastId);
    }
    if (done || isEnough(changes)) break;
  }
  await reader.cancel();
  return { changes, lastId };
}

/** What a copy holds that follows the changes. */
function copyOf(changes: readonly Change[]): Downtime[] {
  const copy = new Map<number, Downtime>();
  for (const { action, downtime } of changes)
    if (action === "delete") copy.delete(downtime.id);
    else copy.set(downtime.id, downtime);
  return [...copy.values()].sort((a, b) => a.id - b.id);
}

for (const engine of engines)
  describe(`changes on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine });
    });
    afterAll(() => service.stop());

    const ask = async (query = "", of = service) => (await of.ask<Changes>(`/api/changes/${query}`)).body;
    const stored = async (of = service) =>
      (await of.ask<{ results: Downtime[] }>("/api/?limit=100000")).body.results.sort((a, b) => a.id - b.id);

    test("before the first change, the list is empty and has a cursor to continue from", async () => {
      for (const query of ["", "?since=", "?since=0", "?since=latest"])
        expect(await ask(query)).toEqual({ next: "0", more: false, results: [] });
    });

    test("each change has author, action, time and the downtime's fields", async () => {
      const first = await service.add({ reason: "Wash" });
      const later = { by: "ben", at: noon + 60_000 };
      await service.services.downtimes.change(first.id, later, () => ({ ...draft, reason: "Oil" }) as never);
      await service.services.downtimes.remove(first.id, { by: "ada", at: noon + 120_000 });
      await service.services.downtimes.restore([first.id], { by: "ada", at: noon + 180_000 });
      const { results, next, more } = await ask();
      const changed = { ...first, reason: "Oil", modified: "2026-11-22T12:01:00Z" };
      expect(results.map(({ cursor, ...rest }): unknown => rest)).toEqual([
        { action: "create", at: "2026-11-22T12:00:00Z", by: "ada", version: 1, change_set: 1, downtime: first },
        { action: "change", at: "2026-11-22T12:01:00Z", by: "ben", version: 2, change_set: 2, downtime: changed },
        { action: "delete", at: "2026-11-22T12:02:00Z", by: "ada", version: 2, change_set: 3, downtime: changed },
        {
          action: "restore",
          at: "2026-11-22T12:03:00Z",
          by: "ada",
          version: 3,
          change_set: 4,
          downtime: { ...changed, modified: "2026-11-22T12:03:00Z" },
        },
      ]);
      expect([next, more]).toEqual([results[3]?.cursor as string, false]);
      expect(copyOf(results)).toEqual(await stored());
    });

    test("a client that continues from its cursor, in pages of any size, reads every change once", async () => {
      const all = await ask();
      const parts: Change[] = [];
      let part: Changes;
      let since = "";
      do {
        part = await ask(`?limit=3&since=${since}`);
        parts.push(...part.results);
        since = part.next;
      } while (part.more);
      expect(parts).toEqual(all.results);
      expect(since).toBe(all.next);
      expect(await ask(`?since=${since}`)).toEqual({ next: since, more: false, results: [] });
      expect(await ask("?since=latest")).toEqual({ next: since, more: false, results: [] });
      // A bad limit is the usual one, as everywhere, and a greater one is refused.
      expect(await ask("?limit=nonsense")).toEqual(all);
      expect(await ask("?limit=1000")).toEqual(all);
      expect(await service.ask("/api/changes/?limit=1001")).toMatchObject({
        status: 400,
        body: { limit: ["Ensure this value is less than or equal to 1000."] },
      });
    });

    test("an invalid cursor is 400, and one of another history is 410", async () => {
      const { next } = await ask();
      for (const since of ["7", "nonsense", `${next}0`, "-1", "1-2-3"])
        expect(await service.ask(`/api/changes/?since=${since}`)).toEqual({
          status: 400,
          body: { since: ["Invalid cursor. Send the last `next` you received, unchanged."] },
        });
      const [id, mark] = next.split("-");
      for (const since of [`${id}-00000000`, `${Number(id) + 1}-${mark}`, `99999999-${mark}`])
        for (const path of ["/api/changes/", "/api/changes/stream"])
          expect(await service.ask(`${path}?since=${since}`)).toMatchObject({ status: 410 });
    });

    test("a stream sends existing changes, then new ones, and resumes after a disconnect", async () => {
      const all = await ask();
      const count = all.results.length;
      expect((await hear(service, "", ({ length }) => length === count)).changes).toEqual(all.results);
      // Cut off before anything happened: the cursor where it began has been sent.
      const { lastId } = await hear(service, "?since=latest", () => true);
      expect(lastId).toBe(all.next);
      const soon = hear(service, "?since=latest", ({ length }) => length === 2, { "last-event-id": lastId });
      await service.add({ reason: "One" });
      await service.add({ reason: "Two" });
      const { changes } = await soon;
      expect(changes).toEqual((await ask(`?since=${lastId}`)).results);
      expect(changes.map(({ downtime }) => downtime.reason)).toEqual(["One", "Two"]);
      const head = await service.send("/api/changes/stream", { method: "HEAD" });
      expect([head.status, await head.text()]).toEqual([200, ""]);
    });

    test("a client that doesn't read its stream doesn't delay others", async () => {
      const large = Array.from({ length: 1000 }, (_, index) => ({ ...draft, reason: `${index} ${"x".repeat(2900)}` }));
      await service.services.downtimes.addAll(large as never, author);
      const slow = await service.send("/api/changes/stream");
      const { changes } = await hear(service, "", ({ length }) => length >= 1000);
      expect(changes.length).toBeGreaterThanOrEqual(1000);
      await slow.body?.cancel();
    });

    test("migrated downtimes appear too, with their original times", async () => {
      const { next } = await ask("?since=latest");
      const imported = {
        ...draft,
        id: 70_000,
        created: "2017-09-01T00:00:00.000000Z",
        modified: "2018-01-01T00:00:00.000000Z",
      };
      const downtimes = (async function* () {
        yield [imported as unknown as ImportedDowntime];
      })();
      await service.services.importStore.importAll({ downtimes, lastId: 70_000, users: [] }, service.clock(), false);
      const { results } = await ask(`?since=${next}`);
      expect(results).toMatchObject([{ action: "create", by: "moved in", version: 1 }]);
      expect(results[0]?.downtime).toEqual((await service.ask<Downtime>("/api/70000/")).body);
    });

    test("ids beyond 32 bits work like any others", async () => {
      const other = await openDatabase(databaseSettings(service.settings));
      for (const id of [2 ** 31, 2 ** 40, 999_999_999_000_000]) {
        await other.transaction(async (tx) => {
          await continueIds(tx, "downtime", id);
          await continueIds(tx, "downtime_history", id);
        });
        const { next } = await ask("?since=latest");
        const heard = hear(service, `?since=${next}`, ({ length }) => length === 2);
        const stored = await service.add({ reason: `Beyond ${id}`, start: "2026-11-23T08:00:00Z" });
        expect(stored.id).toBeGreaterThan(id);
        await service.services.downtimes.remove(stored.id, author);
        const { results, next: after } = await ask(`?since=${next}`);
        expect(results.map(({ action, downtime }) => [action, downtime])).toEqual([
          ["create", stored],
          ["delete", stored],
        ]);
        expect(Number(after.split("-")[0])).toBeGreaterThan(id);
        expect((await heard).changes).toEqual(results);
        expect(await ask(`?since=${after}`)).toEqual({ next: after, more: false, results: [] });
      }
      await other.close();
    });

    test("pages of other sites may read", async () => {
      const answer = await service.send("/api/changes/", { headers: as("ben") });
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      expect(answer.headers.get("cache-control")).toBe("no-store");
    });
  });

for (const engine of engines)
  test(`no change is missed with many concurrent writers on ${engine}`, async () => {
    const database = await createPreparedDatabase(engine);
    const one = await startService({ engine: "none", settings: database.settings });
    // Two that write to one SQLite file from one thread would wait for each other.
    const other =
      engine === "postgres"
        ? await startService({ engine: "none", settings: database.settings, withoutCast: true })
        : one;
    const writers = 8;
    const rounds = 6;
    const write = async ({ services: { downtimes } }: Service, writer: number) => {
      for (let round = 0; round < rounds; round++) {
        const named = (reason: string) => ({ ...draft, reason: `${writer} ${round} ${reason}` }) as never;
        const { id } = await downtimes.add(named("a"), author);
        await downtimes.addAll([named("b"), named("c"), named("d")], author);
        await downtimes.change(id, author, () => named("e"));
        if (round % 3 === 0) await downtimes.remove(id, author);
        if (round % 6 === 0) await downtimes.restore([id], author);
      }
    };
    const followed: Change[] = [];
    let isOver = false;
    const follow = async () => {
      for (let since = "", last = false; !last; ) {
        last = isOver;
        const page = (await other.ask<Changes>(`/api/changes/?limit=7&since=${since}`)).body;
        followed.push(...page.results);
        since = page.next;
        last &&= !page.more;
      }
    };
    const total = writers * (rounds * 5 + Math.ceil(rounds / 3) + Math.ceil(rounds / 6));
    const following = follow();
    const listening = hear(other, "", ({ length }) => length >= total);
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer % 2 ? one : other, writer)));
    isOver = true;
    await following;
    const whole = (await one.ask<Changes>("/api/changes/")).body.results;
    expect(whole.length).toBe(total);
    expect(followed.map(({ cursor }) => cursor)).toEqual(whole.map(({ cursor }) => cursor));
    expect((await listening).changes.map(({ cursor }) => cursor)).toEqual(whole.map(({ cursor }) => cursor));
    const { results } = (await one.ask<{ results: Downtime[] }>("/api/?limit=100000")).body;
    expect(copyOf(followed)).toEqual(results.sort((a, b) => a.id - b.id));
    if (other !== one) await other.stop();
    await one.stop();
    await database.remove();
  });

test("heartbeats continue when the clock is set back by an hour", async () => {
  const steadyClock = createClock();
  const service = await startService({ steadyClock });
  const stream = (await service.send("/events")).body?.getReader();
  const next = async () => new TextDecoder().decode((await stream?.read())?.value);
  expect(await next()).toContain("2026-11-22T12:00:00Z");
  service.clock.forward(-3_600_000);
  for (const _ of ["the first", "and the next"]) {
    steadyClock.forward(15_000);
    while (!(await next()).includes("2026-11-22T11:00:00Z"));
  }
  await stream?.cancel();
  await service.stop();
});
