import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import sites from "../fixtures/configdb.json";
import { engines, noon, type Service, startService } from "../harness.ts";

/** The rules of the schema: which elements, in which order, how often, of which type; no attributes, nothing else. */
const rules = [
  { name: "available", least: 1, most: 1, type: /^(?:true|false|1|0)$/ },
  { name: "upSince", least: 0, most: 1, type: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ },
  { name: "downAt", least: 0, most: 1, type: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ },
  { name: "backAt", least: 0, most: 1, type: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ },
  { name: "note", least: 0, most: Number.POSITIVE_INFINITY, type: /^.*$/s },
];

const entities: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

/** Reads a document by the schema's rules, and by those of XML for its characters. */
function readVosi(xml: string): Record<string, string[]> {
  expect(xml).not.toMatch(/[[\p{Cc}\ufffe\uffff]--[\t\n]]/v);
  const [, content = ""] =
    /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<availability xmlns="http:\/\/www\.ivoa\.net\/xml\/VOSIAvailability\/v1\.0">\n(.*)<\/availability>\n$/s.exec(
      xml,
    ) ?? [];
  const elements = [...content.matchAll(/ {2}<(\w+)>([^<]*)<\/\1>\n/g)];
  expect(elements.map(([whole]) => whole).join("")).toBe(content);
  const order = elements.map(([, name = ""]) => rules.findIndex((rule) => rule.name === name));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  const found: Record<string, string[]> = {};
  for (const { name, least, most, type } of rules) {
    const texts = elements.filter((element) => element[1] === name).map(([, , text = ""]) => text);
    expect(texts.length).toBeGreaterThanOrEqual(least);
    expect(texts.length).toBeLessThanOrEqual(most);
    for (const text of texts) {
      expect(text).toMatch(type);
      expect(text.replace(/&(?:lt|gt|amp);/g, "")).not.toMatch(/[&<]/);
    }
    found[name] = texts.map((text) => text.replace(/&\w+;/g, (entity) => entities[entity] ?? entity));
  }
  expect(order).not.toContain(-1);
  return found;
}

const nothing = { upSince: [], downAt: [], backAt: [], note: [] };

for (const engine of engines)
  describe(`availability on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine });
    });
    afterAll(() => service.stop());
    beforeEach(async () => {
      service.clock.set(noon);
      const { results } = await service.services.downtimes.list({ filter: {}, order: [], limit: 100, offset: 0 });
      for (const { id } of results) await service.services.downtimes.remove(id, { by: "ada", at: noon });
    });

    const ask = async (query = "?telescope=2m0a&site=ogg") => {
      const answer = await service.send(`/vosi/availability${query}`);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/xml; charset=utf-8"]);
      return readVosi(await answer.text());
    };
    const block = (start: string, end: string, fields = {}) =>
      service.add({ start: `2026-11-22T${start}:00Z`, end: `2026-11-22T${end}:00Z`, ...fields });
    const at = (time: string) => service.clock.set(Date.parse(`2026-11-22T${time}Z`));

    test("a telescope without downtimes is available", async () => {
      expect(await ask()).toEqual({ available: ["true"], ...nothing });
    });

    test("overlapping and adjacent downtimes count as one half-open interval", async () => {
      await block("10:00", "11:00", { reason: "Before" });
      await block("13:00", "14:00", { reason: "First" });
      await block("13:30", "15:00", { reason: "Second" });
      await block("15:00", "16:00", { reason: "Third" });
      await block("18:00", "19:00", { reason: "Later" });
      const day = "2026-11-22T";
      const up = { available: ["true"], upSince: [`${day}11:00:00Z`], downAt: [`${day}13:00:00Z`] };
      expect(await ask()).toEqual({ ...nothing, ...up });
      at("12:59:59");
      expect(await ask()).toEqual({ ...nothing, ...up });
      const down = { available: ["false"], downAt: [`${day}18:00:00Z`], backAt: [`${day}16:00:00Z`] };
      at("13:00:00");
      expect(await ask()).toEqual({ ...nothing, ...down, note: ["First"] });
      at("13:30:00");
      expect(await ask()).toEqual({ ...nothing, ...down, note: ["First", "Second"] });
      at("15:59:59");
      expect(await ask()).toEqual({ ...nothing, ...down, note: ["Third"] });
      at("16:00:00");
      expect(await ask()).toEqual({ ...nothing, ...up, upSince: [`${day}16:00:00Z`], downAt: [`${day}18:00:00Z`] });
      at("19:00:00");
      expect(await ask()).toEqual({ ...nothing, available: ["true"], upSince: [`${day}19:00:00Z`] });
    });

    test("a downtime of one instrument type leaves the telescope available and adds a note", async () => {
      await block("11:00", "13:00", { instrument_type: "2M0-FLOYDS-SCICAM", reason: "Slit" });
      expect(await ask()).toEqual({
        ...nothing,
        available: ["true"],
        note: ["partly down, only 2M0-FLOYDS-SCICAM: Slit"],
      });
    });

    test("months of adjacent downtimes count as one, also at the end of the calendar", async () => {
      for (let month = 1; month < 9; month++)
        await service.add({ start: `2027-0${month}-01T00:00:00Z`, end: `2027-0${month + 1}-01T00:00:00Z` });
      service.clock.set(Date.parse("2027-01-10T00:00:00Z"));
      expect(await ask()).toMatchObject({ available: ["false"], backAt: ["2027-09-01T00:00:00Z"], downAt: [] });
      await service.add({ start: "2028-01-01T00:00:00Z", end: "9999-12-31T23:59:59Z" });
      expect(await ask()).toMatchObject({ backAt: ["2027-09-01T00:00:00Z"], downAt: ["2028-01-01T00:00:00Z"] });
      service.clock.set(Date.parse("2028-01-10T00:00:00Z"));
      expect(await ask()).toMatchObject({ backAt: ["9999-12-31T23:59:59Z"], downAt: [] });
    });

    test("escapes reasons", async () => {
      const reason = `</note><available>true</available>&amp;<![CDATA[ ]]> "' \u0001\u001b\ufffe\u0085 🔭`;
      await block("11:00", "13:00", { reason });
      expect((await ask()).note).toEqual([`</note><available>true</available>&amp;<![CDATA[ ]]> "' \n 🔭`]);
    });

    test("an ambiguous code needs its site, and an unknown code is not found", async () => {
      const { status, body } = await service.ask("/vosi/availability?telescope=2m0a");
      expect(status).toBe(400);
      expect(body.detail).toBe(
        "Several telescopes are named 2m0a. Specify: site=ogg&enclosure=clma, site=coj&enclosure=clma.",
      );
      for (const query of ["telescope=9m9z", "telescope=2m0a&site=nop", "telescope=2m0a&site=ogg&enclosure=nop"])
        expect((await service.ask(`/vosi/availability?${query}`)).status).toBe(404);
    });

    test("without a telescope it reports on the service", async () => {
      service.clock.forward(60_000);
      expect(await ask("")).toEqual({ ...nothing, available: ["true"], upSince: ["2026-11-22T12:00:00Z"] });
      expect(await ask("?telescope=")).toMatchObject({ available: ["true"] });
    });
  });

test("an inactive telescope is unavailable, and so is a service without its database", async () => {
  const service = await startService({ withoutCast: true });
  const closed = structuredClone(sites.results);
  for (const site of closed) site.active = false;
  service.configdb.answer({ count: closed.length, next: null, previous: null, results: closed });
  await service.services.configdb.renew();
  const read = async (path: string) => readVosi(await (await service.send(path)).text());
  expect(await read("/vosi/availability?telescope=2m0a&site=ogg")).toEqual({
    ...nothing,
    available: ["false"],
    note: ["Inactive in ConfigDB."],
  });
  await service.services.close();
  expect(await read("/vosi/availability")).toEqual({
    ...nothing,
    available: ["false"],
    note: ["Can't reach the database."],
  });
  await service.stop();
});
