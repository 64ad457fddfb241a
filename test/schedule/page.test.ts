import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { toInstant } from "../../src/time/instant.ts";
import { as, createDatabase, draft, engines, type Service, signIn, startService } from "../harness.ts";

const html = { accept: "text/html" };

for (const engine of engines)
  describe(`pages on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine, settings: { LOGO_URL: "/logo.png?a=1&b=2" } });
      await service.add({ reason: "beta" });
      await service.add({ reason: "Alpha", site: "coj" });
      await service.add({ reason: "gamma", instrument_type: "2M0-FLOYDS-SCICAM", end: "2026-12-23T08:00:00Z" });
    });
    afterAll(() => service.stop());

    const page = async (path: string, headers: Record<string, string> = html) => {
      const response = await service.send(path, { headers });
      return { response, text: await response.text() };
    };
    const reasons = (text: string) =>
      [...text.matchAll(/<td class="reason">.*?<bdi>([^<]*)/g)].map(([, found]) => found);

    test("the page can sort by columns that the API can't", async () => {
      expect(reasons((await page("/?order=reason")).text)).toEqual(["Alpha", "beta", "gamma"]);
      expect(reasons((await page("/?order=-reason")).text)).toEqual(["gamma", "beta", "Alpha"]);
      expect(reasons((await page("/?order=site")).text)).toEqual(["Alpha", "beta", "gamma"]);
      expect(reasons((await page("/?order=-instrument_type")).text)).toEqual(["gamma", "beta", "Alpha"]);
      expect(reasons((await page("/?order=-length")).text)[0]).toBe("gamma");
      expect(reasons((await page("/?order=length")).text)[2]).toBe("gamma");
      expect((await service.ask("/api/?order=reason")).status).toBe(400);
    });

    test("a link with a filter but no time filter includes the past; the page's own links and form always set one", async () => {
      const { id } = await service.add({
        start: "2020-01-01T00:00:00Z",
        end: "2020-01-02T00:00:00Z",
        reason: "old beta",
      });
      try {
        expect(reasons((await page("/?reason=beta")).text)).toEqual(["old beta", "beta"]);
        expect(reasons((await page("/?reason=beta&when=open")).text)).toEqual(["beta"]);
        expect((await page("/?reason=beta")).text).toContain('<input type="hidden" name="when" value="all"');
        const { text } = await page("/");
        expect(reasons(text)).not.toContain("old beta");
        expect(text).toContain('<input type="hidden" name="when" value="open"');
        const links = [...text.matchAll(/<a[^>]* href="(\/\?[^"]*)"/g)].map(([, address]) => address ?? "");
        expect(links.length).toBeGreaterThan(10);
        for (const link of links) expect(link).toMatch(/[?;&]when=/);
        // Live updates request the same address, so that they add nothing to the browser's history.
        expect(text).toContain('hx-get="/"');
      } finally {
        await service.send(`/api/${id}/`, { method: "DELETE", headers: as("ada") });
      }
    });

    test("a cluster of the timeline says how many downtimes it has and when, and leads to their list", async () => {
      const slots = ["03:00", "08:00", "12:00", "16:00", "19:00"].map((time) => Date.parse(`2026-12-01T${time}Z`));
      const ids: number[] = [];
      for (const [index, start] of slots.entries()) {
        const times = { start: toInstant(start), end: toInstant(start + 1_800_000), reason: `slot ${index}` };
        const category = index > 0 ? "weather" : undefined;
        ids.push((await service.add({ ...times, telescope: "0m4b", category })).id);
      }
      const { text } = await page("/?view=timeline&window=month&from=2026-11-20");
      const [, href = "", title, content] =
        /<a href="([^"]*)" class="bar many upcoming"[^>]*><title>([^<]*)<\/title>(.*?)<\/a>/.exec(text) ?? [];
      expect(title).toBe("ogg · clma · 0m4b, upcoming: weather, 5 downtimes, Tue 2026-12-01 03:00–19:30Z");
      expect(content).toContain("<path d=");
      expect(reasons((await page(href.replaceAll("&amp;", "&"))).text)).toEqual(
        slots.map((_, index) => `slot ${index}`),
      );
      for (const id of ids) await service.send(`/api/${id}/`, { method: "DELETE", headers: as("ada") });
    });

    test("the summary says what starts in the next 24 h, in one word for one", async () => {
      const summary = async () => /<p class="summary">([^<]*)/.exec((await page("/")).text)?.[1];
      const known = service.clock();
      service.clock.set(Date.parse("2026-11-10T00:00:00Z"));
      try {
        expect(await summary()).toBe("All telescopes available · nothing starts in the next 24 h");
        const at = { start: "2026-11-10T08:00:00Z", end: "2026-11-10T09:00:00Z" };
        const ids = [(await service.add(at)).id];
        expect(await summary()).toBe("All telescopes available · 1 starts in the next 24 h");
        ids.push((await service.add({ ...at, site: "coj" })).id);
        expect(await summary()).toBe("All telescopes available · 2 start in the next 24 h");
        for (const id of ids) await service.send(`/api/${id}/`, { method: "DELETE", headers: as("ada") });
      } finally {
        service.clock.set(known);
      }
    });

    test("the timeline's title has the first and the last day, or the times of one day", async () => {
      const title = async (query: string) =>
        /id="timeline-title"[^>]*>([^<]*)/
          .exec((await page(`/?view=timeline&${query}`)).text)?.[1]
          ?.replace(/\s/g, " ");
      expect(await title("window=week&from=2026-11-25")).toBe("25 Nov – 1 Dec 2026 (UTC)");
      expect(await title("window=night&from=2026-11-25")).toMatch(
        /^25 Nov(ember)? 2026(,| at) 00:00 – 26 Nov.* 00:00 \(UTC\)$/,
      );
    });

    test("a sort link swaps a part of the schedule, and loads the page of the staff list", async () => {
      const { cookie } = await signIn(service, "ada");
      const headOf = async (path: string) =>
        /<thead>.*?<\/thead>/s.exec((await page(path, { ...html, cookie })).text)?.[0];
      expect(await headOf("/")).toContain("hx-boost");
      const staff = await headOf("/admin/downtimes");
      expect(staff).toContain('href="/admin/downtimes?order=');
      expect(staff).not.toContain("hx-boost");
    });

    test("an empty table says whether filters are why, and who may create is offered the first one", async () => {
      const emptyOf = (text: string) => /<p class="empty">(.*?)<\/p>/s.exec(text)?.[1]?.trim();
      expect(emptyOf((await page("/?reason=nowhere")).text)).toBe("No downtimes match these filters.");
      const first = 'No downtimes yet. <a href="/admin/downtimes/new">Create the first one</a>';
      const empty = await startService({ engine });
      try {
        expect(emptyOf(await (await empty.send("/", { headers: html })).text())).toBe(first);
        const { cookie: ada } = await signIn(empty, "ada");
        for (const path of ["/", "/admin/downtimes", "/admin/series", "/activity"])
          expect(await (await empty.send(path, { headers: { ...html, cookie: ada } })).text()).not.toContain("0 of 0");
        const { cookie } = await signIn(empty, "ben");
        expect(emptyOf(await (await empty.send("/", { headers: { ...html, cookie } })).text())).toBe(
          "No downtimes yet.",
        );
        await empty.add({});
        empty.clock.set(Date.parse(draft.end) + 1000);
        expect(emptyOf(await (await empty.send("/", { headers: html })).text())).toBe("No upcoming downtimes.");
      } finally {
        await empty.stop();
      }
    });

    test("staff find New downtime on the board and the timeline, others and walls don't", async () => {
      const button = 'href="/admin/downtimes/new">New downtime';
      const { cookie } = await signIn(service, "ada");
      expect((await page("/", { ...html, cookie })).text).toContain(button);
      expect((await page("/?view=timeline", { ...html, cookie })).text).toContain(button);
      expect((await page("/?kiosk", { ...html, cookie })).text).not.toContain(button);
      expect((await page("/", { ...html, cookie: (await signIn(service, "ben")).cookie })).text).not.toContain(button);
      expect((await page("/")).text).not.toContain(button);
    });

    test("accepts page numbers, as OCS Downtime did", async () => {
      const ids = [];
      for (let index = 0; index < 60; index++) ids.push((await service.add({ reason: `page ${index}` })).id);
      try {
        expect(reasons((await page("/?page=2")).text)).toHaveLength(13);
        expect((await page("/?page=2&reason=page")).text).not.toMatch(/href="[^"]*[?;&]page=/);
        expect(reasons((await page("/?page=2&reason=page")).text)).toHaveLength(10);
      } finally {
        for (const id of ids) await service.send(`/api/${id}/`, { method: "DELETE", headers: as("ada") });
      }
    });

    test("htmx gets the main part only, and the address without empty parameters", async () => {
      const { response, text } = await page("/?reason=beta&starts_after=&order=", {
        ...html,
        "hx-request": "true",
        "hx-request-type": "partial",
        "hx-current-url": `${service.url}/`,
      });
      expect(text).toStartWith('<div id="schedule"');
      expect(response.headers.get("hx-push-url")).toBe("/?reason=beta");
    });

    test("an unchanged address isn't pushed, and Back gets the whole page", async () => {
      const same = { ...html, "hx-request-type": "partial", "hx-current-url": `${service.url}/?reason=beta` };
      expect((await page("/?reason=beta", same)).response.headers.has("hx-push-url")).toBe(false);
      const back = { ...html, "hx-request": "true", "hx-request-type": "full", "hx-history-restore-request": "true" };
      expect((await page("/", back)).text).toStartWith("<!doctype html>");
    });

    test("pages are compressed only for clients that accept gzip", async () => {
      const encodingFor = async (accepted: string) =>
        (await service.send("/", { headers: { "accept-encoding": accepted } })).headers.get("content-encoding");
      expect(await encodingFor("gzip, br")).toBe("gzip");
      expect(await encodingFor("identity")).toBeNull();
      expect(await encodingFor("gzip;q=0")).toBeNull();
      expect((await page("/")).text).toContain("</html>");
    });

    test("the header shows the logo and a sign-in link that returns to the page", async () => {
      const { text } = await page("/?reason=a%26b&site=ogg");
      expect(text).toContain('<img src="/logo.png?a=1&amp;b=2"');
      expect(text).toContain('href="/admin/sign-in?next=%2F%3Freason%3Da%2526b%26site%3Dogg"');
    });

    test("errors are pages for browsers, and JSON for other clients and under /api", async () => {
      const lost = await page("/nope");
      expect(lost.response.status).toBe(404);
      expect(lost.text).toContain("<h1>Page not found</h1>");
      expect(lost.text).toContain("There is no page at this address.");
      expect(lost.text).not.toContain("Not found.");
      expect((await page("/downtimes/999")).text).toContain("Downtime not found");
      for (const id of ["0", "-1", "x", "1e3", "99999999999999999999"])
        expect((await page(`/downtimes/${id}`)).response.status).toBe(404);
      expect((await page("/nope", { accept: "application/json" })).text).toBe('{"detail":"Not found."}');
      expect((await page("/api/999/")).text).toBe('{"detail":"Not found."}');
    });

    test("the theme is kept in a cookie, and never redirects to another site", async () => {
      const choose = (theme: string, next: string) =>
        service.send("/theme", {
          method: "POST",
          headers: { ...html, origin: service.url },
          body: new URLSearchParams({ theme, next }),
        });
      const chosen = await choose("red", "/?site=ogg");
      expect([chosen.status, chosen.headers.get("location")]).toEqual([303, "/?site=ogg"]);
      expect(chosen.headers.get("set-cookie")).toStartWith("theme=red; Path=/; Max-Age=31536000");
      expect((await page("/", { ...html, cookie: "a=b; theme=red" })).text).toContain('data-theme="red"');
      expect((await page("/", { ...html, cookie: "theme=nop" })).text).toContain('data-theme="system"');
      for (const next of ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "/\t/x", ""])
        expect((await choose("red", next)).headers.get("location")).toBe("/");
      expect((await choose("nop", "/")).status).toBe(400);
      const times = (cookie: string) => page("/", { ...html, cookie });
      expect((await times("times=mine; zone=europe/madrid")).text).toContain('data-times="mine"');
      expect((await times("times=mine; zone=Nowhere/<b>")).text).toContain('data-times="site"');
      expect((await times("times=nop")).text).toContain('data-times="utc"');
      expect((await times("")).response.headers.get("vary")).toContain("cookie");
    });

    test("assets are cached forever under an address that changes with their content", async () => {
      const { text } = await page("/");
      const [url = ""] = /\/assets\/styles\.css\?v=\w+/.exec(text) ?? [];
      const asset = await service.send(url);
      expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(asset.headers.get("content-type")).toBe("text/css; charset=utf-8");
      const unversioned = await service.send("/assets/styles.css?v=old");
      expect(unversioned.headers.get("cache-control")).toBe("no-cache");
      const etag = asset.headers.get("etag") ?? "";
      expect((await service.send("/assets/styles.css", { headers: { "if-none-match": etag } })).status).toBe(304);
      expect((await service.send("/assets/..%2fpackage.json")).status).toBe(404);
    });

    test("the subscribe link has the filters but no time filter relative to now", async () => {
      const page = await (await service.send("/?site=coj&reason=a&when=7d&order=-start&offset=0")).text();
      const [, path = ""] = /href="(\/calendar\.ics[^"]*)"/.exec(page) ?? [];
      expect(path).toBe("/calendar.ics?site=coj&amp;reason=a");
      expect((await service.send(path.replace("&amp;", "&"))).status).toBe(200);
    });

    test("CSV has the API's field names, order, filters and errors", async () => {
      const response = await service.send("/downtimes.csv?order=-start&reason=a&site=coj");
      expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
      const [head, row, ...rest] = (await response.text()).trim().split("\n");
      expect(head).toBe(
        "id,start,end,site,enclosure,telescope,instrument_type,reason,created,modified,series,category",
      );
      expect(row).toStartWith(`2,${draft.start},${draft.end},coj,clma,2m0a,,Alpha,`);
      expect(rest).toEqual([]);
      expect((await service.send("/downtimes.csv?site=nop")).status).toBe(400);
    });

    test("the stream sends the newest change at once, every further one, and a heartbeat every 15 s", async () => {
      const response = await service.send("/events", { headers: { "last-event-id": "1" } });
      expect(response.headers.get("content-type")).toStartWith("text/event-stream");
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      const hear = async () => new TextDecoder().decode((await reader.read()).value);
      const version = await service.services.downtimes.version();
      expect(await hear()).toBe(`id: ${version}\ndata: 2026-11-22T12:00:00Z\n\n`);
      await service.add({ reason: "told" });
      let heard = await hear();
      while (heard.startsWith(`id: ${version}\n`)) heard = await hear();
      expect(heard).toBe(`id: ${version + 1}\ndata: 2026-11-22T12:00:00Z\n\n`);
      service.clock.forward(15_000);
      expect(await hear()).toBe(`id: ${version + 1}\ndata: 2026-11-22T12:00:15Z\n\n`);
      await reader.cancel();
    });
  });

test("shutdown ends open streams instead of waiting for them", async () => {
  const database = await createDatabase("sqlite");
  const { PATH = "", HOME = "" } = process.env;
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../../src/main.ts")], {
    env: { PATH, HOME, ...database.settings, PORT: "0" },
    stdout: "pipe",
    stderr: "ignore",
  });
  const output = child.stdout.getReader();
  let said = "";
  while (!said.includes("Admin ")) said += new TextDecoder().decode((await output.read()).value);
  const [url] = /http:\S+/.exec(said) ?? [];
  const readers = [];
  for (const path of ["events", "api/changes/stream"]) {
    const reader = ((await fetch(`${url}${path}`)).body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    readers.push(reader);
  }
  const since = performance.now();
  child.kill("SIGTERM");
  for (const reader of readers) while (!(await reader.read()).done);
  expect(await child.exited).toBe(0);
  // The service waits at most four seconds for open requests.
  expect(performance.now() - since).toBeLessThan(3500);
  await database.remove();
});
