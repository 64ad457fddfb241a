/** A service on an OCS Downtime database serves no downtimes before they are imported. */

import { afterEach, describe, expect, test } from "bun:test";
import { hashToken } from "../../src/auth/secrets.ts";
import { as, byCommand, draft, engines, posting, runCommand, startConfigdb, startService } from "../harness.ts";
import { createOriginal, type OriginalRow } from "../original.ts";

const rows: OriginalRow[] = [
  { id: 3, start: "2026-11-22 00:00:00", end: "2026-11-30 00:00:00", reason: "Mirror wash" },
  { id: 4, start: "2017-08-21 08:45:00", end: "2017-08-21 09:45:00", reason: "RTI" },
];

const atEnd: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of atEnd.splice(0).reverse()) await end();
});

for (const engine of engines)
  describe(`an OCS Downtime database on ${engine}`, () => {
    const serve = async (originalRows: readonly OriginalRow[], more: Record<string, string> = {}) => {
      const original = await createOriginal(engine, 4, originalRows);
      const configdb = startConfigdb();
      atEnd.push(original.remove, configdb.stop);
      const settings = { ...original.settings, CONFIGDB_URL: configdb.url, ...more };
      const service = await startService({ engine: "none", settings, withoutCast: true });
      atEnd.push(service.stop);
      const ada = { name: "ada", staff: true, passwordHash: null, tokenHash: hashToken("ada-api-token") };
      await service.services.users.add(ada, byCommand(service.clock));
      return { service, settings, original };
    };
    const text =
      "This database contains 2 downtimes of OCS Downtime that haven't been migrated yet. " +
      "Run `downtime import --from-django`, or set IGNORE_ORIGINAL=true to start without them.";
    const window = "/api/?ends_after=2026-11-22 00:00:00&starts_before=2026-11-29 00:00:00";

    test("answers 503 to every request for downtimes, and on /health, until they are imported", async () => {
      const { service, settings } = await serve(rows);
      const paths = [window, "/api/", "/api/3/", "/api/series/", "/api/why/?telescope=2m0a", "/api/changes/", "/api"];
      const others = ["/calendar.ics", "/vosi/availability?telescope=2m0a", "/downtimes.csv", "/"];
      for (const path of [...paths, ...others])
        expect([path, await service.ask(path)]).toEqual([path, { status: 503, body: { detail: text } }]);
      expect((await service.ask("/api/", posting(draft, as("ada")))).status).toBe(503);
      expect((await service.send("/api/", { method: "HEAD" })).status).toBe(503);
      const page = await service.send("/", { headers: { accept: "text/html" } });
      expect([page.status, page.headers.get("retry-after")]).toEqual([503, "5"]);
      expect(await page.text()).toContain("2 downtimes of OCS Downtime");
      expect(await service.ask("/health")).toMatchObject({
        status: 503,
        body: { status: "unavailable", detail: text },
      });
      expect((await service.send("/docs/")).status).toBe(200);
      expect((await service.send("/assets/styles.css")).status).not.toBe(503);

      expect((await runCommand(["import", "--from-django", "--dry-run"], settings)).errors).toBe("");
      expect((await service.ask(window)).status).toBe(503);
      expect((await runCommand(["import", "--from-django"], settings)).output).toContain("2 imported");
      expect(await service.ask(window)).toMatchObject({ status: 200, body: { count: 1, results: [{ id: 3 }] } });
      expect(await service.ask("/health")).toMatchObject({ status: 200, body: { status: "ok" } });
      expect((await service.ask("/health")).body).not.toHaveProperty("detail");
      expect((await service.ask("/api/", posting(draft, as("ada")))).status).toBe(201);
      for (const id of [3, 4])
        expect((await service.send(`/api/${id}/`, { method: "DELETE", headers: as("ada") })).status).toBe(204);
      expect((await service.ask("/api/")).body).toMatchObject({ count: 1 });
    });

    test("still answers 503 after a downtime is created by other means", async () => {
      const { service } = await serve(rows);
      await service.add();
      expect((await service.ask("/api/")).status).toBe(503);
    });

    test("serves at once with IGNORE_ORIGINAL=true, or if the OCS database has no downtimes", async () => {
      const ignoring = await serve(rows, { IGNORE_ORIGINAL: "true" });
      const empty = await serve([]);
      for (const { service } of [ignoring, empty]) {
        expect(await service.ask("/api/")).toMatchObject({ status: 200, body: { count: 0 } });
        expect((await service.ask("/health")).status).toBe(200);
      }
    });
  });
