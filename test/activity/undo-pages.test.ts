import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openForms } from "../forms.ts";
import { as, draft, engines, posting, type Service, startService } from "../harness.ts";

const active = { start: "2026-11-22T11:00:00Z", end: "2026-11-22T14:00:00Z" };
const hostile = `"><script>alert(1)</script>`;
const plan = {
  site: "ogg",
  reason: "RTI",
  repeat: "night",
  "rule.night.first": "2026-12-01",
  "rule.night.last": "2026-12-05",
  "rule.night.from.event": "astronomical_dusk",
  "rule.night.minutes": "30 min",
};

/** The path and the hidden fields of the page's undo button. */
function undoIn(html: string): [string, Record<string, string>] {
  const [, path = "", fields = ""] =
    /<form method="post" action="(\/admin\/changesets\/\d+\/undo)">(.*?)<\/form>/s.exec(html) ?? [];
  const hidden = [...fields.matchAll(/name="([^"]+)" value="([^"]*)"/g)];
  return [path, Object.fromEntries(hidden.map(([, name = "", value = ""]) => [name, value]))];
}

for (const engine of engines)
  describe(`undo by a button on ${engine}`, () => {
    let service: Service;
    let ada: Awaited<ReturnType<typeof openForms>>;
    beforeAll(async () => {
      service = await startService({ engine, settings: { WRITE_ACCESS: "authenticated" } });
      ada = await openForms(service, "ada");
    });
    afterAll(() => service.stop());
    const all = async () =>
      (await service.ask<{ results: Record<string, unknown>[] }>("/api/")).body.results.map(
        ({ modified, ...rest }) => rest,
      );
    const post = async (path: string, fields: Record<string, string> = {}, forms = ada) => {
      const { location } = await forms.post(path, fields);
      expect(location).not.toBeNull();
      return (await forms.get(location ?? "")).html;
    };
    const addSeries = async () =>
      Number(/^\/series\/(\d+)/.exec((await ada.post("/admin/series/new", plan)).location ?? "")?.[1]);

    /** Each prepares, and returns the write that is undone. */
    const writes: Record<string, () => Promise<() => Promise<string>>> = {
      "a new downtime": async () => () => post("/admin/downtimes/new", { ...draft, reason: hostile }),
      "an edit": async () => {
        const { id } = await service.add();
        const fields = { ...draft, reason: hostile, end: "4 h", version: "1" };
        return () => post(`/admin/downtimes/${id}/change`, fields);
      },
      "a closure": async () => () => post("/admin/now", { telescope: "ogg clma 0m4b", until: "4h", reason: "Fog" }),
      "an end": async () => {
        const { id } = await service.add(active);
        return () => post(`/admin/downtimes/${id}/end`);
      },
      "an extension": async () => {
        const { id } = await service.add(active);
        return () => post(`/admin/downtimes/${id}/extend`, { by: "4 h" });
      },
      "a delete": async () => {
        const { id } = await service.add();
        return () => post("/admin/downtimes/delete", { seen: `${id}.1` });
      },
      "a restore": async () => {
        const { id } = await service.add();
        await service.services.downtimes.remove(id, { by: "ada", at: service.clock() });
        return () => post("/admin/downtimes/restore", { id: String(id) });
      },
      "a new series": async () => () => post("/admin/series/new", plan),
      "an edit of a series": async () => {
        const id = await addSeries();
        return () => post(`/admin/series/${id}/change`, { ...plan, reason: "Changed", version: "1" });
      },
      "the end of a series": async () => {
        const id = await addSeries();
        return () => post(`/admin/series/${id}/end`, { from: "2026-12-04", version: "1" });
      },
      "the delete of a series": async () => {
        const id = await addSeries();
        return () => post(`/admin/series/${id}/delete`, { version: "1" });
      },
    };

    for (const [name, prepare] of Object.entries(writes))
      test(`${name} is undone by the button in its message, and done again by the next one`, async () => {
        const write = await prepare();
        const before = await all();
        const message = await write();
        expect(message).not.toContain("<script>alert");
        const after = await all();
        expect(after).not.toEqual(before);
        const undone = await post(...undoIn(message));
        expect(await all()).toEqual(before);
        await post(...undoIn(undone));
        expect(await all()).toEqual(after);
        for (const { id } of (await service.services.series.list({ limit: 100, offset: 0 })).results)
          await service.services.series.end(id, { by: "ada", at: service.clock() }, { begun: true });
        for (const { id } of await all())
          await service.services.downtimes.remove(Number(id), { by: "ada", at: service.clock() });
      });

    test("a double click undoes once, and both clicks lead to the same page", async () => {
      const [path, fields] = undoIn(await post("/admin/downtimes/new", { ...draft, reason: "Twice" }));
      const answers = await Promise.all([ada.post(path, fields), ada.post(path, fields)]);
      expect(answers[1]?.location).toBe(answers[0]?.location ?? "");
      expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    });

    test("a message says when a deleted downtime had begun", async () => {
      const message = await post("/admin/now", { telescope: "ogg clma 0m4b", until: "4h" });
      expect(await post(...undoIn(message))).toContain("Downtimes that had started no longer count as lost time;");
    });

    test("what was edited since is named, and nothing is undone", async () => {
      const message = await post("/admin/downtimes/new", { ...draft, reason: "Overtaken" });
      const [stored] = (await service.ask<{ results: { id: number }[] }>("/api/?reason=Overtaken")).body.results;
      const patch = { ...posting({ reason: hostile }), method: "PATCH" };
      await service.send(`/api/${stored?.id}/`, patch);
      const before = await all();
      const [path, fields] = undoIn(message);
      const { status, html } = await ada.post(path, fields);
      expect(status).toBe(409);
      expect(html).toContain(`Nothing was undone. Edited since: downtime ${stored?.id} by ada.`);
      expect(await all()).toEqual(before);
    });

    test("only those who may edit the downtime may undo it", async () => {
      const { id } = await service.add();
      const set = (await service.services.downtimes.history(id))[0]?.change_set;
      const ben = await openForms(service, "ben");
      expect((await ben.post(`/admin/changesets/${set}/undo`, {})).status).toBe(403);
      expect((await service.send(`/api/changesets/${set}/undo/`, { method: "POST", headers: as("ben") })).status).toBe(
        403,
      );
      const { location } = await ada.post(`/admin/changesets/${set}/undo`, {});
      // Nor does a link show them a message about what others did.
      expect((await ben.get(location ?? "")).html).not.toContain("Undone");
    });

    test("an API client undoes by the id that the changes name, and learns what was done", async () => {
      const { id } = await service.add();
      const { results } = (
        await service.ask<{ results: { change_set: number; downtime: { id: number } }[] }>("/api/changes/")
      ).body;
      const set = results.find(({ downtime }) => downtime.id === id)?.change_set;
      const undo = () => service.ask(`/api/changesets/${set}/undo/`, { method: "POST", headers: as("ada") });
      expect(await undo()).toEqual({
        status: 200,
        body: { id: expect.any(Number), changed: 0, deleted: 1, restored: 0, begun: 0 },
      });
      expect(await undo()).toEqual({
        status: 409,
        body: { detail: `Nothing was undone. Edited since: downtime ${id} by ada.` },
      });
    });
  });
