import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { checkChange } from "../../src/downtime/downtime.ts";
import { openForms } from "../forms.ts";
import { as, engines, noon, type Service, startService } from "../harness.ts";

const dayMillis = 86_400_000;
const place = { site: "ogg", enclosure: "clma", telescope: "2m0a" };
const active = { start: "2026-11-22T11:00:00Z", end: "2026-11-22T14:00:00Z" };
const text = (html: string) =>
  html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .replace(/ ([:,.])/g, "$1");

for (const engine of engines)
  describe(`closing on ${engine}`, () => {
    let service: Service;
    let ada: Awaited<ReturnType<typeof openForms>>;
    beforeAll(async () => {
      service = await startService({ engine, settings: { WRITE_ACCESS: "authenticated" } });
    });
    afterAll(() => service.stop());
    const all = async () =>
      (await service.ask<{ results: { id: number; start: string; end: string; reason: string }[] }>("/api/")).body
        .results;
    beforeEach(async () => {
      service.clock.set(noon);
      ada = await openForms(service, "ada");
      for (const { id } of await all()) await service.services.downtimes.remove(id, { by: "ada", at: noon });
    });

    const close = (until: string, forms = ada, { site, enclosure, telescope } = place) =>
      forms.post("/admin/now", {
        telescope: `${site} ${enclosure} ${telescope}`,
        until,
        reason: "Storm",
        next: "/admin/now",
      });
    const follow = async (answer: { location: string | null }) => (await ada.get(answer.location ?? "")).html;
    const ends = async () => (await all()).map(({ end }) => end);
    const extend = (id: number, fields: Record<string, string>, forms = ada) =>
      forms.post(`/admin/downtimes/${id}/extend`, fields);

    describe("ending", () => {
      test("lists the downtimes that still block the telescope, and offers to end them", async () => {
        const { id } = await service.add({ ...active, reason: "Storm" });
        const other = await service.add({ ...active, end: "2026-11-22T13:00:00Z", reason: "Wash" });
        // Adjacent to the other one, so the telescope isn't available in between.
        await service.add({ start: "2026-11-22T13:00:00Z", end: "2026-11-22T16:00:00Z", reason: "Later" });
        const html = await follow(await ada.post(`/admin/downtimes/${id}/end`, {}));
        expect(text(html)).toContain("ogg clma 2m0a is still down until 2026-11-22 16:00Z:");
        expect(text(html)).toContain("Wash, until 2026-11-22 13:00Z End this too");
        const [, message = ""] = /<div class="message warning" role="status">(.*?)<\/div>/s.exec(html) ?? [];
        expect(message).toContain(`formaction="/admin/downtimes/${other.id}/end"`);
        expect(message).not.toContain("Later");
        const then = await follow(await ada.post(`/admin/downtimes/${other.id}/end`, {}));
        expect(text(then)).toContain("Ended 1 downtime at ogg");
        expect(text(then)).not.toContain("is still");
      });

      test("in the second in which it starts, ends it a second later", async () => {
        await close("2h");
        const [{ id } = expect.unreachable()] = await all();
        const html = await follow(await ada.post(`/admin/downtimes/${id}/end`, { next: "/" }));
        expect(text(html)).toContain("Ended 1 downtime at ogg");
        expect(await ends()).toEqual(["2026-11-22T12:00:01Z"]);
      });

      test("reports a single instrument type that is still down, and no other telescope", async () => {
        const { id } = await service.add({ ...active, reason: "Storm" });
        await service.add({ ...active, instrument_type: "2M0-FLOYDS-SCICAM", reason: "Slit" });
        await service.add({ ...active, site: "coj", reason: "Elsewhere" });
        const html = await follow(await ada.post(`/admin/downtimes/${id}/end`, {}));
        expect(text(html)).toContain("ogg clma 2m0a is still partly down: ");
        expect(text(html)).toContain("Slit, 2M0-FLOYDS-SCICAM only, until 2026-11-22 14:00Z");
        expect(text(html)).not.toContain("coj clma 2m0a is still");
      });

      test("by deleting it, or by its form, says the same", async () => {
        const [one, two] = [
          await service.add({ ...active, reason: "One" }),
          await service.add({ ...active, reason: "Two" }),
        ];
        await service.add({ ...active, reason: "Three" });
        const deleted = await follow(await ada.post("/admin/downtimes/delete", { seen: `${one.id}.1` }));
        expect(text(deleted)).toContain("ogg clma 2m0a is still down until 2026-11-22 14:00Z:");
        const fields = {
          ...place,
          instrument_type: "",
          reason: "Two",
          start: active.start,
          end: "2026-11-22T12:00:00Z",
        };
        const ended = await follow(await ada.post(`/admin/downtimes/${two.id}/change`, { ...fields, version: "1" }));
        expect(text(ended)).toContain("ogg clma 2m0a is still down until 2026-11-22 14:00Z:");
        // What was over already, or hadn't begun, has kept nothing down.
        const later = await service.add({ start: "2026-11-23T11:00:00Z", end: "2026-11-23T14:00:00Z", reason: "Four" });
        const upcoming = await follow(await ada.post("/admin/downtimes/delete", { seen: `${later.id}.1` }));
        expect(text(upcoming)).not.toContain("is still");
      });

      test("offers no action without permission", async () => {
        const ben = await openForms(service, "ben");
        const { id } = await service.add({ ...active, reason: "Ben's" }, "ben");
        const other = await service.add({ ...active, reason: "Ada's" });
        const { html } = await ben.get((await ben.post(`/admin/downtimes/${id}/end`, {})).location ?? "");
        const [, message = ""] = /<div class="message warning" role="status">(.*?)<\/div>/s.exec(html) ?? [];
        expect(text(message)).toContain("is still down");
        expect(message).not.toContain(`/admin/downtimes/${other.id}/end`);
      });
    });

    describe("on an old page", () => {
      const page = async (id: number, button: string, fields = {}) => {
        const { status, html } = await ada.post(`/admin/downtimes/${id}/${button}`, fields);
        return { status, html, text: text(html).replaceAll("&#x27;", "'") };
      };
      const asked: [button: string, fields: Record<string, string>][] = [
        ["end", {}],
        ["extend", { by: "1 h" }],
        ["extend", { until: "open" }],
      ];

      test.each(asked)(
        "%s %p of a deleted downtime says who deleted it, and offers to restore it",
        async (button, fields) => {
          const { id } = await service.add({ ...active, reason: "Storm" });
          await service.services.downtimes.remove(id, { by: "ben", at: noon + 60_000 });
          const answer = await page(id, button, fields);
          expect(answer.status).toBe(409);
          expect(answer.text).toContain(
            "Nothing was changed. This downtime was deleted. Last deleted by ben on 2026-11-22 12:01Z.",
          );
          expect(answer.html).toContain('action="/admin/downtimes/restore"');
          expect(answer.html).not.toContain(`/admin/downtimes/${id}/e`);
        },
      );

      test.each(asked)(
        "%s %p of one that ended meanwhile says who edited it, and shows how it is now",
        async (button, fields) => {
          const { id } = await service.add({ ...active, reason: "Storm" });
          const ben = { by: "ben", at: noon + 60_000 };
          const end = "2026-11-22T11:30:00Z";
          await service.services.downtimes.change(id, ben, ({ downtime }) =>
            checkChange(downtime, { end }, service.services.configdb.get),
          );
          const answer = await page(id, button, fields);
          expect(answer.status).toBe(409);
          expect(answer.text).toContain(
            "Nothing was changed. This downtime isn't active. Last edited by ben on 2026-11-22 12:01Z.",
          );
          expect(answer.text).toContain("End 2026-11-22 11:30Z");
          expect(answer.html).toContain(`href="/admin/downtimes/${id}/change"`);
          // Forms on the page lead to an address that a browser can open.
          expect(answer.html).toContain(`name="next" value="/downtimes/${id}"`);
          expect(answer.html).not.toContain(`formaction="/admin/downtimes/${id}/end"`);
        },
      );

      test("of a closure says who ended it, and shows how it is now", async () => {
        await close("2h");
        const { series } = (await service.ask<{ results: { series: number }[] }>("/api/")).body.results[0] ?? {};
        service.clock.set(noon + 60_000);
        await service.services.series.end(series ?? 0, { by: "ben", at: noon + 60_000 }, "now");
        service.clock.set(noon + 120_000);
        for (const [button, fields] of [
          ["extend", { by: "1 h" }],
          ["end", { from: "now" }],
        ] as const) {
          const { status, html } = await ada.post(`/admin/series/${series}/${button}`, fields);
          expect(status).toBe(409);
          expect(text(html)).toContain(
            "Nothing was changed. This closure isn&#x27;t active. Last ended by ben on 2026-11-22 12:01Z.",
          );
          expect(text(html)).not.toContain("End this series");
          expect(html).toContain(`name="next" value="/series/${series}"`);
        }
      });
    });

    describe("a telescope that is down already", () => {
      test("can be closed, and its earlier downtime can still be extended", async () => {
        const { id } = await service.add({ ...active, reason: "Wash" });
        expect((await ada.get("/admin/now?site=ogg")).html).toContain(`formaction="/admin/downtimes/${id}/extend"`);
        expect((await close("4h")).status).toBe(303);
        expect((await ends()).sort()).toEqual([active.end, "2026-11-22T16:00:00Z"]);
        expect((await extend(id, { by: "2 h" })).status).toBe(303);
        expect(await ends()).toEqual(["2026-11-22T16:00:00Z", "2026-11-22T16:00:00Z"]);
        for (const fields of [{ by: "nop" }, { until: "nop" }])
          expect((await extend(id, fields as Record<string, string>)).status).toBe(400);
      });
    });

    describe("until sunrise", () => {
      test("is labelled with date and time, of the site and in UTC", async () => {
        const label = async (query: string) =>
          />(Until sunrise[^<]*)<\/button>/.exec((await ada.get(`/admin/now?${query}`)).html)?.[1];
        expect(await label("site=coj&telescope=2m0a")).toBe(
          "Until sunrise (2026-11-22 18:54Z, 2026-11-23 05:54 local (UTC+11:00))",
        );
        // At ogg it is the same day in both.
        expect(await label("site=ogg")).toBe("Until sunrise (2026-11-22 16:40Z, 06:40 local (UTC−10:00))");
        service.clock.set(Date.parse("2026-11-22T18:30:00Z"));
        expect(await label("site=coj&telescope=2m0a")).toMatch(
          /^Until sunrise \(2026-11-23 18:5\dZ, 2026-11-24 05:5\d local/,
        );
        await close("sunrise", ada, { ...place, site: "coj" });
        expect((await ends())[0]).toStartWith("2026-11-23T18:5");
      });
    });

    describe("until further notice", () => {
      const pages = async (id: number) => ({
        home: text(await (await service.send("/?site=ogg")).text()),
        one: text((await ada.get(`/downtimes/${id}`)).html),
        list: text((await ada.get("/admin/downtimes")).html),
        now: text((await ada.get("/admin/now?site=ogg")).html),
        why: text(await (await service.send("/why?telescope=2m0a&site=ogg")).text()),
      });

      test("ends one year ahead, and every page says it without the date", async () => {
        const saved = await follow(await close("open"));
        const [{ id, end } = expect.unreachable()] = await all();
        expect(end).toBe("2027-11-22T12:00:00Z");
        expect(text(saved)).toContain("from 2026-11-22 12:00Z until further notice");
        for (const [name, page] of Object.entries(await pages(id))) {
          expect([name, page.includes("until further notice")]).toEqual([name, true]);
          expect([name, page.includes("2027")]).toEqual([name, false]);
        }
        expect((await pages(id)).why).toContain("ogg clma 2m0a is down until further notice.");
      });

      test("becomes an ordinary end when someone edits the end, and stays when other fields are edited", async () => {
        await close("open");
        const [{ id } = expect.unreachable()] = await all();
        const patch = (body: Record<string, string>) =>
          service.send(`/api/${id}/`, { method: "PATCH", headers: as("ada"), body: new URLSearchParams(body) });
        await patch({ reason: "Flood" });
        expect((await pages(id)).home).toContain("until further notice");
        await service.services.downtimes.remove(id, { by: "ada", at: noon });
        await service.services.downtimes.restore([id], { by: "ada", at: noon });
        expect((await pages(id)).home).toContain("until further notice");
        await patch({ end: "2027-11-22T12:00:01Z" });
        const { home, one } = await pages(id);
        expect(home).not.toContain("until further notice");
        expect(one).toContain("2027-11-22 12:00:01Z");
      });

      test("is listed under Still closed? after 14 days, where staff keep or end it", async () => {
        await close("open");
        const [{ id } = expect.unreachable()] = await all();
        // Nobody stays signed in for so long.
        const wait = async (millis: number) => {
          service.clock.set(noon + millis);
          ada = await openForms(service, "ada");
        };
        await wait(14 * dayMillis - 1000);
        for (const page of Object.values(await pages(id))) expect(page.toLowerCase()).not.toContain("still closed?");
        await wait(14 * dayMillis);
        const { home, list, now } = await pages(id);
        expect(home).toContain("until further notice · still closed?");
        for (const page of [list, now])
          expect(page).toContain(
            "Still closed? ogg · clma · 2m0a, until further notice since 2026-11-22 12:00Z: Storm",
          );
        await extend(id, { until: "open" });
        expect(await ends()).toEqual(["2027-12-06T12:00:00Z"]);
        expect((await pages(id)).list.toLowerCase()).not.toContain("still closed?");
        await wait(28 * dayMillis);
        expect((await pages(id)).list).toContain("Still closed?");
        await ada.post(`/admin/downtimes/${id}/end`, {});
        expect((await pages(id)).list).not.toContain("Still closed?");
        expect(await ends()).toEqual(["2026-12-20T12:00:00Z"]);
      });

      test("a downtime that was created for a year shows its end", async () => {
        const { id } = await service.add({ start: "2026-11-22T12:00:00Z", end: "2027-11-22T12:00:00Z" });
        expect((await pages(id)).one).toContain("2027-11-22 12:00Z");
        service.clock.set(noon + 20 * dayMillis);
        ada = await openForms(service, "ada");
        expect((await pages(id)).list).not.toContain("Still closed?");
      });
    });
  });
