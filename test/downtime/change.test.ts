import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import sites from "../fixtures/configdb.json";
import { as, draft, engines, posting, type Service, startService } from "../harness.ts";

const patching = (body: unknown, headers: Record<string, string> = as("ada")) => ({
  ...posting(body, headers),
  method: "PATCH",
});

for (const engine of engines)
  describe(`PATCH /api/{id}/ on ${engine}`, () => {
    let service: Service;
    let path = "";
    beforeAll(async () => {
      service = await startService({ engine, settings: { WRITE_ACCESS: "authenticated" } });
    });
    afterAll(() => service.stop());
    beforeEach(async () => {
      path = `/api/${(await service.add()).id}/`;
    });

    test("updates the sent fields only", async () => {
      const { status, body } = await service.ask(path, patching({ end: "2026-11-23 11:00", id: 99, created: "x" }));
      expect(status).toBe(200);
      expect(body).toMatchObject({ ...draft, end: "2026-11-23T11:00:00Z" });
      expect((await service.ask(path)).body).toEqual(body);
    });

    test("accepts a form too", async () => {
      const form = { method: "PATCH", headers: as("ada"), body: new URLSearchParams({ reason: "Dome" }) };
      expect((await service.ask(path, form)).body).toMatchObject({ ...draft, reason: "Dome" });
    });

    test("an empty edit returns the same downtime and version", async () => {
      const before = await service.send(path);
      const after = await service.send(path, patching({}));
      expect(after.headers.get("etag")).toBe(before.headers.get("etag"));
      expect(await after.json()).toEqual(await before.json());
    });

    test("is validated like a new downtime, and names every invalid field", async () => {
      expect(await service.ask(path, patching({ start: "soon", site: "nop", reason: null }))).toEqual({
        status: 400,
        body: {
          start: [expect.stringContaining("Datetime has wrong format")],
          site: ['"nop" is not a valid choice.'],
          reason: ["This field may not be null."],
        },
      });
      expect((await service.ask(path, patching({ end: draft.start }))).body).toEqual({
        non_field_errors: ["End time must be after start time"],
      });
      expect((await service.ask(path, patching({ telescope: "1m0a" }))).body).toEqual({
        non_field_errors: [
          "The site, enclosure, telescope, and instrument_type combination does not exist in Configdb",
        ],
      });
      expect((await service.ask(path)).body).toMatchObject(draft);
    });

    test("the ETag changes with each edit, and only then", async () => {
      const tag = async () => (await service.send(path)).headers.get("etag");
      expect(await tag()).toBe('"1"');
      expect(await tag()).toBe('"1"');
      const changed = await service.send(path, patching({ reason: "Dome" }));
      expect(changed.headers.get("etag")).toBe('"2"');
      expect(await tag()).toBe('"2"');
    });

    test("an edit with a current ETag succeeds, and with an outdated one fails", async () => {
      const seen = { ...as("ada"), "if-match": '"1"' };
      expect((await service.ask(path, patching({ reason: "first" }, seen))).status).toBe(200);
      const late = await service.send(path, patching({ reason: "second" }, seen));
      expect(late.status).toBe(412);
      expect(late.headers.get("etag")).toBe('"2"');
      expect((await service.ask(path)).body.reason).toBe("first");
    });

    test("If-Match accepts a list and *, but no weak tags", async () => {
      const statusWith = async (tag: string) =>
        (await service.ask(path, patching({}, { ...as("ada"), "if-match": tag }))).status;
      expect(await statusWith('"7", "1"')).toBe(200);
      expect(await statusWith("*")).toBe(200);
      expect(await statusWith('W/"1"')).toBe(412);
      expect(await statusWith("1")).toBe(412);
    });

    test("DELETE respects If-Match too", async () => {
      const deleting = (tag: string) => ({ method: "DELETE", headers: { ...as("ada"), "if-match": tag } });
      expect((await service.send(path, deleting('"2"'))).status).toBe(412);
      expect((await service.send(path, deleting('"1"'))).status).toBe(204);
    });

    test("a user who isn't staff can edit only their own downtimes", async () => {
      expect((await service.ask(path, patching({ reason: "mine" }, as("ben")))).status).toBe(403);
      const own = await service.add({}, "ben");
      expect((await service.ask(`/api/${own.id}/`, patching({ reason: "mine" }, as("ben")))).status).toBe(200);
      expect((await service.ask(path, patching({}, {}))).status).toBe(401);
    });

    test("editing a missing downtime is 404; PUT is 405 with Allow", async () => {
      expect((await service.ask("/api/987654/", patching({}))).status).toBe(404);
      expect((await service.ask("/api/x/", patching({}))).status).toBe(404);
      const put = await service.send(path, { ...patching(draft), method: "PUT" });
      expect(put.status).toBe(405);
      expect(put.headers.get("allow")).toBe("GET, PATCH, DELETE, HEAD, OPTIONS");
      expect((await service.ask("/api/", patching({}))).status).toBe(405);
    });

    test("a telescope that is no longer in ConfigDB may stay, but not be selected anew", async () => {
      service.configdb.answer({ ...sites, results: sites.results.filter(({ code }) => code !== "ogg") });
      await service.services.configdb.renew();
      const statusOf = async (change: object) => (await service.ask(path, patching(change))).status;
      expect(await statusOf({ end: "2026-11-23T12:00:00Z" })).toBe(200);
      expect(await statusOf({ reason: "closed", site: "ogg", telescope: "2m0a" })).toBe(200);
      expect(await statusOf({ telescope: "0m4b" })).toBe(400);
      expect(await statusOf({ site: "coj" })).toBe(200);
      expect(await statusOf({ site: "ogg" })).toBe(400);
      service.configdb.answer(sites);
      await service.services.configdb.renew();
    });
  });
