/** Migrated downtimes have no creator: who may delete them. */

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { toImportedDowntime } from "../../src/import/imported-downtime.ts";
import { as, draft, engines, type Service, signIn, startService } from "../harness.ts";

// Password hashing is slow on purpose.
setDefaultTimeout(30_000);

const services: Service[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

/** A service with one migrated downtime per reason; the first has ID 1. */
async function serveMigrated(engine: (typeof engines)[number], writeAccess: string, reasons: readonly string[]) {
  const service = await startService({ engine, settings: { WRITE_ACCESS: writeAccess } });
  services.push(service);
  const stamps = { created: "2026-11-01T00:00:00Z", modified: "2026-11-01T00:00:00Z" };
  async function* downtimes() {
    yield reasons.map((reason, index) => toImportedDowntime({ ...draft, ...stamps, reason, id: index + 1 }));
  }
  const data = { downtimes: downtimes(), lastId: 0, users: [] };
  await service.services.importStore.importAll(data, service.clock(), false);
  return service;
}

for (const engine of engines)
  describe(`migrated downtimes on ${engine}`, () => {
    test("a user who isn't staff can delete a migrated real-time session; the history records it", async () => {
      const service = await serveMigrated(engine, "authenticated", ["1234567", "0"]);
      const found = await service.ask<{ count: number; results: { id: number }[] }>(
        "/api/?site=ogg&enclosure=clma&telescope=2m0a&reason_exact=1234567",
        { headers: as("ben") },
      );
      expect(found.body).toMatchObject({ count: 1, results: [{ id: 1 }] });
      expect((await service.send("/api/1/", { method: "DELETE", headers: as("ben") })).status).toBe(204);
      expect(await service.services.downtimes.history(1)).toMatchObject([
        { action: "create", by: "moved in" },
        { action: "delete", by: "ben" },
      ]);
      expect((await service.send("/api/2/", { method: "DELETE", headers: as("ben") })).status).toBe(204);
    });

    test("that user can't delete other migrated downtimes, and can't edit any", async () => {
      const reasons = ["RTI", "12 34", "1.5", "-3", "12a", "", "²", "１２", "1e3", "42"];
      const service = await serveMigrated(engine, "authenticated", reasons);
      const statusOf = async (id: number, init: RequestInit) =>
        (await service.send(`/api/${id}/`, { headers: { ...as("ben"), "content-type": "application/json" }, ...init }))
          .status;
      for (const [index, reason] of reasons.entries()) {
        const deleted = reason === "42" ? 204 : 403;
        expect([reason, await statusOf(index + 1, { method: "PATCH", body: '{"reason":"1"}' })]).toEqual([reason, 403]);
        expect([reason, await statusOf(index + 1, { method: "DELETE" })]).toEqual([reason, deleted]);
      }
    });

    test("other users can't delete a user's downtime, whatever its reason, or any downtime if only staff may write", async () => {
      const open = await serveMigrated(engine, "authenticated", []);
      await open.add({ reason: "1234567" }, "ada");
      expect((await open.send("/api/1/", { method: "DELETE", headers: as("ben") })).status).toBe(403);
      const closed = await serveMigrated(engine, "staff", ["1234567"]);
      expect((await closed.send("/api/1/", { method: "DELETE", headers: as("ben") })).status).toBe(403);
      expect((await closed.send("/api/1/", { method: "DELETE" })).status).toBe(401);
      expect((await closed.send("/api/1/", { method: "DELETE", headers: as("ada") })).status).toBe(204);
    });

    test("the pages offer that user delete and restore, and nothing else", async () => {
      const service = await serveMigrated(engine, "authenticated", ["1234567", "RTI"]);
      const { reading, writing, csrf } = await signIn(service, "ben");
      const pageOf = async (id: number) => (await service.send(`/downtimes/${id}`, { headers: reading })).text();
      expect(await pageOf(1)).toContain("/admin/downtimes/delete?id=1");
      expect(await pageOf(1)).not.toContain("/admin/downtimes/1/change");
      expect(await pageOf(2)).not.toContain("/admin/downtimes/delete");
      const post = async (path: string, fields: Record<string, string>) =>
        (await service.send(path, { method: "POST", headers: writing, body: new URLSearchParams({ csrf, ...fields }) }))
          .status;
      expect(await post("/admin/downtimes/delete", { seen: "2.1" })).toBe(403);
      expect(await post("/admin/downtimes/delete", { seen: "1.1" })).toBe(303);
      expect((await service.send("/api/1/")).status).toBe(404);
      expect(await post("/admin/downtimes/restore", { id: "1" })).toBe(303);
      expect(await service.ask("/api/1/")).toMatchObject({ status: 200, body: { reason: "1234567" } });
    });
  });
