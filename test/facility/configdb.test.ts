import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type Configdb, openConfigdb } from "../../src/facility/configdb.ts";
import type { Facility } from "../../src/facility/facility.ts";
import sites from "../fixtures/configdb.json";
import { createClock, createFolder, draft, posting, startConfigdb, startService } from "../harness.ts";

const [ogg, coj, tst] = sites.results;
const codes = (facility: Facility | undefined) => facility?.sites.map(({ code }) => code);

let server: ReturnType<typeof startConfigdb>;
let clock: ReturnType<typeof createClock>;
let warnings: string[];
let details: Record<string, unknown>[];
let stored: { value: string; at: string } | undefined;
let opened: Configdb[];
beforeEach(() => {
  server = startConfigdb();
  clock = createClock();
  warnings = [];
  details = [];
  stored = undefined;
  opened = [];
});
afterEach(async () => {
  for (const configdb of opened) await configdb.close();
  server.stop();
});

const open = async (url: string | undefined = server.url) => {
  const configdb = await openConfigdb({
    url,
    clock,
    warn: (message, more) => {
      warnings.push(`${message}: ${more.error}`);
      details.push(more);
    },
    store: {
      get: async () => stored,
      set: async (value, now) => {
        stored = { value, at: new Date(now).toISOString() };
      },
    },
  });
  opened.push(configdb);
  return configdb;
};

describe("ConfigDB", () => {
  test("returns its sites", async () => {
    expect(codes((await open()).find())).toEqual(["ogg", "coj", "tst"]);
    expect(codes((await open(`${server.url}/`)).find())).toEqual(["ogg", "coj", "tst"]);
    // The second URL differs only by its trailing slash, so the stored response is used.
    expect(server.asked).toEqual(["/sites/"]);
  });

  test("is read page by page, with absolute and relative links", async () => {
    server.respond((request) => {
      const page = new URL(request.url).searchParams.get("page");
      if (page === "3") return Response.json({ next: null, results: [tst] });
      return Response.json(
        page ? { next: "?page=3", results: [coj] } : { next: `${server.url}/sites/?page=2`, results: [ogg] },
      );
    });
    expect(codes((await open()).find())).toEqual(["ogg", "coj", "tst"]);
  });

  test("with circular page links is rejected", async () => {
    server.answer({ next: `${server.url}/sites/`, results: [ogg] });
    expect((await open()).find()).toBeUndefined();
    expect(warnings.join()).toContain("endless pagination");
  });

  test("gets defaults for fields that old servers omit", async () => {
    const facility = (await open()).get();
    expect(facility.sites[2]).toMatchObject({ code: "tst", active: true, name: "" });
    expect(facility.sites[2]).not.toHaveProperty("zone");
    expect(facility.sites[0]).toMatchObject({ zone: "Pacific/Honolulu", latitude: 20.7075, longitude: -156.257 });
    expect(facility.sites[0]?.enclosures[0]?.telescopes[0]?.instrumentTypes).toEqual([
      { code: "2M0-SCICAM-MUSCAT", active: true },
      { code: "2M0-FLOYDS-SCICAM", active: false },
    ]);
  });

  test("loses only the time zone of a site whose time zone is unknown", async () => {
    server.answer({ results: [{ ...ogg, tz: "Mars/Olympus" }] });
    const facility = (await open()).get();
    expect(facility.sites[0]).toMatchObject({ code: "ogg" });
    expect(facility.sites[0]).not.toHaveProperty("zone");
  });

  const malformed: [string, unknown][] = [
    ["no object", "hello"],
    ["no results", { detail: "Not found." }],
    ["results that are no list", { results: { ogg } }],
    ["a site without a code", { results: [{ ...ogg, code: undefined }] }],
    [
      "a telescope without instruments",
      { results: [{ ...ogg, enclosure_set: [{ code: "clma", telescope_set: [{ code: "2m0a" }] }] }] },
    ],
    ["no sites", { results: [] }],
  ];
  for (const [what, answer] of malformed)
    test(`responding with ${what} is ignored, and the last valid response stays in use`, async () => {
      const configdb = await open();
      server.answer(answer);
      expect(await configdb.renew()).toBe(false);
      expect(codes(configdb.find())).toEqual(["ogg", "coj", "tst"]);
      expect(warnings).toHaveLength(1);
    });

  /** The first site with changes to itself, its enclosure, its first telescope and that telescope's first instrument. */
  const oggWith = (site: object, enclosure: object = {}, telescope: object = {}, instrument: object = {}) => {
    const [clma] = ogg?.enclosure_set ?? [];
    const [two, ...others] = clma?.telescope_set ?? [];
    const [first, ...rest] = two?.instrument_set ?? [];
    const instrument_set = [{ ...first, ...instrument }, ...rest];
    const telescope_set = [{ ...two, instrument_set, ...telescope }, ...others];
    return { ...ogg, enclosure_set: [{ ...clma, telescope_set, ...enclosure }], ...site };
  };
  const codeless = { code: null };
  const leftOut: [string, object, string, string[]][] = [
    ["site", oggWith({ enclosure_set: "none" }), "/ogg/enclosure_set", []],
    ["site without a code", oggWith({ code: 12 }), "/0/code", []],
    ["enclosure", oggWith({}, codeless), "/ogg/enclosure_set/0/code", ["ogg"]],
    [
      "telescope",
      oggWith({}, {}, { instrument_set: null }),
      "/ogg/enclosure_set/clma/telescope_set/2m0a/instrument_set",
      ["ogg", "ogg clma 0m4b"],
    ],
    [
      "instrument",
      oggWith({}, {}, {}, { instrument_type: {} }),
      "/ogg/enclosure_set/clma/telescope_set/2m0a/instrument_set/",
      ["ogg", "ogg clma 2m0a", "ogg clma 2m0a 2M0-FLOYDS-SCICAM", "ogg clma 0m4b"],
    ],
    ["number", oggWith({ lat: "far north" }), "/ogg/lat", ["ogg", "ogg clma 2m0a", "ogg clma 0m4b"]],
    ["number out of range", oggWith({ lat: 200 }), "/ogg/lat", ["ogg", "ogg clma 2m0a", "ogg clma 0m4b"]],
    ["flag", oggWith({ active: "perhaps" }), "/ogg/active", ["ogg", "ogg clma 2m0a", "ogg clma 0m4b"]],
  ];
  for (const [what, site, part, stays] of leftOut)
    test(`sending one invalid ${what} loses only that part, with a warning`, async () => {
      server.answer({ results: [site, coj, tst] });
      const facility = (await open()).get();
      const places = [...facility.places()].map((place) => Object.values(place).join(" ").trim());
      expect(facility.codes.site).toEqual([...new Set(["coj", "tst", ...(stays.length > 0 ? ["ogg"] : [])])].sort());
      for (const place of stays.slice(1)) expect(places).toContain(place);
      if (what === "telescope") expect(places).not.toContain("ogg clma 2m0a");
      if (what === "instrument") expect(places).not.toContain("ogg clma 2m0a 2M0-SCICAM-MUSCAT");
      expect(facility.sites.find(({ code }) => code === "ogg")?.latitude).toBe(
        stays.length === 0 || what.startsWith("number") ? undefined : 20.7075,
      );
      expect(details).toMatchObject([{ parts: 1, ignored: [expect.stringContaining(part)] }]);
    });

  test("may send numbers as strings", async () => {
    server.answer({ results: [oggWith({ lat: "20.7075", long: " -156.257 ", elevation: "3e3" })] });
    expect((await open()).get().sites[0]).toMatchObject({ latitude: 20.7075, longitude: -156.257, elevation: 3000 });
    expect(warnings).toEqual([]);
  });

  test("whose pages shift while they are read keeps the last valid response", async () => {
    const configdb = await open();
    server.respond((request) => {
      const isSecond = new URL(request.url).searchParams.has("page");
      // A site on the first page was deleted in between, which moved coj from the second page to the first.
      return Response.json(
        isSecond ? { count: 2, next: null, results: [tst] } : { count: 3, next: "?page=2", results: [ogg] },
      );
    });
    expect(await configdb.renew()).toBe(false);
    expect(codes(configdb.find())).toEqual(["ogg", "coj", "tst"]);
    expect(warnings.join()).toContain("the pages hold 2 of 3 sites");
  });

  test("that fails, redirects elsewhere or sends no JSON changes nothing", async () => {
    const configdb = await open();
    for (const respond of [
      () => new Response("oops", { status: 500 }),
      () => new Response("<html>", { headers: { "content-type": "text/html" } }),
      () => Response.redirect("http://127.0.0.1:1/"),
    ]) {
      server.respond(respond);
      expect(await configdb.renew()).toBe(false);
    }
    server.stop();
    expect(await configdb.renew()).toBe(false);
    expect(codes(configdb.find())).toEqual(["ogg", "coj", "tst"]);
    expect(warnings).toHaveLength(4);
  });

  test("that is down at startup is replaced by its stored response, even a day later", async () => {
    await (await open()).close();
    server.respond(() => new Response("down", { status: 503 }));
    clock.forward(24 * 3_600_000);
    const later = await open();
    expect(codes(later.find())).toEqual(["ogg", "coj", "tst"]);
    expect(later.state()).toMatchObject({ source: server.url, isExample: false, ageSeconds: 24 * 3600 });
  });

  test("isn't asked again within 15 minutes", async () => {
    await (await open()).close();
    clock.forward(14 * 60_000);
    await open();
    expect(server.asked).toHaveLength(1);
    clock.forward(60_000);
    const late = await open();
    await late.renew();
    expect(server.asked).toHaveLength(2);
  });

  test("at another URL doesn't use the stored response", async () => {
    await (await open()).close();
    expect((await open("http://127.0.0.1:1")).find()).toBeUndefined();
  });

  test("that was never reached makes `get` throw", async () => {
    server.respond(() => new Response("down", { status: 503 }));
    const configdb = await open();
    expect(configdb.find()).toBeUndefined();
    expect(() => configdb.get()).toThrow("ConfigDB hasn't been reached yet");
    expect(configdb.state().ageSeconds).toBeUndefined();
  });

  test("is named without the password in its URL", async () => {
    const configdb = await open(server.url.replace("://", "://bob:hunter2@"));
    expect(codes(configdb.find())).toEqual(["ogg", "coj", "tst"]);
    expect(configdb.state().source).toBe(server.url);
    expect(stored?.value).not.toContain("hunter2");
  });

  test("may be a file", async () => {
    const folder = createFolder();
    await Bun.write(`${folder.path}/sites.json`, JSON.stringify(sites));
    expect(codes((await open(`${folder.path}/sites.json`)).find())).toEqual(["ogg", "coj", "tst"]);
    folder.remove();
  });

  test("stops the startup if it is a file without a valid response", async () => {
    const folder = createFolder();
    await Bun.write(`${folder.path}/other.json`, `{"results":[{}]}`);
    await Bun.write(`${folder.path}/empty.json`, `{"results":[]}`);
    for (const name of ["missing.json", "other.json", "empty.json", ""])
      await expect(open(`${folder.path}/${name}`)).rejects.toThrow("CONFIGDB_URL must be");
    folder.remove();
  });

  test("is the bundled example by default", async () => {
    const configdb = await openConfigdb({
      url: undefined,
      clock,
      warn: () => {},
      store: { get: async () => undefined, set: async () => {} },
    });
    opened.push(configdb);
    expect(codes(configdb.find())).toEqual(["nor", "sud", "oce"]);
    expect(configdb.state()).toEqual({ source: "bundled example observatory", isExample: true, ageSeconds: 0 });
  });
});

describe("a service", () => {
  test("whose ConfigDB was never reached can be read, and rejects writes with the reason", async () => {
    const service = await startService({ settings: { CONFIGDB_URL: "http://127.0.0.1:1" } });
    try {
      expect((await service.ask("/api/?site=any")).status).toBe(200);
      const refused = await service.send("/api/", posting(draft));
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "60"]);
      expect(((await refused.json()) as { detail: string }).detail).toStartWith("ConfigDB hasn't been reached yet");
    } finally {
      await service.stop();
    }
  });

  test("gets new telescopes without a restart", async () => {
    const service = await startService();
    try {
      const fresh = { ...draft, site: "new", enclosure: "doma", telescope: "1m0a" };
      expect((await service.ask("/api/", posting(fresh))).status).toBe(400);
      service.configdb.answer({ results: [...sites.results, { ...tst, code: "new" }] });
      await service.services.configdb.renew();
      expect((await service.ask("/api/", posting(fresh))).status).toBe(201);
    } finally {
      await service.stop();
    }
  });
});
