import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { as, engines, posting, type Service, startService } from "../harness.ts";

const year = { start: "2020-01-01T00:00:00Z", end: "2020-12-31T00:00:00Z" };
const place = { site: "coj", enclosure: "doma", telescope: "1m0a", instrument_type: "" };
interface Row {
  id: number;
  start: string;
  end: string;
  reason: string;
}
type Content = { "application/json": { example: { uptimes: unknown[] }[] } };
type Paths = { "/api/uptime/": { post: { requestBody: { content: Content } } } };
type Rows = { count: number; results: Row[] };

/** A portal that knows the semesters. */
function startPortal() {
  const asked: URLSearchParams[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) => {
      const { pathname, searchParams } = new URL(url);
      asked.push(searchParams);
      if (pathname !== "/api/semesters/") return new Response("", { status: 404 });
      const next = { start: year.end, end: "2021-12-31T00:00:00Z" };
      const results = [year, next].filter(
        ({ start, end }) => end > (searchParams.get("end_gt") ?? "") && start <= (searchParams.get("start_lte") ?? ""),
      );
      return Response.json({ count: results.length, results });
    },
  });
  return { asked, url: server.url.href.replace(/\/$/, ""), stop: () => server.stop(true) };
}

for (const engine of engines)
  describe(`/api/uptime/ on ${engine}`, () => {
    let service: Service;
    let portal: ReturnType<typeof startPortal>;
    beforeAll(async () => {
      portal = startPortal();
      service = await startService({ engine, settings: { OBS_PORTAL_URL: portal.url } });
    });
    afterAll(async () => {
      await service.stop();
      await portal.stop();
    });

    const rowsOf = async (query = "") =>
      (await service.ask<Rows>(`/api/?site=coj&order=start&limit=100${query}`)).body.results;
    const timesOf = (rows: readonly Row[]) => rows.map(({ start, end }) => [start, end]);
    const clear = async () => {
      for (const { id } of await rowsOf()) await service.send(`/api/${id}/`, { method: "DELETE", headers: as("ada") });
    };
    const post = (body: unknown, query = "", headers = as("ada")) =>
      service.ask(`/api/uptime/${query}`, posting(body, headers));
    const grant = async (uptimes: unknown[], more: object = {}) => {
      const answer = await post([{ ...place, uptimes, ...more }]);
      expect(answer).toMatchObject({ status: 200, body: { success: true } });
    };
    const days = (...all: string[]) => all.map((day) => ({ day }));
    const undoNewest = async () => {
      const changes = await service.ask<{ results: { change_set: number }[] }>("/api/changes/?limit=1000");
      const id = Math.max(...changes.body.results.map(({ change_set }) => change_set));
      expect((await service.ask(`/api/changesets/${id}/undo/`, posting({}))).status).toBe(200);
    };
    const upIn = async (span: { start: string; end: string }) => {
      const query = new URLSearchParams({ ...place, ...span });
      return (await service.ask<{ uptimes: [string, string][] }>(`/api/uptime/?${query}`, { headers: as("ada") })).body;
    };

    test("closes the semester except for three nights", async () => {
      await clear();
      await grant(days("2020-10-10", "2020-10-11", "2020-10-12"));
      const rows = await rowsOf();
      expect(rows).toHaveLength(4);
      expect([rows[0]?.start, rows[3]?.end]).toEqual([year.start, year.end]);
      expect(rows[0]?.end).toStartWith("2020-10-10T09:0");
      expect(rows[3]?.start).toStartWith("2020-10-12T");
      expect(new Set(rows.map(({ reason }) => reason))).toEqual(new Set(["Created through uptime API"]));
      const { uptimes, ...read } = await upIn(year);
      expect(read as unknown).toEqual({ ...year, ...place });
      expect(uptimes).toHaveLength(3);
      for (const [start, end] of uptimes) expect(Date.parse(end) - Date.parse(start)).toBeGreaterThan(4 * 3_600_000);
    });

    test("answers with nothing more than success, and asks the portal for the semesters of the nights", async () => {
      await clear();
      portal.asked.length = 0;
      expect((await post([{ ...place, uptimes: days("2020-10-10") }])).body).toEqual({ success: true });
      expect(portal.asked.map((query) => query.get("end_gt")?.slice(0, 10))).toEqual(["2020-10-10"]);
    });

    test("cuts two nights into a downtime of the whole semester, which keeps its id", async () => {
      await clear();
      const stored = await service.ask<Row>("/api/", posting({ ...place, ...year, reason: "Closed" }));
      await grant(days("2020-10-10", "2020-11-11"));
      const rows = await rowsOf();
      expect(rows).toHaveLength(3);
      expect(rows[0]?.id).toBe(stored.body.id);
      expect(rows.map(({ reason }) => reason)).toEqual(["Closed", "Closed", "Closed"]);
      await grant([
        { day: "2020-10-10", remove: true },
        { day: "2020-11-11", remove: true },
      ]);
      expect(await rowsOf()).toMatchObject([{ id: stored.body.id, ...year, reason: "Closed" }]);
    });

    test("adds and removes a night, which leaves one downtime of the whole semester", async () => {
      await clear();
      await grant(days("2020-10-10"));
      await grant([{ day: "2020-10-10", remove: true }]);
      expect(timesOf(await rowsOf())).toEqual([[year.start, year.end]]);
    });

    test("takes halves that make the whole night, in one request or in two", async () => {
      await clear();
      const halves = ["first_half", "second_half"].map((portion_of_night) => ({ day: "2020-10-10", portion_of_night }));
      await grant(days("2020-10-10"));
      const whole = timesOf(await rowsOf());
      await clear();
      await grant(halves);
      expect(timesOf(await rowsOf())).toEqual(whole);
      await clear();
      for (const half of halves) await grant([half]);
      expect(timesOf(await rowsOf())).toEqual(whole);
      await grant([halves[1] ?? {}].map((half) => ({ ...half, remove: true })));
      expect((await upIn(year)).uptimes).toHaveLength(1);
      await grant([{ day: "2020-10-10", remove: true }]);
      expect((await upIn(year)).uptimes).toEqual([]);
    });

    test("moves the edges of a night by late_start and early_end, but not the inner edges of halves", async () => {
      const upOf = async (more: object) => {
        await clear();
        await grant([{ day: "2020-10-10", ...more }]);
        return ((await upIn(year)).uptimes[0] ?? []).map((at) => Date.parse(at) / 60_000) as [number, number];
      };
      const [start, end] = await upOf({});
      expect(await upOf({ late_start: 60 })).toEqual([start + 60, end]);
      expect(await upOf({ early_end: "0.5" })).toEqual([start, end - 0.5]);
      const [, middle] = await upOf({ portion_of_night: "first_half" });
      expect(await upOf({ portion_of_night: "first_half", late_start: 30, early_end: 30 })).toEqual([
        start + 30,
        middle,
      ]);
      expect(await upOf({ portion_of_night: "second_half", late_start: 30, early_end: 30 })).toEqual([
        middle,
        end - 30,
      ]);
    });

    test("keeps instrument types apart", async () => {
      await clear();
      const code = "1m0-SciCam-Sinistro";
      await grant(days("2020-10-10"), { instrument_type: code });
      await grant(days("2020-10-12"));
      expect(await rowsOf(`&instrument_type=${code}`)).toHaveLength(2);
      expect(await rowsOf()).toHaveLength(4);
    });

    test("keeps the ids of downtimes whose times stay, and can be undone", async () => {
      await clear();
      await grant(days("2020-10-10", "2020-10-14"));
      const before = await rowsOf();
      await grant(days("2020-10-12"), { reason: "Partner" });
      const after = await rowsOf();
      expect(after.map(({ id }) => id)).toEqual(
        [before[0], before[1], undefined, before[2]].map((row, index) => row?.id ?? after[index]?.id ?? 0),
      );
      expect(after.map(({ reason }) => reason)).toEqual([
        "Created through uptime API",
        "Partner",
        "Partner",
        "Created through uptime API",
      ]);
      await undoNewest();
      expect(timesOf(await rowsOf())).toEqual(timesOf(before));
    });

    test("leaves a mirror wash inside a granted night, and cuts a closure around one", async () => {
      await clear();
      await grant(days("2020-10-10"));
      const wash = { ...place, start: "2020-10-10T12:00:00Z", end: "2020-10-10T13:00:00Z", reason: "Mirror wash" };
      const closure = { ...place, start: "2020-11-01T00:00:00Z", end: "2020-11-20T00:00:00Z", reason: "Realuminizing" };
      await service.send("/api/", posting(wash));
      await service.send("/api/", posting(closure));
      await grant(days("2020-10-10", "2020-10-11", "2020-11-11"));
      const reasons = (await rowsOf()).map(({ reason }) => reason);
      expect(reasons.filter((reason) => reason === "Mirror wash")).toHaveLength(1);
      expect(reasons.filter((reason) => reason === "Realuminizing")).toHaveLength(2);
      expect((await upIn(year)).uptimes).toHaveLength(4);
    });

    test("cuts an occurrence of a series, which the series leaves alone from then on", async () => {
      await clear();
      const rule = {
        kind: "calendar",
        zone: "UTC",
        start: "2027-03-01T00:00:00",
        minutes: 4320,
        rrule: "FREQ=WEEKLY;COUNT=2",
      };
      const scopes = [{ site: "coj", telescope: "1m0a" }];
      const series = await service.ask<{ series: { id: number } }>(
        "/api/series/",
        posting({ reason: "Course", scopes, rule }),
      );
      await grant(days("2027-03-02"), { start: "2027-02-01T00:00:00Z", end: "2027-08-01T00:00:00Z" });
      const before = timesOf(await rowsOf());
      expect(before).toHaveLength(5);
      const ended = await service.ask<{ by_hand: unknown[] }>(`/api/series/${series.body.series.id}/?dry_run=1`, {
        method: "DELETE",
        headers: as("ada"),
      });
      expect(ended.body.by_hand).toHaveLength(1);
      await undoNewest();
      expect(await rowsOf()).toHaveLength(2);
    });

    test("closes the semester around a foreign downtime when it is the first grant", async () => {
      await clear();
      await service.send("/api/", posting({ ...place, start: "2020-10-10T12:00:00Z", end: "2020-10-10T13:00:00Z" }));
      await grant(days("2020-10-10"));
      expect(await rowsOf()).toHaveLength(3);
    });

    test("shows with dry_run what would change, and stores nothing", async () => {
      await clear();
      const { status, body } = await post([{ ...place, uptimes: days("2020-10-10") }], "?dry_run=1");
      expect(status).toBe(200);
      expect(body).toMatchObject({
        success: true,
        dry_run: true,
        results: [{ ...place, ...year, created: [{ start: year.start }, { end: year.end }], changed: [], deleted: [] }],
      });
      expect(await rowsOf()).toEqual([]);
    });

    test("handles each semester by itself, or the one that the group has", async () => {
      await clear();
      await grant(days("2020-10-10", "2021-10-10"));
      expect(await rowsOf()).toHaveLength(4);
      await clear();
      portal.asked.length = 0;
      await grant(days("2020-10-10"), { start: "2020-10-01T00:00:00Z", end: "2020-11-01T00:00:00Z" });
      expect(timesOf(await rowsOf()).flat()).toContain("2020-11-01T00:00:00Z");
      expect(portal.asked).toEqual([]);
    });

    test("names what is wrong with each group, and stores nothing", async () => {
      await clear();
      const good = { ...place, uptimes: days("2020-10-10") };
      const errorsOf = async (...bad: object[]) => {
        const { status, body } = await post([good, ...bad.map((more) => ({ ...good, ...more }))]);
        expect(status).toBe(400);
        return body as unknown;
      };
      expect(await errorsOf({ instrument_type: "INVALID" })).toEqual([
        {},
        { instrument_type: ['"INVALID" is not a valid choice.'] },
      ]);
      expect(await errorsOf({ instrument_type: "2M0-SCICAM-MUSCAT" }, { site: "nop" })).toEqual([
        {},
        {
          non_field_errors: [
            "The site, enclosure, telescope, and instrument_type combination coj.doma.1m0a.2M0-SCICAM-MUSCAT does not exist in Configdb",
          ],
        },
        { site: ['"nop" is not a valid choice.'] },
      ]);
      expect(
        await errorsOf({ uptimes: [{ day: "2020-10-10" }, { day: "soon", late_start: -1 }] }, { uptimes: undefined }),
      ).toEqual([
        {},
        {
          uptimes: [
            {},
            {
              day: ["Enter a date such as 2027-01-12."],
              late_start: ["Enter a number of minutes, 0 or more."],
            },
          ],
        },
        { uptimes: ["This must be a list of at most 400 nights."] },
      ]);
      expect(await errorsOf({ uptimes: days("2030-10-10") })).toEqual({
        error: "The night of 2030-10-10 is in no semester.",
      });
      expect(await errorsOf({ start: year.start })).toEqual([{}, { end: ["This field is required."] }]);
      expect(await errorsOf({ uptimes: [{ day: "2020-10-10", late_start: 900 }] })).toEqual([
        {},
        { uptimes: [{ day: ["Nothing of this night is left."] }] },
      ]);
      expect((await post({ ...good })).body as unknown).toEqual({
        non_field_errors: ['Expected a list of items but got type "dict".'],
      });
      expect(await rowsOf()).toEqual([]);
    });

    test("is for staff alone", async () => {
      const body = [{ ...place, uptimes: days("2020-10-10") }];
      expect((await post(body, "", as("ben"))).status).toBe(403);
      expect((await post(body, "", {} as ReturnType<typeof as>)).status).toBe(401);
      expect((await service.ask("/api/uptime/", { headers: as("ben") })).status).toBe(403);
      expect((await service.ask("/api/uptime/")).status).toBe(401);
    });

    test("names the required parameters", async () => {
      const missing = ["This field is required."];
      expect((await service.ask("/api/uptime/", { headers: as("ada") })).body).toEqual({
        ...{ site: missing, enclosure: missing, telescope: missing, start: missing, end: missing },
      });
    });

    test("clips the uptimes to the span, and has none where nothing is down", async () => {
      await clear();
      expect((await upIn(year)).uptimes).toEqual([]);
      await grant(days("2020-10-10"));
      const [[start = "", end = ""] = []] = (await upIn(year)).uptimes;
      const later = new Date(Date.parse(start) + 60_000).toISOString().replace(".000", "");
      expect((await upIn({ start: later, end: year.end })).uptimes).toEqual([[later, end]]);
    });
  });

test("the Observation Portal of sign-in is asked for the semesters too", async () => {
  const portal = startPortal();
  const paths = ["OAUTH_TOKEN_URL", "OAUTH_PROFILE_URL"].map((name) => [name, `${portal.url}/some/path/`]);
  const service = await startService({ settings: { ...Object.fromEntries(paths), OAUTH_CLIENT_ID: "downtime" } });
  const group = { ...place, uptimes: [{ day: "2020-10-10" }] };
  expect((await service.ask("/api/uptime/?dry_run=1", posting([group]))).status).toBe(200);
  expect(portal.asked).toHaveLength(1);
  await service.stop();
  await portal.stop();
});

describe("Without an Observation Portal", () => {
  test("the examples of the README and of the OpenAPI document grant nights of the example observatory", async () => {
    const service = await startService({ settings: { CONFIGDB_URL: "" } });
    const readme = await Bun.file(join(import.meta.dir, "../../README.md")).text();
    const [, written = ""] = /### Granted nights\n.*?```json\n(.*?)```/s.exec(readme) ?? [];
    const document = await service.ask<{ paths: Paths }>("/openapi.json");
    const { example } = document.body.paths["/api/uptime/"].post.requestBody.content["application/json"];
    for (const body of [JSON.parse(written), example]) {
      const answer = await service.ask("/api/uptime/?dry_run=1", posting(body));
      const created = [...body[0].uptimes, "the rest"].map(() => ({ site: "sud", reason: "Granted nights" }));
      expect(answer).toMatchObject({ status: 200, body: { success: true, results: [{ created }] } });
    }
    await service.stop();
  });

  test("the setting SEMESTERS has the semesters, which begin on the same days each year", async () => {
    const service = await startService({ settings: { SEMESTERS: "02-01, 06-15, 08-01" } });
    const spansOf = async (...nights: string[]) => {
      const group = { ...place, uptimes: nights.map((day) => ({ day })) };
      const answer = await service.ask<{ results: object[] }>("/api/uptime/?dry_run=1", posting([group]));
      return answer.body.results;
    };
    expect(await spansOf("2027-01-15", "2027-06-14")).toMatchObject([
      { start: "2026-08-01T00:00:00Z", end: "2027-02-01T00:00:00Z" },
      { start: "2027-02-01T00:00:00Z", end: "2027-06-15T00:00:00Z" },
    ]);
    expect(await spansOf("2027-06-15")).toMatchObject([{ start: "2027-06-15T00:00:00Z", end: "2027-08-01T00:00:00Z" }]);
    await service.stop();
  });

  test("a group needs its semester, and an unreachable one is an error that stores nothing", async () => {
    for (const settings of [{}, { OBS_PORTAL_URL: "http://127.0.0.1:1" }]) {
      const service = await startService({ settings: { ...settings } });
      const group = { ...place, uptimes: [{ day: "2020-10-10" }] };
      const answer = await service.ask("/api/uptime/", posting([group]));
      expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining("semesters") } });
      expect((await service.ask("/api/uptime/", posting([{ ...group, ...year }]))).status).toBe(200);
      await service.stop();
    }
  });
});
