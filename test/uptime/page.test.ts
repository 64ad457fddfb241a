import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import sites from "../fixtures/configdb.json";
import { openForms } from "../forms.ts";
import { as, engines, posting, type Service, startConfigdb, startService } from "../harness.ts";

const path = "/admin/granted-nights";
const telescope = "coj · clma · 2m0a";
const about = { telescope, semester: "2027A" };
const address = `${path}?${new URLSearchParams(about)}`;
const place = { site: "coj", enclosure: "clma", telescope: "2m0a", instrument_type: "" };
const semester = { start: "2027-02-01T00:00:00Z", end: "2027-08-01T00:00:00Z" };
const hostile = `<script>alert(1)</script> "onmouseover="alert(1)"`;

interface Row {
  id: number;
  start: string;
  end: string;
  reason: string;
}
type Forms = Awaited<ReturnType<typeof openForms>>;

const decoded = (html: string) =>
  html
    .replaceAll(/&(#34|quot);/g, '"')
    .replaceAll(/&#(39|x27);/g, "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
/** Quoted values of attributes can't begin an element. */
const elementsOf = (html: string) => html.replaceAll(/"[^"]*"/g, "");
/** The halves that a page shows ticked. */
const tickedIn = (html: string) =>
  [...html.matchAll(/<input[^>]*name="half"[^>]*>/g)]
    .map(([box]) => box)
    .filter((box) => / checked/.test(box))
    .map((box) => /value="([^"]+)"/.exec(box)?.[1] ?? "");
const halvesOf = (...days: string[]) => days.flatMap((day) => [`${day},first_half`, `${day},second_half`]);
const shownIn = (html: string) => /name="shown" value="([^"]*)"/.exec(html)?.[1] ?? "";
const sumIn = (html: string) => /data-sum="nights"[^>]*>([^<]*)</.exec(html)?.[1] ?? "";

for (const engine of engines)
  describe(`the page of granted nights on ${engine}`, () => {
    let service: Service;
    let forms: Forms;
    beforeAll(async () => {
      service = await startService({ engine });
      forms = await openForms(service, "ada");
    });
    afterAll(() => service.stop());

    const rowsOf = async (): Promise<Row[]> =>
      (await service.ask<{ results: Row[] }>("/api/?site=coj&telescope=2m0a&order=start&limit=100")).body.results;
    const timesOf = (rows: readonly Row[]) => rows.map(({ start, end }) => [start, end]);
    const clear = async () => {
      for (const { id } of await rowsOf()) await service.send(`/api/${id}/`, { method: "DELETE", headers: as("ada") });
    };
    /** Sends the form with other ticks, as it is shown by default. */
    const send = async (ticks: readonly string[], fields: Record<string, string> = {}, shown?: string) => {
      const seen = shown ?? shownIn((await forms.get(address)).html);
      const common = { ...about, next: address, reason: "Outside granted nights", do: "save", shown: seen, ...fields };
      return forms.post(path, [...Object.entries(common), ...ticks.map((half): [string, string] => ["half", half])]);
    };
    const grantByApi = async (uptimes: object[], query = "") =>
      service.ask(`/api/uptime/${query}`, posting([{ ...place, ...semester, uptimes }]));

    test("shows each night of the semester, and stores what the API would", async () => {
      await clear();
      const { status, html } = await forms.get(address);
      expect(status).toBe(200);
      expect([...html.matchAll(/name="half"/g)]).toHaveLength(2 * 181);
      expect([tickedIn(html), sumIn(html)]).toEqual([[], "0 nights, 0.0 h"]);
      const ticks = [...halvesOf("2027-03-01", "2027-03-02"), "2027-03-10,second_half"];
      const { location } = await send(ticks);
      expect(location).toMatch(/^\/admin\/granted-nights\?.*saved=\d+$/);
      const stored = await rowsOf();
      expect(new Set(stored.map(({ reason }) => reason))).toEqual(new Set(["Outside granted nights"]));
      const [, message = ""] = /role="status">(.*?)<\/section>/s.exec((await forms.get(location ?? "")).html) ?? [];
      for (const { id } of stored) expect(message).toContain(`href="/downtimes/${id}"`);
      expect(tickedIn((await forms.get(address)).html)).toEqual(ticks);
      await clear();
      await grantByApi([
        { day: "2027-03-01" },
        { day: "2027-03-02" },
        { day: "2027-03-10", portion_of_night: "second_half" },
      ]);
      expect(timesOf(stored)).toEqual(timesOf(await rowsOf()));
    });

    test("says what a save opens and closes, and stores nothing before", async () => {
      await clear();
      const first = await send(halvesOf("2027-03-01"), { do: "preview" });
      expect(first.html).toContain("The first grant closes the rest of the semester.");
      expect(first.html).toMatch(/Dark hours: 0\.0 → \d+\.\d</);
      expect(first.html).toContain("Downtimes added: 2");
      expect(await rowsOf()).toEqual([]);
      expect(tickedIn(first.html)).toEqual(halvesOf("2027-03-01"));
      await send(halvesOf("2027-03-01"));
      const { status, html } = await forms.post(`${path}/preview`, [
        ...Object.entries({ ...about, shown: "2027-03-01,all" }),
        ["half", "2027-03-02,first_half"],
      ]);
      expect([status, html.startsWith("<section")]).toEqual([200, true]);
      expect(html).not.toContain("first grant");
      expect(html).toContain("Opened: 0.5 nights");
      expect(html).toContain("Closed: 1 night<");
      expect(html).toContain("Downtimes edited: 2");
      const same = { ...about, shown: "2027-03-02,first_half", half: "2027-03-02,first_half" };
      expect((await forms.post(`${path}/preview`, same)).html).toBe(`<p class="muted">No changes.</p>`);
    });

    /** Stores a downtime of someone else. */
    const close = (start: string, end: string, reason: string) =>
      service.ask<Row>("/api/", posting({ ...place, start, end, reason }));
    const textOf = (html: string) =>
      decoded(html.replaceAll(/<span class="local">[^<]*<\/span>|<[^>]*>/g, "")).replaceAll(/\s+/g, " ");
    const preview = async (ticks: readonly string[]) => {
      const { html } = await send(ticks, { do: "preview" });
      const [, part = ""] = /aria-label="Preview">(.*?)<\/section>/s.exec(html) ?? [];
      return { html, text: textOf(part), hours: Number(/, ([\d.]+) h/.exec(sumIn(html))?.[1]) };
    };

    test("names and links the downtimes of others that a save cuts or deletes", async () => {
      await clear();
      const { body: storm } = await close("2027-03-01T00:00:00Z", "2027-03-04T00:00:00Z", hostile);
      const cuts = "This cuts or deletes downtimes of others:";
      for (const ticks of [halvesOf("2027-03-02"), ["2027-03-02,first_half"]]) {
        const { html, text } = await preview(ticks);
        expect(text).toContain(`${cuts}${hostile} 2027-03-01 00:00Z to 2027-03-04 00:00Z, created by ada`);
        expect(html).toContain(`<a href="/downtimes/${storm.id}"`);
        expect(html).toMatch(
          /This cuts or deletes.*2027-03-01 00:00Z<\/time><span class="local">11:00 local \(UTC\+11:00\)/s,
        );
        expect(elementsOf(html)).not.toContain("<script>alert");
      }
      expect((await preview(halvesOf("2027-03-20"))).text).not.toContain(cuts);
    });

    test("grants nothing that a downtime of others covers, of a whole night as of its half, and says so", async () => {
      await clear();
      const { body: storm } = await close("2027-03-02T02:00:00Z", "2027-03-02T15:30:00Z", "Storm");
      const { html } = await forms.get(address);
      expect(textOf(html)).toContain("Downtimes of others that stay: 1Storm 2027-03-02 02:00Z to 2027-03-02 15:30Z");
      expect(html).toMatch(/<input[^>]*value="2027-03-02,first_half"[^>]* disabled/);
      const second = await preview(["2027-03-02,second_half"]);
      const whole = await preview(halvesOf("2027-03-02"));
      expect([whole.text, sumIn(whole.html)]).toEqual([second.text, sumIn(second.html)]);
      expect(whole.text).toContain(`Opened: 0.5 nights`);
      expect(whole.text).toContain(`Dark hours: 0.0 → ${whole.hours.toFixed(1)}`);
      expect((await send(["2027-03-02,first_half"])).location).toEndWith("saved=0");
      expect(await rowsOf()).toHaveLength(1);
      await send(halvesOf("2027-03-02"));
      expect(tickedIn((await forms.get(address)).html)).toEqual(["2027-03-02,second_half"]);
      expect(await rowsOf()).toContainEqual(expect.objectContaining({ id: storm.id, end: "2027-03-02T15:30:00Z" }));
    });

    test("shows downtimes until further notice without their stored end, and starts in local time too", async () => {
      await clear();
      const rule = { kind: "once", start: "2026-11-22T11:00:00Z", end: null };
      const scopes = [{ site: "coj", telescope: "2m0a" }];
      await service.ask("/api/series/", posting({ reason: "Flood", scopes, rule }));
      const flood = "Flood 2026-11-22 11:00Z to until further notice, created by ada";
      expect((await preview(halvesOf("2027-03-02"))).text).toContain(`downtimes of others:${flood}`);
      const { html } = await forms.get(address.replace("2027A", "2026B"));
      expect(textOf(html)).toContain(`Downtimes of others that stay: 1${flood}`);
      expect(html).toContain("22:00 local (UTC+11:00)");
      await clear();
    });

    test("counts only the hours of a night that others' downtimes leave", async () => {
      await clear();
      await close("2027-03-02T12:00:00Z", "2027-03-02T13:00:00Z", "Mirror wash");
      const { text, hours, html } = await preview(halvesOf("2027-03-02"));
      expect(textOf(html)).toContain("Mirror wash 2027-03-02 12:00Z to 2027-03-02 13:00Z");
      expect(text).not.toContain("Mirror wash");
      await send(halvesOf("2027-03-02"));
      expect(sumIn((await forms.get(address)).html)).toBe(sumIn(html));
      expect(text).toContain(`Dark hours: 0.0 → ${hours.toFixed(1)}`);
    });

    test("keeps the ids of downtimes that stay, has a history, and can be undone", async () => {
      await clear();
      await send(halvesOf("2027-03-01", "2027-03-05"));
      const before = await rowsOf();
      const { location } = await send(halvesOf("2027-03-01", "2027-03-03", "2027-03-05"));
      const after = await rowsOf();
      expect(after).toHaveLength(before.length + 1);
      expect(after.map(({ id }) => id)).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
      const done = await forms.get(location ?? "");
      expect(done.html).toContain("Undo");
      expect((await forms.get("/activity")).html).toContain("Granted nights: ");
      const changed = before.find(({ id, end }) => after.some((row) => row.id === id && row.end !== end));
      expect((await forms.get(`/downtimes/${changed?.id}`)).html).toContain("by ada");
      const id = /saved=(\d+)/.exec(location ?? "")?.[1];
      expect((await forms.post(`/admin/changesets/${id}/undo`, { next: address })).status).toBe(303);
      expect(await rowsOf()).toEqual(before.map((row) => expect.objectContaining({ id: row.id, end: row.end })));
      expect(tickedIn((await forms.get(address)).html)).toEqual(halvesOf("2027-03-01", "2027-03-05"));
    });

    test("changes nothing if a night is ticked and unticked, and says so", async () => {
      await clear();
      await send(halvesOf("2027-03-01"));
      const before = await rowsOf();
      const { location } = await send(halvesOf("2027-03-01"));
      expect(location).toEndWith("saved=0");
      await send(halvesOf("2027-03-01", "2027-03-02"));
      await send(halvesOf("2027-03-01"));
      expect(timesOf(await rowsOf())).toEqual(timesOf(before));
    });

    test("keeps what others grant while the form is open", async () => {
      await clear();
      await send(halvesOf("2027-03-01"));
      await grantByApi([{ day: "2027-03-20" }]);
      await send(halvesOf("2027-03-02"), {}, "2027-03-01,all");
      expect(tickedIn((await forms.get(address)).html)).toEqual(halvesOf("2027-03-02", "2027-03-20"));
    });

    test("shows a night that is up in part with its hours, and leaves it as it is", async () => {
      await clear();
      await grantByApi([{ day: "2027-03-01" }]);
      const whole = sumIn((await forms.get(address)).html);
      await clear();
      await grantByApi([{ day: "2027-03-01", late_start: 60 }]);
      const wash = { start: "2027-03-01T14:00:00Z", end: "2027-03-01T15:00:00Z" };
      await service.send("/api/", posting({ ...place, ...wash, reason: "Mirror wash" }));
      const { html } = await forms.get(address);
      expect(tickedIn(html)).toEqual(halvesOf("2027-03-01"));
      const hours = (sum: string) => Number(/([\d.]+) h/.exec(sum)?.[1]);
      expect(hours(whole) - hours(sumIn(html))).toBeCloseTo(2, 1);
      const before = await rowsOf();
      await send(halvesOf("2027-03-01", "2027-03-02"));
      expect(timesOf(await rowsOf())).toEqual(expect.arrayContaining(timesOf(before.slice(0, 2))));
    });

    test("takes CSV as spreadsheets write it, and selects exactly its nights", async () => {
      await clear();
      await send(halvesOf("2027-03-09"));
      const csv =
        '\ufeffDate;Portion\r\n"2027-03-01";all\r\n2027-03-02\tfirst_half\r\n2027-03-02;second_half;;\r\n2027-03-04\r\n';
      const { html } = await send([], { do: "import", csv });
      expect(tickedIn(html)).toEqual(halvesOf("2027-03-01", "2027-03-02", "2027-03-04"));
      expect(html).toContain("Closed: 1 night<");
      expect(tickedIn((await forms.get(address)).html)).toEqual(halvesOf("2027-03-09"));
    });

    test("names the line of each error in a CSV, keeps the ticks and the text, and is safe", async () => {
      await clear();
      const csv = [
        "date,portion",
        "2027-03-01,all",
        "",
        `${hostile},all`,
        `2027-03-02,${hostile}`,
        "2028-01-01,all",
        "2027-02-30",
        "2027-03-01,all,30",
      ];
      const { status, html } = await send(halvesOf("2027-03-08"), { do: "import", csv: csv.join("\n") });
      expect(status).toBe(422);
      expect(elementsOf(html)).not.toContain("<script>alert");
      const text = decoded(html);
      expect(text).toContain("Line 4: Enter a date such as 2027-01-12.");
      expect(text).toContain(`Line 5: "${hostile.slice(0, -1)}`);
      expect(text).toContain("Line 6: The night of 2028-01-01 isn't in this semester,");
      expect(text).toContain("Line 7: Enter a date such as 2027-01-12.");
      expect(text).toContain("Line 8: Enter a date and a portion, such as 2027-01-15,all.");
      expect(text).toContain(csv.join("\n"));
      expect(tickedIn(html)).toEqual(halvesOf("2027-03-08"));
    });

    test("keeps the input when the reason is too long, and stores nothing", async () => {
      await clear();
      const { status, html } = await send(halvesOf("2027-03-08"), { reason: hostile.repeat(100) });
      expect(status).toBe(422);
      expect(elementsOf(html)).not.toContain("<script>alert");
      expect(html).toContain("no more than");
      expect(tickedIn(html)).toEqual(halvesOf("2027-03-08"));
      expect(await rowsOf()).toEqual([]);
    });

    test("keeps the ticks through a sign-in when the session has ended", async () => {
      await clear();
      const fields = [
        ...Object.entries({ ...about, shown: "", do: "save", once: "1", reason: "Partner" }),
        ["half", "2027-03-08,first_half"],
      ];
      const sendSignedOut = async (more: string[][]) => {
        const headers = { accept: "text/html", origin: service.url };
        const body = new URLSearchParams([...fields, ...more]);
        return (await service.send(path, { method: "POST", body, headers })).text();
      };
      expect(await sendSignedOut([])).toContain('value="2027-03-08,first_half"');
      const html = await sendSignedOut([
        ["name", "ada"],
        ["password", "ada-password"],
      ]);
      expect(html).toContain("You are signed in. Your input is kept; save again.");
      expect([tickedIn(html), html.includes('value="Partner"')]).toEqual([["2027-03-08,first_half"], true]);
      expect(await rowsOf()).toEqual([]);
    });

    test("refuses telescopes, semesters and nights that don't exist, and lets them be selected again", async () => {
      for (const more of [{ telescope: "nop" }, { semester: "1999A" }]) {
        const { status, html } = await forms.get(`${path}?${new URLSearchParams({ ...about, ...more })}`);
        expect([status, html.includes("Unknown telescope or semester. Select them again.")]).toEqual([404, true]);
        expect(html).toContain(`<option value="${telescope}"`);
      }
      expect((await send(["2027-09-01,first_half", hostile])).status).toBe(400);
    });

    test("grants nights of one instrument type by itself", async () => {
      await clear();
      await send(halvesOf("2027-03-01"));
      const type = { telescope: "coj · clma · 2m0a · 2M0-SCICAM-MUSCAT" };
      await send(halvesOf("2027-03-02"), type, "");
      const { html } = await forms.get(`${path}?${new URLSearchParams({ ...about, ...type })}`);
      expect(tickedIn(html)).toEqual(halvesOf("2027-03-02"));
      expect(tickedIn((await forms.get(address)).html)).toEqual(halvesOf("2027-03-01"));
    });

    test("is for staff alone, and the header and the list of series link to it only for them", async () => {
      const ben = await openForms(service, "ben");
      expect((await ben.get(path)).status).toBe(403);
      expect((await forms.get("/")).html.includes(`href="${path}"`)).toBe(true);
      expect((await ben.get("/")).html.includes(path)).toBe(false);
      const { html } = await forms.get("/admin/series");
      expect(html).toContain(`<a class="button" href="${path}">Granted nights</a>`);
    });
  });

describe("the page of granted nights", () => {
  const open = async (settings: Record<string, string>) => {
    const service = await startService({ settings });
    return { service, forms: await openForms(service, "ada") };
  };

  test("says why nights of a polar site or of a site without a position have no halves", async () => {
    const [site] = sites.results;
    const polar = { ...site, code: "lyr", lat: 78.22, long: 15.65, tz: "Arctic/Longyearbyen" };
    const { lat: _, long: __, ...nowhere } = { ...polar, code: "now" };
    const configdb = startConfigdb({ ...sites, results: [polar, nowhere] });
    const { service, forms } = await open({ CONFIGDB_URL: configdb.url });
    const pageOf = async (code: string) =>
      decoded(
        (await forms.get(`${path}?${new URLSearchParams({ telescope: `${code} · clma · 2m0a`, semester: "2027A" })}`))
          .html,
      );
    expect(await pageOf("lyr")).toMatch(
      /\d+ nights \(–\) can't be granted: The sun doesn't cross 12° below the horizon/,
    );
    expect(await pageOf("now")).toContain("181 nights (–) can't be granted: The site's position is unknown.");
    await service.stop();
    configdb.stop();
  });

  test("counts dark hours by the site's own limit of dark, and grants nautical nights all the same", async () => {
    const sums: number[] = [];
    for (const DARK_LIMIT of ["nautical", "astronomical"]) {
      const { service, forms } = await open({ DARK_LIMIT });
      const group = { ...place, ...semester, uptimes: [{ day: "2027-03-01" }] };
      await service.ask("/api/uptime/", posting([group]));
      const { html } = await forms.get(address);
      expect(html).toContain(`limit of dark: ${DARK_LIMIT} (`);
      sums.push(Number(/, ([\d.]+) h/.exec(sumIn(html))?.[1]));
      await service.stop();
    }
    const [nautical = 0, astronomical = 0] = sums;
    expect(nautical).toBeGreaterThan(astronomical + 0.5);
  });

  test("has the semesters of the portal, of the setting or of Las Cumbres", async () => {
    const results = [
      { id: "2026X", start: "2026-11-01T00:00:00Z", end: "2027-01-01T00:00:00Z" },
      { start: "2027-01-01T00:00:00Z", end: "2028-01-01T00:00:00Z" },
    ];
    const portal = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => Response.json({ results }) });
    const semestersOf = async (settings: Record<string, string>) => {
      const { service, forms } = await open(settings);
      const { html } = await forms.get(path);
      await service.stop();
      const [select = ""] = /<select id="semester".*?<\/select>/s.exec(html) ?? [];
      return { html, options: [...select.matchAll(/<option[^>]*>([^<]+)</g)].map(([, text]) => text) };
    };
    expect((await semestersOf({ OBS_PORTAL_URL: portal.url.href })).options).toEqual(["2026X", "2027-01-01"]);
    await portal.stop();
    expect((await semestersOf({})).options).toContain("2026B");
    expect((await semestersOf({ SEMESTERS: "01-01,05-01" })).options).toContain("2027B");
    const down = await semestersOf({ OBS_PORTAL_URL: "http://127.0.0.1:1" });
    expect(decoded(down.html)).toContain("The Observation Portal can't be asked for the semesters");
  });
});
