/** The test that heavy requests hold up nobody, for a small set of downtimes and for a large one. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { draftsOf } from "./bench/queries.ts";
import { as, type Engine, facility, noon, type Service, signIn, startService } from "./harness.ts";
import { type Ground, type Heavy, heavyKinds, sendHeavy } from "./heavy.ts";

const groundOf = async (service: Service): Promise<Ground> => ({
  url: service.url,
  middle: noon,
  place: { site: "ogg", enclosure: "clma", telescope: "2m0a" },
  writer: as("ada"),
  staff: (await signIn(service, "ada")).writing,
});

async function startFull(engine: Engine, rows: number): Promise<Service> {
  const service = await startService({ engine });
  for (const drafts of draftsOf(rows, facility))
    await service.services.downtimes.addAll(drafts, { by: "test", at: noon });
  return service;
}

/** Defines a test for each kind of heavy request. @param kinds matches the names of those kinds */
export function testIsolation(engine: Engine, rows: number, kinds: RegExp): void {
  describe(`among ${rows} downtimes, on ${engine}`, () => {
    let service: Service;
    let ground: Ground;
    beforeAll(async () => {
      service = await startFull(engine, rows);
      ground = await groundOf(service);
    });
    afterAll(() => service.stop());

    if (kinds.test("a series that is stored"))
      test("a report is answered while series wait for each other", async () => {
        let waiting = 3;
        const stored = Array.from({ length: waiting }, async (_, index) => {
          const request = await heavyKinds["a series that is stored"]?.(ground, 100 + index);
          const status = request && (await sendHeavy(service.url, request));
          waiting -= 1;
          return status;
        });
        const report = await heavyKinds["a report of two years"]?.(ground, 0);
        expect(report && (await sendHeavy(service.url, report))).toBe(200);
        expect(waiting).toBeGreaterThanOrEqual(2);
        expect(await Promise.all(stored)).toEqual([201, 201, 201]);
      });

    for (const [kind, heavy] of Object.entries(heavyKinds).filter(([kind]) => kinds.test(kind)))
      test(`twenty health checks are answered before several concurrent requests: ${kind}`, async () => {
        // Some take so little time that more are needed to outlast twenty health checks.
        let waiting = /ten thousand|first page|contains|stream/.test(kind) ? 40 : /at once/.test(kind) ? 10 : 3;
        const requests: Heavy[] = [];
        for (let index = 0; index < waiting; index++) requests.push(await heavy(ground, index));
        const statuses = Promise.all(
          requests.map((request) =>
            sendHeavy(service.url, request).finally(() => {
              waiting -= 1;
            }),
          ),
        );
        for (let look = 0; look < 20; look++) {
          expect((await service.send("/health")).status).toBe(200);
          expect((await service.send("/api/?ends_after=2026-11-22&starts_before=2026-11-29")).status).toBe(200);
        }
        expect(waiting).toBeGreaterThan(0);
        const known = [200, 201, 303, 409, 429, 503];
        expect((await statuses).filter((status) => !known.includes(status))).toEqual([]);
      });
  });
}
