import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { activityQuery, countQuery, createActivities } from "../../src/activity/activity-store.ts";
import { type Sql, sql } from "../../src/database/sql.ts";
import { checkDraft } from "../../src/downtime/downtime.ts";
import { createDowntimes } from "../../src/downtime/store.ts";
import { openForms } from "../forms.ts";
import {
  as,
  draft,
  engines,
  facility,
  noon,
  openTestDatabase,
  posting,
  type Service,
  startService,
} from "../harness.ts";

const hostile = `"><script>alert(1)</script>`;
const text = (html: string) =>
  html
    .replace(/<span class="local">[^<]*/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .replaceAll(" ,", ",");
const plan = {
  reason: "Education",
  scopes: [{ site: "coj", telescope: "2m0a" }],
  rule: { kind: "calendar", zone: "UTC", start: "2026-12-01T20:00:00", minutes: 60, rrule: "FREQ=DAILY;COUNT=3" },
};

for (const engine of engines)
  describe(`activity on ${engine}`, () => {
    let service: Service;
    let ada: Awaited<ReturnType<typeof openForms>>;
    beforeAll(async () => {
      service = await startService({ engine, settings: { WRITE_ACCESS: "authenticated" } });
      await service.ask("/api/", posting({ ...draft, reason: hostile }));
      service.clock.forward(86_400_000);
      ada = await openForms(service, "ada");
      const { id } = await service.add({ site: "coj", reason: "Ben's" }, "ben");
      await service.ask("/api/series/", posting(plan));
      await ada.post("/admin/downtimes/delete", { seen: `${id}.1` });
    });
    afterAll(() => service.stop());

    const linesOf = (html: string) =>
      [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].slice(1).map(([, row = ""]) => text(row).trim());
    const lines = async (query = "", forms: { get(path: string): Promise<{ html: string }> } = ada) =>
      linesOf((await forms.get(`/activity${query}`)).html);

    test("lists who did what and when, newest first, for everyone", async () => {
      const visitor = { get: async (path: string) => ({ html: await (await service.send(path)).text() }) };
      expect(await lines("", visitor)).toEqual([
        "2026-11-23 12:00Z ada 1 downtime deleted: coj · clma · 2m0a, Mon 2026-11-23 08:00–09:30Z Ben&#x27;s",
        "2026-11-23 12:00Z ada coj · 2m0a ; series created: 3 downtimes added. Education",
        "2026-11-23 12:00Z ben 1 downtime created: coj · clma · 2m0a, Mon 2026-11-23 08:00–09:30Z Ben&#x27;s",
        `2026-11-22 12:00Z ada 1 downtime created: ogg · clma · 2m0a, Mon 2026-11-23 08:00–09:30Z ${hostile.replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")}`,
      ]);
    });

    test("filters by person, place and date", async () => {
      const times = async (query: string) => (await lines(query)).length;
      expect(await times("?by=ben")).toBe(1);
      expect(await times("?by=nobody")).toBe(0);
      expect(await times("?site=ogg")).toBe(1);
      expect(await times("?site=coj&telescope=2m0a")).toBe(3);
      expect(await times("?site=ogg&telescope=0m4b")).toBe(0);
      expect(await times("?to=2026-11-22")).toBe(1);
      expect(await times("?from=2026-11-23")).toBe(3);
      expect(await times("?from=2026-11-22&to=2026-11-23")).toBe(4);
      expect(await times("?from=soon&to=")).toBe(4);
    });

    test("has Undo where it may succeed, for those who may", async () => {
      const undoable = async (forms: typeof ada) => (await lines("", forms)).map((line) => /Undo$/.test(line));
      expect(await undoable(ada)).toEqual([true, true, false, true]);
      expect(await undoable(await openForms(service, "ben"))).toEqual([false, false, false, false]);
    });

    test("shows hostile filters as text, and has pages", async () => {
      const { html } = await ada.get(`/activity?by=${encodeURIComponent(hostile)}`);
      expect(html).not.toContain('"><script>alert');
      expect((await service.send("/activity?by=%00")).status).toBe(400);
      for (let count = 0; count < 50; count++) await service.add({ reason: String(count) }, "cleo");
      const { html: page } = await ada.get("/activity?by=cleo");
      expect(page).not.toContain('rel="next"');
      const { html: first } = await ada.get("/activity");
      expect(first).toMatch(/<a [^>]*rel="next"[^>]* href="\/activity\?offset=50">/);
      expect(await lines("?offset=50")).toHaveLength(4);
    });

    test("an earlier version is restored from the page of the downtime, with Undo", async () => {
      const { id } = await service.add({ reason: hostile, end: "2026-11-23T09:30:17Z", category: "closure" });
      await service.send(`/api/${id}/`, { ...posting({ reason: "Edited", end: draft.end }), method: "PATCH" });
      const { html } = await ada.get(`/downtimes/${id}`);
      const [, fields = ""] =
        /<form method="post" action="\/admin\/downtimes\/\d+\/change">(.*?)<\/form>/s.exec(html) ?? [];
      const decode = (value: string) =>
        value.replaceAll("&#34;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"');
      const hidden = [...fields.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(
        ([, name = "", value = ""]): [string, string] => [name, decode(value)],
      );
      const { location } = await ada.post(`/admin/downtimes/${id}/change`, hidden);
      expect((await ada.get(location ?? "")).html).toMatch(/Downtime saved.*\/admin\/changesets\/\d+\/undo/s);
      expect((await service.ask(`/api/${id}/`)).body).toMatchObject({
        reason: hostile,
        end: "2026-11-23T09:30:17Z",
        category: "closure",
      });
      // Nothing to restore: the newest version, and the one that has the same values.
      expect(((await ada.get(`/downtimes/${id}`)).html.match(/Restore this version/g) ?? []).length).toBe(1);
      expect(
        await service.send(`/downtimes/${id}`, { headers: as("ben") }).then((answer) => answer.text()),
      ).not.toContain("Restore this version");
    });

    test("says of closures what was done, why, where and to how many telescopes", async () => {
      const press = async (path: string, fields: Record<string, string>) =>
        (await ada.get((await ada.post(path, { ...fields, next: "/" })).location ?? "")).html;
      const undoIn = (html: string) => /action="(\/admin\/changesets\/\d+\/undo)"/.exec(html)?.[1] ?? "";
      await press("/admin/now", { site: "ogg", until: "1h", chip: "Storm" });
      const newest = (await service.services.series.list({ limit: 99, offset: 0 })).results;
      const id = Math.max(...newest.map((one) => one.id));
      const undo = undoIn(await press(`/admin/series/${id}/extend`, { by: "2 h" }));
      await press(undo, {});
      await press(`/admin/series/${id}/extend`, { until: "open" });
      service.clock.forward(60_000);
      await press(`/admin/series/${id}/end`, { from: "now" });
      await press(undoIn(await press("/admin/now", { telescope: "ogg clma 2m0a", until: "1h", chip: hostile })), {});
      const what = (await lines()).slice(0, 7).map((line) =>
        line
          .replace(/^.*? ada /, "")
          .replaceAll(" ;", ";")
          .replace(/ (Undo|Redo)$/, ""),
      );
      expect(what).toEqual([
        "Undone: ogg · clma · 2m0a; series deleted: 1 downtime deleted. When: once, from 2026-11-23 12:01Z, for 1 h. &quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        "Closed: ogg · clma · 2m0a; series created: 1 downtime added. When: once, from 2026-11-23 12:01Z, for 1 h. &quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        "Ended: ogg; series ended: 2 downtimes edited. Storm",
        "Closed until further notice: ogg; series edited: 2 downtimes edited. When: once, from 2026-11-23 12:00Z, until further notice. Storm",
        "Undone: ogg; series edited: 2 downtimes edited. When: once, from 2026-11-23 12:00Z, for 1 h. Storm",
        "Extended: ogg; series edited: 2 downtimes edited. When: once, from 2026-11-23 12:00Z, for 3 h. Storm",
        "Closed: ogg; series created: 2 downtimes added. When: once, from 2026-11-23 12:00Z, for 1 h. Storm",
      ]);
    });

    test("saving without differences says so", async () => {
      const { id } = await service.add({ reason: "Same" });
      const { location } = await ada.post(`/admin/downtimes/${id}/change`, { ...draft, reason: "Same", version: "1" });
      expect((await ada.get(location ?? "")).html).toContain("No changes to save");
    });
  });

for (const engine of engines)
  describe(`the queries of the activity page on ${engine}`, () => {
    let opened: Awaited<ReturnType<typeof openTestDatabase>>;
    beforeAll(async () => {
      opened = await openTestDatabase(engine);
      const { database } = opened;
      const stamp = "2026-11-22T12:00:00.000000Z";
      const drafts = Array.from({ length: 3000 }, (_, index) =>
        checkDraft({ ...draft, reason: String(index) }, facility),
      );
      await createDowntimes(database).addAll(drafts, { by: "ada", at: noon });
      // Three thousand change sets of one downtime each.
      await database.transaction(async (tx) => {
        await tx.all(sql`INSERT INTO downtime_change_set (kind, "at", "by")
          SELECT 'create', ${stamp}, 'ben' FROM downtime_history`);
        await tx.all(sql`UPDATE downtime_history SET change_set = 1 + id`);
        if (engine === "postgres") await tx.script("ANALYZE downtime_history; ANALYZE downtime_change_set");
      });
    });
    afterAll(() => opened.close());

    const planOf = async (query: Sql): Promise<string> => {
      const explain = engine === "sqlite" ? sql`EXPLAIN QUERY PLAN ${query}` : sql`EXPLAIN ${query}`;
      return (await opened.database.all<Record<string, unknown>>(explain))
        .map((row) => row.detail ?? row["QUERY PLAN"])
        .join("\n");
    };
    const filters = {
      none: {},
      "a person": { by: "ada" },
      "a person and dates": { by: "ada", from: noon, to: noon + 86_400_000 },
      "a place": { site: "coj", telescope: "2m0a" },
    };

    // Before the plans are asked for: EXPLAIN keeps the snapshot of a SQLite connection.
    test("search the newest 20,000 change sets, and say where there may be older ones", async () => {
      const add = sql`INSERT INTO downtime_change_set (kind, "at", "by")
        SELECT 'edit', "at", 'cleo' FROM downtime_history ORDER BY id LIMIT 2000`;
      const cleo = () =>
        createActivities(opened.database).list({ by: "cleo", telescope: "0m4b" }, { limit: 1, offset: 0 });
      for (let times = 0; times < 9; times++) await opened.database.transaction((tx) => tx.all(add));
      expect((await cleo()).isCut).toBe(false);
      await opened.database.transaction((tx) => tx.all(add));
      expect((await cleo()).isCut).toBe(true);
    });

    for (const [name, filter] of Object.entries(filters))
      test(`read one page by an index with ${name}, and never the whole history`, async () => {
        const plan = await planOf(activityQuery(filter, 50, 0));
        expect(plan).toMatch(/downtime_change_set_(at|by)/);
        expect(plan).not.toMatch(/SCAN downtime_history|Seq Scan/);
        expect(await planOf(countQuery(filter))).not.toMatch(/SCAN downtime_history|Seq Scan on downtime_history/);
      });

    test("count the same with every filter as they list", async () => {
      const activities = createActivities(opened.database);
      for (const filter of Object.values(filters)) {
        const { count, results } = await activities.list(filter, { limit: 50, offset: 0 });
        expect(results).toHaveLength(Math.min(count, 50));
        expect((await activities.list(filter, { limit: 50, offset: count })).results).toEqual([]);
      }
    });
  });
