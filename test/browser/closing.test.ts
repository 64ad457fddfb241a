import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Service, startService } from "../harness.ts";
import { hasBrowser, testMillis, type Visit, violationsInAllThemes, visit } from "./browser.ts";

setDefaultTimeout(testMillis);

describe.skipIf(!hasBrowser)("a storm in a browser", () => {
  let service: Service;
  let it: Visit;
  let clicks = 0;
  beforeAll(async () => {
    service = await startService();
    it = await visit(service, "/admin/sign-in?next=/");
    await it.page.fill("#name", "ada");
    await it.page.fill("#password", "ada-password");
    await it.page.press("#password", "Enter");
    await it.page.waitForURL(/\/$/);
  });
  afterAll(async () => {
    await it.close();
    await service.stop();
  });

  const click = async (selector: string) => {
    clicks += 1;
    await it.page.click(selector);
  };
  /** Clicks a button that saves, and waits for the page after it. */
  const press = async (selector: string) => {
    const before = it.page.url();
    await click(selector);
    await it.page.waitForURL((url) => url.href !== before && url.searchParams.has("saved"));
  };
  const ends = async () => {
    const { results } = (await service.ask<{ results: { site: string; end: string; reason: string }[] }>("/api/")).body;
    return results.filter(({ site }) => site === "ogg").map(({ end, reason }) => `${reason} ${end}`);
  };
  const counted = () => {
    const count = clicks;
    clicks = 0;
    return count;
  };

  test("is closed until sunrise with 4 clicks, extended with 2, ended with 2 and undone with 1", async () => {
    await click("header a[href$='/admin/now']");
    await click("[name=site][value=ogg]");
    await click("label:has([name=chip][value=Storm])");
    await press("form.now button[value=sunrise]");
    expect(counted()).toBeLessThanOrEqual(4);
    const closed = await ends();
    expect(closed.length).toBeGreaterThan(1);
    expect(new Set(closed)).toEqual(new Set(["Storm 2026-11-22T16:40:00Z"]));

    await it.page.goto("/");
    await click("header a[href$='/admin/now']");
    await press("#closures button[value='2 h']");
    expect(counted()).toBe(2);
    expect(new Set(await ends())).toEqual(new Set(["Storm 2026-11-22T18:40:00Z"]));

    service.clock.forward(3_600_000);
    await it.page.goto("/");
    await click("header a[href$='/admin/now']");
    await press("#closures button[value=now]");
    expect(counted()).toBe(2);
    expect(new Set(await ends())).toEqual(new Set(["Storm 2026-11-22T13:00:00Z"]));

    await press("[role=status] form[action$='/undo'] button");
    expect(counted()).toBe(1);
    expect(new Set(await ends())).toEqual(new Set(["Storm 2026-11-22T18:40:00Z"]));
    expect(it.complaints).toEqual([]);
  });

  test("needs no mouse, and Enter in the details closes nothing", async () => {
    const { page } = it;
    const before = (await ends()).length;
    await page.goto("/");
    await page.keyboard.press("c");
    await page.waitForURL("**/admin/now#sites");
    // The first site's page, then all of its telescopes.
    for (const key of ["Tab", "Tab", "Space"]) await page.keyboard.press(key);
    expect(await page.locator("[name=site]:checked").count()).toBe(1);
    await page.goto("/admin/now?site=coj");
    await page.focus("[name=site][value=coj]");
    await page.keyboard.press("Space");
    await page.focus("#reason");
    await page.keyboard.type("Hail <b>");
    await page.keyboard.press("Enter");
    expect(await page.locator("form.now").count()).toBe(1);
    await page.focus("form.now button[value='2h']");
    await Promise.all([page.waitForURL(/saved=/), page.keyboard.press("Enter")]);
    expect((await ends()).length).toBe(before);
    expect(await page.locator("#closures").innerText()).toContain("Hail <b>");
  });

  test("passes axe in all themes, and fits 320 px", async () => {
    const { page } = it;
    await page.goto("/admin/now");
    expect(await violationsInAllThemes(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 700 });
    await page.goto("/admin/now");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  });

  test("is closed and ended without JavaScript", async () => {
    const storageState = await it.page.context().storageState();
    const { page, close } = await visit(service, "/admin/now?site=ogg", { storageState, javaScriptEnabled: false });
    await page.check("[name=telescope] >> nth=0");
    await page.click("form.now button[value='1h']");
    await page.waitForURL(/saved=/);
    expect(await page.locator("[role=status]").innerText()).toContain("Closed 1 telescope at ogg");
    await page.click("[role=status] button[value=now]");
    await page.waitForURL(/saved=/);
    await close();
  });
});
