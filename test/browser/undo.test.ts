import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { posting, type Service, startService } from "../harness.ts";
import { axeViolations, hasBrowser, testMillis, type Visit, violationsInAllThemes, visit } from "./browser.ts";

setDefaultTimeout(testMillis);

const active = { start: "2026-11-22T11:00:00Z", end: "2026-11-22T14:00:00Z" };
const hostile = `<script>alert(1)</script> "onmouseover="alert(1)" ${"x".repeat(200)}`;
const plan = {
  reason: "Education",
  scopes: [{ site: "ogg" }],
  rule: { kind: "calendar", zone: "UTC", start: "2026-12-01T20:00:00", minutes: 60, rrule: "FREQ=DAILY;COUNT=3" },
};

describe.skipIf(!hasBrowser)("undo in a browser", () => {
  let service: Service;
  let it: Visit;
  beforeAll(async () => {
    service = await startService();
    it = await visit(service, "/admin/downtimes");
    await it.page.fill("#name", "ada");
    await it.page.fill("#password", "ada-password");
    await Promise.all([it.page.waitForEvent("load"), it.page.click("main button[type=submit]")]);
  });
  afterAll(async () => {
    await it.close();
    await service.stop();
  });
  const stored = async () =>
    (await service.ask<{ results: Record<string, unknown>[] }>("/api/")).body.results.map(
      ({ modified, ...rest }) => rest,
    );
  /** Clicks, and waits for the page after it. */
  const click = (selector: string) => Promise.all([it.page.waitForEvent("load"), it.page.click(selector)]);
  const addSeries = async () =>
    (await service.ask<{ series: { id: number } }>("/api/series/", posting({ ...plan, reason: crypto.randomUUID() })))
      .body.series.id;

  /** Each prepares, and returns the clicks that write. */
  const writes: Record<string, () => Promise<() => Promise<unknown>>> = {
    "a new downtime": async () => async () => {
      await it.page.goto("/admin/downtimes/new?site=ogg&enclosure=clma&telescope=2m0a&start=2026-11-23+08:00&end=4+h");
      await click("#form button.primary");
    },
    "an edit": async () => {
      const { id } = await service.add({ reason: hostile });
      return async () => {
        await it.page.goto(`/admin/downtimes/${id}/change`);
        await it.page.fill("#reason", "Edited");
        await click("#form button.primary");
      };
    },
    "an end": async () => {
      const { id } = await service.add(active);
      return async () => {
        await it.page.goto(`/downtimes/${id}`);
        await click("text=End now");
      };
    },
    "an extension": async () => {
      const { id } = await service.add(active);
      return async () => {
        await it.page.goto(`/downtimes/${id}`);
        await click("text=+1 h");
      };
    },
    "a delete": async () => {
      const { id } = await service.add();
      return async () => {
        await it.page.goto(`/admin/downtimes/delete?id=${id}`);
        await click("main button.danger");
      };
    },
    "an earlier version": async () => {
      const { id } = await service.add({ reason: "The first version" });
      await service.ask(`/api/${id}/`, { ...posting({ reason: "Edited" }), method: "PATCH" });
      return async () => {
        await it.page.goto(`/downtimes/${id}`);
        await click("text=Restore this version");
      };
    },
    "an edit of a series": async () => {
      const id = await addSeries();
      return async () => {
        await it.page.goto(`/admin/series/${id}/change`);
        await it.page.fill("#reason", "Edited");
        await click("#form button.primary");
      };
    },
    "the delete of a series": async () => {
      const id = await addSeries();
      return async () => {
        await it.page.goto(`/admin/series/${id}/delete`);
        await click("main button.danger");
      };
    },
  };

  for (const [name, prepare] of Object.entries(writes))
    test(`one click undoes ${name}`, async () => {
      const write = await prepare();
      const before = await stored();
      await write();
      expect(await stored()).not.toEqual(before);
      await click('main form[action*="/admin/changesets/"] button');
      expect(await stored()).toEqual(before);
      expect(it.complaints).toEqual([]);
    });

  test("one click on the activity page undoes, and axe finds nothing there", async () => {
    const before = await stored();
    await service.add({ reason: hostile });
    await it.page.goto("/activity");
    expect(await violationsInAllThemes(it.page)).toEqual([]);
    await click('tbody tr:first-child form[action*="/admin/changesets/"] button');
    expect(await stored()).toEqual(before);
    expect(await axeViolations(it.page)).toEqual([]);
  });

  test("what was edited since is named, on a page that axe finds nothing on", async () => {
    const { id } = await service.add();
    await it.page.goto("/activity");
    await service.ask(`/api/${id}/`, { ...posting({ reason: "Edited" }), method: "PATCH" });
    await click('tbody tr:first-child form[action*="/admin/changesets/"] button');
    expect(await it.page.innerText("main")).toContain(`Edited since: downtime ${id} by ada.`);
    expect(await violationsInAllThemes(it.page)).toEqual([]);
  });
});
