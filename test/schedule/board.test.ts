import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { telescopeStatusesOf } from "../../src/availability/why.ts";
import { checkDraft, type Downtime } from "../../src/downtime/downtime.ts";
import { toSite } from "../../src/facility/configdb-client.ts";
import { Facility } from "../../src/facility/facility.ts";
import { boardOf } from "../../src/schedule/schedule.ts";
import { toInstant } from "../../src/time/instant.ts";
import { noon, type Service, startConfigdb, startService } from "../harness.ts";
import { names, observatory, placeOf } from "../observatory.ts";

const now = toInstant(noon);
const minute = (minutes: number) => toInstant(noon + minutes * 60_000);
const [first, ...others] = observatory.results.map(toSite);
const facility = new Facility([...(first ? [{ ...first, active: false }] : []), ...others]);

let ids = 0;
const downtime = (name: string, from: number, to: number, fields: Partial<Downtime> = {}): Downtime => ({
  ...{ id: ++ids, start: minute(from), end: minute(to), reason: `${ids}`, created: now, modified: now },
  ...placeOf(name),
  ...fields,
});
const statusOf = (name: string, ...near: Downtime[]) => {
  const { site, enclosure, telescope } = placeOf(name);
  return telescopeStatusesOf(facility, near, now).find(
    (one) => one.name.site === site && one.name.enclosure === enclosure && one.name.telescope === telescope,
  );
};
const ogg = "ogg clma 2m0a";
const part = { instrument_type: "1M0-NRES" };

describe("a telescope's status", () => {
  test("names first the downtime of the whole telescope that ends last", () => {
    const [short, long, type] = [downtime(ogg, -5, 5), downtime(ogg, -9, 30), downtime(ogg, -5, 90, part)];
    const { state, blocking, until } = statusOf(ogg, short, type, long) ?? {};
    expect([state, until, blocking?.map(({ id }) => id)]).toEqual(["down", long.end, [long.id, short.id, type.id]]);
  });

  test("lasts until overlapping and adjacent downtimes are over", () => {
    expect(statusOf(ogg, downtime(ogg, -5, 5), downtime(ogg, 5, 20))?.until).toBe(minute(20));
    expect(statusOf(ogg, downtime(ogg, -5, 5), downtime(ogg, 6, 20))?.until).toBe(minute(5));
  });

  test("of a single instrument lasts until the whole telescope is down", () => {
    const types = [downtime(ogg, -5, 30, part), downtime(ogg, -5, 40, { instrument_type: "1M0-SCICAM-SINISTRO" })];
    expect(statusOf(ogg, ...types)).toMatchObject({ state: "partly_down", until: minute(40) });
    expect(statusOf(ogg, ...types, downtime(ogg, 10, 12))).toMatchObject({ state: "partly_down", until: minute(10) });
  });

  test("that is available lasts until the next downtime", () => {
    expect(statusOf(ogg, downtime(ogg, 10, 12))).toMatchObject({ state: "available", until: minute(10) });
    expect(statusOf(ogg)).toMatchObject({ state: "available", until: undefined, blocking: [] });
  });
});

describe("the board", () => {
  const board = (near: readonly Downtime[], filter = {}) =>
    boardOf(facility, telescopeStatusesOf(facility, near, now), filter, now).map(({ code, down, available }) => [
      code,
      down.map(({ name }) => name.telescope).join(" "),
      available.length,
    ]);

  test("has the sites with a telescope that is down first, then those partly down, then ConfigDB's order", () => {
    const near = [downtime("tfn aqwa 0m4b", -1, 1), downtime("cpt doma 1m0a", -1, 1, part)];
    expect(board(near)).toEqual([
      ["tfn", "0m4b", 4],
      ["cpt", "1m0a", 5],
      ["coj", "", 5],
      ["ogg", "", 4],
      ["elp", "", 5],
    ]);
  });

  test("has telescopes that are inactive or unknown apart, and only while they are down", () => {
    const near = [downtime("lsc doma 1m0a", -1, 1), downtime("gone away 9m9z", -1, 1), downtime("lsc domb 1m0a", 1, 2)];
    expect(board(near).at(-1)).toEqual([undefined, "1m0a 9m9z", 0]);
    expect(board([]).map(([code]) => code)).not.toContain(undefined);
  });

  test("has the sites and telescopes that the filters select, whatever the reason", () => {
    expect(board([downtime(ogg, -1, 1)], { site: ["ogg", "coj"], telescope: ["2m0a"], reason: "x" })).toEqual([
      ["ogg", "2m0a", 0],
      ["coj", "", 1],
    ]);
  });
});

describe("the schedule of 31 telescopes and 5,000 downtimes", () => {
  let service: Service;
  let configdb: ReturnType<typeof startConfigdb>;
  beforeAll(async () => {
    configdb = startConfigdb(observatory);
    service = await startService({ settings: { CONFIGDB_URL: configdb.url } });
    const places = service.services.configdb.get();
    const drafts = Array.from({ length: 5000 }, (_, index) => {
      const start = noon + (index - 2500) * 7_200_000;
      const times = { start: toInstant(start), end: toInstant(start + 14_400_000) };
      return checkDraft({ ...placeOf(names[index % 31] ?? ""), ...times, reason: `Maintenance ${index}` }, places);
    });
    await service.services.downtimes.addAll(drafts, { by: "ada", at: noon });
  });
  afterAll(async () => {
    await service.stop();
    configdb.stop();
  });

  test.each(["/", "/?view=timeline"])("%s is under 100 kB, and 20 kB compressed", async (path) => {
    const page = await (await service.send(path, { headers: { accept: "text/html" } })).text();
    expect(page.length).toBeLessThan(100_000);
    expect(Bun.gzipSync(page).length).toBeLessThan(20_000);
  });
});

test("hostile codes, of ConfigDB or of migrated downtimes, are escaped on the board", async () => {
  const hostile = `<b>"x&amp;'`;
  const [site] = observatory.results;
  const configdb = startConfigdb({ ...observatory, count: 1, results: [{ ...site, code: hostile }] });
  const service = await startService({ settings: { CONFIGDB_URL: configdb.url } });
  const codes = { site: hostile, enclosure: "doma", telescope: "1m0a" };
  await service.add({ ...codes, start: minute(-5), end: minute(5), reason: hostile });
  const page = await (await service.send("/", { headers: { accept: "text/html" } })).text();
  expect(page).toContain("<h2>&lt;b&gt;&quot;x&amp;amp;&#x27;</h2>");
  expect(page.replaceAll(/"[^"]*"/g, "")).not.toContain("<b>");
  await service.stop();
  configdb.stop();
});
