/** The pages of telescopes and sites, and error pages, in a browser. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Service, startService } from "../harness.ts";
import { hasBrowser, testMillis, violationsInAllThemes, visit } from "./browser.ts";

setDefaultTimeout(testMillis);

const hostile = `<img src=x onerror=alert(1)> "&lt;b&gt; ${"long".repeat(40)} مرآة`;
const paths = ["/telescopes/ogg/clma/2m0a", "/sites/ogg", "/sites/nope", "/why?telescope=2m0a"];

describe.skipIf(!hasBrowser)("the pages of telescopes and sites in a browser", () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
    await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T14:00:00Z", reason: hostile });
    await service.add({ end: "2026-11-24T08:00:00Z", instrument_type: "2M0-FLOYDS-SCICAM", reason: hostile });
    await service.add({ start: "2026-11-10T08:00:00Z", end: "2026-11-10T12:00:00Z", reason: hostile }, "ben");
  });
  afterAll(() => service.stop());

  test("axe finds nothing on them in all themes and on a phone", async () => {
    const { page, close } = await visit(service, "/");
    for (const path of paths) {
      await page.goto(path);
      expect({ path, found: await violationsInAllThemes(page) }).toEqual({ path, found: [] });
    }
    await close();
  });

  test.each([
    ["320 px", 320, 16],
    ["a zoom of 200 %", 640, 16],
    ["text of twice the size", 1280, 32],
  ])("they fit into %s, with local times below", async (_, width, standard) => {
    const { page, close } = await visit(service, "/", { viewport: { width, height: 800 } });
    await page.context().addCookies([{ name: "times", value: "site", url: service.url }]);
    // As a visitor sets it in the browser.
    const settings = await page.context().newCDPSession(page);
    await settings.send("Page.setFontSizes", { fontSizes: { standard } });
    for (const path of [...paths, "/downtimes/1", "/activity", "/report?site=ogg"]) {
      await page.goto(path);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect({ path, wide: Math.max(0, wide) }).toEqual({ path, wide: 0 });
    }
    await close();
  });

  test("lead from the schedule's timeline to a telescope, to its site, and on without JavaScript", async () => {
    const { page, path, complaints, close } = await visit(service, "/?view=timeline", { javaScriptEnabled: false });
    await page.locator("svg.labels a", { hasText: "clma 2m0a" }).first().click();
    expect(await page.innerText("h1")).toBe("ogg · clma · 2m0a");
    expect(await page.innerText(".verdict")).toBe("ogg clma 2m0a is down until 2026-11-22 14:00Z.");
    await page.click("main >> text=Site ogg");
    expect(await page.locator(".verdict").allInnerTexts()).toEqual([
      "ogg clma 2m0a is down until 2026-11-22 14:00Z.",
      "ogg clma 0m4b is available. No downtime scheduled.",
    ]);
    await page.click("main >> text=Last 30 days >> nth=0");
    await page.goto("/telescopes/ogg/clma/nope");
    await page.click("main >> text=Go to schedule");
    expect(path()).toBe("/");
    expect(complaints.filter((complaint) => !/status of 404/.test(complaint))).toEqual([]);
    await close();
  });
});
