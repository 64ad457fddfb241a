import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { type Service, startService } from "../harness.ts";
import { hasBrowser, testMillis, type Visit, violationsInAllThemes, visit } from "./browser.ts";

setDefaultTimeout(testMillis);

/** Inputs of other kinds of rules, and one of this. */
const hidden = ["rule.night.from.offset_minutes", "start", "rrule", "exdates"];
const hostile = `</textarea><script>alert(1)</script> "&lt;b&gt;" 🔭 مرآة \u202etxet`;

describe.skipIf(!hasBrowser)("series in a browser", () => {
  let service: Service;
  let signedIn: Visit;
  beforeAll(async () => {
    service = await startService();
    signedIn = await visit(service, "/admin/series");
    const { page } = signedIn;
    await page.fill("#name", "ada");
    await page.fill("#password", "ada-password");
    await page.press("#password", "Enter");
    await page.waitForURL("**/admin/series");
  });
  afterAll(async () => {
    await signedIn.close();
    await service.stop();
  });

  const inWindow = async (path: string, work: (page: Page) => Promise<void>, options?: BrowserContextOptions) => {
    const storageState = await signedIn.page.context().storageState();
    const it = await visit(service, path, { storageState, ...options });
    await work(it.page);
    expect(it.complaints.filter((complaint) => !/status of 422/.test(complaint))).toEqual([]);
    await it.close();
  };
  const lengths = async (id: string) => {
    const { results } = (await service.ask<{ results: { start: string; end: string }[] }>(`/api/?series=${id}`)).body;
    return Map.groupBy(results, ({ start, end }) => (Date.parse(end) - Date.parse(start)) / 60_000);
  };
  const idIn = (page: Page) => /\/series\/(\d+)/.exec(page.url())?.[1] ?? "";

  /** Tuesdays to Fridays of a semester, half an hour after dusk. */
  const fillSemester = async (page: Page) => {
    await page.selectOption("#site", "ogg");
    await page.fill('[id="rule.night.first"]', "2027-01-12");
    await page.fill('[id="rule.night.last"]', "2027-06-01");
    for (const day of ["TU", "WE", "TH", "FR"]) await page.check(`[name="rule.night.weekdays"][value=${day}]`);
    await page.fill('[id="rule.night.from.offset_minutes"]', "30 min");
    await page.fill('[id="rule.night.minutes"]', "30 min");
    await page.fill("#breaks", "2027-03-22 – 2027-03-26 Spring holidays");
  };

  test("creates the series of a semester, edits it from a date on, and ends it", () =>
    inWindow("/admin/downtimes/new", async (page) => {
      await page.selectOption("#repeat", "night");
      await page.locator("#preview", { hasText: "Enter the first night." }).waitFor();
      expect(await page.locator("#start").isVisible()).toBe(false);
      await fillSemester(page);
      await page.fill("#reason", "Education");
      // Input stays focused while the preview arrives; Enter saves nothing.
      await page.locator("#preview", { hasText: "154 downtimes on 2 telescopes, 77 h" }).waitFor();
      await page.press("#reason", "Tab");
      await page.press('[id="rule.night.last"]', "Enter");
      await page.locator("#preview .ticks").waitFor();
      expect(await page.inputValue('[id="rule.night.minutes"]')).toBe("30 min");
      await page.fill('[id="rule.night.minutes"]', "soon");
      await page.click("button.primary");
      await page.locator('[id="rule.night.minutes-error"]').waitFor();
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("rule.night.minutes");
      await page.fill('[id="rule.night.minutes"]', "90 s");
      await page.locator('[id="rule.night.minutes-error"]', { hasText: "Use whole minutes." }).waitFor();
      await page.fill('[id="rule.night.minutes"]', "30 min");
      await page.locator('[id="rule.night.minutes-error"]').waitFor({ state: "detached" });
      expect(await page.locator("#form [aria-invalid], #form [role=alert]").count()).toBe(0);
      await page.click("button.primary");
      await page.locator("[role=status]", { hasText: "Series created: 154 downtimes added." }).waitFor();
      const id = idIn(page);

      await page.click(".pages >> text=Next");
      await page.locator("th a", { hasText: "2027-02-03" }).first().click();
      await page.click("text=Edit this and following");
      expect(await page.inputValue("#from")).toBe("2027-02-02");
      await page.fill('[id="rule.night.minutes"]', "1 h");
      await page.locator(".edit-counts", { hasText: "130 edited" }).waitFor();
      await page.click("button.primary");
      await page.locator("[role=status]", { hasText: "130 downtimes edited" }).waitFor();
      const changed = await lengths(id);
      expect([changed.get(30)?.length, changed.get(60)?.length]).toEqual([24, 130]);

      await page.click("text=End series…");
      await page.fill("#from", "2027-02-04");
      await page.click("button[value=preview]");
      await page.locator("#consequences", { hasText: "Deletes 126 downtimes." }).waitFor();
      await page.click("main button.danger");
      await page.locator("[role=status]", { hasText: "126 downtimes deleted" }).waitFor();
      expect((await lengths(id)).get(60)).toHaveLength(4);
    }));

  test("works the same without JavaScript", () =>
    inWindow(
      "/admin/series",
      async (page) => {
        await page.click("text=New series");
        await page.selectOption("#repeat", "WEEKLY");
        await page.selectOption("#site", "coj");
        await page.selectOption("#zone", "site");
        await page.fill("#start", "2027-01-12 20:00");
        await page.fill("#end", "1 h");
        await page.click("text=Add location");
        await page.selectOption('[id="scopes.1.site"]', "ogg");
        await page.selectOption('[id="scopes.1.telescope"]', "2m0a");
        await page.fill("#until", "2027-02-12");
        await page.click(".actions >> text=Preview");
        expect(await page.locator(".warning-counts, #preview ul").first().innerText()).toContain("Select a time zone");
        await page.selectOption("#zone", "");
        await page.click("button.primary");
        expect(await page.innerText("[role=status]")).toStartWith("Series created:");
        expect(await page.innerText("h1")).toBe("Tue at 20:00 (UTC), for 1 h, 12 Jan – 12 Feb 2027");
        await page.click("main .button.danger");
        await page.click("main button.danger");
        expect(await page.innerText(".message.warning")).toStartWith("Deleted by ada");
      },
      { javaScriptEnabled: false },
    ));

  test("shows input again exactly as typed, and runs none of it", () =>
    inWindow("/admin/series/new", async (page) => {
      await fillSemester(page);
      await page.fill("#reason", `${hostile}\n\n two  lines`);
      await page.fill("#breaks", `\n2027-03-22 ${hostile}`);
      for (const field of hidden)
        await page.locator(`[id="${field}"]`).evaluate((input: HTMLInputElement, text) => {
          input.value = text;
        }, hostile);
      await page.click("button.primary");
      await page.locator('[id="rule.night.from.offset_minutes-error"]').waitFor();
      expect(await page.inputValue("#reason")).toBe(`${hostile}\n\n two  lines`);
      expect(await page.inputValue("#breaks")).toBe(`\n2027-03-22 ${hostile}`);
      for (const field of hidden) expect(await page.inputValue(`[id="${field}"]`)).toBe(hostile);
      await page.fill('[id="rule.night.from.offset_minutes"]', "20 min");
      await page.click("button.primary");
      await page.waitForURL("**/series/*?done=1");
      expect(await page.locator(".breaks li").textContent()).toBe(`2027-03-22 ${hostile}`);
      expect(await page.locator("dd.reason").textContent()).toBe(`${hostile}\n\n two  lines`);
      await page.click("text=Edit series");
      expect(await page.inputValue("#breaks")).toBe(`2027-03-22 ${hostile}`);
    }));

  test("axe finds nothing on these pages in light, dark, red and on a phone", async () => {
    await service.add({ start: "2027-01-13T05:40:00Z", end: "2027-01-13T05:55:00Z", reason: hostile });
    await inWindow("/admin/series/new", async (page) => {
      await fillSemester(page);
      await page.fill('[id="rule.night.last"]', "2027-01-15");
      await page.locator(".issue", { hasText: "overlaps other downtimes" }).waitFor();
      expect(await violationsInAllThemes(page)).toEqual([]);
      await page.selectOption("#repeat", "custom");
      await page.click("text=Add location");
      await page.locator('[id="scopes.1.site"]').waitFor();
      await page.click("button.primary");
      await page.locator("#rrule-error").waitFor();
      expect(await violationsInAllThemes(page)).toEqual([]);
      const { results } = await service.services.series.list({ limit: 1, offset: 0 });
      const id = results[0]?.id;
      for (const path of [`/series/${id}`, `/admin/series/${id}/end?from=2027-02-01`]) {
        await page.goto(path);
        expect({ path, found: await violationsInAllThemes(page) }).toEqual({ path, found: [] });
      }
    });
  });
});
