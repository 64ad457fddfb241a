/** The pages of telescopes and sites: what they show, and where unknown places lead. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { placePath } from "../../src/downtime/fields-view.tsx";
import { toInstant } from "../../src/time/instant.ts";
import sites from "../fixtures/configdb.json";
import { engines, noon, posting, type Service, signIn, startService } from "../harness.ts";

/** The number of elements with a name. */
function countOf(name: string, html: string) {
  let count = 0;
  new HTMLRewriter().on(name, { element: () => void count++ }).transform(html);
  return count;
}

const asPage = { headers: { accept: "text/html" } };

for (const engine of engines)
  describe(`the pages of places on ${engine}`, () => {
    let service: Service;
    const textOf = async (path: string, init: RequestInit = asPage) => {
      const answer = await service.send(path, init);
      return { status: answer.status, html: await answer.text() };
    };
    beforeAll(async () => {
      service = await startService({ engine });
      await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T14:00:00Z", reason: "Storm" });
      await service.add({ start: "2026-11-10T08:00:00Z", end: "2026-11-10T12:00:00Z", reason: "Old leak" });
      await service.add({ start: "2026-10-10T08:00:00Z", end: "2026-10-10T12:00:00Z", reason: "Ancient" });
      await service.add({ start: "2027-02-01T08:00:00Z", end: "2027-02-01T12:00:00Z", reason: "Realuminize" });
      await service.add({ telescope: "0m4b", reason: "Other telescope" });
    });
    afterAll(() => service.stop());

    test("a telescope's page says its state, what comes next, what was, and what it lost", async () => {
      const { status, html } = await textOf("/telescopes/ogg/clma/2m0a");
      expect(status).toBe(200);
      const text = html.replace(/<[^>]+>/g, "");
      expect(text).toContain("ogg clma 2m0a is down until 2026-11-22 14:00Z.");
      expect(text).toMatch(/Next\s*Realuminize 2027-02-01 08:00Z/);
      expect(text).toContain("22 Nov – 5 Dec 2026 (UTC)");
      expect(html).toContain('<path class="dark"');
      expect(text).toMatch(/Last 30 days0\.\d of 30\.0 telescope nights and 4\.0 dark hours/);
      expect(text).toMatch(/Last 365 days0\.\d of 365\.0 telescope nights and 8\.0 dark hours/);
      const [, recent = ""] = html.split('id="recent"');
      expect(recent).toContain("Storm");
      expect(recent).toContain("Old leak");
      expect(recent).not.toContain("Ancient");
      expect(html).not.toContain("Other telescope");
      expect(html).toContain('href="/calendar.ics?site=ogg&amp;enclosure=clma&amp;telescope=2m0a"');
      expect(html).toContain('href="/sites/ogg"');
    });

    test("the report's bars and the message after an action link to telescopes", async () => {
      const { html } = await textOf("/report?start=2026-11-01&end=2026-12-01");
      expect(html).toContain('<th scope="row"><a href="/telescopes/ogg/clma/2m0a">');
      const user = await signIn(service, "ada");
      const answer = await service.send("/admin/now", {
        method: "POST",
        headers: user.writing,
        body: new URLSearchParams({
          telescope: "ogg clma 0m4b",
          reason: "Wind",
          until: "1h",
          csrf: user.csrf,
          next: "/",
        }),
      });
      const done = await textOf(answer.headers.get("location") ?? "", {
        headers: { ...asPage.headers, ...user.reading },
      });
      const [, message = ""] = /role="status">(.*?)<\/ul>/s.exec(done.html) ?? [];
      expect(message.replace(/<[^>]*>/g, "")).toStartWith("Closed 1 telescope at ogg until 2026-11-22 13:00Z");
      expect(message).toContain('<a href="/sites/ogg">');
      expect(message).toContain('<a href="/telescopes/ogg/clma/0m4b">');
      const closed = await service.services.downtimes.during(
        { telescope: ["0m4b"] },
        { start: toInstant(noon), end: toInstant(noon + 1000) },
      );
      for (const { id } of closed) await service.services.downtimes.remove(id, { by: "ada", at: noon });
    });

    test("what a place lost is up to date after every change", async () => {
      const lost = async () =>
        /Last 365 days.*?dark hours/.exec((await textOf("/sites/coj")).html.replace(/<[^>]+>/g, ""))?.[0];
      const before = await lost();
      expect(await lost()).toBe(before);
      const times = { start: "2026-11-20T00:00:00Z", end: "2026-11-21T00:00:00Z" };
      const { id } = await service.add({ ...times, site: "coj", reason: "Snow" });
      expect(await lost()).not.toBe(before);
      await service.services.downtimes.remove(id, { by: "ada", at: service.clock() });
      expect(await lost()).toBe(before);
    });

    test("a site's page has all of its telescopes, those that are down first", async () => {
      const ogg = (await textOf("/sites/ogg")).html;
      const verdicts = [...ogg.matchAll(/class="verdict">([\s\S]*?)<\/h2>/g)].map(([, one = ""]) =>
        one.replace(/<[^>]+>/g, ""),
      );
      expect(verdicts).toEqual([
        "ogg clma 2m0a is down until 2026-11-22 14:00Z.",
        "ogg clma 0m4b is available until 2026-11-23 08:00Z.",
      ]);
      expect(ogg).toContain('href="/telescopes/ogg/clma/0m4b"');
    });

    test("who may close a telescope finds the way to Close now with the telescope selected", async () => {
      const link =
        'href="/admin/now?site=ogg&amp;enclosure=clma&amp;telescope=2m0a&amp;next=%2Ftelescopes%2Fogg%2Fclma%2F2m0a"';
      expect((await textOf("/telescopes/ogg/clma/2m0a")).html).not.toContain(link);
      for (const [name, may] of [
        ["ada", true],
        ["ben", false],
      ] as const) {
        const { reading } = await signIn(service, name);
        const { html } = await textOf("/telescopes/ogg/clma/2m0a", { headers: { ...asPage.headers, ...reading } });
        expect(html.includes(link)).toBe(may);
      }
    });

    test("Close now of a site or telescope selects its telescopes, and a filter of Close now selects none", async () => {
      const { reading } = await signIn(service, "ada");
      const headers = { ...asPage.headers, ...reading };
      const ticks = async (path: string) => {
        const boxes = (await textOf(path, { headers })).html.match(/<input[^>]*name="telescope"[^>]*>/g) ?? [];
        return [boxes.length, boxes.filter((box) => / checked/.test(box)).length];
      };
      for (const [path, count] of [
        ["/sites/ogg", 2],
        ["/telescopes/ogg/clma/2m0a", 1],
      ] as const) {
        const { html } = await textOf(path, { headers });
        const [, link = ""] = /href="(\/admin\/now\?[^"]*)"/.exec(html) ?? [];
        expect(await ticks(link.replaceAll("&amp;", "&"))).toEqual([count, count]);
      }
      expect(await ticks("/admin/now?site=ogg")).toEqual([2, 0]);
      expect((await ticks("/admin/now?next=/"))[1]).toBe(0);
    });

    test.each([
      "/?when=all",
      "/admin/downtimes?past=yes",
      "/admin/now",
      "/downtimes/1",
      "/admin/downtimes/delete?id=1",
      "/admin/downtimes/new?from=1",
      "/admin/series?rule=once",
      "/series/1",
      "/admin/series/new?like=1",
      "/admin/series/1/end?from=now",
      "/activity",
      "/report",
      "/why?telescope=2m0a",
    ])("codes on a page lead to the telescope's or the site's page: %s", async (path) => {
      const { reading } = await signIn(service, "ada");
      const { html } = await textOf(path, { headers: { ...asPage.headers, ...reading } });
      expect(html).toMatch(/href="\/(telescopes\/(ogg|coj)\/clma\/\w+|sites\/(ogg|coj))"/);
    });

    test("hostile codes stay text on every page, and lead to their own page", async () => {
      const code = `<i>"'&/%é`;
      const telescope = { code, active: true, instrument_set: [] };
      const enclosure_set = [{ code, active: true, telescope_set: [telescope] }];
      const { results } = sites;
      service.configdb.answer({ results: [...results, { ...results[0], code, enclosure_set }] });
      await service.services.configdb.renew();
      await service.add({ site: code, enclosure: code, telescope: code, start: "2026-11-22T11:00:00Z" });
      const path = placePath({ site: code, enclosure: code, telescope: code });
      const { status, html } = await textOf(path);
      expect(status).toBe(200);
      for (const page of [
        html,
        ...(await Promise.all(
          ["/", "/report", "/activity", placePath({ site: code })].map(async (other) => (await textOf(other)).html),
        )),
      ]) {
        expect(countOf("i", page)).toBe(0);
        expect(page).toContain(`href="${path}"`);
      }
      for (const [, link = ""] of html.matchAll(/ href="(\/[^"]*)"/g))
        expect([link, (await textOf(link.replaceAll("&amp;", "&").replaceAll("&#x27;", "'"))).status]).toEqual([
          link,
          200,
        ]);
      service.configdb.answer({ results });
      await service.services.configdb.renew();
    });

    test("codes are taken in any case, as in filters", async () => {
      expect((await textOf("/telescopes/OGG/CLMA/2M0A")).html).toContain("<h1>ogg · clma · 2m0a</h1>");
    });

    test.each([
      "/sites/nope",
      "/sites/ogg%2Fclma",
      "/telescopes/ogg/clma/nope",
      "/telescopes/coj/clma/0m4b",
      `/sites/${encodeURIComponent(`<b>"'&/%00`)}`,
      `/telescopes/${encodeURIComponent("مرآة")}/%3Cb%3E/%25`,
    ])("an unknown place is a 404 that leads on, as page and as JSON: %s", async (path) => {
      const { status, html } = await textOf(path);
      expect(status).toBe(404);
      expect(html).toContain('<a href="/why">');
      expect(html).toContain('href="/">');
      expect(html).not.toContain("<b>");
      const { status: again, body } = await service.ask(path, { headers: { accept: "application/json" } });
      expect(again).toBe(404);
      expect(body).toEqual({ detail: expect.stringMatching(/^Unknown (site|telescope): /) });
    });

    test.each([
      ["/sites/%zz", 404],
      ["/telescopes/%e0%80/a/b", 404],
      ["/sites/%00", 400],
      ["/telescopes/a/%00/b", 400],
    ])("an address that can't be decoded, or has a null character, is refused: %s", async (path, status) => {
      expect((await textOf(path)).status).toBe(status);
    });

    test("a telescope that left ConfigDB keeps its page, without links that only take known codes", async () => {
      const { results } = sites;
      await service.add({
        site: "tst",
        enclosure: "doma",
        telescope: "1m0a",
        start: "2026-11-01T08:00:00Z",
        reason: "Last light",
      });
      service.configdb.answer({ results: results.filter(({ code }) => code !== "tst") });
      await service.services.configdb.renew();
      const { status, html } = await textOf("/telescopes/tst/doma/1m0a");
      expect(status).toBe(200);
      expect(html).toContain("Last light");
      expect(html).toContain("This telescope isn&#x27;t in ConfigDB.");
      expect(html).not.toContain("/calendar.ics?");
      service.configdb.answer({ results });
    });
  });

describe("the address of a place", () => {
  test.each([
    [{ site: "ogg" }, "/sites/ogg"],
    [{ site: "ogg", enclosure: "clma", telescope: "2m0a", instrument_type: "X" }, "/telescopes/ogg/clma/2m0a"],
    [
      { site: 'a/"<%', enclosure: "ü é", telescope: "\ud800?#" },
      "/telescopes/a%2F%22%3C%25/%C3%BC%20%C3%A9/%EF%BF%BD%3F%23",
    ],
    [{ site: ".." }, "/why?telescope=&site=..&enclosure="],
    [{ site: "ogg", enclosure: ".", telescope: "2m0a" }, "/why?telescope=2m0a&site=ogg&enclosure=."],
  ])("of %j", (place, path) => {
    expect(placePath(place)).toBe(path);
    expect(new URL(path, "http://host").pathname + new URL(path, "http://host").search).toBe(path);
  });
});

describe("local times", () => {
  let service: Service;
  let ada: Awaited<ReturnType<typeof signIn>>;
  beforeAll(async () => {
    service = await startService();
    ada = await signIn(service, "ada");
    const { id } = await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T14:00:00Z", reason: "Storm" });
    await service.ask(`/api/${id}/`, { ...posting({ end: "2026-11-22T15:00:00Z" }), method: "PATCH" });
    const plan = {
      reason: "Education",
      scopes: [{ site: "ogg", telescope: "2m0a" }],
      rule: { kind: "calendar", zone: "UTC", start: "2026-12-01T20:00:00", minutes: 60, rrule: "FREQ=DAILY;COUNT=3" },
    };
    expect((await service.ask("/api/series/", posting(plan))).status).toBe(201);
  });
  afterAll(() => service.stop());

  const localsOn = async (path: string, cookie: string) => {
    const headers = { ...asPage.headers, cookie: `${ada.cookie}; ${cookie}` };
    const html = await (await service.send(path, { headers })).text();
    return [...html.matchAll(/class="local"[^>]*>([^<]*)</g)].map(([, text]) => text);
  };

  test("each form shows what was typed on both sides in its preview", async () => {
    const times = { start: "09:00 site", end: "2026-11-23T12:00+11:00" };
    const place = { site: "coj", enclosure: "clma", telescope: "2m0a" };
    for (const [path, more] of [
      ["/admin/series/preview", { site: "coj", repeat: "none" }],
      ["/admin/downtimes/preview", { ...place, id: "1" }],
    ] as const) {
      const body = new URLSearchParams({ ...times, ...more });
      const html = await (await service.send(path, { method: "POST", headers: ada.writing, body })).text();
      expect(`${path}: ${html}`).toContain("Sun 2026-11-22 22:00–Mon 2026-11-23 01:00Z");
      expect(`${path}: ${html}`).toContain("09:00–12:00 local (UTC+11:00)");
    }
  });

  test("lists say who created a downtime", async () => {
    const { id } = await service.add({ telescope: "0m4b", start: "2026-11-22T09:00:00Z" }, "ben");
    for (const path of ["/?when=all", "/admin/downtimes", "/telescopes/ogg/clma/0m4b"]) {
      const html = await (await service.send(path, { headers: { ...asPage.headers, ...ada.reading } })).text();
      expect(html.replace(/<[^>]*>/g, "|")).toContain("|ben|");
    }
    await service.services.downtimes.remove(id, { by: "ada", at: service.clock() });
  });

  test.each([
    ["the page of a telescope", "/telescopes/ogg/clma/2m0a", "01:00 local (UTC−10:00)", "12:00 local (UTC+01:00)"],
    ["a site's page", "/sites/ogg", "01:00 local (UTC−10:00)", "12:00 local (UTC+01:00)"],
    ["availability", "/why?telescope=2m0a&site=ogg", "01:00 local (UTC−10:00)", "12:00 local (UTC+01:00)"],
    ["the schedule", "/?when=all", "01:00 local (UTC−10:00)", "12:00 local (UTC+01:00)"],
    ["the staff list", "/admin/downtimes", "01:00 local (UTC−10:00)", "12:00 local (UTC+01:00)"],
    ["a downtime", "/downtimes/1", "01:00 local (UTC−10:00)", "12:00 local (UTC+01:00)"],
    ["a downtime's history", "/downtimes/1", "02:00 local (UTC−10:00)", "13:00 local (UTC+01:00)"],
    ["the values in a history", "/downtimes/1", "05:00 local (UTC−10:00)", "16:00 local (UTC+01:00)"],
    ["deleting", "/admin/downtimes/delete?id=1", "01:00–05:00 local (UTC−10:00)", "12:00–16:00 local (UTC+01:00)"],
    [
      "the preview of a series",
      "/admin/series/new?like=1",
      "10:00–11:00 local (UTC−10:00)",
      "21:00–22:00 local (UTC+01:00)",
    ],
    ["the end of a series", "/admin/series/1/delete", "10:00–11:00 local (UTC−10:00)", "21:00–22:00 local (UTC+01:00)"],
    ["activity", "/activity", "01:00–05:00 local (UTC−10:00)", "12:00–16:00 local (UTC+01:00)"],
    ["a report of one site", "/report?site=ogg", "2026-11-21 14:00 local (UTC−10:00)", "01:00 local (UTC+01:00)"],
  ])("stand beside UTC on %s", async (_, path, atSite, mine) => {
    expect(await localsOn(path, "times=site")).toContain(atSite);
    expect(await localsOn(path, "times=mine; zone=Europe/Berlin")).toContain(mine);
  });
});
