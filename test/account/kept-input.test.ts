import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { decode, formIn, openForms } from "../forms.ts";
import { draft, engines, type Service, signIn, startService } from "../harness.ts";

const html = { accept: "text/html" };
const reason = `two lines\nand <b>"markup"</b> &amp; 🔭`;
const typed = { ...draft, start: "2026-11-23 08:00", end: "90 min", reason };

for (const engine of engines)
  describe(`input without a valid session on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine });
    });
    afterAll(() => service.stop());
    const all = async () =>
      (await service.ask<{ results: { id: number; reason: string; end: string }[] }>("/api/")).body.results;
    beforeEach(async () => {
      for (const { id } of await all()) await service.services.downtimes.remove(id, { by: "ada", at: service.clock() });
    });

    const post = async (path: string, fields: URLSearchParams | Record<string, string>, headers = {}) => {
      const body = new URLSearchParams(fields);
      const response = await service.send(path, { method: "POST", body, headers: { ...html, ...headers } });
      const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
      return { status: response.status, cookie, headers: response.headers, page: await response.text() };
    };
    const series = {
      site: "ogg",
      enclosure: "clma",
      telescope: "2m0a",
      repeat: "none",
      reason,
      start: "2026-12-01 08:00",
      end: "1 h",
    };
    const forget = async () => {
      for (const { id, reason: stored } of await all())
        if (stored === reason) await service.services.downtimes.remove(id, { by: "ada", at: service.clock() });
    };
    const forms = async (): Promise<[string, Record<string, string>][]> => {
      const { id } = await service.add();
      return [
        ["/admin/downtimes/new", typed],
        [`/admin/downtimes/${id}/change`, { ...typed, version: "1", id: String(id) }],
        ["/admin/series/new", series],
      ];
    };

    test("survives signing in again, and can then be saved", async () => {
      for (const [path, fields] of await forms()) {
        const before = await all();
        const asked = await post(path, { ...fields, csrf: "of another session", once: "x" });
        expect([path, asked.status]).toEqual([path, 200]);
        const signInForm = formIn(asked.page);
        expect(signInForm.action).toBe(path);
        for (const [name, value] of Object.entries(fields)) expect(signInForm.fields.get(name)).toBe(value);
        expect(signInForm.fields.has("csrf")).toBe(false);
        // Also after a wrong password.
        signInForm.fields.set("name", "ada");
        signInForm.fields.set("password", "wrong");
        const refused = await post(path, signInForm.fields);
        expect(refused.status).toBe(422);
        const again = formIn(refused.page);
        expect(again.fields.get("reason")).toBe(reason);
        expect(refused.page).not.toContain('value="wrong"');
        again.fields.set("password", "ada-password");
        const shown = await post(path, again.fields);
        expect([shown.status, shown.page.includes("You are signed in. Your input is kept; save again.")]).toEqual([
          200,
          true,
        ]);
        expect(shown.page).not.toContain("ada-password");
        const form = formIn(shown.page);
        expect(form.fields.get("reason")).toBe(reason);
        expect(await all()).toEqual(before);
        const saved = await post(path, form.fields, { cookie: shown.cookie });
        expect([path, saved.status]).toEqual([path, 303]);
        expect((await all()).some((downtime) => downtime.reason === reason)).toBe(true);
        await forget();
      }
    });

    test("keeps a field that has the name of the username's", async () => {
      const asked = formIn((await post("/admin/series/new", { ...series, name: "Term 3" })).page);
      asked.fields.set("name", "ada");
      asked.fields.set("password", "ada-password");
      const shown = await post("/admin/series/new", asked.fields);
      expect(formIn(shown.page).fields.get("name")).toBe("Term 3");
    });

    test("is shown again with a new CSRF token after another sign-in", async () => {
      const { cookie } = await signIn(service, "ada");
      const { csrf: stale } = await signIn(service, "ada");
      for (const [path, fields] of await forms()) {
        const refused = await post(path, { ...fields, csrf: stale, once: "y" }, { cookie });
        expect([path, refused.status]).toEqual([path, 403]);
        expect(refused.page).toContain(
          "You have signed in again since you opened this form. Your input is kept; save again.",
        );
        expect(refused.page).toStartWith("<!doctype html>");
        const form = formIn(refused.page);
        expect(form.fields.get("reason")).toBe(reason);
        expect(form.fields.get("csrf")).not.toBe(stale);
        // For htmx, only the form comes back, and replaces the one that was sent.
        const part = await post(path, { ...fields, csrf: stale }, { cookie, "hx-request": "true" });
        expect([part.status, part.page.includes(' hx-swap-oob="outerHTML"')]).toEqual([403, true]);
        expect(part.page).toStartWith("<form");
        expect(part.page).toContain("Your input is kept; save again.");
        const saved = await post(path, form.fields, { cookie });
        expect([path, saved.status]).toEqual([path, 303]);
        await forget();
      }
    });

    test("to a button asks to confirm it", async () => {
      const { id } = await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T14:00:00Z" });
      const path = `/admin/downtimes/${id}/extend`;
      const asked = formIn((await post(path, { by: "4 h" })).page);
      asked.fields.set("name", "ada");
      asked.fields.set("password", "ada-password");
      const shown = await post(path, asked.fields);
      expect(shown.page).toContain("Send again");
      expect((await all()).map(({ end }) => end)).toEqual(["2026-11-22T14:00:00Z"]);
      expect((await post(path, formIn(shown.page).fields, { cookie: shown.cookie })).status).toBe(303);
      expect((await all()).map(({ end }) => end)).toEqual(["2026-11-22T18:00:00Z"]);
    });

    test("on the pages to close a telescope and to end a series survives too", async () => {
      const { cookie } = await signIn(service, "ada");
      const closing = await post(
        "/admin/now",
        { telescope: "ogg clma 2m0a", until: "1h", reason: "Hail & wind", csrf: "x" },
        { cookie },
      );
      expect([closing.status, closing.page.includes('value="Hail &amp; wind"')]).toEqual([403, true]);
      expect(await all()).toEqual([]);
      const forms = await openForms(service, "ada");
      const { location } = await forms.post("/admin/series/new", { ...series, telescope: "", reason: "Another" });
      const end = `${location?.split("?")[0]?.replace("/series/", "/admin/series/")}/end`;
      const ending = await post(end, { from: "2026-12-24", csrf: "x" }, { cookie });
      expect([ending.status, ending.page.includes('value="2026-12-24"')]).toEqual([403, true]);
    });

    test("from another site's page is neither shown nor used to sign in", async () => {
      const { cookie } = await signIn(service, "ada");
      for (const elsewhere of [{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }] as Record<
        string,
        string
      >[]) {
        for (const headers of [elsewhere, { ...elsewhere, cookie }]) {
          const {
            status,
            page,
            cookie: set,
          } = await post("/admin/downtimes/new", { ...typed, name: "ada", password: "ada-password" }, headers);
          expect([status, page.includes("markup"), set]).toEqual([403, false, ""]);
        }
      }
      expect(await all()).toEqual([]);
    });
  });

describe("a user who isn't staff", () => {
  const links = (page: string) =>
    [...page.matchAll(/(?:href|formaction|action)="(\/admin[^"]*)"/g)].map(([, path = ""]) => decode(path));

  test("sees no link or button that leads to a 403", async () => {
    for (const settings of [{}, { WRITE_ACCESS: "authenticated" }]) {
      const service = await startService({ settings });
      const ben = await openForms(service, "ben");
      const empty = (await ben.get("/")).html;
      const active = { start: "2026-11-22T11:00:00Z", end: "2026-11-22T14:00:00Z" };
      await service.add({ ...active, reason: "Ada's" });
      await service.add({ ...active, reason: "Ben's" }, "ben");
      const deleted = await service.add({ ...active, reason: "Gone" });
      await service.services.downtimes.remove(deleted.id, { by: "ada", at: service.clock() });
      const seen = new Set(links(empty));
      for (const path of [
        "/",
        "/why?telescope=2m0a",
        "/downtimes/1",
        "/downtimes/2",
        "/downtimes/3",
        "/report",
        "/docs/",
      ])
        for (const link of links((await ben.get(path)).html)) seen.add(link);
      for (const path of [
        "/admin/downtimes",
        "/admin/now",
        "/admin/downtimes?deleted=3",
        "/admin/series",
        "/admin/downtimes/2/change",
      ]) {
        const { status, html } = await ben.get(path);
        if (status === 200) for (const link of links(html)) seen.add(link);
      }
      for (const path of seen) {
        if (path === "/admin/sign-out") continue;
        const isButton = /\/(end|extend|restore)$/.test(path);
        const { status } = isButton
          ? await ben.post(path, path.endsWith("/restore") ? {} : { by: "1 h" })
          : await ben.get(path);
        expect([settings, path, status]).not.toEqual([settings, path, 403]);
      }
      expect(seen.has("/admin/downtimes/new")).toBe("WRITE_ACCESS" in settings);
      await service.stop();
    }
  });

  test("isn't offered a shortcut that leads to one", async () => {
    const service = await startService();
    const [ada, ben] = [await openForms(service, "ada"), await openForms(service, "ben")];
    expect((await ada.get("/")).html).toContain("<dd>New downtime</dd>");
    expect((await ben.get("/")).html).not.toContain("New downtime");
    expect(await (await service.send("/", { headers: html })).text()).toContain("<dd>New downtime</dd>");
    await service.stop();
  });
});
