import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import sites from "../fixtures/configdb.json";
import { openForms } from "../forms.ts";
import { as, draft, engines, type Service, startService } from "../harness.ts";

const entry = { ...draft, start: "2026-11-23 08:00", end: "90 min" };

for (const engine of engines)
  describe(`/admin/ on ${engine}`, () => {
    let service: Service;
    let ada: Awaited<ReturnType<typeof openForms>>;
    beforeAll(async () => {
      service = await startService({ engine });
      ada = await openForms(service, "ada");
    });
    afterAll(() => service.stop());
    const all = async () => (await service.ask<{ results: { id: number }[] }>("/api/")).body.results;
    beforeEach(async () => {
      for (const { id } of await all()) await service.services.downtimes.remove(id, { by: "ada", at: service.clock() });
    });

    test("redirects to sign-in and back if not signed in", async () => {
      for (const path of [
        "/admin/downtimes",
        "/admin/downtimes/new?from=1",
        "/admin/now",
        "/admin/downtimes/delete?id=1",
      ]) {
        const { status, headers } = await service.send(path);
        expect([status, headers.get("location")]).toEqual([303, `/admin/sign-in?next=${encodeURIComponent(path)}`]);
      }
      const { id } = await service.add();
      const form = { method: "POST", body: new URLSearchParams({ seen: `${id}.1` }) };
      expect(await (await service.send("/admin/downtimes/delete", form)).text()).toContain('type="password"');
      expect(await all()).toHaveLength(1);
    });

    test("an expired session doesn't interrupt typing", async () => {
      const body = new URLSearchParams({ reason: "Wash" });
      expect((await service.send("/admin/downtimes/preview", { method: "POST", body })).status).toBe(204);
    });

    test("a user who isn't staff is rejected", async () => {
      const ben = await openForms(service, "ben");
      expect((await ben.get("/admin/downtimes")).status).toBe(403);
      expect((await ben.post("/admin/downtimes/new", { ...entry, csrf: "x" })).status).toBe(403);
    });

    test("every form needs the CSRF token of the session", async () => {
      const { id } = await service.add({ start: "2026-11-22T10:00:00Z" });
      const forms: [string, Record<string, string>][] = [
        ["/admin/downtimes/new", { ...entry, reason: "forged" }],
        [`/admin/downtimes/${id}/change`, { ...entry, reason: "forged", version: "1" }],
        ["/admin/downtimes/delete", { seen: `${id}.1` }],
        ["/admin/downtimes/restore", { id: String(id) }],
        ["/admin/now", { telescope: "ogg clma 2m0a", until: "1h" }],
        [`/admin/downtimes/${id}/end`, {}],
        [`/admin/downtimes/${id}/extend`, { by: "4 h" }],
      ];
      for (const [path, fields] of forms)
        expect([path, (await ada.post(path, { ...fields, csrf: "forged" })).status]).toEqual([path, 403]);
      expect(await all()).toEqual([expect.objectContaining({ id, end: draft.end })]);
    });

    test("links of OCS Downtime redirect to the new pages", async () => {
      const moves = {
        "/admin/": "/admin/downtimes",
        "/admin": "/admin/downtimes",
        "/admin/login/": "/admin/sign-in",
        "/admin/login/?next=/admin/schedule/downtime/add/%3Fsite%3Dogg":
          "/admin/sign-in?next=/admin/schedule/downtime/add/%3Fsite%3Dogg",
        "/admin/logout/": "/admin/sign-out",
        "/admin/password_change/": "/admin/downtimes",
        "/admin/schedule/": "/admin/downtimes",
        "/admin/schedule/downtime": "/admin/downtimes",
        "/admin/schedule/downtime/": "/admin/downtimes",
        "/admin/schedule/downtime/?site=ogg&reason=a%20b": "/admin/downtimes?site=ogg&reason=a%20b",
        "/admin/schedule/downtime/add/": "/admin/downtimes/new",
        "/admin/schedule/downtime/add/?site=ogg&start=2026-12-20": "/admin/downtimes/new?site=ogg&start=2026-12-20",
        "/admin/schedule/downtime/7": "/admin/downtimes/7/change",
        "/admin/schedule/downtime/7/": "/admin/downtimes/7/change",
        "/admin/schedule/downtime/7/change/": "/admin/downtimes/7/change",
        "/admin/schedule/downtime/7/delete/": "/admin/downtimes/delete?id=7",
        "/admin/schedule/downtime/7/delete/?_changelist_filters=site%3Dogg":
          "/admin/downtimes/delete?id=7&_changelist_filters=site%3Dogg",
        "/admin/schedule/downtime/7/history/": "/downtimes/7",
        "/admin/auth/user/": "/admin/downtimes",
        "/admin/auth/user/3/change/": "/admin/downtimes",
        "/openapi": "/docs/",
        "/openapi/": "/docs/",
        "/redoc": "/docs/",
        "/redoc/": "/docs/",
        "/docs": "/docs/",
      };
      for (const [from, to] of Object.entries(moves))
        for (const method of ["GET", "HEAD"]) {
          const { status, headers } = await service.send(from, { method });
          expect([from, status, headers.get("location")]).toEqual([from, 302, to]);
        }
      for (const path of ["/admin/schedule/downtime/x/", "/admin/schedule/other/", "/admin/others", "/openapi/x"])
        expect([path, (await service.send(path)).status]).toEqual([path, 404]);
      expect((await service.send("/admin/login/", { method: "POST" })).status).toBe(404);
    });

    test("links of OCS Downtime fill in the form and the search", async () => {
      const query = "site=coj&enclosure=clma&telescope=2m0a&start=2026-12-20&end=2026-12-21T06&reason=Wash";
      const { headers } = await service.send(`/admin/schedule/downtime/add/?${query}`);
      const { html } = await ada.get(headers.get("location") ?? "");
      expect(html).toMatch(/<option value="coj" selected/);
      for (const value of ["2026-12-20", "2026-12-21T06"]) expect(html).toContain(`value="${value}"`);
      expect(html).toContain("Wash</textarea>");
      await service.add({ site: "coj", enclosure: "doma", telescope: "1m0a", reason: "Wash elsewhere" });
      await service.add({ site: "coj", reason: "Wash here" });
      const asked = "site=coj&enclosure=clma&telescope=2m0a&instrument_type=&reason=Wash";
      const list = await service.send(`/admin/schedule/downtime/?${asked}`);
      const { html: found } = await ada.get(list.headers.get("location") ?? "");
      expect(found).toMatch(/<option value="coj" selected/);
      expect(found).toContain('value="Wash"');
      for (const code of ["clma", "2m0a"]) expect(found).toContain(`<option value="${code}" selected`);
      expect([found.includes("Wash here"), found.includes("Wash elsewhere")]).toEqual([true, false]);
    });

    describe("adding", () => {
      test("saves the input and shows a message", async () => {
        const { status, location } = await ada.post("/admin/downtimes/new", entry);
        const [stored] = await all();
        expect(stored).toMatchObject(draft);
        expect([status, location]).toEqual([303, expect.stringMatching(/^\/admin\/downtimes\?saved=\d+$/)]);
        expect((await ada.get(location ?? "")).html).toContain("ogg · clma · 2m0a, Mon 2026-11-23 08:00–09:30Z");
      });

      test("another one starts with the fields of the last one", async () => {
        const { location } = await ada.post("/admin/downtimes/new", { ...entry, another: "yes" });
        const { html } = await ada.get(location ?? "");
        expect(html).toContain('value="2026-11-23 08:00Z"');
        expect(html).toMatch(/<option value="2m0a" selected/);
      });

      test("without JavaScript every code can be selected, whatever is selected already", async () => {
        const { html } = await ada.get(`/admin/downtimes/new?site=ogg&enclosure=clma`);
        for (const code of ["ogg", "coj", "tst", "clma", "doma", "2m0a", "0m4b", "1m0a"])
          expect(html).toContain(`<option value="${code}"`);
      });

      test("shows errors at their fields and keeps the input", async () => {
        const { status, html } = await ada.post("/admin/downtimes/new", {
          ...entry,
          end: 'so"on',
          reason: "  kept & <b>",
        });
        expect(status).toBe(422);
        expect(html).toContain('aria-describedby="end-error end-hint"');
        expect(html).toMatch(/<input[^>]*id="end"[^>]*autofocus/);
        expect(html).toContain('value="so&#34;on"');
        expect(html).toContain("  kept &amp; &lt;b&gt;</textarea>");
        expect(html).toMatch(/<option value="2m0a" selected/);
        expect(await all()).toEqual([]);
      });

      test("an htmx request gets only the form, and is redirected by a header", async () => {
        const bad = await ada.post("/admin/downtimes/new", { ...entry, end: "" }, { "hx-request": "true" });
        expect(bad.status).toBe(422);
        expect(bad.html).toStartWith("<form");
        const good = await ada.post("/admin/downtimes/new", entry, { "hx-request": "true" });
        expect([good.status, good.location]).toEqual([200, expect.stringMatching(/^\/admin\/downtimes\?saved=\d+$/)]);
      });

      const warningOf = (id: number) =>
        `<p class="message warning">An identical downtime already exists (<a href="/downtimes/${id}">#${id}</a>). Edit this one, then save.</p>`;

      test("a duplicate opens with a warning, without an error, and is rejected only if it is saved unchanged", async () => {
        const { id } = await service.add();
        const { html } = await ada.get(`/admin/downtimes/new?from=${id}`);
        const hidden = { from: /name="from" value="(\d+)"/.exec(html)?.[1] ?? "" };
        const fresh = { ...entry, end: "2026-11-23 09:30Z" };
        const previewed = await ada.post("/admin/series/preview", { ...fresh, ...hidden });
        for (const shown of [html, previewed.html]) {
          expect(shown).not.toContain("reason-error");
          expect(shown).toContain(warningOf(id));
        }
        const saved = await ada.post("/admin/downtimes/new", { ...fresh, ...hidden });
        expect([saved.status, saved.html]).toEqual([422, expect.stringContaining("already exists")]);
        const edited = await ada.post("/admin/series/preview", { ...fresh, ...hidden, end: "2026-11-23 10:30Z" });
        expect(edited.html).toContain("Overlaps with");
        expect((await ada.post("/admin/downtimes/new", { ...fresh, ...hidden, end: "3 h" })).status).toBe(303);
      });

      test("refuses an identical downtime and links to the existing one", async () => {
        await ada.post("/admin/downtimes/new", entry);
        const { status, html } = await ada.post("/admin/downtimes/new", entry);
        expect(status).toBe(422);
        const [{ id } = expect.unreachable(), ...others] = await all();
        expect(html).toContain(`An identical downtime already exists (#${id}).`);
        expect((await ada.post("/admin/downtimes/preview", entry)).html).toContain(warningOf(id));
        expect(others).toEqual([]);
      });

      test("an inactive telescope gets a notice, and can be saved", async () => {
        const first = sites.results[0] as (typeof sites.results)[number];
        service.configdb.answer({ ...sites, results: [{ ...first, active: false }, ...sites.results.slice(1)] });
        await service.services.configdb.renew();
        expect((await ada.post("/admin/downtimes/preview", entry)).html).toContain("Site ogg is marked inactive");
        expect((await ada.post("/admin/downtimes/new", entry)).status).toBe(303);
        service.configdb.answer(sites);
        await service.services.configdb.renew();
      });
    });

    describe("the preview", () => {
      test("shows duration, local time, dark time and overlaps", async () => {
        const other = await service.add({ end: "2026-11-23T08:30:00Z", reason: "RTI" });
        const { html } = await ada.post("/admin/downtimes/preview", { ...entry, reason: "another" });
        expect(html).toContain("Mon 2026-11-23 08:00–09:30Z");
        expect(html).toContain("2026-11-22 22:00–23:30 local (UTC−10:00)");
        expect(html).toContain("1 h 30 min");
        expect(html).toContain("all dark time");
        expect(html).toContain(`href="/downtimes/${other.id}"`);
      });

      test("of an edit doesn't list the downtime itself as an overlap", async () => {
        const { id } = await service.add();
        const { html } = await ada.post("/admin/downtimes/preview", { ...entry, id: String(id) });
        expect(html).not.toContain("Overlaps with");
        expect(html).not.toContain("identical downtime");
      });

      test("offers only the enclosures and telescopes of the selected site", async () => {
        const { html } = await ada.post("/admin/downtimes/preview", { ...entry, site: "coj", telescope: "" });
        expect(html).toContain('<option value="doma"');
        expect(html).not.toContain('<option value="0m4b"');
      });
    });

    describe("editing", () => {
      test("writes a new version", async () => {
        const { id } = await service.add();
        const { html } = await ada.get(`/admin/downtimes/${id}/change`);
        expect(html).toContain('name="version" value="1"');
        const { location } = await ada.post(`/admin/downtimes/${id}/change`, { ...entry, end: "2 h", version: "1" });
        expect((await ada.get(location ?? "")).html).toContain("Downtime saved");
        expect(await all()).toEqual([expect.objectContaining({ id, end: "2026-11-23T10:00:00Z" })]);
      });

      test("shows an edit conflict with both versions, and overwrites nothing", async () => {
        const { id } = await service.add();
        const patch = { method: "PATCH", headers: as("ada"), body: new URLSearchParams({ reason: "Theirs" }) };
        await service.send(`/api/${id}/`, patch);
        const path = `/admin/downtimes/${id}/change`;
        const late = await ada.post(path, { ...entry, end: "2 h", version: "1" });
        expect(late.status).toBe(409);
        expect(late.html).toContain("ada edited this at 2026-11-22 12:00Z");
        expect(await all()).toEqual([expect.objectContaining({ reason: "Theirs", end: draft.end })]);
        // The form now holds what both changed, and saves over the version that was shown.
        expect(late.html).toContain('name="version" value="2"');
        expect(late.html).toContain("\nTheirs</textarea>");
        expect(late.html).toContain('value="2 h"');
        await ada.post(path, { ...entry, end: "2 h", reason: "Theirs", version: "2" });
        expect(await all()).toEqual([expect.objectContaining({ reason: "Theirs", end: "2026-11-23T10:00:00Z" })]);
      });

      test("a deleted one redirects to its page", async () => {
        const { id } = await service.add();
        await service.services.downtimes.remove(id, { by: "ada", at: service.clock() });
        const { status, location } = await ada.get(`/admin/downtimes/${id}/change`);
        expect([status, location]).toEqual([303, `/downtimes/${id}`]);
        expect((await ada.get(`/downtimes/${id}`)).html).toContain("Restore");
      });

      test("a telescope that is no longer in ConfigDB stays, gets a notice, and can be saved", async () => {
        const { id } = await service.add();
        service.configdb.answer({ ...sites, results: sites.results.filter(({ code }) => code !== "ogg") });
        await service.services.configdb.renew();
        const { html } = await ada.get(`/admin/downtimes/${id}/change`);
        expect(html).toContain("t in ConfigDB.");
        for (const code of ["ogg", "clma", "2m0a"]) expect(html).toContain(`<option value="${code}" selected`);
        const typed = { ...entry, reason: "Closed", id: String(id), version: "1" };
        const preview = await ada.post("/admin/downtimes/preview", typed);
        for (const code of ["ogg", "clma", "2m0a"]) expect(preview.html).toContain(`<option value="${code}" selected`);
        expect((await ada.post(`/admin/downtimes/${id}/change`, typed)).status).toBe(303);
        expect(await all()).toEqual([expect.objectContaining({ reason: "Closed", site: "ogg" })]);
        service.configdb.answer(sites);
        await service.services.configdb.renew();
      });

      test("a duplicate is a new form with the same fields", async () => {
        const { id } = await service.add({ reason: "Again" });
        const { html } = await ada.get(`/admin/downtimes/new?from=${id}`);
        expect(html).toContain("\nAgain</textarea>");
        expect(html).not.toContain('name="version"');
      });
    });

    describe("deleting", () => {
      test("asks for confirmation with a list, and can be undone", async () => {
        const [one, two, kept] = [
          await service.add(),
          await service.add({ reason: "Two" }),
          await service.add({ reason: "Kept" }),
        ];
        const confirmation = await ada.get(`/admin/downtimes/delete?id=${one?.id}&id=${two?.id}`);
        expect(confirmation.html).toContain("Delete these 2 downtimes?");
        expect(await all()).toHaveLength(3);
        const done = await ada.post("/admin/downtimes/delete", [
          ["seen", `${one?.id}.1`],
          ["seen", `${two?.id}.1`],
        ]);
        expect(await all()).toEqual([expect.objectContaining({ id: kept?.id })]);
        const list = await ada.get(done.location ?? "");
        expect(list.html).toContain("2 downtimes deleted");
        await ada.post("/admin/downtimes/restore", [
          ["id", String(one?.id)],
          ["id", String(two?.id)],
        ]);
        expect((await all()).map(({ id }) => id)).toEqual([one, two, kept].map((downtime) => downtime?.id ?? 0));
        // The message disappears once it is no longer true.
        expect((await ada.get(done.location ?? "")).html).not.toContain("2 downtimes deleted");
      });

      test("deletes nothing if one of them was edited since the list was shown", async () => {
        const [one, two] = [await service.add(), await service.add({ reason: "Two" })];
        const patch = { method: "PATCH", headers: as("ada"), body: new URLSearchParams({ reason: "Theirs" }) };
        await service.send(`/api/${two.id}/`, patch);
        const late = await ada.post("/admin/downtimes/delete", [
          ["seen", `${one.id}.1`],
          ["seen", `${two.id}.1`],
        ]);
        expect(late.status).toBe(409);
        expect(late.html).toContain("Theirs");
        expect(await all()).toHaveLength(2);
      });
    });

    describe("close now", () => {
      const begin = async (until: string) => {
        for (const { id } of await all())
          await service.services.downtimes.remove(id, { by: "ada", at: service.clock() });
        const answer = await ada.post("/admin/now", { telescope: "coj clma 2m0a", until, reason: "Clouds" });
        expect(answer.status).toBe(303);
        const stored = (await all()).at(-1) as unknown as { start: string; end: string; reason: string };
        return [stored.start, stored.end, stored.reason];
      };

      test("lasts for the selected duration", async () => {
        const start = "2026-11-22T12:00:00Z";
        expect(await begin("1h")).toEqual([start, "2026-11-22T13:00:00Z", "Clouds"]);
        expect(await begin("4h")).toEqual([start, "2026-11-22T16:00:00Z", "Clouds"]);
        expect(await begin("sunrise")).toEqual([start, "2026-11-22T18:54:00Z", "Clouds"]);
        expect(await begin("open")).toEqual([start, "2027-11-22T12:00:00Z", "Clouds"]);
      });

      test("has no sunrise for a site without coordinates", async () => {
        const { status, html } = await ada.post("/admin/now", { telescope: "tst doma 1m0a", until: "sunrise" });
        expect([status, html.includes("ConfigDB has no coordinates for tst")]).toEqual([409, true]);
        expect((await ada.post("/admin/now", {})).status).toBe(400);
      });

      test("ends an active downtime now", async () => {
        const { id } = await service.add({ start: "2026-11-22T11:00:00Z" });
        expect((await ada.get("/admin/now?site=ogg")).html).toContain(`/admin/downtimes/${id}/end`);
        await ada.post(`/admin/downtimes/${id}/end`, {});
        expect(await all()).toEqual([expect.objectContaining({ end: "2026-11-22T12:00:00Z" })]);
        expect((await ada.post(`/admin/downtimes/${id}/end`, {})).status).toBe(409);
      });

      test("extends an active downtime from its end", async () => {
        const { id } = await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T12:00:01Z" });
        await ada.post(`/admin/downtimes/${id}/extend`, { by: "4 h" });
        expect(await all()).toEqual([expect.objectContaining({ end: "2026-11-22T16:00:01Z" })]);
        expect((await ada.post(`/admin/downtimes/${id}/extend`, { by: "a while" })).status).toBe(400);
      });

      test("refuses upcoming and past downtimes", async () => {
        const upcoming = await service.add({ start: "2026-11-22T12:00:01Z" });
        const over = await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T12:00:00Z" });
        for (const { id } of [upcoming, over])
          expect((await ada.post(`/admin/downtimes/${id}/end`, {})).status).toBe(409);
      });
    });

    test("with WRITE_ACCESS=authenticated a user can edit only their own downtimes", async () => {
      const shared = await startService({ engine, settings: { WRITE_ACCESS: "authenticated" } });
      const ben = await openForms(shared, "ben");
      const [own, other] = [await shared.add({}, "ben"), await shared.add({ reason: "ada's" }, "ada")];
      expect((await ben.get(`/admin/downtimes/${own.id}/change`)).status).toBe(200);
      expect((await ben.get(`/admin/downtimes/${other.id}/change`)).status).toBe(403);
      expect((await ben.post("/admin/downtimes/delete", { seen: `${other.id}.1` })).status).toBe(403);
      expect((await ben.get(`/downtimes/${own.id}`)).html).toContain("Duplicate");
      expect((await ben.get(`/downtimes/${other.id}`)).html).not.toContain("Duplicate");
      await shared.stop();
    });
  });
