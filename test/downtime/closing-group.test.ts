import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { openForms } from "../forms.ts";
import { engines, noon, type Service, startService } from "../harness.ts";

interface Row {
  readonly id: number;
  readonly telescope: string;
  readonly start: string;
  readonly end: string;
  readonly reason: string;
  readonly category?: string;
  readonly series: number;
}
const hostile = [
  `"><script>alert(1)</script>`,
  `</bdi></li><img src=x onerror=alert(1)>`,
  "' onfocus='alert(1)",
  "\u202etxet 🔭 مرآة",
  "&lt;b&gt; __proto__",
];
const text = (html: string) =>
  html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .replace(/ ([:,.])/g, "$1");

for (const engine of engines)
  describe(`closing a site on ${engine}`, () => {
    let service: Service;
    let ada: Awaited<ReturnType<typeof openForms>>;
    beforeAll(async () => {
      service = await startService({ engine, settings: { WRITE_ACCESS: "authenticated" } });
    });
    afterAll(() => service.stop());
    const all = async () => (await service.ask<{ results: Row[] }>("/api/")).body.results;
    beforeEach(async () => {
      service.clock.set(noon);
      ada = await openForms(service, "ada");
      for (const { id } of (await service.services.series.list({ limit: 99, offset: 0 })).results)
        await service.services.series.end(id, { by: "ada", at: noon }, { begun: true });
      for (const { id } of await all()) await service.services.downtimes.remove(id, { by: "ada", at: noon });
    });
    const next = "/admin/now?site=ogg";
    const close = async (fields: [string, string][] = [["site", "ogg"]], until = "2h") => {
      const answer = await ada.post("/admin/now", [...fields, ["until", until], ["next", next]]);
      return { ...answer, rows: await all() };
    };
    const follow = async ({ location }: { location: string | null }) => (await ada.get(location ?? "")).html;
    const ends = async () => [...new Set((await all()).map(({ end }) => end))].sort();

    test("is one group, and the page stays with Undo, +1 h, +2 h and End", async () => {
      const answer = await close([
        ["site", "ogg"],
        ["chip", "Storm"],
      ]);
      expect(answer.location).toStartWith("/admin/now?site=ogg&saved=");
      expect(answer.rows.length).toBeGreaterThan(1);
      expect(new Set(answer.rows.map(({ series }) => series)).size).toBe(1);
      expect(answer.rows[0]).toMatchObject({ reason: "Storm", category: "weather", end: "2026-11-22T14:00:00Z" });
      const html = await follow(answer);
      const group = answer.rows[0]?.series;
      expect(html).toContain(`formaction="/admin/series/${group}/extend"`);
      expect(html).toContain(`formaction="/admin/series/${group}/end"`);
      expect(html).toMatch(/action="\/admin\/changesets\/\d+\/undo"/);
      expect(text(html)).toContain(`Closed ${answer.rows.length} telescopes at ogg until 2026-11-22 14:00Z`);
      expect(text(html)).toContain(
        `ogg (${answer.rows.length} telescopes) until 2026-11-22 14:00Z Storm weather, by ada`,
      );
    });

    test("is stored to the second, and shown to the minute", async () => {
      service.clock.forward(13_000);
      const closed = await close([["telescope", "ogg clma 2m0a"]]);
      expect(closed.rows).toMatchObject([{ start: "2026-11-22T12:00:13Z", end: "2026-11-22T14:00:13Z" }]);
      const html = text(await follow(closed));
      expect(html).toContain("Closed 1 telescope at ogg until 2026-11-22 14:00Z");
      expect(html).toContain("Starts now (2026-11-22 12:00Z).");
      for (const page of [html, text((await ada.get("/")).html.split('id="table"')[0] ?? "")])
        expect(page).not.toContain(":00:13");
      expect(text((await ada.get("/sites/ogg")).html)).toContain(
        "is down until 2026-11-22 14:00Z. As of 2026-11-22 12:00Z · 04:00 local",
      );
    });

    test("is extended, shortened and ended as one, and ending truncates", async () => {
      const [{ series } = expect.unreachable()] = (await close()).rows;
      const press = (to: string, fields: Record<string, string>) =>
        ada.post(`/admin/series/${series}/${to}`, { ...fields, next });
      const count = (await all()).length;
      expect(text(await follow(await press("extend", { by: "2 h" })))).toContain(
        `Extended ${count} downtimes at ogg until 2026-11-22 16:00Z`,
      );
      expect(await ends()).toEqual(["2026-11-22T16:00:00Z"]);
      expect(text(await follow(await press("extend", { until: "open" })))).toContain(
        `Closed ${count} telescopes at ogg until further notice`,
      );
      expect(text((await ada.get(next)).html)).toContain("until further notice");
      expect((await press("extend", { by: "2 h" })).status).toBe(409);
      expect((await press("extend", { until: "sunrise" })).status).toBe(303);
      expect(await ends()).toEqual(["2026-11-22T16:40:00Z"]);
      service.clock.forward(3_600_000);
      const answer = await press("end", { from: "now" });
      expect(await ends()).toEqual(["2026-11-22T13:00:00Z"]);
      expect(text(await follow(answer))).toContain(`Ended ${count} downtimes at ogg`);
      expect((await press("extend", { by: "1 h" })).status).toBe(409);
      expect((await press("extend", { by: "soon" })).status).toBe(409);
    });

    test("is extended as a whole, also where identical downtimes exist then", async () => {
      const { rows } = await close();
      const other = { site: "ogg", enclosure: "clma", start: "2026-11-22T12:00:00Z", reason: "" };
      for (const { telescope } of rows) await service.add({ ...other, telescope, end: "2026-11-22T14:00:00Z" });
      await service.add({ ...other, telescope: "2m0a", end: "2026-11-22T16:00:00Z" });
      const group = rows[0]?.series;
      for (const hour of [15, 16]) {
        const answer = await ada.post(`/admin/series/${group}/extend`, { by: "1 h", next });
        expect(answer.location).toStartWith("/admin/now?site=ogg&saved=");
        const own = (await all()).filter(({ series }) => series === group);
        expect(own.map(({ end }) => end)).toEqual(rows.map(() => `2026-11-22T${hour}:00:00Z`));
      }
    });

    test("covers telescopes that are down already, and after End says what still blocks them", async () => {
      await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T15:00:00Z", reason: "Wash" });
      const { rows } = await close();
      const group = rows.find(({ series }) => series !== undefined)?.series;
      service.clock.forward(1000);
      const html = await follow(await ada.post(`/admin/series/${group}/end`, { from: "now", next }));
      expect(text(html)).toContain("ogg clma 2m0a is still down until 2026-11-22 15:00Z:");
      expect(text(html)).toContain("Wash, until 2026-11-22 15:00Z End this too");
    });

    test("is ended and extended as a whole from the tile of each of its telescopes", async () => {
      const { rows } = await close();
      const board = (await ada.get("/")).html;
      for (const { id } of rows) expect(board).not.toContain(`formaction="/admin/downtimes/${id}/`);
      const about = `aria-label="+1 h: all ${rows.length} telescopes of this closure"`;
      expect(board.split(about).length - 1).toBe(rows.length);
    });

    test("after End, says of a telescope that was edited individually that it is still down, and offers to end it", async () => {
      const [first, ...others] = (await close()).rows;
      const group = first?.series;
      await ada.post(`/admin/downtimes/${first?.id}/extend`, { by: "2 h", next });
      service.clock.forward(1000);
      const ended = await follow(await ada.post(`/admin/series/${group}/end`, { from: "now", next }));
      expect(text(ended)).toContain(`Ended ${others.length} downtime`);
      expect(text(ended)).toContain(`ogg clma ${first?.telescope} is still down until 2026-11-22 16:00Z:`);
      expect(text(ended)).toContain("No reason, until 2026-11-22 16:00Z End this too");
      expect(ended).toContain(`formaction="/admin/downtimes/${first?.id}/end"`);
      const again = await ada.post(`/admin/series/${group}/end`, { from: "now", next });
      expect(again.status).toBe(409);
      expect(text(again.html)).toContain(`Edited individually and still down: ogg · clma · ${first?.telescope}.`);
    });

    test("after an extension, warns of a telescope that was edited individually and so isn't extended", async () => {
      const [first, ...others] = (await close()).rows;
      const own = await follow(await ada.post(`/admin/downtimes/${first?.id}/extend`, { by: "2 h", next }));
      expect(own).not.toContain("Not extended");
      for (const fields of [{ by: "1 h" }, { until: "open" }]) {
        const html = await follow(await ada.post(`/admin/series/${first?.series}/extend`, { ...fields, next }));
        const [, message = ""] = /<div class="message warning" role="status">(.*?)<\/section>/s.exec(html) ?? [];
        expect(text(message)).toContain(`Not extended, edited individually: ogg · clma · ${first?.telescope} `);
        expect(message).toContain(`href="/downtimes/${first?.id}"`);
        expect(text(message)).toContain(`${others.length} `);
      }
    });

    test("offers nothing to end after an undo, but names what was down before", async () => {
      const wash = await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T15:00:00Z", reason: "Wash" });
      const html = await follow(await close());
      const [, undo = ""] = /action="(\/admin\/changesets\/\d+\/undo)"/.exec(html) ?? [];
      const { location } = await ada.post(undo, { next: "/" });
      const [, message = ""] =
        /<div class="message warning" role="status">(.*?)<\/div>/s.exec(await follow({ location })) ?? [];
      expect(text(message)).toContain("Wash, until 2026-11-22 15:00Z");
      expect(message).not.toContain(`/admin/downtimes/${wash.id}/end`);
    });

    test("keeps the site and the selection when it is rejected", async () => {
      const path = "/admin/now?site=ogg&telescope=2m0a";
      expect((await ada.get(path)).html).toContain(`action="${path.replace("&", "&amp;")}"`);
      const { status, html } = await ada.post("/admin/now?site=ogg", [
        ["site", "ogg"],
        ["chip", "Storm"],
        ["reason", "x".repeat(4000)],
        ["until", "1h"],
      ]);
      expect(status).toBe(422);
      expect(html).toContain('action="/admin/now?site=ogg"');
      expect(html).not.toContain('value="coj"');
      expect(html).toMatch(/name="site" value="ogg" checked/);
      expect(html).toMatch(/name="chip" value="Storm" checked/);
    });

    test("is undone with one button, and stays on the page", async () => {
      const html = await follow(await close());
      const [, undo = ""] = /action="(\/admin\/changesets\/\d+\/undo)"/.exec(html) ?? [];
      const answer = await ada.post(undo, { next });
      expect(answer.location).toStartWith("/admin/now?site=ogg&saved=");
      expect(await all()).toEqual([]);
      expect(text(await follow(answer))).toContain("Undone:");
    });

    test("takes sites, and telescopes of any site, with a reason and details", async () => {
      const { rows } = await close([
        ["telescope", "ogg clma 2m0a"],
        ["telescope", "coj clma 2m0a"],
        ["chip", "Technical"],
        ["reason", "  dome & <shutter>"],
      ]);
      expect(rows.map(({ reason, category }) => [reason, category])).toEqual(
        Array(2).fill(["Technical: dome & <shutter>", "fault"]),
      );
      const again = text((await ada.get("/admin/now")).html);
      expect(again).toContain("Technical: dome &amp; &lt;shutter&gt;");
    });

    test("until sunrise ends at each site at its own", async () => {
      await close(
        [
          ["telescope", "ogg clma 2m0a"],
          ["telescope", "coj clma 2m0a"],
        ],
        "sunrise",
      );
      expect(await ends()).toEqual(["2026-11-22T16:40:00Z", "2026-11-22T18:54:00Z"]);
      const [{ series } = expect.unreachable()] = await all();
      await ada.post(`/admin/series/${series}/extend`, { by: "1 h", next });
      expect(await ends()).toEqual(["2026-11-22T17:40:00Z", "2026-11-22T19:54:00Z"]);
    });

    test("stores nothing without a telescope, for unknown ones, or with a wrong duration", async () => {
      for (const fields of [[], [["telescope", "ogg clma nop"]]] as [string, string][][]) {
        const { status, html } = await close([...fields, ["reason", "Hail & wind"]]);
        expect([status, html.includes('value="Hail &amp; wind"')]).toEqual([409, true]);
        expect(text(html)).toContain("Nothing was closed. Select a site or a telescope.");
      }
      expect((await close([["site", "nop"]])).status).toBe(409);
      expect((await close(undefined, "soon")).status).toBe(400);
      const long = await close([
        ["site", "ogg"],
        ["reason", "x".repeat(4000)],
      ]);
      expect(long.status).toBe(422);
      expect(await all()).toEqual([]);
    });

    test("shows hostile reasons as text, and offers them again", async () => {
      for (const reason of hostile) {
        const answer = await close([
          ["site", "ogg"],
          ["reason", reason],
        ]);
        for (const html of [await follow(answer), (await ada.get("/admin/series?rule=once")).html])
          expect(html.replace(/="[^"]*"/g, "")).not.toMatch(/<script>alert|<img src=x/);
        service.clock.forward(1000);
      }
      const { html } = await ada.get("/admin/now");
      expect(html.match(/name="chip"/g)).toHaveLength(10);
      await close([
        ["site", "coj"],
        ["chip", hostile[0] ?? ""],
      ]);
      expect((await all()).at(-1)?.reason).toBe(hostile[0] ?? "");
    });

    test("leaves others to their creators", async () => {
      const [{ series } = expect.unreachable()] = (await close()).rows;
      const ben = await openForms(service, "ben");
      expect((await ben.get(next)).html).not.toContain(`/admin/series/${series}/extend`);
      expect((await ben.post(`/admin/series/${series}/extend`, { by: "1 h" })).status).toBe(403);
    });
  });
