import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import ICAL from "ical.js";
import { calendarOf } from "../../src/calendar/ics-text.ts";
import type { Downtime } from "../../src/downtime/downtime.ts";
import { as, draft, engines, noon, posting, type Service, startService } from "../harness.ts";

setDefaultTimeout(30_000);

const dayMillis = 86_400_000;
/** Texts that other calendar writers failed to encode. */
const hostile = [
  "Commas, semicolons; back\\slashes \\n and\nnew\r\nlines\rof\u2028every\u0085kind",
  "BEGIN:VEVENT\r\nEND:VCALENDAR\r\nX-EVIL:1",
  "\u0001\u0007\u001b[31mcontrol\u007f\u009f\u0008 signs\ttab",
  `${"ä🔭👩‍🚀".repeat(400)} the end`,
  "مرآة التلسكوب، قيد التنظيف; غدًا",
  '<b>&amp;"quoted"</b>:colon',
  "x".repeat(3000),
  "",
];

/** Checks the bytes against RFC 5545 and returns the unfolded lines. */
function linesOf(bytes: Uint8Array): string[] {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  expect(text).toEndWith("END:VCALENDAR\r\n");
  // Every line ends with CR LF, which occur nowhere else. The only other control character is tab.
  expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  expect(text.replaceAll("\r\n", "")).not.toMatch(/[[\p{Cc}\u2028\u2029]--\t]/v);
  const folded = text.slice(0, -2).split("\r\n");
  expect(Math.max(...folded.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
  // Folding doesn't split a character.
  for (const line of folded) expect(line.isWellFormed()).toBe(true);
  const lines = text.slice(0, -2).replaceAll("\r\n ", "").split("\r\n");
  for (const line of lines) {
    const [, name = "", value = ""] = /^([A-Z-]+(?:;[A-Z-]+=[A-Z-]+)*):(.*)$/s.exec(line) ?? [];
    expect([line, name]).not.toEqual([line, ""]);
    if (/^(SUMMARY|DESCRIPTION|LOCATION|NAME|X-WR-CALNAME)$/.test(name))
      expect(value).toMatch(/^(?:[^\\;,]|\\[\\;,n])*$/);
  }
  return lines;
}

/** Parses the events with an independent library. */
function entriesOf(text: string): ICAL.Event[] {
  const calendar = new ICAL.Component(ICAL.parse(text));
  expect(calendar.getFirstPropertyValue("version")).toBe("2.0");
  return calendar.getAllSubcomponents("vevent").map((component) => new ICAL.Event(component));
}

for (const engine of engines)
  describe(`the calendar on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine });
      for (const [day, reason] of hostile.entries())
        await service.add({ start: `2026-12-0${day + 1}T08:00:00Z`, end: `2026-12-0${day + 1}T09:30:00Z`, reason });
    });
    afterAll(() => service.stop());

    const read = async (query = "") => (await service.send(`/calendar.ics${query}`)).text();
    const rows = async (query = "") =>
      entriesOf(await read(query)).map(({ uid, sequence, component }) => [
        Number(/-(\d+)@/.exec(uid)?.[1]),
        sequence,
        component.getFirstPropertyValue("status"),
      ]);
    const author = (at = noon) => ({ by: "ada", at });

    test("is valid for any reason, and parses back to the same text", async () => {
      const answer = await service.send("/calendar.ics");
      expect(answer.headers.get("content-type")).toBe("text/calendar; charset=utf-8");
      expect(answer.headers.get("cache-control")).toBe("no-cache");
      const bytes = await answer.bytes();
      const lines = linesOf(bytes);
      expect(lines.filter((line) => line === "BEGIN:VEVENT")).toHaveLength(hostile.length);
      expect(lines).toContain("REFRESH-INTERVAL;VALUE=DURATION:PT15M");
      expect(lines).toContain("X-PUBLISHED-TTL:PT15M");
      expect(lines).toContain("X-WR-CALNAME:Downtimes");
      const entries = entriesOf(new TextDecoder().decode(bytes));
      expect(entries.map(({ description }) => description.split("\n\nogg · clma · 2m0a")[0])).toEqual([
        "Commas, semicolons; back\\slashes \\n and\nnew\nlines\nof\nevery\nkind",
        "BEGIN:VEVENT\nEND:VCALENDAR\nX-EVIL:1",
        "[31mcontrol signs\ttab",
        ...hostile.slice(3, 7),
        "No reason",
      ]);
      for (const { summary } of entries) expect([...summary].length).toBeLessThanOrEqual(120);
    });

    test("an event has a title, location, times, sequence number and link", async () => {
      const [entry] = entriesOf(await read("?reason=:colon"));
      const value = (name: string) => entry?.component.getFirstPropertyValue(name)?.toString();
      expect(entry?.summary).toBe('ogg 2m0a down: <b>&amp;"quoted"</b>:colon');
      expect(entry?.location).toBe("ogg clma 2m0a");
      expect([entry?.startDate, entry?.endDate].map(String)).toEqual(["2026-12-06T08:00:00Z", "2026-12-06T09:30:00Z"]);
      expect(["created", "last-modified", "dtstamp"].map(value)).toEqual(Array(3).fill("2026-11-22T12:00:00Z"));
      expect(["status", "transp", "sequence"].map(value)).toEqual(["CONFIRMED", "TRANSPARENT", "0"]);
      expect(value("url")).toBe(`${service.url}/downtimes/6`);
      expect(entry?.component.getFirstProperty("categories")?.getValues()).toEqual(["ogg", "2m0a"]);
    });

    test("sequence numbers increase; a deleted downtime is cancelled for 90 days unless it is restored", async () => {
      const { id } = await service.add({ site: "coj", reason: "Mistake" });
      const only = () => rows("?site=coj");
      const seen = [await only()];
      await service.services.downtimes.change(
        id,
        author(),
        ({ downtime }) => ({ ...downtime, reason: "Mistakes" }) as never,
      );
      seen.push(await only());
      await service.services.downtimes.remove(id, author());
      seen.push(await only());
      // Filters apply to deleted downtimes too.
      expect(await rows("?site=coj&reason=MISTAKES")).toEqual([[id, 3, "CANCELLED"]]);
      for (const other of [
        "reason=mistaken",
        "reason_exact=Mistake",
        "telescope=0m4b",
        "starts_after=2027-01-01",
        "created_before=2026-11-21",
      ])
        expect(await rows(`?site=coj&${other}`)).toEqual([]);
      await service.services.downtimes.restore([id], author());
      seen.push(await only());
      await service.services.downtimes.remove(id, author());
      seen.push(await only());
      expect(seen.flat()).toEqual([
        [id, 0, "CONFIRMED"],
        [id, 2, "CONFIRMED"],
        [id, 3, "CANCELLED"],
        [id, 4, "CONFIRMED"],
        [id, 5, "CANCELLED"],
      ]);
      service.clock.set(noon + 90 * dayMillis);
      expect(await rows("?site=coj&starts_after=2026-01-01")).toEqual([[id, 5, "CANCELLED"]]);
      service.clock.forward(dayMillis);
      expect(await rows("?site=coj&starts_after=2026-01-01")).toEqual([]);
      service.clock.set(noon);
    });

    test("contains the last 90 days and everything upcoming, unless a filter sets a time", async () => {
      const at = (text: string) => ({ telescope: "0m4b", start: text, end: text.replace("T08", "T09") });
      const [, old, , far] = [
        await service.add(at("2026-08-23T08:00:00Z")),
        await service.add(at("2026-08-24T08:00:00Z")),
        await service.add(at("2026-08-25T08:00:00Z")),
        await service.add(at("9998-01-01T08:00:00Z")),
      ].map(({ id }) => id as number);
      const ids = async (query: string) => (await rows(`?telescope=0m4b${query}`)).map(([id]) => id as number);
      expect(await ids("")).toEqual([old, (old ?? 0) + 1, far] as number[]);
      expect(await ids("&ends_before=2027-01-01&limit=1&offset=1")).toHaveLength(3);
    });

    test("answers 304 until something changes, and HEAD without a body", async () => {
      const first = await service.send("/calendar.ics?site=ogg");
      const etag = first.headers.get("etag") ?? "";
      const again = () => service.send("/calendar.ics?site=ogg", { headers: { "if-none-match": etag } });
      expect((await again()).status).toBe(304);
      const head = await service.send("/calendar.ics?site=ogg", { method: "HEAD" });
      expect([head.status, head.headers.get("etag"), await head.text()]).toEqual([200, etag, ""]);
      service.clock.forward(dayMillis);
      expect((await again()).status).toBe(200);
      service.clock.set(noon);
      await service.add({ reason: "News" });
      expect((await again()).status).toBe(200);
    });

    test("is compressed for clients that accept gzip", async () => {
      const ask = (encoding: string) =>
        service.send("/calendar.ics?site=ogg", {
          headers: { "accept-encoding": encoding },
          decompress: false,
        } as RequestInit);
      const [plain, zipped] = [await ask("identity"), await ask("gzip, deflate, br")];
      expect([plain, zipped].map(({ headers }) => headers.get("content-encoding"))).toEqual([null, "gzip"]);
      for (const answer of [plain, zipped])
        expect(answer.headers.get("vary")?.toLowerCase()).toContain("accept-encoding");
      expect(zipped.headers.get("etag")).toBe(plain.headers.get("etag"));
      const bytes = await zipped.bytes();
      const text = await plain.text();
      expect(bytes.length).toBeLessThan(text.length / 3);
      expect(new TextDecoder().decode(Bun.gunzipSync(bytes))).toBe(text);
    });

    test("Last-Modified is the newest change, or midnight, when old downtimes leave", async () => {
      const modified = async () => (await service.send("/calendar.ics")).headers.get("last-modified");
      await service.services.downtimes.add({ ...draft, reason: "Newest" } as never, author(noon + 5000));
      expect(await modified()).toBe("Sun, 22 Nov 2026 12:00:05 GMT");
      service.clock.set(noon + dayMillis);
      expect(await modified()).toBe("Mon, 23 Nov 2026 00:00:00 GMT");
      service.clock.set(noon);
    });

    test("answers 304 to If-Modified-Since once the second of the change is over", async () => {
      const add = (reason: string, at: number) =>
        service.services.downtimes.add({ ...draft, reason } as never, author(at));
      await add("Once more", noon + 7000);
      const time = (await service.send("/calendar.ics")).headers.get("last-modified") ?? "";
      const again = async (headers: Record<string, string>) =>
        (await service.send("/calendar.ics", { headers })).status;
      const since = { "if-modified-since": time };
      service.clock.set(noon + 8000);
      expect(await again(since)).toBe(200);
      service.clock.set(noon + 67_000);
      expect(await again(since)).toBe(304);
      // If-None-Match takes precedence.
      expect(await again({ ...since, "if-none-match": '"other"' })).toBe(200);
      expect(await again({ "if-modified-since": "Sun, 22 Nov 2026 13:00:00 GMT" })).toBe(200);
      await add("Last", noon + 68_000);
      expect(await again(since)).toBe(200);
      service.clock.set(noon);
    });

    test("has a time zone component if it has no events", async () => {
      const text = await read("?site=tst");
      const calendar = new ICAL.Component(ICAL.parse(text));
      expect(calendar.getAllSubcomponents().map(({ name }) => name)).toEqual(["vtimezone"]);
      expect(calendar.getFirstSubcomponent("vtimezone")?.getFirstPropertyValue("tzid")).toBe("UTC");
      linesOf(new TextEncoder().encode(text));
      expect(await read("?site=ogg")).not.toContain("VTIMEZONE");
    });

    test("is named after its filters or the series", async () => {
      const rule = { kind: "once", start: "2027-02-01T00:00:00Z", end: "2027-02-01T01:00:00Z" };
      const plan = { reason: "Education", scopes: [{ site: "coj", telescope: "2m0a" }], rule };
      const { body } = await service.ask<{ series: { id: number } }>("/api/series/", posting(plan, as("ada")));
      const nameOf = async (query: string) =>
        new ICAL.Component(ICAL.parse(await read(query))).getFirstPropertyValue("x-wr-calname");
      expect(await nameOf("")).toBe("Downtimes");
      expect(await nameOf("?site=ogg&telescope=2m0a&reason=wash")).toBe('Downtimes ogg 2m0a "wash"');
      expect(await nameOf("?reason_exact=RTI&starts_after=2027-01-01")).toBe(
        'Downtimes starts after 2027-01-01 00:00Z "RTI"',
      );
      expect(await nameOf(`?series=${body.series.id}`)).toBe("Downtimes Education");
      expect(await nameOf("?series=999999")).toBe("Downtimes series 999999");
    });

    test("invalid filters and too many downtimes are refused", async () => {
      expect(await service.ask("/calendar.ics?site=nop")).toEqual({
        status: 400,
        body: { site: ["Select a valid choice. nop is not one of the available choices."] },
      });
      const query = { filter: {}, deletedSince: "2026-01-01T00:00:00Z" } as never;
      const { length } = (await service.services.calendar.find(query, 1000)) ?? [];
      const cancelled = 1;
      expect(await service.services.calendar.find(query, length - cancelled)).toHaveLength(length);
      expect(await service.services.calendar.find(query, length - cancelled - 1)).toBeUndefined();
    });

    test("event IDs don't depend on the host name and differ between installations", async () => {
      const uids = async (of: Service, host: string) =>
        entriesOf(await (await of.send("/calendar.ics", { headers: { host } })).text()).map(({ uid }) => uid);
      const [here, there] = [await uids(service, "downtime.example"), await uids(service, "127.0.0.1:9")];
      expect(here).toEqual(there);
      const again = await startService({ engine: "none", settings: service.settings, withoutCast: true });
      const other = await startService({ withoutCast: true });
      try {
        expect(await uids(again, "downtime.example")).toEqual(here);
        expect(other.services.installation).not.toBe(service.services.installation);
      } finally {
        await again.stop();
        await other.stop();
      }
    });
  });

test("a migrated downtime that ends before it starts has no end", async () => {
  const downtime = {
    ...draft,
    id: 1,
    end: "2026-11-23T07:00:00Z",
    created: draft.start,
    modified: draft.start,
  } as Downtime;
  const text = await calendarOf({
    filter: { site: ["a,b;\r\nX-EVIL:1"] },
    events: [{ downtime, sequence: 0, isCancelled: false }],
    origin: "http://localhost",
    installation: "here",
  });
  const lines = linesOf(new TextEncoder().encode(text));
  expect(lines.filter((line) => /^DT(START|END)/.test(line))).toEqual(["DTSTART:20261123T080000Z"]);
  // Any code is accepted until ConfigDB has been reached.
  expect(lines).toContain("NAME:Downtimes a\\,b\\; X-EVIL:1");
});
