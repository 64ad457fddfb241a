/** The weight of pages with 31 telescopes and 5,000 downtimes. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { categories, checkDraft } from "../../src/downtime/downtime.ts";
import { toInstant } from "../../src/time/instant.ts";
import { createRandom } from "../bench/queries.ts";
import { noon, posting, type Service, signIn, startConfigdb, startService } from "../harness.ts";
import { names, observatory, placeOf } from "../observatory.ts";

const count = 5000;
const reasons = [
  "Mirror wash",
  "Focus and pointing tests",
  "Dome drive maintenance",
  "RTI: teachers of Hilo",
  "Storm",
  "",
];

/** Downtimes over a number of days around now, also of single instruments: most of half an hour, if `isShort`. */
function draftsOver(days: number, isShort: boolean, facility: Parameters<typeof checkDraft>[1]) {
  const random = createRandom(days);
  return Array.from({ length: count }, (_, index) => {
    const start = noon + Math.floor((random() - 0.5) * days * 48) * 1_800_000;
    const slots = isShort && index % 50 > 0 ? 1 : Math.ceil(random() ** 4 * 96);
    const fields = {
      ...placeOf(names[index % names.length] ?? "", index % 5 === 0 ? "1M0-NRES" : ""),
      ...{ start: toInstant(start), end: toInstant(start + slots * 1_800_000) },
      reason: `${reasons[index % reasons.length]} ${index}`.trim(),
      ...(index % 4 > 0 && { category: categories[index % categories.length] }),
    };
    return checkDraft(fields, facility);
  });
}

const nightly = {
  reason: "RTI",
  scopes: [{ site: "lsc" }, { site: "coj" }],
  rule: {
    ...{ kind: "night", first: "2026-11-20", last: "2027-03-01" },
    ...{ from: { event: "astronomical_dusk", offset_minutes: 30 }, minutes: 30 },
  },
};

describe.each([
  { title: "half a year of long and short ones", days: 180, isShort: false },
  { title: "three weeks of half-hour slots", days: 21, isShort: true },
])("with 31 telescopes and 5,000 downtimes, $title", ({ days, isShort }) => {
  let service: Service;
  let configdb: ReturnType<typeof startConfigdb>;
  let cookie: string;
  beforeAll(async () => {
    configdb = startConfigdb(observatory);
    service = await startService({ settings: { CONFIGDB_URL: configdb.url } });
    const drafts = draftsOver(days, isShort, service.services.configdb.get());
    await service.services.downtimes.addAll(drafts, { by: "ada", at: noon });
    expect((await service.ask("/api/series/", posting(nightly))).status).toBe(201);
    cookie = `${(await signIn(service, "ada")).cookie}; times=site`;
  });
  afterAll(async () => {
    await service.stop();
    configdb.stop();
  });

  test.each([
    "/",
    "/?kiosk",
    "/?when=all&order=-start",
    ...["night", "week", "month"].flatMap((window) => [
      `/?view=timeline&window=${window}`,
      `/?view=timeline&window=${window}&when=all&site=lsc&site=coj`,
    ]),
    "/?view=timeline&kiosk",
    "/admin/downtimes",
    "/admin/downtimes?past=yes",
    "/admin/now",
    "/admin/series",
    "/telescopes/lsc/doma/1m0a",
    "/sites/lsc",
    "/report",
    "/report?start=2026-06-01&end=2027-06-01",
    "/why?telescope=1m0a",
    "/series/1",
    "/activity",
    "/activity?by=ada",
    "/downtimes/1",
  ])("%s is under 100 kB, and 20 kB compressed", async (path) => {
    const response = await service.send(path, { headers: { accept: "text/html", cookie } });
    expect(response.status).toBe(200);
    const page = await response.bytes();
    expect(page.length).toBeLessThan(100_000);
    expect(Bun.gzipSync(page).length).toBeLessThan(20_000);
  });
});
