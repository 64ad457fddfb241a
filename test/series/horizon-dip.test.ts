import { expect, test } from "bun:test";
import { as, posting, startService } from "../harness.ts";

/** From when to when a night lasts at Haleakala, 3,055 m high, with these settings. */
async function nightWith(settings: Record<string, string>, from: string, to: string): Promise<number[]> {
  const service = await startService({ settings });
  try {
    const rule = { kind: "night", first: "2026-12-01", last: "2026-12-01", from: { event: from }, to: { event: to } };
    const plan = { scopes: [{ site: "ogg", telescope: "2m0a" }], rule };
    const { body } = await service.ask("/api/series/?dry_run=1", posting(plan, as("ada")));
    const [{ start, end }] = (body as { occurrences: [{ start: string; end: string }] }).occurrences;
    return [Date.parse(start), Date.parse(end)];
  } finally {
    await service.stop();
  }
}
const minutesBetween = (one: number[], other: number[]) =>
  one.map((at, index) => (at - (other[index] ?? Number.NaN)) / 60_000);

test("HORIZON_DIP=true moves sunset and sunrise by the elevation; by default, they are as in almanacs", async () => {
  const night = (settings: Record<string, string>) => nightWith(settings, "sunset", "sunrise");
  const [plain, off, on] = [
    await night({}),
    await night({ HORIZON_DIP: "false" }),
    await night({ HORIZON_DIP: "true" }),
  ];
  expect(off).toEqual(plain);
  // 1.76′ √3055 are 1.62°, which the sun takes some seven and a half minutes for.
  const [later = 0, earlier = 0] = minutesBetween(on, plain);
  for (const minutes of [later, -earlier]) expect([7, 8]).toContain(minutes);
});

test("HORIZON_DIP=true doesn't move twilight", async () => {
  const night = (settings: Record<string, string>) => nightWith(settings, "civil_dusk", "astronomical_dawn");
  expect(await night({ HORIZON_DIP: "true" })).toEqual(await night({}));
});
