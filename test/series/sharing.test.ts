import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openForms } from "../forms.ts";
import { engines, posting, type Service, startService } from "../harness.ts";

/** Five days of two hours at the site's clock. */
const plan = {
  reason: "Wash",
  name: "Mirror washing",
  scopes: [{ site: "ogg", telescope: "2m0a" }],
  rule: {
    kind: "calendar",
    zone: "Pacific/Honolulu",
    start: "2026-12-01T09:00:00",
    minutes: 120,
    rrule: "FREQ=DAILY;COUNT=40",
  },
};
interface Shown {
  id: number;
  start: string;
  end: string;
}

for (const engine of engines)
  describe(`the occurrences of a series on its page, on ${engine}`, () => {
    let service: Service;
    let ada: Awaited<ReturnType<typeof openForms>>;
    let series = 0;
    beforeAll(async () => {
      service = await startService({ engine });
      ada = await openForms(service, "ada");
      series = (await service.ask<{ series: { id: number } }>("/api/series/", posting(plan))).body.series.id;
    });
    afterAll(() => service.stop());
    const rows = async () =>
      (await service.ask<{ results: Shown[] }>(`/api/?series=${series}&order=start&limit=100`)).body.results;
    const seenIn = async () =>
      [...(await ada.get(`/series/${series}`)).html.matchAll(/name="seen" value="([\d.]+)"/g)].map(
        ([, seen = ""]) => seen,
      );
    const calendar = async () => (await service.send(`/calendar.ics?series=${series}`)).text();
    const undo = async (path: string | null) => {
      const changeSet = /saved=(\d+)/.exec(path ?? "")?.[1] ?? "";
      expect((await ada.post(`/admin/changesets/${changeSet}/undo`, {})).status).toBe(303);
    };

    test("can be ticked and skipped, which can be undone, and an edit of the series doesn't restore them", async () => {
      const before = await rows();
      const [first = "", second = ""] = await seenIn();
      const { status, location } = await ada.post(`/admin/series/${series}/skip`, [
        ["seen", first],
        ["seen", second],
        ["next", `/series/${series}`],
      ]);
      expect([status, location]).toEqual([303, expect.stringMatching(new RegExp(`^/series/${series}\\?saved=\\d+$`))]);
      expect((await rows()).map(({ id }) => id)).toEqual(before.slice(2).map(({ id }) => id));
      const { html } = await ada.get(location ?? "");
      expect(html).toMatch(/Skipped 2 downtimes at <\/span><a[^>]*>ogg<\/a><\/p>/);
      expect((await ada.get("/activity")).html).toContain("Skipped: ");
      expect(html).toContain("Deleted individually");
      const cancelled = (await calendar()).match(/STATUS:CANCELLED/g);
      expect(cancelled).toHaveLength(2);
      await undo(location);
      expect(await rows()).toEqual(before.map((row) => expect.objectContaining({ id: row.id, start: row.start })));
      expect(await calendar()).not.toContain("STATUS:CANCELLED");
    });

    test("can be moved together, and keep their ids and calendar entries", async () => {
      const before = await rows();
      const uids = async () => [...(await calendar()).matchAll(/^UID:(.*)$/gm)].map(([, uid]) => uid).sort();
      const uidsBefore = await uids();
      const move = async (by: string, seen: readonly string[]) =>
        ada.post(`/admin/series/${series}/move`, [
          ...seen.map((one): [string, string] => ["seen", one]),
          ["by", by],
          ["next", `/series/${series}`],
        ]);
      const { status, location } = await move("1 h 30 min", (await seenIn()).slice(0, 2));
      expect(status).toBe(303);
      const after = await rows();
      expect(after.slice(0, 2).map(({ id, start, end }) => [id, start, end])).toEqual([
        [Number(before[0]?.id), "2026-12-01T20:30:00Z", "2026-12-01T22:30:00Z"],
        [Number(before[1]?.id), "2026-12-02T20:30:00Z", "2026-12-02T22:30:00Z"],
      ]);
      expect(after.slice(2)).toEqual(before.slice(2));
      expect(await uids()).toEqual(uidsBefore);
      expect(await calendar()).not.toContain("STATUS:CANCELLED");
      const { html } = await ada.get(location ?? "");
      expect(html).toContain("Moved 2 downtimes at ");
      expect(html).toContain("edited individually");
      expect((await ada.get("/activity")).html).toContain("Moved: ");
      await move("-90 min", (await seenIn()).slice(0, 2));
      expect((await rows()).map(({ start }) => start)).toEqual(before.map(({ start }) => start));
      // One after the other is free only once all have moved.
      expect((await move("−1 d", (await seenIn()).slice(0, 5))).status).toBe(303);
      expect((await move("1 d", (await seenIn()).slice(0, 5))).status).toBe(303);
    });

    test("aren't moved onto an identical one, by a stale page, or by what isn't a duration", async () => {
      const before = await rows();
      const post = (by: string, seen: string) =>
        ada.post(`/admin/series/${series}/move`, { seen, by, next: `/series/${series}` });
      const [first = ""] = await seenIn();
      const id = first.split(".")[0];
      expect((await post("1 d", first)).html).toContain("An identical downtime already exists");
      expect((await post("1 h", `${id}.999`)).status).toBe(409);
      for (const by of ["", "soon", "1 parsec", "- -1 h", "<b>"])
        expect([by, (await post(by, first)).status]).toEqual([by, 400]);
      const other = await service.add({ site: "coj" });
      expect((await post("1 h", `${other.id}.1`)).status).toBe(409);
      expect(await rows()).toEqual(before);
    });

    test("are shown again with the selection, the text and the error where they can't be moved or skipped", async () => {
      const before = await rows();
      const [, , tick = "", next = ""] = await seenIn();
      const ticked = (html: string) =>
        [...html.matchAll(/name="seen" value="([\d.]+)"( checked)?/g)].flatMap(([, seen, on]) => (on ? [seen] : []));
      const errorIn = (html: string) => /id="by-error"[^>]*>([^<]*)</.exec(html)?.[1];
      const ticks: [string, string][] = [tick, next].map((one) => ["seen", one]);
      const refused = await ada.post(`/admin/series/${series}/move?offset=0`, [...ticks, ["by", "next day"]]);
      expect([refused.status, errorIn(refused.html)]).toEqual([400, "Enter a duration, such as 1 h or -1 d."]);
      expect(refused.html).toContain('value="next day"');
      expect(ticked(refused.html)).toEqual([tick, next]);
      for (const what of ["move", "skip"]) {
        const none = await ada.post(`/admin/series/${series}/${what}`, { by: "1 h" });
        expect([what, errorIn(none.html)]).toEqual([what, "Select at least one downtime."]);
        expect(none.html).toContain('<h1 dir="auto">Mirror washing</h1>');
        const stale = await ada.post(`/admin/series/${series}/${what}`, {
          by: "1 h",
          seen: `${tick.split(".")[0]}.999`,
        });
        expect([stale.status, errorIn(stale.html), ticked(stale.html)]).toEqual([
          409,
          expect.stringContaining("Someone just changed one of these."),
          [tick],
        ]);
      }
      expect(await rows()).toEqual(before);
    });

    test("give the form the most recent reasons: the newest first, each once, up to the requested number", async () => {
      for (const [day, reason] of ["Storm", "", "Wind", "Storm", 'a "b" <c>\nd'].entries())
        await service.add({ site: "coj", reason, start: `2026-12-0${day + 1}T00:00:00Z`, end: "2026-12-20T00:00:00Z" });
      const recent = (limit: number) => service.services.downtimes.recentReasons(limit);
      expect((await recent(3)).slice(0, 3)).toEqual(['a "b" <c>\nd', "Storm", "Wind"]);
      expect(await recent(1)).toHaveLength(1);
      const { html } = await ada.get("/admin/downtimes/new");
      expect(html).toContain("Used last:");
      expect(html.replaceAll(/value="[^"]*"/g, "")).not.toContain("<c>");
    });

    /** Times are in spans, which keep their parts in a line. */
    const withoutSpans = (html: string) => html.replaceAll(/<\/?span[^>]*>/g, "");

    test("can be shared: everything on one page, in local time, without an account", async () => {
      const html = await (await service.send(`/series/${series}?all=yes`)).text();
      expect(withoutSpans(html).match(/2026-12-\d\d 09:00–11:00 \(UTC−10:00\)/g)).toHaveLength(31);
      expect(html.match(/<tr class="/g)).toHaveLength(40);
      expect(html).toContain(`href="/downtimes.csv?series=${series}"`);
      expect(html).toContain("<title>Mirror washing");
      expect(html).not.toContain('name="seen"');
      expect(html).toContain(`value="http://${new URL(service.url).host}/series/${series}?all=yes"`);
      expect(html).toContain("To print it, press Ctrl+P");
      const csv = await (await service.send(`/downtimes.csv?series=${series}`)).text();
      expect(csv.trim().split("\n")).toHaveLength(41);
    });

    test("are shared in UTC and in the visitor's choice of local times", async () => {
      const headings = async (cookie: string) => {
        const html = await (await service.send(`/series/${series}?all=yes`, { headers: { cookie } })).text();
        return { labels: [...html.matchAll(/<th scope="col"[^>]*>([^<]*)/g)].map(([, label]) => label), html };
      };
      expect((await headings("times=utc")).labels.slice(0, 2)).toEqual(["Time (UTC)", "Local time"]);
      const mine = await headings("times=mine; zone=Europe/Madrid");
      expect(mine.labels.slice(0, 2)).toEqual(["Time (UTC)", "Your time"]);
      expect(withoutSpans(mine.html)).toContain("20:00–22:00 (UTC+01:00)");
    });

    test("can be subscribed to with an absolute address, on every page that says so", async () => {
      const feed = `http://${new URL(service.url).host}/calendar.ics`;
      const pages: Record<string, string> = {
        [`/series/${series}`]: `?series=${series}`,
        "/telescopes/ogg/clma/2m0a": "?site=ogg&enclosure=clma&telescope=2m0a",
        "/sites/ogg": "?site=ogg",
        "/?site=ogg&reason=a%20%26%20b": "?site=ogg&reason=a+%26+b",
      };
      for (const [path, query] of Object.entries(pages)) {
        const text = (await (await service.send(path)).text()).replaceAll("&amp;", "&");
        const address = feed + query;
        const webcal = address.replace("http:", "webcal:");
        expect([path, text.includes(`value="${address}"`)]).toEqual([path, true]);
        for (const link of [
          `https://calendar.google.com/calendar/r?${new URLSearchParams({ cid: webcal })}`,
          `https://outlook.office.com/calendar/0/addfromweb?${new URLSearchParams({ url: address })}`,
          webcal,
          `/calendar.ics${query}`,
        ])
          expect([path, link, text.includes(`href="${link}"`)]).toEqual([path, link, true]);
        expect((await service.send(`/calendar.ics${query}`)).status).toBe(200);
      }
    });

    test("can be selected while they are current or upcoming; a link shows all", async () => {
      const before = await rows();
      service.clock.set(Date.parse("2026-12-03T12:00:00Z"));
      ada = await openForms(service, "ada");
      const seen = (await seenIn()).map((one) => Number(one.split(".")[0]));
      expect(seen).toEqual(before.slice(2, 27).map(({ id }) => id));
      const { html } = await ada.get(`/series/${series}`);
      const [, all = ""] = /<a href="([^"]*)">Show all</.exec(html) ?? [];
      const shown = [...(await ada.get(all)).html.matchAll(/<a href="\/downtimes\/(\d+)"/g)].map(([, id]) =>
        Number(id),
      );
      expect(shown).toEqual(before.map(({ id }) => id));
    });
  });
