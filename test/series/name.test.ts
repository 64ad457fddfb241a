import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openForms } from "../forms.ts";
import { as, engines, posting, type Service, startService } from "../harness.ts";

const plan = {
  reason: "Education",
  scopes: [{ site: "ogg", telescope: "2m0a" }],
  rule: { kind: "calendar", zone: "UTC", start: "2026-11-23T20:00:00", minutes: 60, rrule: "FREQ=DAILY;COUNT=5" },
};
const hostile = `Wash; "it", \\n <script>alert(1)</script> مرآة`;

for (const engine of engines)
  describe(`the name of a series on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine });
    });
    afterAll(() => service.stop());
    interface Shown extends Record<string, unknown> {
      id: number;
      name?: string;
      history: { name?: string; action: string }[];
      earlier: object[];
    }
    const create = async (more: object = {}) =>
      (await service.ask<{ series: Shown }>("/api/series/", posting({ ...plan, ...more }))).body.series;
    const patch = (id: number, body: object, query = "") =>
      service.ask<{ series: Shown; warning: string }>(`/api/series/${id}/${query}`, {
        ...posting(body, as("ada")),
        method: "PATCH",
      });
    const get = async (id: number) => (await service.ask<Shown>(`/api/series/${id}/`)).body;
    const calendar = async (id: number) => (await service.send(`/calendar.ics?series=${id}`)).text();
    const entries = (text: string) =>
      text.split("\r\n").filter((line) => /^(UID|SEQUENCE|DTSTART|DTEND|STATUS|SUMMARY)/.test(line));
    const rows = async (id: number) => (await service.ask<{ results: object[] }>(`/api/?series=${id}`)).body.results;

    test("is optional, comes after the other fields, and may be sent back or removed", async () => {
      const bare = await create();
      expect(bare).not.toHaveProperty("name");
      const named = await create({ name: "  Mirror washing ", scopes: [{ site: "ogg", telescope: "0m4b" }] });
      expect(named.name).toBe("Mirror washing");
      expect(Object.keys(named).indexOf("name")).toBeGreaterThan(Object.keys(named).indexOf("ended"));
      const { body: list } = await service.ask<{ results: Shown[] }>("/api/series/");
      expect(list.results.find(({ id }) => id === named.id)?.name).toBe("Mirror washing");
      const { history, ...whole } = await get(named.id);
      expect(history.map(({ name }) => name)).toEqual(["Mirror washing"]);
      expect((await patch(named.id, whole)).body.series.name).toBe("Mirror washing");
      expect((await patch(named.id, { reason: "Other" })).body.series.name).toBe("Mirror washing");
      for (const none of ["", null]) {
        await patch(named.id, { name: "Again" });
        expect((await patch(named.id, { name: none })).body.series).not.toHaveProperty("name");
      }
      for (const wrong of ["x".repeat(101), "a\0b", ["list"]])
        expect([wrong, (await patch(named.id, { name: wrong })).status]).toEqual([wrong, 400]);
      expect((await patch(named.id, { name: "🔭".repeat(100) })).status).toBe(200);
    });

    test("renames the whole series, also from a date on, and leaves its downtimes and calendar entries as they are", async () => {
      const { id } = await create({ name: "Before", reason: "Renamed" });
      const [before, entriesBefore] = [await rows(id), entries(await calendar(id))];
      expect(await calendar(id)).toContain("X-WR-CALNAME:Before\r\n");
      await patch(id, { name: "Split", reason: "Renamed later" }, "?from=2026-11-25");
      expect((await get(id)).earlier).toEqual([expect.not.objectContaining({ name: expect.anything() })]);
      await patch(id, { reason: "Renamed" }, "?from=2026-11-25");
      const versions = entries(await calendar(id));
      for (const [name, query] of [
        ["After", ""],
        ["Later", "?from=2026-11-26"],
        [hostile, "?from=2026-11-23"],
      ] as const) {
        expect((await patch(id, { name }, query)).body.series).toMatchObject({ name, earlier: [] });
        expect(entries(await calendar(id))).toEqual(versions);
      }
      const uids = (lines: string[]) => lines.filter((line) => /^(UID|DTSTART|STATUS)/.test(line));
      expect(uids(versions)).toEqual(uids(entriesBefore));
      expect((await rows(id)).map((row) => ({ ...row, modified: "" }))).toEqual(
        before.map((row) => ({ ...row, modified: "" })),
      );
      expect((await get(id)).history.map(({ name }) => name)).toEqual([
        ...["Before", "Split", "Split", "After", "Later"],
        hostile,
      ]);
    });

    test("says in each entry of the calendar what it is for where there is no reason", async () => {
      const { id } = await create({ name: "Teachers", reason: "", scopes: [{ site: "coj", telescope: "2m0a" }] });
      expect(entries(await calendar(id))).toContain("SUMMARY:coj 2m0a down: Teachers");
    });

    test("gives the calendar a new name also for clients that send only its time or its tag", async () => {
      const { id } = await create({ name: "One", reason: "Timed" });
      const first = await service.send(`/calendar.ics?series=${id}`);
      service.clock.forward(120_000);
      await patch(id, { name: "Two" });
      const tagged = await service.send(`/calendar.ics?series=${id}`, {
        headers: { "if-none-match": first.headers.get("etag") ?? "" },
      });
      expect([tagged.status, (await tagged.text()).includes("X-WR-CALNAME:Two\r\n")]).toEqual([200, true]);
    });

    test("is the title on the pages, where renaming is a success", async () => {
      const ada = await openForms(service, "ada");
      const form = { site: "ogg", telescope: "0m4b", repeat: "DAILY", start: "2026-12-01 20:00", end: "1 h" };
      const typed = { ...form, until: "2026-12-03", reason: "Pages", name: hostile };
      const { location } = await ada.post("/admin/downtimes/new", typed);
      const id = Number(/\/series\/(\d+)/.exec(location ?? "")?.[1]);
      const title = /Wash; ("|&quot;|&#34;)it("|&quot;|&#34;), \\n (<|&lt;)?.*مرآة/;
      for (const path of [`/series/${id}`, "/admin/series", `/admin/series/${id}/change`, `/admin/series/${id}/end`]) {
        const { html } = await ada.get(path);
        const outsideValues = html.replaceAll(/value="[^"]*"/g, "");
        expect([path, title.test(html), outsideValues.includes("<script>alert")]).toEqual([path, true, false]);
      }
      const change = { ...typed, name: "Other", version: "1", shown: "", begun: "", id: String(id) };
      const renamed = await ada.post(`/admin/series/${id}/change`, change);
      const { html } = await ada.get(renamed.location ?? "");
      expect(html).toContain('class="message" role="status">Series renamed.');
      expect(html).toMatch(/<h1[^>]*>Other<\/h1>/);
      const [one] = await rows(id);
      expect((await ada.get(`/downtimes/${(one as { id: number }).id}`)).html).toContain(">Other</a>");
    });
  });
