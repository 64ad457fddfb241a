import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { as, engines, noon, posting, type Service, startService } from "../harness.ts";

/** Parses an instant like Python's `strptime(text, "%Y-%m-%dT%H:%M:%SZ")`, which rejects everything else. */
function strptime(text: unknown): number {
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text))
    throw new Error(`does not match format: ${text}`);
  return Date.parse(text);
}

/** Formats an instant like Python's `datetime.isoformat()`. */
const isoformat = (millis: number, zone = "") => new Date(millis).toISOString().replace(/(?:\.000)?Z$/, zone);

type Json = Record<string, unknown>;

for (const engine of engines)
  describe(`existing clients on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine, settings: { WRITE_ACCESS: "authenticated" } });
      await service.add({ start: "2026-11-22T10:00:00Z", end: "2026-11-22T14:00:00Z", reason: "now" });
      await service.add({
        start: "2026-11-30T10:00:00Z",
        end: "2026-11-30T14:00:00Z",
        instrument_type: "2M0-SCICAM-MUSCAT",
      });
      await service.add({
        start: "2026-01-01T00:00:00Z",
        end: "2027-01-01T00:00:00Z",
        telescope: "0m4b",
        reason: "the whole year",
      });
    });
    afterAll(() => service.stop());

    test("the scheduler requests a week, with a space and without a time zone", async () => {
      const response = await fetch(
        `${service.url}/api/?ends_after=2026-11-22 00:00:00&starts_before=2026-11-29 00:00:00`,
      );
      expect(response.status).toBe(200);
      const { results } = (await response.json()) as { results: Json[] };
      const blocks: Record<string, [number, number][]> = {};
      for (const result of results) {
        for (const key of ["telescope", "enclosure", "site"])
          expect((result[key] as string).toLowerCase()).toBe(result[key] as string);
        expect(result).toHaveProperty("instrument_type");
        const telescope = `${result.telescope}.${result.enclosure}.${result.site}`;
        blocks[telescope] = [...(blocks[telescope] ?? []), [strptime(result.start), strptime(result.end)]];
      }
      expect(blocks).toEqual({
        "2m0a.clma.ogg": [[Date.parse("2026-11-22T10:00:00Z"), Date.parse("2026-11-22T14:00:00Z")]],
        "0m4b.clma.ogg": [[Date.parse("2026-01-01T00:00:00Z"), Date.parse("2027-01-01T00:00:00Z")]],
      });
    });

    test("the portal reads 10,000 rows at once", async () => {
      const { results } = (await (await fetch(`${service.url}/api/?limit=10000`)).json()) as { results: Json[] };
      expect(results.map(({ reason }) => reason)).toEqual(["now", "Mirror wash", "the whole year"]);
      for (const { start, end } of results) expect(strptime(start)).toBeLessThan(strptime(end));
    });

    test("the portal books and cancels a real-time session for a user", async () => {
      const headers = { authorization: "Token ben-api-token" };
      const booked = await fetch(`${service.url}/api/`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({
          site: "ogg",
          enclosure: "clma",
          telescope: "2m0a",
          start: "2026-11-22T20:00:00.123456+00:00",
          end: "2026-11-22T21:00:00+00:00",
          reason: "8812345",
        }),
      });
      expect(booked.ok).toBe(true);
      expect(await booked.json()).toMatchObject({ start: "2026-11-22T20:00:00Z", end: "2026-11-22T21:00:00Z" });

      const query = "site=ogg&enclosure=clma&telescope=2m0a&reason_exact=8812345";
      const found = (await (await fetch(`${service.url}/api/?${query}`, { headers })).json()) as {
        count: number;
        results: Json[];
      };
      expect(found.count).toBe(1);
      const cancelled = await fetch(`${service.url}/api/${found.results[0]?.id}/`, { method: "DELETE", headers });
      expect(cancelled.ok).toBe(true);
      expect(await (await fetch(`${service.url}/api/?${query}`, { headers })).json()).toMatchObject({ count: 0 });
    });

    test("a user who isn't staff can't cancel others' sessions", async () => {
      const { id } = await service.add({ reason: "ada's" }, "ada");
      const response = await fetch(`${service.url}/api/${id}/`, {
        method: "DELETE",
        headers: { authorization: "Token ben-api-token" },
      });
      expect(response.status).toBe(403);
      await service.send(`/api/${id}/`, { method: "DELETE", headers: { authorization: "Token ada-api-token" } });
    });

    test("a commissioning script books consecutive half hours, in naive UTC, and reads them", async () => {
      const blocks = Array.from({ length: 4 }, (_, index) => noon + index * 24 * 3_600_000);
      for (const start of blocks) {
        const response = await fetch(`${service.url}/api/`, {
          method: "POST",
          headers: { authorization: "Token ada-api-token", "content-type": "application/json" },
          body: JSON.stringify({
            site: "ogg",
            enclosure: "clma",
            telescope: "2m0a",
            start: isoformat(start),
            end: isoformat(start + 1_800_000),
            reason: "RTI",
          }),
        });
        expect(response.status).toBe(201);
      }
      const query = "reason=RTI&site=ogg&enclosure=clma&telescope=2m0a&starts_after=2023-01-01T00:00:00";
      const { results } = (await (await fetch(`${service.url}/api/?${query}`)).json()) as { results: Json[] };
      expect(results.map(({ start }) => strptime(start))).toEqual(blocks);
    });

    test("dates are accepted in all formats of OCS Downtime, in bodies and filters", async () => {
      const body = { site: "coj", enclosure: "clma", telescope: "2m0a", end: "2031-01-01", reason: "forms of dates" };
      for (const [start, read] of [
        ["2027-03-01", "2027-03-01T00:00:00Z"],
        ["2027-03-01T00", "2027-03-01T00:00:00Z"],
        ["2027-3-1T0:0:0", "2027-03-01T00:00:00Z"],
      ]) {
        const created = await service.ask<Json>("/api/", posting({ ...body, start }));
        expect([created.status, created.body.start, created.body.end]).toEqual([201, read, "2031-01-01T00:00:00Z"]);
        const changed = { ...posting({ start: "2027-W09-2" }), method: "PATCH" };
        expect((await service.ask<Json>(`/api/${created.body.id}/`, changed)).body.start).toBe("2027-03-02T00:00:00Z");
        await service.send(`/api/${created.body.id}/`, { method: "DELETE", headers: as("ada") });
      }
      const { id } = await service.add({ start: "2017-11-27T14:00:00Z", end: "2017-11-27T15:00:00Z", reason: "2017" });
      for (const start of ["11/27/17 14:00", "2017-11-27 14", "Nov 27 2017", "27 November, 2017"]) {
        const query = new URLSearchParams({ starts_after: start, ends_before: "Dec 31, 2017" });
        const { body } = await service.ask<{ results: Json[] }>(`/api/?${query}`);
        expect(body.results.map((row) => row.id)).toEqual([id]);
      }
      await service.send(`/api/${id}/`, { method: "DELETE", headers: as("ada") });
    });

    test("URLs with .json work as in OCS Downtime", async () => {
      const { body } = await service.ask<{ results: Json[]; next: string }>("/api/?limit=1&reason=year");
      for (const path of ["/api/.json?limit=1&reason=year", "/api/.json/?limit=1&reason=year"])
        expect(await service.ask<Json>(path)).toEqual({ status: 200, body });
      const id = body.results[0]?.id;
      for (const path of [`/api/${id}.json`, `/api/${id}.json/`])
        expect(await service.ask<Json | undefined>(path)).toEqual({ status: 200, body: body.results[0] });
      expect((await service.ask<Json>("/api/.json?limit=1")).body.next).toBe(`${service.url}/api/?limit=1&offset=1`);
      expect((await service.ask("/api/.json", posting({}))).status).toBe(400);
      expect((await service.send("/api/x.json/")).status).toBe(404);
    });

    test("a form with Basic credentials works", async () => {
      const response = await fetch(`${service.url}/api/`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa("ada:ada-password")}` },
        body: new URLSearchParams({
          site: "coj",
          enclosure: "clma",
          telescope: "2m0a",
          start: "2026-12-01 00:00",
          end: "2026-12-02 00:00",
        }),
      });
      expect(response.status).toBe(201);
    });
  });
