import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { engines, type Service, startService } from "../harness.ts";

// biome-ignore lint/suspicious/noExplicitAny: responses are read as clients read them, without types
type Body = any;

for (const engine of engines)
  describe(`the limit of dark on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine, settings: { DARK_LIMIT: "nautical,ogg:astronomical" } });
      for (const site of ["ogg", "coj"])
        await service.add({
          ...{ site, enclosure: site === "ogg" ? "clma" : "doma", telescope: site === "ogg" ? "2m0a" : "1m0a" },
          ...{ start: "2026-11-20T00:00:00Z", end: "2026-11-25T00:00:00Z" },
        });
    });
    afterAll(() => service.stop());

    const span = "start=2026-11-20&end=2026-11-25";
    const ask = async (path: string): Promise<Body> => (await service.ask<Body>(path)).body;
    const read = async (path: string) => (await service.send(path)).text();
    /** Site → limit, and the hours of dark time that both telescopes lost. */
    const losses = async (dark: string) =>
      Object.fromEntries(
        (await ask(`/api/report/?${span}&dark=${dark}`)).telescopes
          .filter((one: Body) => one.dark !== null && one.seconds_lost > 0)
          .map((one: Body) => [one.site, [one.dark, Math.round(one.dark_seconds_lost / 3600)]]),
      );

    test("is that of the site, unless the request has another; every answer says which", async () => {
      const [settled, civil, fifteen] = [await losses(""), await losses("civil"), await losses("15,coj:astronomical")];
      const [nautical, astronomical] = [await losses("nautical"), await losses("astronomical")];
      expect(settled).toEqual({ ogg: astronomical.ogg, coj: nautical.coj });
      expect([civil.ogg[0], fifteen.ogg[0], fifteen.coj]).toEqual(["civil", "15", astronomical.coj]);
      const hours = [civil, nautical, fifteen, astronomical].map((one) => one.ogg[1]);
      expect(hours).toEqual(hours.toSorted((a, b) => b - a));
      expect(new Set(hours).size).toBe(4);
    });

    test("is used by availability and why as by the report", async () => {
      const query = `${span}&site=ogg&telescope=2m0a`;
      for (const dark of ["", "civil", "nautical", "astronomical", "15"]) {
        const [report, availability] = [await ask(`/api/report/?${query}`), await ask(`/api/availability/?${query}`)];
        const [one, other] = [report.telescopes[0], availability.telescopes[0]];
        expect([dark, other.dark, other.dark_blocked_seconds]).toEqual([dark, one.dark, one.dark_seconds_lost]);
      }
      // At 04:20 in UTC, the sun is some 9° below the horizon of Haleakala.
      const why = async (rest: string) => {
        const { telescopes } = await ask(`/api/why/?telescope=2m0a&site=ogg&at=2026-11-23T04:20:00Z${rest}`);
        return [telescopes[0].dark, telescopes[0].is_dark];
      };
      expect(await why("")).toEqual(["astronomical", false]);
      expect(await why("&dark=nautical")).toEqual(["nautical", false]);
      expect(await why("&dark=civil")).toEqual(["civil", true]);
      expect(await read("/why?telescope=2m0a&site=ogg&dark=civil")).toContain("at the limit civil (6°)");
    });

    test("is in the CSV and on the page of the report, and invalid ones are refused", async () => {
      const response = await service.send(`/api/report/?${span}&site=ogg&telescope=2m0a&format=csv&dark=15`);
      const [head = "", line = ""] = (await response.text()).trim().split("\n");
      expect(line.split(",")[head.split(",").indexOf("dark")]).toBe("15");
      expect(await read(`/report?${span}`)).toContain("nautical (12°) at coj");
      expect(await read(`/report?${span}&dark=15`)).toContain("limit of dark: 15°</span>");
      for (const path of [`availability/?${span}`, `report/?${span}`, "why/?telescope=2m0a"]) {
        const { status, body } = await service.ask<Body>(`/api/${path}&dark=dusk`);
        expect([status, Object.keys(body)]).toEqual([400, ["dark"]]);
      }
    });
  });
