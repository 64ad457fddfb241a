import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { as, asBasic, draft, engines, posting, type Service, startService } from "../harness.ts";

for (const engine of engines)
  describe(`/api/ on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine });
    });
    afterAll(() => service.stop());

    test("a downtime that is created can be read, and is in the list", async () => {
      const created = await service.ask("/api/", posting(draft));
      expect(created.status).toBe(201);
      expect(created.body).toEqual({
        id: 1,
        ...draft,
        created: "2026-11-22T12:00:00Z",
        modified: "2026-11-22T12:00:00Z",
      });
      expect(await service.ask("/api/1/")).toEqual({ status: 200, body: created.body });
      expect(await service.ask("/api/")).toEqual({
        status: 200,
        body: { count: 1, next: null, previous: null, results: [created.body] },
      });
    });

    test("a Basic user is as good as a token", async () => {
      const created = await service.ask("/api/", posting({ ...draft, reason: "by Basic" }, asBasic("ada")));
      expect(created.status).toBe(201);
    });

    test("one who is not staff is refused", async () => {
      expect(await service.ask("/api/", posting(draft, as("ben")))).toEqual({
        status: 403,
        body: { detail: "You do not have permission to perform this action." },
      });
    });
  });
