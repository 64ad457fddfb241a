import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { as, asBasic, draft, engines, posting, type Service, startService } from "../harness.ts";

/** Five evenings at ogg, from tomorrow on. */
const plan = {
  reason: "Education",
  scopes: [{ site: "ogg", telescope: "2m0a" }],
  rule: {
    kind: "calendar",
    zone: "Pacific/Honolulu",
    start: "2026-11-23T20:00:00",
    minutes: 60,
    rrule: "FREQ=DAILY;COUNT=5",
  },
};
const night = {
  reason: "RTI",
  scopes: [{ site: "ogg" }],
  rule: {
    kind: "night",
    first: "2026-11-23",
    last: "2026-11-27",
    from: { event: "astronomical_dusk", offset_minutes: 30 },
    minutes: 30,
  },
};

interface Rows {
  count: number;
  results: { id: number; start: string; end: string; reason: string; series?: number }[];
}
interface Outcome extends Record<string, unknown> {
  series: Record<string, unknown> & { id: number };
  by_hand: { id: number | null; occurrence: string }[];
  occurrences: { occurrence: string; start: string; marks: string[]; overlaps: number[] }[];
}

const patching = (body: unknown, headers: Record<string, string> = as("ada")) => ({
  ...posting(body, headers),
  method: "PATCH",
});
const deleting = (headers: Record<string, string> = as("ada")) => ({ method: "DELETE", headers });

for (const engine of engines)
  describe(`/api/series/ on ${engine}`, () => {
    let service: Service;
    let path = "";
    let id = 0;
    beforeAll(async () => {
      service = await startService({ engine, settings: { WRITE_ACCESS: "authenticated" } });
    });
    afterAll(() => service.stop());
    const rows = async (query = `series=${id}`) => (await service.ask<Rows>(`/api/?order=start&${query}`)).body;
    const create = (body: unknown = plan, headers = as("ada")) =>
      service.ask<Outcome>("/api/series/", posting(body, headers));
    const preview = async (body: unknown) => (await service.ask<Outcome>("/api/series/?dry_run=1", posting(body))).body;
    const errorsOf = async (body: unknown, query = "") => {
      const answer = await service.ask(`/api/series/${query}`, posting(body));
      expect(answer.status).toBe(400);
      return answer.body;
    };
    beforeEach(async () => {
      for (const row of (await rows("limit=1000")).results) await service.send(`/api/${row.id}/`, deleting());
      for (const { id } of (await service.ask<Rows>("/api/series/")).body.results)
        await service.send(`/api/series/${id}/`, deleting());
      id = (await create()).body.series.id;
      path = `/api/series/${id}/`;
    });

    test("a new series returns what was created, its location and its entity tag", async () => {
      const answer = await service.send("/api/series/", posting({ ...plan, reason: "other" }));
      const body = (await answer.json()) as Outcome;
      expect(answer.status).toBe(201);
      expect(answer.headers.get("location")).toBe(`/api/series/${body.series.id}/`);
      expect(answer.headers.get("etag")).toBe('"1"');
      expect(body).toMatchObject({
        series: { ...plan, reason: "other", breaks: [], from: null, earlier: [], ended: null, created_by: "ada" },
        created: 5,
        overlaps: 5,
        duplicates: 0,
        by_hand: [],
      });
      expect(body).not.toHaveProperty("occurrences");
    });

    test("downtimes name their series; others don't have the field", async () => {
      const lone = await service.add();
      const [first] = (await rows()).results;
      expect(first).toMatchObject({ start: "2026-11-24T06:00:00Z", end: "2026-11-24T07:00:00Z", series: id });
      expect((await service.ask(`/api/${first?.id}/`)).body).toMatchObject({ series: id });
      expect((await service.ask(`/api/${lone.id}/`)).body).not.toHaveProperty("series");
      expect((await rows("")).results.map((row) => "series" in row).sort()).toEqual([
        false,
        true,
        true,
        true,
        true,
        true,
      ]);
      const page = await (await service.send(`/?when=all&series=${id}`)).text();
      expect(page).toMatch(new RegExp(`name="series"[^>]* value="${id}"`));
      expect(page).not.toContain(`/downtimes/${lone.id}"`);
      const csv = await (await service.send(`/downtimes.csv?when=all&series=${id}`)).text();
      expect(csv.split("\n")[0]).toEndWith(",modified,series,category");
      expect(csv.trim().split("\n").slice(1)).toEqual(
        Array.from({ length: 5 }, () => expect.stringMatching(new RegExp(`,${id},$`))),
      );
    });

    test("the filter accepts only an id", async () => {
      expect((await rows()).count).toBe(5);
      expect((await rows("series=987654")).count).toBe(0);
      expect((await rows("series=")).count).toBe(5);
      for (const wrong of ["x", "0", "-1", "1.5", "99999999999999999999"])
        expect(await service.ask(`/api/?series=${wrong}`)).toEqual({
          status: 400,
          body: { series: ["Enter a whole number."] },
        });
    });

    test("editing a single downtime shows in the next response, although the previous one was cached", async () => {
      const before = await rows();
      const [first, second] = before.results;
      await service.ask(`/api/${first?.id}/`, patching({ reason: "Longer" }));
      expect((await rows()).results[0]).toMatchObject({ id: first?.id, reason: "Longer", series: id });
      await service.ask(path, patching({ reason: "Schools" }));
      expect((await rows()).results.map(({ reason }) => reason)).toEqual(["Longer", ...Array(4).fill("Schools")]);
      await service.send(`/api/${second?.id}/`, deleting());
      expect((await rows()).count).toBe(4);
    });

    test("a dry run returns what would happen, with warnings, and saves nothing", async () => {
      const same = { ...draft, start: "2026-11-24T06:00:00Z", end: "2026-11-24T07:00:00Z", reason: "RTI" };
      await service.send(path, deleting());
      const exact = await service.add(same);
      const near = await service.add({ ...same, start: "2026-11-25T06:30:00Z", end: "2026-11-25T12:00:00Z" });
      const version = await service.services.downtimes.version();
      const body = await preview({ ...plan, reason: "RTI" });
      expect(body).toMatchObject({ series: null, created: 4, duplicates: 1, overlaps: 1 });
      expect(body.occurrences).toHaveLength(5);
      expect(body.occurrences[0]).toMatchObject({
        occurrence: "2026-11-23 ogg.clma.2m0a.",
        date: "2026-11-23",
        start: same.start,
        telescope: "2m0a",
        reason: "RTI",
        marks: ["duplicate"],
        overlaps: [exact.id],
      });
      expect(body.occurrences[1]).toMatchObject({ marks: ["overlap"], overlaps: [near.id] });
      expect(body.occurrences[2]).toMatchObject({ marks: [], overlaps: [] });
      expect(await service.services.downtimes.version()).toBe(version);
      const made = await create({ ...plan, reason: "RTI" });
      expect(made).toMatchObject({ status: 201, body: { created: 4, duplicates: 1 } });
      expect(await create({ ...plan, reason: "RTI" })).toMatchObject({ status: 409 });
    });

    test("a dry run warns of daylight, clock changes and inactive telescopes", async () => {
      const day = { ...plan, rule: { ...plan.rule, start: "2026-11-23T12:00:00" } };
      expect(await preview(day)).toMatchObject({ light: 5, occurrences: [{ marks: ["light"] }, {}, {}, {}, {}] });
      const skipped = { kind: "calendar", zone: "Australia/Sydney", start: "2027-10-02T02:30:00", minutes: 30 };
      const nights = { ...skipped, rrule: "FREQ=DAILY;COUNT=3" };
      const shown = await preview({ ...plan, scopes: [{ site: "coj", telescope: "2m0a" }], rule: nights });
      expect(shown.occurrences.map(({ marks }) => marks.filter((mark) => mark.startsWith("clock")))).toEqual([
        [],
        ["clock_skipped"],
        [],
      ]);
      const type = { site: "ogg", enclosure: "clma", telescope: "2m0a", instrument_type: "2M0-FLOYDS-SCICAM" };
      expect(await preview({ ...plan, scopes: [type] })).toMatchObject({ inactive: 5 });
    });

    test("nights are computed for each telescope of a site", async () => {
      const { status, body } = await create(night);
      expect([status, body.created]).toEqual([201, 10]);
      const { results } = await rows(`series=${body.series.id}`);
      expect(new Set(results.map(({ start }) => start.slice(0, 14))).size).toBe(5);
    });

    test("lists series with the number of their downtimes, page by page", async () => {
      const { body: other } = await create(night);
      const { body } = await service.ask<Record<string, unknown>>("/api/series/?limit=1");
      expect(body).toMatchObject({
        count: 2,
        previous: null,
        results: [{ id: other.series.id, downtimes: 10, ...night }],
      });
      expect(body.next).toBe(`${service.url}/api/series/?limit=1&offset=1`);
      expect((await service.ask<Rows>(String(body.next).replace(service.url, ""))).body.results).toMatchObject([
        { id, downtimes: 5 },
      ]);
      expect((await service.ask("/api/series/?limit=1001")).status).toBe(400);
    });

    test("shows a series with its entity tag and its history", async () => {
      await service.ask(path, patching({ reason: "Schools" }));
      const answer = await service.send(path);
      expect(answer.headers.get("etag")).toBe('"2"');
      expect(await answer.json()).toMatchObject({
        id,
        reason: "Schools",
        history: [
          { action: "create", by: "ada", created: 5, reason: "Education" },
          { action: "change", by: "ada", changed: 5, reason: "Schools" },
        ],
      });
      expect((await service.ask("/api/series/987654/")).status).toBe(404);
      expect((await service.ask("/api/series/x/")).status).toBe(404);
    });

    test("an edit of an outdated version is refused, also as a dry run", async () => {
      const seen = { ...as("ada"), "if-match": '"1"' };
      expect((await service.ask(path, patching({ reason: "first" }, seen))).status).toBe(200);
      for (const query of ["", "?dry_run=1"]) {
        expect((await service.ask(path + query, patching({ reason: "second" }, seen))).status).toBe(412);
        expect((await service.ask(path + query, deleting(seen))).status).toBe(412);
      }
      expect((await service.ask(path)).body.reason).toBe("first");
    });

    test("edits downtimes from a date or from an occurrence on", async () => {
      const longer = { rule: { ...plan.rule, minutes: 90 } };
      const tried = await service.ask<Outcome>(`${path}?from=2026-11-26&dry_run=1`, patching(longer));
      expect(tried.body).toMatchObject({ series: null, changed: 2, created: 0 });
      const name = encodeURIComponent(tried.body.occurrences[0]?.occurrence ?? "");
      const { status, body } = await service.ask<Outcome>(`${path}?from=${name}`, patching(longer));
      expect([status, body.changed, body.series.from]).toEqual([200, 2, "2026-11-26"]);
      expect((await rows()).results.map(({ end }) => end.slice(11, 16))).toEqual([
        ...["07:00", "07:00", "07:00"],
        ...["07:30", "07:30"],
      ]);
    });

    test("ends a series from a date, and deletes all of it", async () => {
      const ended = await service.ask<Outcome>(`${path}?from=2026-11-25`, deleting());
      expect(ended).toMatchObject({ status: 200, body: { deleted: 3, series: { ended: "2026-11-25" } } });
      expect((await rows()).count).toBe(2);
      const [first] = (await rows()).results;
      await service.ask(`/api/${first?.id}/`, patching({ reason: "by hand" }));
      const { body } = await service.ask<Outcome>(path, deleting());
      expect(body).toMatchObject({ deleted: 1, by_hand: [{ id: first?.id, reason: "by hand" }] });
      expect((await service.ask(path)).status).toBe(200);
      await service.send(`/api/${first?.id}/`, deleting());
      expect(await service.ask<Outcome>(path, deleting())).toMatchObject({ status: 200, body: { series: null } });
      expect((await service.ask(path)).status).toBe(404);
    });

    test("downtimes that were deleted individually don't come back, and are listed", async () => {
      const [first] = (await rows()).results;
      await service.send(`/api/${first?.id}/`, deleting());
      const { body } = await service.ask<Outcome>(path, patching({ reason: "Schools" }));
      expect(body).toMatchObject({ changed: 4, created: 0 });
      expect(body.by_hand).toMatchObject([{ id: null, occurrence: "2026-11-23 ogg.clma.2m0a.", start: first?.start }]);
    });

    test("users who aren't staff create, edit and end only their own series", async () => {
      expect((await service.ask(path, patching({ reason: "mine" }, as("ben")))).status).toBe(403);
      expect((await service.ask(`${path}?dry_run=1`, patching({ reason: "mine" }, as("ben")))).status).toBe(403);
      expect((await service.ask(path, deleting(as("ben")))).status).toBe(403);
      const { body } = await create({ ...plan, reason: "Ben's" }, asBasic("ben"));
      const own = `/api/series/${body.series.id}/`;
      expect((await service.ask(own, patching({ reason: "Ben's own" }, as("ben")))).status).toBe(200);
      expect((await service.ask(own, deleting(as("ben")))).status).toBe(200);
    });

    test("names every invalid field by its path, and saves nothing", async () => {
      const count = (await rows("")).count;
      expect(await errorsOf({})).toEqual({
        scopes: ["This field is required."],
        rule: ["This field is required."],
      });
      expect(
        await errorsOf({ ...plan, scopes: [{ site: "nop" }], breaks: [{ from: "2027-01-02", to: "2027-01-01" }] }),
      ).toEqual({
        "scopes.0.site": ['"nop" is not a valid choice.'],
        "breaks.0.to": ["The last day must not be before the first."],
      });
      const ruled = (rrule: string, start = plan.rule.start) => ({ ...plan, rule: { ...plan.rule, rrule, start } });
      expect(await errorsOf(ruled("FREQ=SOMETIMES"))).toEqual({ "rule.rrule": [expect.any(String)] });
      expect(await errorsOf(ruled("FREQ=DAILY;COUNT=5", "2036-01-01T00:00:00"))).toEqual({
        "rule.rrule": [expect.stringContaining("A series may reach 2 years ahead")],
      });
      const many = await errorsOf(ruled("FREQ=HOURLY;COUNT=5001"));
      expect(Object.values(many).flat().join()).toContain("Maximum 5,000 downtimes");
      const breaks = [{ from: "2026-11-01", to: "2026-12-31" }];
      const misspelt = { break: ["Unknown field."] };
      expect(await errorsOf({ ...plan, break: breaks })).toEqual(misspelt);
      expect(await service.ask(path, patching({ break: breaks }))).toMatchObject({ status: 400, body: misspelt });
      const { history } = (await service.ask<{ history: object[] }>(path)).body;
      const { results } = (await service.ask<Rows>("/api/series/")).body;
      for (const answer of [(await service.ask(path)).body, results[0], history[0]])
        expect(await service.ask(path, patching(answer))).toMatchObject({ status: 200, body: { unchanged: 5 } });
      expect(await errorsOf({ ...plan, breaks })).toEqual({ rule: [expect.stringContaining("No occurrences remain")] });
      expect((await rows("")).count).toBe(count);
    });

    test("names an invalid parameter", async () => {
      expect(await errorsOf(plan, "?dry_run=perhaps")).toEqual({ dry_run: ["Enter 1 or 0."] });
      expect(await service.ask(`${path}?from=soon`, deleting())).toEqual({
        status: 400,
        body: { from: ["Enter a date such as 2027-01-12."] },
      });
      expect((await service.ask(`${path}?from=2026-13-01`, patching({}))).status).toBe(400);
    });

    test("accepts only JSON", async () => {
      const form = { method: "POST", headers: as("ada"), body: new URLSearchParams({ reason: "x" }) };
      expect(await service.ask("/api/series/", form)).toEqual({
        status: 415,
        body: { detail: expect.stringContaining("Unsupported media type") },
      });
      expect((await service.ask(path, { ...form, method: "PATCH" })).status).toBe(415);
      expect((await create([plan])).body).toEqual({
        non_field_errors: ["Invalid data. Expected a dictionary, but got list."],
      } as never);
    });

    test("`begun` has three values: absent includes active downtimes, 0 none, 1 past ones too", async () => {
      const now = service.clock();
      service.clock.set(Date.parse("2026-11-25T06:30:00Z"));
      const tried = await service.ask<Outcome>(`${path}?dry_run=1`, patching({ reason: "x" }));
      expect(tried.body).toMatchObject({ changed: 4, begun: 1 });
      const neither = await service.ask<Outcome>(`${path}?dry_run=1&begun=0`, patching({ reason: "x" }));
      expect(neither.body).toMatchObject({ changed: 3, begun: 2 });
      const all = await service.ask<Outcome>(`${path}?dry_run=1&begun=1`, patching({ reason: "x" }));
      expect(all.body).toMatchObject({ changed: 5, begun: 0 });
      expect((await service.ask(path, deleting())).body).toMatchObject({ deleted: 3, begun: 2, series: { id } });
      expect((await service.ask(`${path}?begun=1`, deleting())).body).toMatchObject({ deleted: 2, series: null });
      service.clock.set(now);
    });

    test("ends now: active downtimes end, upcoming ones are deleted, and their hours stay in the report", async () => {
      const now = service.clock();
      const before = await rows();
      service.clock.set(Date.parse("2026-11-25T06:30:00Z"));
      const tried = await service.ask<Outcome>(`${path}?from=now&dry_run=1`, deleting());
      expect(tried.body).toMatchObject({ changed: 1, deleted: 3, begun: 1, series: null, warning: null });
      expect(await rows()).toEqual(before);
      const { status, body } = await service.ask<Outcome>(`${path}?from=now`, deleting());
      expect([status, body]).toEqual([200, expect.objectContaining({ changed: 1, deleted: 3, begun: 1 })]);
      expect((await rows()).results.map(({ end }) => end)).toEqual(["2026-11-24T07:00:00Z", "2026-11-25T06:30:00Z"]);
      const report = await service.ask("/api/report/?start=2026-11-24&end=2026-11-26");
      expect(JSON.stringify(report.body)).toContain("5400");
      const again = await service.ask<Outcome>(`${path}?from=now`, deleting());
      expect(again.body).toMatchObject({ warning: "No downtime was edited: 2 active or past." });
      expect(await service.ask(`${path}?from=now`, patching({ reason: "x" }))).toEqual({
        status: 400,
        body: { from: [expect.stringContaining("`now` is only valid for DELETE")] },
      });
      service.clock.set(now);
    });

    test("warns with a reason when no downtime was edited", async () => {
      const same = await service.ask<Outcome>(path, patching({ reason: "Education" }));
      expect(same.body).toMatchObject({ warning: "No downtime was edited: 5 already as planned.", unchanged: 5 });
      const now = service.clock();
      service.clock.set(Date.parse("2026-12-25T06:30:00Z"));
      const late = await service.ask<Outcome>(path, patching({ reason: "Too late" }));
      expect(late.body).toMatchObject({ changed: 0, warning: "No downtime was edited: 5 active or past." });
      const { history } = (await service.ask<{ history: object[] }>(path)).body;
      expect(history.at(-1)).toMatchObject({ reason: "Too late", warning: late.body.warning });
      service.clock.set(now);
    });

    test("shows in the change log and in subscribed calendars", async () => {
      const { next } = (await service.ask<{ next: string }>("/api/changes/?since=latest")).body;
      await service.ask(`${path}?from=2026-11-25`, deleting());
      const { results } = (await service.ask<{ results: object[] }>(`/api/changes/?since=${next}`)).body;
      expect(results).toMatchObject(Array(3).fill({ action: "delete", by: "ada", downtime: { series: id } }));
      const calendar = await (await service.send(`/calendar.ics?series=${id}`)).text();
      expect(calendar.match(/BEGIN:VEVENT/g)).toHaveLength(5);
      expect(calendar.match(/STATUS:CANCELLED/g)).toHaveLength(3);
    });

    test("a series that moves by a day is moved in subscribed calendars, not cancelled", async () => {
      const url = `/calendar.ics?series=${id}`;
      const uids = (text: string) => text.match(/^UID:.*$/gm)?.sort();
      const before = await (await service.send(url)).text();
      await service.ask(path, patching({ rule: { ...plan.rule, start: plan.rule.start.replace("-23T", "-24T") } }));
      const after = await (await service.send(url)).text();
      expect(uids(after)).toEqual(uids(before));
      expect(after).not.toContain("STATUS:CANCELLED");
      expect(after.match(/^DTSTART:202611(25|26|27|28|29)T060000Z/gm)).toHaveLength(5);
    });

    test("methods and paths work as for downtimes", async () => {
      const options = await service.send("/api/series/", { method: "OPTIONS" });
      expect(options.headers.get("allow")).toBe("GET, POST, HEAD, OPTIONS");
      const put = await service.send(path, { ...posting(plan), method: "PUT" });
      expect([put.status, put.headers.get("allow")]).toEqual([405, "GET, PATCH, DELETE, HEAD, OPTIONS"]);
      expect((await service.send(path, { method: "HEAD" })).status).toBe(200);
      expect((await service.send("/api/series")).headers.get("location")).toBe("/api/series/");
      expect((await service.send(`/api/series/${id}`)).headers.get("location")).toBe(path);
    });
  });
