import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { checkDraft } from "../../src/downtime/downtime.ts";
import { toInstant } from "../../src/time/instant.ts";
import { draft, engines, facility, noon, type Service, startService } from "../harness.ts";

// biome-ignore lint/suspicious/noExplicitAny: responses are read as clients read them, without types
type Body = any;

for (const engine of engines)
  describe(`availability, why and report on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine });
      await service.add(); // 1: ogg clma 2m0a, 08:00 to 09:30 on the 23rd
      await service.add({ start: "2026-11-23T09:00:00Z", end: "2026-11-23T10:00:00Z", reason: "RTI" });
      await service.add({ start: "2026-11-23T08:30:00Z", instrument_type: "2M0-FLOYDS-SCICAM", reason: "Detector" });
      for (const [site, enclosure] of [
        ["coj", "doma"],
        ["tst", "doma"],
      ])
        await service.add({
          site,
          enclosure,
          telescope: "1m0a",
          start: "2026-11-22T11:00:00Z",
          end: "2026-11-22T13:00:00Z",
        });
    });
    afterAll(() => service.stop());

    const ask = async (path: string): Promise<Body> => (await service.ask<Body>(path)).body;
    const expectBadRequest = async (path: string) => {
      const { status, body } = await service.ask<Body>(path);
      expect(status).toBe(400);
      return body;
    };

    describe("availability", () => {
      test("lists blocked and free intervals, and instrument types separately", async () => {
        const { telescopes, ...span } = await ask(
          "/api/availability/?start=2026-11-23 08:00&end=2026-11-23T12:00:00Z&site=ogg&telescope=2m0a",
        );
        expect(span).toEqual({ start: "2026-11-23T08:00:00Z", end: "2026-11-23T12:00:00Z" });
        expect(telescopes).toEqual([
          {
            site: "ogg",
            enclosure: "clma",
            telescope: "2m0a",
            known: true,
            active: true,
            blocked_seconds: 7200,
            dark_blocked_seconds: 7200,
            blocked: [{ start: "2026-11-23T08:00:00Z", end: "2026-11-23T10:00:00Z", downtimes: [1, 2] }],
            free: [{ start: "2026-11-23T10:00:00Z", end: "2026-11-23T12:00:00Z" }],
            instrument_types: [
              {
                instrument_type: "2M0-FLOYDS-SCICAM",
                blocked_seconds: 3600,
                dark_blocked_seconds: 3600,
                blocked: [{ start: "2026-11-23T08:30:00Z", end: "2026-11-23T09:30:00Z", downtimes: [3] }],
              },
            ],
            state: "down",
            dark: "nautical",
          },
        ]);
      });

      test("gives each telescope's worst state in the range", async () => {
        const states = async (start: string, end: string, rest = "") =>
          (
            await ask(`/api/availability/?start=2026-11-23T${start}&end=2026-11-23T${end}&telescope=2m0a${rest}`)
          ).telescopes.map((one: Body) => one.state);
        expect(await states("07:00", "08:00")).toEqual(["available", "available"]);
        expect(await states("07:00", "08:00:01")).toEqual(["down", "available"]);
        const { id } = await service.add({
          instrument_type: "2M0-FLOYDS-SCICAM",
          start: "2026-11-23T11:00:00Z",
          end: "2026-11-23T12:00:00Z",
        });
        expect(await states("10:00", "11:00")).toEqual(["available", "available"]);
        expect(await states("10:00", "11:00:01")).toEqual(["partly_down", "available"]);
        expect(await states("11:59:59", "13:00")).toEqual(["partly_down", "available"]);
        expect(await states("12:00", "13:00")).toEqual(["available", "available"]);
        await service.services.downtimes.remove(id, { by: "ada", at: noon });
      });

      test("reads and writes Modified Julian Dates", async () => {
        const { start, telescopes } = await ask(
          "/api/availability/?start=61367&end=61367.5&telescope=2m0a&site=ogg&format=mjd",
        );
        expect([start, telescopes[0].blocked]).toEqual([
          61_367,
          [{ start: 61_367.333333, end: 61_367.416667, downtimes: [1, 2] }],
        ]);
      });

      test("excludes downtimes that end at the range's start or start at its end", async () => {
        const blocked = async (start: string, end: string) =>
          (await ask(`/api/availability/?site=ogg&telescope=2m0a&start=2026-11-23T${start}&end=2026-11-23T${end}`))
            .telescopes[0].blocked;
        expect(await blocked("07:00", "08:00")).toEqual([]);
        expect(await blocked("10:00", "11:00")).toEqual([]);
        expect(await blocked("07:00", "08:00:01")).toEqual([
          { start: "2026-11-23T08:00:00Z", end: "2026-11-23T08:00:01Z", downtimes: [1] },
        ]);
      });

      test("includes downtimes of the whole telescope when filtered by instrument type", async () => {
        const of = async (type: string) =>
          (await ask(`/api/availability/?start=2026-11-23&end=2026-11-24&instrument_type=${type}`)).telescopes.map(
            (one: Body) => [one.site, one.telescope, one.blocked_seconds, one.instrument_types.length],
          );
        expect(await of("2M0-FLOYDS-SCICAM")).toEqual([["ogg", "2m0a", 7200, 1]]);
        expect(await of("2M0-SCICAM-MUSCAT")).toEqual([
          ["ogg", "2m0a", 7200, 0],
          ["coj", "2m0a", 0, 0],
        ]);
      });

      test("reports all invalid parameters at once", async () => {
        expect(await expectBadRequest("/api/availability/?end=soon&site=nop&format=xml")).toEqual({
          start: ["This field is required."],
          end: ["Enter a valid date/time."],
          site: ["Select a valid choice. nop is not one of the available choices."],
          format: ["Select a valid choice. xml is not one of the available choices."],
        });
        expect(await expectBadRequest("/api/availability/?start=2026-01-02&end=2026-01-02")).toEqual({
          end: ["End time must be after start time"],
        });
        expect((await expectBadRequest("/api/availability/?start=2020-01-01&end=2026-01-01")).end[0]).toContain(
          "the maximum is 731 days",
        );
        expect((await service.send("/api/availability", { method: "GET" })).headers.get("location")).toBe(
          "/api/availability/",
        );
      });
    });

    describe("why", () => {
      const why = async (at: string, rest = "&site=ogg") =>
        (await ask(`/api/why/?telescope=2m0a&at=${at}${rest}`)).telescopes[0];
      const statusAt = async (at: string) => {
        const { blocked, until, downtimes, instrument_types } = await why(at);
        return [blocked, until?.slice(11, 16), downtimes.length, instrument_types.length];
      };

      test("names the blocking downtimes and their end at each boundary", async () => {
        expect(await statusAt("2026-11-23T07:59:59Z")).toEqual([false, "08:00", 0, 0]);
        expect(await statusAt("2026-11-23T08:00:00Z")).toEqual([true, "10:00", 1, 0]);
        expect(await statusAt("2026-11-23T08:30:00Z")).toEqual([true, "10:00", 1, 1]);
        expect(await statusAt("2026-11-23T09:00:00Z")).toEqual([true, "10:00", 2, 1]);
        expect(await statusAt("2026-11-23T09:30:00Z")).toEqual([true, "10:00", 1, 0]);
        expect(await statusAt("2026-11-23T10:00:00Z")).toEqual([false, undefined, 0, 0]);
      });

      test("a telescope with only an instrument type down is partly down", async () => {
        const state = async (at: string) => {
          const { blocked, state } = await why(at);
          return [blocked, state];
        };
        expect(await state("2026-11-23T07:59:59Z")).toEqual([false, "available"]);
        expect(await state("2026-11-23T08:30:00Z")).toEqual([true, "down"]);
        const { id } = await service.add({
          instrument_type: "2M0-FLOYDS-SCICAM",
          start: "2026-11-23T11:00:00Z",
          end: "2026-11-23T12:00:00Z",
        });
        expect(await state("2026-11-23T10:59:59Z")).toEqual([false, "available"]);
        expect(await state("2026-11-23T11:00:00Z")).toEqual([false, "partly_down"]);
        expect(await state("2026-11-23T12:00:00Z")).toEqual([false, "available"]);
        await service.services.downtimes.remove(id, { by: "ada", at: noon });
      });

      test("names who created the downtimes", async () => {
        const { downtimes, instrument_types } = await why("2026-11-23T08:30:00Z");
        expect(downtimes).toEqual([{ ...(await ask("/api/1/")), created_by: "ada" }]);
        expect(instrument_types).toMatchObject([
          { instrument_type: "2M0-FLOYDS-SCICAM", until: "2026-11-23T09:30:00Z", downtimes: [{ created_by: "ada" }] },
        ]);
      });

      test("defaults to now and returns every telescope with the code", async () => {
        const { at, telescopes } = await ask("/api/why/?telescope=1m0a");
        expect(at).toBe("2026-11-22T12:00:00Z");
        expect(telescopes.map((one: Body) => [one.site, one.blocked, one.until])).toEqual([
          ["coj", true, "2026-11-22T13:00:00Z"],
          ["tst", true, "2026-11-22T13:00:00Z"],
        ]);
        expect((await ask("/api/why/?telescope=1m0a&site=ogg")).telescopes).toEqual([]);
        expect((await ask("/api/why/?telescope=1m0a&site=tst&at=61366.5&format=mjd")).telescopes[0].until).toBe(
          61_366.541667,
        );
      });

      test("finds the next change even years ahead", async () => {
        await service.add({ telescope: "0m4b", start: "2031-05-01T00:00:00Z", end: "2031-06-20T00:00:00Z" });
        await service.add({ telescope: "0m4b", start: "2031-06-20T00:00:00Z", end: "2031-08-01T00:00:00Z" });
        expect((await ask("/api/why/?telescope=0m4b")).telescopes[0]).toMatchObject({
          blocked: false,
          until: "2031-05-01T00:00:00Z",
        });
        expect((await ask("/api/why/?telescope=0m4b&at=2031-05-10")).telescopes[0].until).toBe("2031-08-01T00:00:00Z");
        expect((await ask("/api/why/?telescope=0m4b&at=2031-08-01")).telescopes[0].until).toBeNull();
      });

      test("requires a telescope that exists", async () => {
        expect(await expectBadRequest("/api/why/?at=soon")).toEqual({
          telescope: ["This field is required."],
          at: ["Enter a valid date/time."],
        });
        expect(await expectBadRequest("/api/why/?telescope=9m9a")).toHaveProperty("telescope");
      });
    });

    describe("the report", () => {
      test("counts overlaps once, for the reason that started first, and instrument types separately", async () => {
        const { start, end, telescopes } = await ask("/api/report/?start=2026-11-23&end=2026-11-24&site=ogg");
        expect([start, end]).toEqual(["2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"]);
        const [{ reasons, instrument_types, ...all }, idle] = telescopes;
        expect(all).toMatchObject({ seconds_lost: 7200, dark_seconds_lost: 7200, nights_touched: 1, nights: 1 });
        expect(reasons.map((one: Body) => [one.reason, one.seconds_lost])).toEqual([
          ["Mirror wash", 5400],
          ["RTI", 1800],
        ]);
        expect(instrument_types).toMatchObject([{ instrument_type: "2M0-FLOYDS-SCICAM", seconds_lost: 3600 }]);
        expect(idle).toMatchObject({ telescope: "0m4b", seconds_lost: 0, reasons: [] });
      });

      test("covers the last 30 days by default and accepts the API's filters", async () => {
        const { start, end } = await ask("/api/report/");
        expect([start, end]).toEqual(["2026-10-23T00:00:00Z", "2026-11-22T00:00:00Z"]);
        const found = await ask("/api/report/?start=2026-11-23&end=2026-11-24&reason=rti&telescope=2m0a&site=ogg");
        expect(found.telescopes).toMatchObject([{ seconds_lost: 3600, reasons: [{ reason: "RTI" }] }]);
      });

      test("is available as CSV", async () => {
        const response = await service.send(
          "/api/report/?start=2026-11-23&end=2026-11-24&site=ogg&site=tst&format=csv",
        );
        expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
        expect(response.headers.get("content-disposition")).toContain("report-2026-11-23-2026-11-24.csv");
        const [head, ...lines] = (await response.text()).trim().split("\n");
        expect(head).toStartWith("start,end,site,enclosure,telescope,reason,hours_lost,dark_hours_lost,nights_lost");
        expect(lines.map((line) => line.split(",").slice(2, 8).join())).toEqual([
          "ogg,clma,2m0a,Mirror wash,1.5,1.5",
          "ogg,clma,2m0a,RTI,0.5,0.5",
          "ogg,clma,0m4b,,0,0",
          "tst,doma,1m0a,,0,",
        ]);
      });
    });

    test("includes all of 10,500 downtimes, also of a telescope that is no longer in ConfigDB", async () => {
      const count = 10_500;
      const start = Date.parse("2030-01-01T00:00:00Z");
      const drafts = Array.from({ length: count }, (_, index) =>
        checkDraft(
          {
            ...draft,
            start: toInstant(start + index * 120_000),
            end: toInstant(start + index * 120_000 + 60_000),
            reason: `${index}`,
          },
          facility,
        ),
      );
      await service.services.downtimes.addAll(drafts, { by: "ada", at: noon });
      service.configdb.answer({ results: [{ code: "new", enclosure_set: [] }] });
      await service.services.configdb.renew();
      const { telescopes } = await ask("/api/availability/?start=2030-01-01&end=2030-02-01");
      expect(telescopes).toMatchObject([
        { site: "ogg", known: false, active: false, blocked_seconds: count * 60, dark_blocked_seconds: null },
      ]);
      expect(new Set(telescopes[0].blocked.flatMap((one: Body) => one.downtimes)).size).toBe(count);
      const { telescopes: reported } = await ask("/api/report/?start=2030-01-01&end=2030-02-01");
      expect(reported[0]).toMatchObject({ seconds_lost: count * 60, nights_lost: null });
    });
  });
