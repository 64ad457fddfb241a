import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { quickSpans } from "../../src/availability/query-params.ts";
import { parseInstant } from "../../src/time/instant.ts";
import { engines, noon, type Service, startService } from "../harness.ts";

// biome-ignore lint/suspicious/noExplicitAny: responses are read as clients read them, without types
type Body = any;

for (const engine of engines)
  describe(`the accounting of nights on ${engine}`, () => {
    let service: Service;
    const place = { site: "ogg", enclosure: "clma", telescope: "2m0a" };
    /** Adds an hour in the night after the 23rd, from an hour of the day in UTC on. */
    const addHour = (from: number, more: object) =>
      service.add({
        ...place,
        start: `2026-11-24T${String(from).padStart(2, "0")}:00:00Z`,
        end: `2026-11-24T${String(from + 1).padStart(2, "0")}:00:00Z`,
        ...more,
      });
    beforeAll(async () => {
      service = await startService({ engine });
      await addHour(8, { reason: "Storm", category: "weather" });
      await addHour(9, { reason: "Shutter", category: "fault" });
      await addHour(10, { reason: "Mirror wash", category: "maintenance" });
      await addHour(11, { reason: "RTI" });
      // Stored at 12:00 on the 22nd: an hour before its start exactly, and a second less.
      await service.add({ ...place, start: "2026-11-22T13:00:00Z", end: "2026-11-22T14:00:00Z", reason: "In time" });
      await service.add({ ...place, start: "2026-11-22T12:59:59Z", end: "2026-11-22T13:00:00Z", reason: "Late" });
    });
    afterAll(() => service.stop());

    const span = "start=2026-11-20&end=2026-11-26&site=ogg&telescope=2m0a";
    const report = async (rest = ""): Promise<Body> =>
      (await service.ask<Body>(`/api/report/?${span}${rest}`)).body.telescopes[0];
    const csv = async (path: string) => {
      const text = await (await service.send(path)).text();
      const [head = "", ...lines] = text.replace("\uFEFF", "").trim().split("\n");
      const names = head.split(",");
      return lines.map((line) => Object.fromEntries(line.split(",").map((cell, index) => [names[index], cell])));
    };

    test("tells planned from unplanned, by category and by how early it was stored", async () => {
      expect(noon).toBe(Date.parse("2026-11-22T12:00:00Z"));
      const { kinds, categories, seconds_lost, dark_seconds_lost } = await report();
      expect(kinds.map((one: Body) => [one.kind, one.seconds_lost])).toEqual([
        ["planned", 3 * 3600],
        ["unplanned", 2 * 3600 + 1],
      ]);
      expect(seconds_lost).toBe(5 * 3600 + 1);
      for (const list of [kinds, categories])
        expect(list.reduce((sum: number, one: Body) => sum + one.dark_seconds_lost, 0)).toBe(dark_seconds_lost);
    });

    test("has the fraction of each night, by the date of its evening, which add up to the nights lost", async () => {
      const { each_night, nights_lost, dark } = await report();
      expect(each_night.map((one: Body) => [one.night, one.dark_seconds_lost])).toEqual([
        ["2026-11-21", 3601],
        ["2026-11-23", 4 * 3600],
      ]);
      const sum = each_night.reduce((all: number, one: Body) => all + one.nights_lost, 0);
      expect(sum).toBeCloseTo(nights_lost, 3);
      expect(dark).toBe("nautical");
      const [first] = (await report("&dark=astronomical")).each_night;
      expect(first.nights_lost).toBeGreaterThan(each_night[0].nights_lost);
    });

    test("is CSV by reason, category, kind or night", async () => {
      const path = `/api/report/?${span}&format=csv`;
      const [json, byReason] = [await report(), await csv(path)];
      expect(byReason.map(({ reason }) => reason)).toContain("Mirror wash");
      expect((await csv(`${path}&by=category`)).map(({ category }) => category)).toContain("weather");
      expect((await csv(`${path}&by=kind`)).map(({ kind, hours_lost }) => [kind, hours_lost])).toEqual([
        ["planned", "3"],
        ["unplanned", "2.0003"],
      ]);
      const nights = await csv(`${path}&by=night`);
      expect(nights.map(({ night, nights_lost, dark }) => [night, Number(nights_lost), dark])).toEqual(
        json.each_night.map((one: Body) => [one.night, one.nights_lost, "nautical"]),
      );
      const { status, body } = await service.ask<Body>(`${path}&by=moon`);
      expect([status, Object.keys(body)]).toEqual([400, ["by"]]);
    });

    test("takes ten years, but availability two", async () => {
      const years = async (path: string, end: string) =>
        (await service.ask(`/api/${path}/?start=2020-01-01&end=${end}`)).status;
      expect(await years("report", "2030-01-01")).toBe(200);
      expect(await years("report", "2030-01-03")).toBe(400);
      expect(await years("availability", "2022-01-02")).toBe(400);
    });

    test("is on the page, with spans to select", async () => {
      const page = await (await service.send(`/report?${span}&category=weather`)).text();
      expect(page).toContain("Dark hours lost planned and unplanned");
      for (const label of quickSpans(parseInstant("2026-11-22T12:00:00Z") ?? expect.unreachable()).keys())
        expect(page).toContain(label);
      const year = await (await service.send("/report?start=2026-01-01&end=2027-01-01")).text();
      expect(year).toMatch(/aria-current="true">\s*This year/);
    });

    test("exports availability as CSV and as ECSV, with what JSON has", async () => {
      const path = `/api/availability/?start=2026-11-24T08:30:00Z&end=2026-11-24T20:00:00Z&site=ogg&telescope=2m0a`;
      const [telescope] = (await service.ask<Body>(path)).body.telescopes;
      const lines = await csv(`${path}&format=csv`);
      expect(lines.map(({ state, start, end }) => [state, start, end])).toEqual([
        ...telescope.blocked.map((one: Body) => ["down", one.start, one.end]),
        ...telescope.free.map((one: Body) => ["available", one.start, one.end]),
      ]);
      expect(lines[0]).toMatchObject({ instrument_type: "", dark: "nautical", downtimes: "1 2 3 4" });
      expect((Number(lines[0]?.end_mjd) - Number(lines[0]?.start_mjd)) * 24).toBeCloseTo(3.5, 3);
      const response = await service.send(`${path}&format=ecsv`);
      expect(response.headers.get("content-disposition")).toContain("availability-2026-11-24-2026-11-24.ecsv");
      const [version, , delimiter, ...rest] = (await response.text()).split("\n");
      expect([version, delimiter]).toEqual(["# %ECSV 1.0", "# delimiter: ','"]);
      const types = rest.filter((line) => line.startsWith("# - {name"));
      expect(rest.find((line) => !line.startsWith("#"))?.split(",")).toHaveLength(types.length);
    });
  });

test("spans to select are whole months, and semesters begin in February and August", () => {
  const spans = (now: string) =>
    [...quickSpans(parseInstant(now) ?? expect.unreachable())].map(([label, { start, end }]) =>
      [label, start.slice(0, 10), end.slice(0, 10)].join(" "),
    );
  expect(spans("2026-11-22T12:00:00Z")).toEqual([
    "Last 30 days 2026-10-23 2026-11-22",
    "Last month 2026-10-01 2026-11-01",
    "This year 2026-01-01 2027-01-01",
    "Last year 2025-01-01 2026-01-01",
    "Semester 2026B 2026-08-01 2027-02-01",
  ]);
  for (const [now, semester] of [
    ["2027-01-31T23:59:59Z", "Semester 2026B 2026-08-01 2027-02-01"],
    ["2027-02-01T00:00:00Z", "Semester 2027A 2027-02-01 2027-08-01"],
    ["2027-07-31T23:59:59Z", "Semester 2027A 2027-02-01 2027-08-01"],
    ["2027-08-01T00:00:00Z", "Semester 2027B 2027-08-01 2028-02-01"],
  ] as const)
    expect(spans(now).at(-1)).toBe(semester);
  expect(spans("2027-01-05T00:00:00Z")[1]).toBe("Last month 2026-12-01 2027-01-01");
});
