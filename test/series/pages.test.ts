import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { checkChange } from "../../src/downtime/downtime.ts";
import { openForms } from "../forms.ts";
import { engines, posting, type Service, startService } from "../harness.ts";

/** Five nights on the two telescopes of ogg. */
const plan = {
  site: "ogg",
  reason: "RTI",
  repeat: "night",
  "rule.night.first": "2026-12-01",
  "rule.night.last": "2026-12-05",
  "rule.night.from.offset_minutes": "30 min",
  "rule.night.from.event": "astronomical_dusk",
  "rule.night.minutes": "30 min",
};

for (const engine of engines)
  describe(`the pages of series on ${engine}`, () => {
    let service: Service;
    let ada: Awaited<ReturnType<typeof openForms>>;
    beforeAll(async () => {
      service = await startService({ engine });
      ada = await openForms(service, "ada");
    });
    afterAll(() => service.stop());
    beforeEach(async () => {
      const author = { by: "ada", at: service.clock() };
      for (const { id } of (await service.services.series.list({ limit: 100, offset: 0 })).results)
        await service.services.series.end(id, author, { begun: true });
      for (const { id } of await rows()) await service.services.downtimes.remove(id, author);
    });

    interface Row {
      readonly id: number;
      readonly start: string;
      readonly end: string;
      readonly reason: string;
      readonly series?: number;
    }
    const rows = async (query = "") =>
      (await service.ask<{ results: Row[] }>(`/api/?ordering=start&${query}`)).body.results;
    const starts = async () => (await rows()).map(({ start }) => start);
    const add = async (changes: Record<string, string> = {}) => {
      const { status, location, html } = await ada.post("/admin/series/new", { ...plan, ...changes });
      if (status !== 303) throw new Error(html);
      return Number(/^\/series\/(\d+)\?done=1$/.exec(location ?? "")?.[1]);
    };
    /** What stands under each field that is wrong. */
    const errorsIn = (html: string) =>
      Object.fromEntries(
        [...html.matchAll(/id="([\w.]+)-error">([^<]*)</g)].map(([, field, text]) => [field, plainly(text ?? "")]),
      );
    const plainly = (text: string) => text.replaceAll("&quot;", '"').replaceAll("&#x27;", "'");
    const textIn = (html: string, id: string) =>
      (new RegExp(`id="${id}"[\\s\\S]*?</section>`).exec(html)?.[0] ?? "")
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ");

    test("creates downtimes from the form, and shows them on the page of the series", async () => {
      const id = await add();
      expect((await rows(`series=${id}`)).map(({ start, end }) => [start, end]).slice(0, 2)).toEqual([
        ["2026-12-02T05:32:00Z", "2026-12-02T06:02:00Z"],
        ["2026-12-02T05:32:00Z", "2026-12-02T06:02:00Z"],
      ]);
      const { html } = await ada.get(`/series/${id}?done=1`);
      expect(html).toContain("Series created: 10 downtimes added.");
      expect(html).toContain("every night, from 30 min after astronomical dusk, for 30 min, 1 Dec – 5 Dec 2026");
      expect(html).toContain("10 of 10");
      const list = (await ada.get("/admin/series")).html;
      expect(list).toContain(`href="/series/${id}"`);
      expect((await ada.get("/admin/series?rule=once")).html).toContain('<p class="message">None yet.</p>');
    });

    test("keeps the site's local time across daylight saving", async () => {
      await add({
        site: "coj",
        telescope: "1m0a",
        start: "2027-04-01 20:00",
        zone: "site",
        end: "1 h",
        repeat: "WEEKLY",
        weekdays: "TH",
        until: "2027-04-08",
      });
      expect(await starts()).toEqual(["2027-04-01T09:00:00Z", "2027-04-08T10:00:00Z"]);
    });

    test("accepts a duration instead of an end time", async () => {
      await add({
        repeat: "none",
        telescope: "2m0a",
        start: "2026-12-01 08:00",
        end: "2 d",
      });
      const [one, ...others] = await rows();
      expect(others).toEqual([]);
      expect(one).toMatchObject({ start: "2026-12-01T08:00:00Z", end: "2026-12-03T08:00:00Z", enclosure: "clma" });
      // The only place of that telescope: a plain downtime.
      expect(one).not.toHaveProperty("series");
    });

    test("shows errors below their fields, and keeps the input", async () => {
      const { status, html } = await ada.post("/admin/series/new", {
        ...plan,
        site: "",
        "scopes.1.site": "coj",
        "scopes.1.telescope": "9m9z",
        "rule.night.first": "soon",
        "rule.night.last": "",
        "rule.night.from.offset_minutes": "much",
        "rule.night.minutes": "90 s",
        breaks: "2026-12-24 – 2026-12-26 Christmas\n\nthe summer",
      });
      expect(status).toBe(422);
      expect(errorsIn(html)).toEqual({
        site: "Select a site.",
        "scopes.1.telescope": '"9m9z" is not a valid choice.',
        "rule.night.first": "Enter a date such as 2027-01-12.",
        "rule.night.last": "Enter the last night.",
        "rule.night.from.offset_minutes": "Enter a duration, such as 30 min or 1 h 30 min.",
        "rule.night.minutes": "Use whole minutes.",
        breaks: "Line 3: Enter a date such as 2027-01-12.",
      });
      expect(
        [...html.matchAll(/<(?:select|input|textarea)[^>]* autofocus/g)].map(
          ([tag]) => /name="([^"]*)"/.exec(tag)?.[1],
        ),
      ).toEqual(["site"]);
      for (const kept of ['value="soon"', 'value="much"', "the summer", 'value="9m9z" selected'])
        expect(html).toContain(kept);
      expect(await rows()).toEqual([]);
    });

    test("shows errors of a rule by clock time, and of a series that reaches too far", async () => {
      const wrong = {
        ...plan,
        start: "soon",
        end: "1 h",
        repeat: "custom",
        rrule: "FREQ=NEVER",
        exdates: "2026-12-01\nXmas",
        zone: "Mars",
      };
      expect(errorsIn((await ada.post("/admin/series/new", wrong)).html)).toEqual({
        start: 'Enter a date and time in site time, such as 2026-11-23 08:15, Tue 09:00, or "now".',
        rrule: 'Invalid FREQ "NEVER".',
        exdates: "Line 2: Enter a date or a local time, such as 2027-02-16 or 2027-02-16T20:00.",
        zone: 'Unknown time zone "Mars". Enter one such as Pacific/Honolulu, or UTC.',
      });
      const far = {
        ...wrong,
        start: "2026-12-01 20:00",
        repeat: "DAILY",
        until: "2031-01-01",
        exdates: "",
        zone: "",
      };
      expect(errorsIn((await ada.post("/admin/series/new", far)).html).until).toContain(
        "A series may reach 2 years ahead",
      );
    });

    test("previews a series and saves nothing", async () => {
      const { start, end } = { start: "2026-12-02T05:00:00Z", end: "2026-12-02T05:45:00Z" };
      await service.add({ start, end, reason: "Wash <b>" });
      await service.add({ start: "2026-12-03T05:32:00Z", end: "2026-12-03T06:02:00Z", reason: "RTI" });
      const { status, html } = await ada.post("/admin/series/preview", plan);
      const text = textIn(html, "preview");
      expect(status).toBe(200);
      expect(text).toContain("9 downtimes on 2 telescopes, 4.5 h, 1 downtime skipped");
      expect(text).toContain("1 × already exists (skipped)");
      expect(text).toContain("1 × overlaps other downtimes");
      expect(text).toContain("overlaps other downtimes : Wash &lt;b&gt; ");
      expect(html).not.toContain("<h1");
      expect(await rows()).toHaveLength(2);
      const pressed = await ada.post("/admin/series/new", { ...plan, do: "preview" });
      expect([pressed.status, textIn(pressed.html, "preview")]).toEqual([200, text]);
      expect((await ada.post("/admin/series/preview", { ...plan, "rule.night.first": "" })).html).toContain(
        "Enter the first night.",
      );
    });

    test("says in the preview, and beside the weekdays, that none of the nights is on them", async () => {
      const wrong = { ...plan, "rule.night.last": plan["rule.night.first"], "rule.night.weekdays": "WE" };
      const why = "None of the nights from 2026-12-01 to 2026-12-01 is on these weekdays.";
      expect(textIn((await ada.post("/admin/series/preview", wrong)).html, "preview")).toContain(why);
      expect(errorsIn((await ada.post("/admin/series/new", wrong)).html)["rule.night.weekdays"]).toContain(why);
    });

    test("keeps each of two local dates in a line, without breaks at their hyphens", async () => {
      const clock = { repeat: "DAILY", start: "2026-12-01 20:00 site", end: "10 h", until: "2026-12-01" };
      expect((await ada.get(`/series/${await add(clock)}`)).html).toContain(
        '<span class="whole">Tue 2026-12-01 20:00–</span><span class="whole">Wed 2026-12-02 06:00 (UTC−10:00)</span>',
      );
    });

    test("has a title that says what it makes, also after an error", async () => {
      const titleOf = ({ html }: { html: string }) => /<h1[^>]*>([^<]*)/.exec(html)?.[1];
      expect(titleOf(await ada.get("/admin/series/new"))).toBe("New series");
      expect(titleOf(await ada.post("/admin/series/new", { ...plan, "rule.night.first": "" }))).toBe("New series");
      expect(titleOf(await ada.get("/admin/downtimes/new"))).toBe("New downtime");
      expect(titleOf(await ada.get(`/admin/series/${await add()}/change`))).toBe("Edit series");
      expect(titleOf(await ada.get(`/admin/downtimes/${(await rows())[0]?.id}/change`))).toBe("Edit downtime");
    });

    test("warns of daylight only where a nightly rule reaches into it", async () => {
      const times = { start: "2026-12-01 09:00", end: "15:00", zone: "site", until: "2026-12-03" };
      const preview = async (changes: object) =>
        (await ada.post("/admin/series/preview", { ...plan, ...times, ...changes })).html;
      for (const repeat of ["DAILY", "none"]) expect(await preview({ repeat })).not.toContain("outside dark time");
      const from = { "rule.night.from.event": "sunrise", "rule.night.from.offset_minutes": "" };
      const day = { ...from, "rule.night.ends": "at", "rule.night.to.event": "sunset", "rule.night.minutes": "" };
      expect(await preview(day)).toContain("10 downtimes on 2 telescopes");
      expect(await preview(day)).not.toContain("outside dark time");
      expect(await preview({ "rule.night.from.event": "sunset" })).toContain("partly outside dark time");
    });

    test("reads weekdays in site time, and says so where it can't read a time", async () => {
      const times = { repeat: "none", zone: "site", telescope: "2m0a" };
      await add({ ...times, start: "Tue 09:00", end: "Tue 15:00" });
      expect(await rows()).toEqual([
        expect.objectContaining({ start: "2026-11-24T19:00:00Z", end: "2026-11-25T01:00:00Z" }),
      ]);
      const wrong = { ...times, start: "soon", end: "later" };
      const places = [{}, { enclosure: "clma" }, { "scopes.1.site": "ogg", "scopes.1.telescope": "0m4b" }];
      for (const place of places) {
        const { html } = await ada.post("/admin/series/new", { ...plan, ...wrong, ...place });
        expect(errorsIn(html)).toEqual({
          start: 'Enter a date and time in Pacific/Honolulu, such as 2026-11-23 08:15, Tue 09:00, or "now".',
          end: "Enter an end time in Pacific/Honolulu, such as 12:15 or Tue 15:00, or a duration such as 4 h.",
        });
      }
      const [{ id } = { id: 0 }] = await rows();
      const { html } = await ada.post(`/admin/downtimes/${id}/change`, { ...plan, ...wrong, version: "1" });
      expect(errorsIn(html).start).toContain("in Pacific/Honolulu");
    });

    /** Three weeks of two hours, from 1 December 2026, 09:00 in Honolulu. */
    const washing = {
      telescope: "2m0a",
      repeat: "custom",
      rrule: "FREQ=WEEKLY;COUNT=4",
      start: "2026-12-01 09:00",
      end: "2 h",
      zone: "site",
    };

    test("edits an occurrence, and comes back to the series", async () => {
      const series = await add(washing);
      const [{ id } = { id: 0 }] = await rows();
      const { html } = await ada.get(`/admin/downtimes/${id}/change`);
      for (const shown of ['value="2026-12-01 19:00Z"', 'value="2026-12-01 21:00Z"']) expect(html).toContain(shown);
      expect((await ada.get(`/admin/downtimes/new?from=${id}`)).html).toContain('value="2026-12-01 19:00Z"');
      const fields = { site: "ogg", enclosure: "clma", telescope: "2m0a", zone: "site", version: "1" };
      const late = { ...fields, start: "2026-12-01 10:30", end: "2 h", reason: "Late" };
      const saved = await ada.post(`/admin/downtimes/${id}/change`, late);
      expect(saved.location).toMatch(new RegExp(`^/series/${series}\\?saved=\\d+$`));
      expect((await rows())[0]).toMatchObject({ start: "2026-12-01T20:30:00Z", end: "2026-12-01T22:30:00Z" });
      const changeSet = saved.location?.split("=")[1];
      const undone = await ada.post(`/admin/changesets/${changeSet}/undo`, {});
      expect(undone.location).toMatch(new RegExp(`^/series/${series}\\?saved=\\d+$`));
      expect((await ada.get(undone.location ?? "")).html).toContain("Undone: Downtime reverted");
      expect((await rows())[0]).toMatchObject({ start: "2026-12-01T19:00:00Z" });
      const edit = { ...plan, ...washing, zone: "Pacific/Honolulu", version: "1", shown: "", reason: "Other" };
      await ada.post(`/admin/series/${series}/change`, edit);
      const [{ change_set } = { change_set: 0 }] = (await service.services.series.history(series)).slice(-1);
      const reverted = await ada.post(`/admin/changesets/${change_set}/undo`, {});
      expect(reverted.location).toMatch(new RegExp(`^/series/${series}\\?saved=\\d+$`));
      expect((await ada.get(reverted.location ?? "")).html).toMatch(/Undone: \d+ downtimes reverted/);
      const chosen = await ada.post(`/admin/downtimes/${id}/change`, { ...late, version: "5", next: "/why" });
      expect(chosen.location).toMatch(/^\/why\?saved=\d+$/);
    });

    test("edits an occurrence and the following ones from its own date, and keeps their number", async () => {
      const id = await add(washing);
      const { html } = await ada.get(`/admin/series/${id}/change?from=2026-12-15`);
      expect(html).toContain('value="2026-12-15 09:00"');
      expect(html).toContain("Weekly on Tuesday");
      const shown = { ...plan, ...washing, zone: "Pacific/Honolulu", shown: "2026-12-15", from: "2026-12-15" };
      const same = await ada.post(`/admin/series/${id}/change`, {
        ...shown,
        start: "2026-12-15 09:00",
        version: "1",
      });
      expect(same.html).toContain("No changes to save.");
      const save = (version: string, start: string) =>
        ada.post(`/admin/series/${id}/change`, { ...shown, start, version });
      expect((await save("1", "2026-12-15 13:00")).location).toBe(`/series/${id}?done=2`);
      const later = ["2026-12-01T19", "2026-12-08T19", "2026-12-15T23", "2026-12-22T23"].map((at) => `${at}:00:00Z`);
      expect(await starts()).toEqual(later);
      // On Wednesdays from then on.
      expect((await save("2", "2026-12-16 13:00")).location).toBe(`/series/${id}?done=3`);
      expect(await starts()).toEqual([...later.slice(0, 2), "2026-12-16T23:00:00Z", "2026-12-23T23:00:00Z"]);
    });

    test("keeps the dates where only the time of day is edited, and describes a later part from its own begin", async () => {
      const id = await add({ ...washing, repeat: "WEEKLY", until: "2026-12-22" });
      const before = ["2026-12-01", "2026-12-08", "2026-12-15", "2026-12-22"];
      const fields = { ...plan, ...washing, repeat: "WEEKLY", until: "2026-12-22", zone: "Pacific/Honolulu" };
      const save = (version: string, start: string, at: string) =>
        ada.post(`/admin/series/${id}/change`, { ...fields, shown: at, from: at, start, version });
      expect((await save("1", "10:00", "2026-12-15")).location).toBe(`/series/${id}?done=2`);
      const hours = async () => (await starts()).map((start) => start.slice(0, 13));
      expect(await hours()).toEqual(before.map((day, index) => `${day}T${index < 2 ? 19 : 20}`));
      const page = await ada.get(`/series/${id}`);
      expect(page.html).toContain("Tue at 10:00 (Pacific/Honolulu), for 2 h, 15 Dec – 22 Dec 2026");
      // The first such weekday from the shown date on.
      expect((await save("2", "Wed 11:00 site", "2026-12-15")).location).toBe(`/series/${id}?done=3`);
      expect(await hours()).toEqual(["2026-12-01T19", "2026-12-08T19", "2026-12-16T21"]);
      const whole = await add({ ...washing, telescope: "0m4b", repeat: "DAILY", until: "2026-12-03" });
      const daily = {
        ...plan,
        ...washing,
        telescope: "0m4b",
        repeat: "DAILY",
        until: "2026-12-03",
        shown: "",
        version: "1",
      };
      await ada.post(`/admin/series/${whole}/change`, { ...daily, start: "10:00" });
      expect((await rows(`series=${whole}`)).map(({ start }) => start.slice(0, 13))).toEqual(
        ["01", "02", "03"].map((day) => `2026-12-${day}T20`),
      );
    });

    test("says nothing of an edit before anything was edited", async () => {
      const id = await add();
      const { html } = await ada.get(`/admin/series/${id}/change`);
      expect(textIn(html, "preview")).toContain("10 unchanged");
      expect(html).not.toContain("already as planned");
    });

    test("titles a series without a name by its reason, with the rule below, and says which input each error is about", async () => {
      const id = await add();
      for (const path of [`/series/${id}`, `/series/${id}?all=yes`]) {
        const { html } = await ada.get(path);
        expect(html).toMatch(/<h1 dir="auto">RTI<\/h1>/);
        expect(html).toMatch(/<dt>When<\/dt><dd>every night, from 30 min/);
      }
      const unexplained = await add({ reason: "", telescope: "0m4b" });
      expect((await ada.get(`/series/${unexplained}`)).html).toMatch(/<h1 dir="auto">every night, from 30 min/);
      expect((await ada.get("/admin/series")).html).toMatch(
        />every night, from 30 min[^<]*<\/a><span class="muted"> <\/span>/,
      );
      const wrong = { "rule.night.minutes": "much", "scopes.1.site": "" };
      const preview = async (changes: object) =>
        textIn((await ada.post("/admin/series/preview", { ...plan, ...changes })).html, "preview");
      expect(await preview(wrong)).toContain("Duration: Enter a duration");
      expect(await preview(wrong)).toContain("Location 2: Select a site.");
      expect(await preview({ "rule.night.minutes": "much" })).not.toContain("Duration: ");
    });

    test("shows in its history what each edit changed, with links to the places and the local time of a single site", async () => {
      const id = await add();
      const edit = (fields: object) => service.send(`/api/series/${id}/`, { ...posting(fields), method: "PATCH" });
      const visit = { from: "2026-12-03", to: "2026-12-03", name: "Visit" };
      await edit({ category: "fault" });
      await edit({ breaks: [visit] });
      await edit({ breaks: [{ ...visit, to: "2026-12-04" }] });
      await edit({ scopes: [{ site: "ogg" }, { site: "coj" }] });
      const { html } = await ada.get(`/series/${id}`);
      const history = /id="history-title"[\s\S]*?<\/section>/.exec(html)?.[0] ?? "";
      const lines = history.split("<li>").slice(1);
      const plans = lines.map((line) => /<p class="muted">(.*?)<\/p>/s.exec(line)?.[1]?.replace(/<[^>]*>/g, ""));
      const rule = "every night, from 30 min after astronomical dusk, for 30 min, 1 Dec – 5 Dec 2026";
      expect(plans).toEqual([
        `${rule} · ogg · RTI`,
        `${rule} · ogg · fault · RTI`,
        `${rule} · ogg · except 2026-12-03 Visit · fault · RTI`,
        `${rule} · ogg · except 2026-12-03 – 2026-12-04 Visit · fault · RTI`,
        `${rule} · ogg; coj · except 2026-12-03 – 2026-12-04 Visit · fault · RTI`,
      ]);
      expect(lines.map((line) => line.includes("02:00 local (UTC−10:00)"))).toEqual([...Array(4).fill(true), false]);
      for (const site of ["ogg", "coj"]) expect(lines.at(-1)).toContain(`<a href="/sites/${site}">`);
    });

    test("shows the last weekday of a month as the last one, also from a month in which it is the fourth", async () => {
      const id = await add({ ...washing, repeat: "NTH", start: "2026-12-29 09:00", until: "2027-04-01" });
      const { html } = await ada.get(`/admin/series/${id}/change?from=2027-02-23`);
      for (const shown of ['value="2027-02-23 09:00"', "Monthly on the last Tuesday"]) expect(html).toContain(shown);
      const fields = { ...plan, ...washing, repeat: "NTH", until: "2027-04-01", zone: "Pacific/Honolulu" };
      const from = { shown: "2027-02-23", from: "2027-02-23", start: "2027-02-23 10:00", version: "1" };
      await ada.post(`/admin/series/${id}/change`, { ...fields, ...from });
      expect(await starts()).toEqual([
        "2026-12-29T19:00:00Z",
        "2027-01-26T19:00:00Z",
        "2027-02-23T20:00:00Z",
        "2027-03-30T20:00:00Z",
      ]);
    });

    test("titles a booking of several telescopes by its reason, and says where to find it", async () => {
      const times = { repeat: "none", start: "2026-12-01 09:00", end: "2 h", zone: "site", reason: "Crane <b>" };
      const id = await add(times);
      const { html } = await ada.get(`/series/${id}`);
      expect(html).toMatch(/<h1 dir="auto">Crane &lt;b&gt;<\/h1>/);
      expect(html).toContain("once, from 2026-12-01 19:00Z, for 2 h");
      const [{ id: downtime } = { id: 0 }] = await rows();
      expect((await ada.get(`/downtimes/${downtime}`)).html).toContain("Crane &lt;b&gt;");
      expect((await ada.get("/admin/series")).html).toContain('href="/admin/series?rule=once"');
      const list = (await ada.get("/admin/series?rule=once")).html;
      for (const shown of ["Crane &lt;b&gt;", "Repeating series"]) expect(list).toContain(shown);
    });

    test("adds and removes locations", async () => {
      const more = await ada.post("/admin/series/new", { ...plan, do: "add" });
      expect(more.html).toContain('name="scopes.1.site"');
      const less = await ada.post("/admin/series/new", { ...plan, "scopes.1.site": "coj", do: "remove-0" });
      expect(less.html).not.toContain('name="scopes.1.site"');
      expect(less.html).toContain('<option value="coj" selected');
      await add({
        telescope: "2m0a",
        "scopes.1.site": "coj",
        "scopes.1.telescope": "2m0a",
        "scopes.1.enclosure": "clma",
      });
      expect(await rows()).toHaveLength(10);
    });

    test("refuses a series whose downtimes all exist already, in the form", async () => {
      await add();
      const { status, html } = await ada.post("/admin/series/new", plan);
      expect(status).toBe(409);
      expect(html).toMatch(/class="message warning" role="alert"[^>]*>All of these downtimes already exist/);
      expect(await rows()).toHaveLength(10);
    });

    test("edits downtimes from a date on, and keeps those that were edited individually", async () => {
      const id = await add({ telescope: "2m0a" });
      const [, , third, , fifth] = await rows();
      const { id: byHand = 0 } = fifth ?? {};
      const author = { by: "ben", at: service.clock() };
      await service.services.downtimes.change(byHand, author, ({ downtime }) =>
        checkChange(downtime, { reason: "By hand" }, service.services.configdb.get),
      );
      const page = (await ada.get(`/downtimes/${third?.id}`)).html;
      expect(page).toContain(`/admin/series/${id}/change?from=2026-12-03`);
      const form = (await ada.get(`/admin/series/${id}/change?from=2026-12-03`)).html;
      expect(form).toContain('value="2026-12-03"');
      const fields = {
        ...plan,
        telescope: "2m0a",
        version: "1",
        shown: "2026-12-03",
        from: "2026-12-03",
        "rule.night.minutes": "1 h",
      };
      expect(textIn((await ada.post("/admin/series/preview", { ...fields, id: String(id) })).html, "preview")).toMatch(
        /2 edited 1 edited individually \(kept\).* Edited individually: 1 Sun 2026-12-06 /,
      );
      expect((await ada.post(`/admin/series/${id}/change`, fields)).location).toBe(`/series/${id}?done=2`);
      expect((await rows()).map(({ start, end }) => (Date.parse(end) - Date.parse(start)) / 60_000)).toEqual([
        30, 30, 60, 60, 30,
      ]);
      expect((await rows()).at(-1)?.reason).toBe("By hand");
      const { html } = await ada.get(`/series/${id}`);
      for (const text of ["From 2026-12-03", "edited individually", "2 downtimes edited."])
        expect(html).toContain(text);
      // What nobody touches stays as it is in each part.
      const all = { ...fields, from: "", shown: "", version: "2", reason: "Education" };
      expect((await ada.post(`/admin/series/${id}/change`, all)).location).toBe(`/series/${id}?done=3`);
      expect(
        (await rows()).map(({ start, end, reason }) => [(Date.parse(end) - Date.parse(start)) / 60_000, reason]),
      ).toEqual([
        [30, "Education"],
        [30, "Education"],
        [60, "Education"],
        [60, "Education"],
        [30, "By hand"],
      ]);
    });

    test("shows errors of an edit, and doesn't save one without changes", async () => {
      const id = await add();
      const fields = { ...plan, version: "1", shown: "" };
      const wrong = await ada.post(`/admin/series/${id}/change`, { ...fields, from: "soon" });
      expect([wrong.status, errorsIn(wrong.html).from]).toEqual([422, "Enter a date such as 2027-01-12."]);
      const same = await ada.post(`/admin/series/${id}/change`, fields);
      expect([same.status, same.html]).toEqual([
        200,
        expect.stringContaining("No downtime was edited: 10 already as planned."),
      ]);
      expect((await service.services.series.get(id)).version).toBe(1);
    });

    test("edits active downtimes and says so, unless they are to stay", async () => {
      const storm = {
        repeat: "none",
        start: "2026-11-22 08:00",
        end: "2026-11-22 18:00",
      };
      const id = await add(storm);
      const longer = { ...plan, ...storm, end: "2026-11-23 08:00Z", version: "1", shown: "" };
      const preview = async (begun: string) =>
        textIn((await ada.post(`/admin/series/${id}/change`, { ...longer, begun, do: "preview" })).html, "preview");
      expect(await preview("")).toContain("Includes 2 active downtimes.");
      expect(await preview("no")).toContain("2 already started (unchanged)");
      const kept = await ada.post(`/admin/series/${id}/change`, { ...longer, begun: "no" });
      expect(kept.location).toBe(`/series/${id}?done=2`);
      expect((await ada.get(`/series/${id}?done=2`)).html).toMatch(
        /class="message warning" role="status">Series edited: No downtime was edited: 2 active or past\./,
      );
      expect((await rows()).map(({ end }) => end)).toEqual(Array(2).fill("2026-11-22T18:00:00Z"));
      await ada.post(`/admin/series/${id}/change`, { ...longer, version: "2" });
      expect((await rows()).map(({ end }) => end)).toEqual(Array(2).fill("2026-11-23T08:00:00Z"));
    });

    test("combines two edits of the same series, and overwrites nothing", async () => {
      const id = await add();
      const fields = { ...plan, version: "1", shown: "" };
      await ada.post(`/admin/series/${id}/change`, { ...fields, reason: "Theirs", "rule.night.last": "2026-12-04" });
      const late = await ada.post(`/admin/series/${id}/change`, { ...fields, reason: "Mine" });
      expect(late.status).toBe(409);
      expect(late.html).toContain("ada edited this at 2026-11-22 12:00Z while you were editing.");
      expect(late.html).toContain("\nMine</textarea>");
      for (const merged of ['name="version" value="2"', 'value="2026-12-04"']) expect(late.html).toContain(merged);
      expect((await rows()).map(({ reason }) => reason)).toEqual(Array(8).fill("Theirs"));
    });

    test("ends a series from a date, after a preview", async () => {
      const id = await add({ telescope: "2m0a" });
      const asked = await ada.get(`/admin/series/${id}/end?from=2026-12-04`);
      expect(textIn(asked.html, "consequences")).toContain("Deletes 2 downtimes.");
      expect(await rows()).toHaveLength(5);
      const fields = { version: "1", from: "2026-12-04" };
      const previewed = await ada.post(`/admin/series/${id}/end`, { ...fields, from: "2026-12-05", do: "preview" });
      expect(textIn(previewed.html, "consequences")).toContain("Deletes 1 downtime.");
      const empty = await ada.post(`/admin/series/${id}/end`, { ...fields, from: "" });
      expect([empty.status, errorsIn(empty.html)]).toEqual([422, { from: "Enter a date such as 2027-01-12." }]);
      expect((await ada.post(`/admin/series/${id}/end`, { ...fields, version: "0" })).status).toBe(409);
      expect((await ada.post(`/admin/series/${id}/end`, fields)).location).toBe(`/series/${id}?done=2`);
      expect(await rows()).toHaveLength(3);
      expect((await ada.get(`/series/${id}?done=2`)).html).toContain("Series ended: 2 downtimes deleted.");
      expect((await ada.get(`/admin/series/${id}/end?from=2026-12-05`)).status).toBe(422);
      const { html } = await ada.get(`/admin/series/${id}/change`);
      expect(html.replace(/<[^>]*>/g, "")).toMatch(/This series has ended \(no occurrences from 2026-12-04\)\./);
    });

    test("ends a series now, after a preview", async () => {
      const id = await add({
        repeat: "none",
        start: "2026-11-22 08:00",
        end: "2026-11-22 18:00",
      });
      const link = `/admin/series/${id}/end?from=now`;
      expect((await ada.get(`/series/${id}`)).html).toContain(`href="${link}"`);
      const asked = await ada.get(link);
      expect(textIn(asked.html, "consequences")).toContain("Ends 2 active downtimes now. Deletes 0 downtimes.");
      const { location } = await ada.post(`/admin/series/${id}/end`, { version: "1", from: "now" });
      expect(location).toBe(`/series/${id}?done=2`);
      expect((await rows()).map(({ end }) => end)).toEqual(Array(2).fill("2026-11-22T12:00:00Z"));
      const again = await ada.post(`/admin/series/${id}/end`, { version: "2", from: "now" });
      expect([again.status, again.html]).toEqual([
        200,
        expect.stringMatching(/message warning">No downtime was edited/),
      ]);
    });

    test("deletes a series, with what has begun only if selected, and shows its last version", async () => {
      const id = await add({
        telescope: "2m0a",
        "rule.night.first": "2026-11-20",
        "rule.night.last": "2026-11-24",
      });
      const asked = (await ada.get(`/admin/series/${id}/delete`)).html;
      expect(textIn(asked, "consequences")).toContain(
        "Kept: 2 active or past downtimes. The series is ended and kept with them.",
      );
      const { location } = await ada.post(`/admin/series/${id}/delete`, { version: "1", begun: "yes" });
      expect(location).toBe(`/series/${id}`);
      expect(await rows()).toEqual([]);
      const { html } = await ada.get(`/series/${id}`);
      expect(html).toContain("Deleted by ada on 2026-11-22 12:00Z. Last version shown.");
      expect(html).not.toContain("Edit series");
      expect((await ada.get(`/admin/series/${id}/change`)).location).toBe(`/series/${id}`);
      expect((await ada.get("/series/999999")).status).toBe(404);
    });

    test("shows a series to everyone, and actions only to staff", async () => {
      const id = await add({ telescope: "2m0a" });
      const [first] = await rows();
      await service.services.downtimes.remove(first?.id ?? 0, { by: "ada", at: service.clock() });
      for (const path of [`/series/${id}`, `/downtimes/${(await rows())[0]?.id}`]) {
        const html = await (await service.send(path)).text();
        expect(html).toContain("every night, from 30 min after astronomical dusk");
        expect(html).not.toContain("/admin/series");
      }
      expect(await (await service.send(`/series/${id}`)).text()).toContain("2026-12-01, ogg · clma · 2m0a");
    });

    test("duplicates a series with all its fields", async () => {
      const id = await add({ breaks: "2026-12-03 Off" });
      const { html } = await ada.get(`/admin/series/new?like=${id}`);
      for (const text of ["2026-12-03 Off", 'value="2026-12-05"', "\nRTI</textarea>"]) expect(html).toContain(text);
    });
  });
