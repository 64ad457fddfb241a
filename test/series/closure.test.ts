import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { openForms } from "../forms.ts";
import { as, engines, noon, type Service, startService } from "../harness.ts";

interface Row {
  readonly id: number;
  readonly site: string;
  readonly start: string;
  readonly end: string;
}
interface Outcome {
  readonly series: { readonly id: number; readonly rule: Record<string, unknown> };
  readonly created: number;
  readonly changed: number;
}

for (const engine of engines)
  describe(`a closure over the API on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine });
    });
    afterAll(() => service.stop());
    const rows = async () => (await service.ask<{ results: Row[] }>("/api/")).body.results;
    beforeEach(async () => {
      service.clock.set(noon);
      for (const { id } of await rows()) await service.services.downtimes.remove(id, { by: "ada", at: noon });
    });
    const send = (path: string, method: string, body?: object) =>
      service.ask<Outcome & Record<string, string[]>>(path, {
        method,
        headers: { ...as("ada"), "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
    const close = (end: unknown, scopes: object[] = [{ site: "ogg" }], start: unknown = "now") =>
      send("/api/series/", "POST", {
        reason: "Storm",
        category: "weather",
        scopes,
        rule: { kind: "once", start, end },
      });
    const ends = async () => [...new Set((await rows()).map(({ site, end }) => `${site} ${end}`))].sort();

    test("starts now and ends at a time, or after a duration", async () => {
      for (const end of ["2026-11-22T16:00:00Z", "4h", " 4 h ", "2026-11-22T18:00:00+02:00"]) {
        const { status, body } = await close(end);
        expect([status, body.series.rule]).toEqual([
          201,
          { kind: "once", start: "2026-11-22T12:00:00Z", end: "2026-11-22T16:00:00Z" },
        ]);
        expect(await ends()).toEqual(["ogg 2026-11-22T16:00:00Z"]);
        await send(`/api/series/${body.series.id}/?begun=1`, "DELETE");
      }
    });

    test("until sunrise ends at each site at its own, and at the next one if it is near", async () => {
      const { body } = await close("sunrise", [{ telescope: "2m0a" }]);
      expect(body.series.rule).toMatchObject({ end: "sunrise" });
      expect(await ends()).toEqual(["coj 2026-11-22T18:54:00Z", "ogg 2026-11-22T16:40:00Z"]);
      service.clock.set(Date.parse("2026-11-22T16:15:00Z"));
      await close("Sunrise");
      expect((await ends()).at(-1)).toStartWith("ogg 2026-11-23T16:4");
    });

    test("keeps the times that were found when it is edited later, and when its response is sent back", async () => {
      const { body } = await close("sunrise", [{ telescope: "2m0a" }]);
      const before = await ends();
      service.clock.set(Date.parse("2026-11-22T15:00:00Z"));
      const edit = (fields: object) => send(`/api/series/${body.series.id}/`, "PATCH", fields);
      await edit({ reason: "Hail" });
      await edit(body.series);
      await edit({ rule: body.series.rule, reason: "Ice" });
      expect(await ends()).toEqual(before);
      await edit({ rule: { ...body.series.rule, end: "2026-11-22T20:00:00Z", site_ends: undefined } });
      expect(await ends()).toEqual(["coj 2026-11-22T20:00:00Z", "ogg 2026-11-22T20:00:00Z"]);
    });

    test("until further notice is stored as one year, shown without a date, and ended by a person", async () => {
      const { body } = await close(null);
      expect(body.series.rule.end).toBeNull();
      expect(await ends()).toEqual(["ogg 2027-11-22T12:00:00Z"]);
      for (const path of [`/downtimes/${(await rows())[0]?.id}`, `/series/${body.series.id}`, "/?site=ogg"]) {
        const html = await (await service.send(path)).text();
        expect([path, html.includes("until further notice")]).toEqual([path, true]);
      }
      service.clock.forward(3_600_000);
      const ended = await send(`/api/series/${body.series.id}/?from=now`, "DELETE");
      expect([ended.status, ended.body.changed]).toEqual([200, body.created]);
      expect(await ends()).toEqual(["ogg 2026-11-22T13:00:00Z"]);
    });

    test("covers telescopes that are down already", async () => {
      await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T13:00:00Z" });
      const { status, body } = await close("2h");
      expect([status, body.created]).toEqual([201, new Set((await rows()).map(({ id }) => id)).size - 1]);
    });

    test("is refused with a wrong time, and names the field", async () => {
      for (const [start, end, errors] of [
        ["soon", "4h", { "rule.start": ["Enter a date and time in UTC, such as 2027-01-15 08:45."] }],
        ["now", "dusk", { "rule.end": ["Enter a date and time in UTC, such as 2027-01-15 08:45."] }],
        ["now", "now", { "rule.end": ["End time must be after start time."] }],
        ["now", ["sunrise"], { "rule.end": ["Enter a date and time in UTC, such as 2027-01-15 08:45."] }],
        ["now", undefined, { "rule.end": ["This field is required."] }],
        [null, "4h", { "rule.start": ["This field may not be null."] }],
      ] as const) {
        const { status, body } = await close(end, undefined, start);
        expect([status, body] as unknown[]).toEqual([400, errors]);
      }
      const rule = { kind: "once", start: "now", end: "4h", site_ends: { ogg: "2026-11-22T11:00:00Z" } };
      const late = await send("/api/series/", "POST", { scopes: [{ site: "ogg" }], rule });
      expect([late.status, Object.keys(late.body)]).toEqual([400, ["rule.end"]]);
      expect(await rows()).toEqual([]);
    });

    test("is in the list of series only when that is asked for", async () => {
      const { body } = await close("4h");
      const listed = async (query: string) => {
        const found = await service.ask<{ count: number; results: { id: number }[] }>(`/api/series/${query}`);
        return [found.body.count, found.body.results.some(({ id }) => id === body.series.id)];
      };
      expect(await listed("")).toEqual([0, false]);
      expect((await listed("?rule=once"))[1]).toBe(true);
      expect((await listed("?rule=once&rule=night"))[1]).toBe(true);
      expect(await listed("?rule=calendar")).toEqual([0, false]);
      expect((await service.ask("/api/series/?rule=moon")).status).toBe(400);
      const ada = await openForms(service, "ada");
      expect((await ada.get("/admin/series")).html).not.toContain(`href="/series/${body.series.id}"`);
      expect((await ada.get("/admin/series?rule=once")).html).toContain(`href="/series/${body.series.id}"`);
    });
  });
