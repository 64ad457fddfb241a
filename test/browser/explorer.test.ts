import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Page } from "playwright-core";
import { type Service, startService } from "../harness.ts";
import { hasBrowser, testMillis, type Visit, violationsInAllThemes, visit } from "./browser.ts";

setDefaultTimeout(testMillis);

describe.skipIf(!hasBrowser)("the API explorer", () => {
  let service: Service;
  beforeAll(async () => {
    // The examples use telescopes of the bundled example.
    service = await startService({ settings: { CONFIGDB_URL: "" } });
  });
  afterAll(() => service.stop());

  const inWindow = async (path: string, work: (it: Visit) => Promise<void>) => {
    const it = await visit(service, path);
    await work(it);
    // It loads nothing from other hosts, and works with the Content-Security-Policy.
    expect(it.complaints).toEqual([]);
    await it.close();
  };

  /** Executes an operation with its example values. @returns the status */
  const tryOut = async (page: Page, operation: string, status: number) => {
    const block = page.locator(`#operations-${operation}`);
    await block.locator(".opblock-summary-control").click();
    await block.locator(".try-out__btn").click();
    await block.locator("button.execute").click();
    await block.locator(`.live-responses-table .response-col_status >> text=${status}`).waitFor();
  };

  test("reads all rows if no filter is entered", () =>
    inWindow("/docs/", async ({ page, asked }) => {
      await tryOut(page, "Operation-getHealth", 200);
      await tryOut(page, "Downtimes-listDowntimes", 200);
      expect(asked().at(-1)).toBe("/api/?limit=1000&offset=0");
    }));

  test("has the layout of all pages, no accessibility violations, and padlocks only where signing in is required", () =>
    inWindow("/docs/", async ({ page }) => {
      await page.locator(".opblock").first().waitFor();
      expect(await page.locator("nav [aria-current=page]").innerText()).toBe("API docs");
      const locked = (operation: string) => page.locator(`#operations-${operation} .authorization__btn`).count();
      expect(await locked("Downtimes-listDowntimes")).toBe(0);
      expect(await locked("Downtimes-createDowntime")).toBe(1);
      await page.locator("#operations-Downtimes-createDowntime .opblock-summary-control").click();
      await page.locator("#operations-Downtimes-createDowntime .responses-wrapper").waitFor();
      expect(await violationsInAllThemes(page)).toEqual([]);
    }));

  test("shows examples with the codes of this observatory", async () => {
    const own = await startService();
    const { page, close } = await visit(own, "/docs/#/Downtimes/createDowntime");
    const example = JSON.parse((await page.locator(".body-param__example").first().textContent()) ?? "");
    const { site, enclosure, telescope, instrument_type } = example;
    const place = { site, enclosure, telescope, instrument_type: instrument_type ?? "" };
    expect(own.services.configdb.get().has(place)).toBe(true);
    await close();
    await own.stop();
  });

  test("has examples for programs, with the codes of this observatory and the address of this service", async () => {
    const own = await startService();
    const { page, address, close } = await visit(own, "/docs/");
    await page.click("text=Examples in curl and Python");
    const text = await page.locator(".info details").innerText();
    const { searchParams } = new URL(/"(\$URL\/api\/\?site=[^"]*)"/.exec(text)?.[1]?.replace("$URL", own.url) ?? "");
    const [site, telescope] = [searchParams.get("site"), searchParams.get("telescope")];
    const places = [...own.services.configdb.get().places()];
    expect(places.some((place) => place.site === site && place.telescope === telescope)).toBe(true);
    expect(text).toContain(`os.environ.get("DOWNTIME_URL", "${address("")}")`);
    expect(text).not.toMatch(/\bsud\b|\bdoma\b|:8000/);
    expect(await violationsInAllThemes(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await close();
    await own.stop();
  });

  test("writes with a username and password", () =>
    inWindow("/docs/", async ({ page }) => {
      await page.locator(".btn.authorize").first().click();
      await page.fill("#auth-basic-username", "ada");
      await page.fill("#auth-basic-password", "ada-password");
      await page.locator(".auth-btn-wrapper .authorize").first().click();
      await page.locator(".btn-done").first().click();
      await tryOut(page, "Downtimes-createDowntime", 201);
    }));

  test("writes with the visitor's session", () =>
    inWindow("/admin/sign-in?next=/docs/", async ({ page }) => {
      await page.fill("#name", "ada");
      await page.fill("#password", "ada-password");
      await page.press("#password", "Enter");
      await tryOut(page, "Downtimes-createDowntime", 201);
    }));
});
