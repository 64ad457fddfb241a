import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Page } from "playwright-core";
import { type Service, startService } from "../harness.ts";
import { hasBrowser, testMillis, type Visit, visit } from "./browser.ts";

setDefaultTimeout(testMillis);

/** Counts the pixels of a screenshot by the light of each channel that they have, and the bright ones. The page itself decodes the image. */
async function pixelsOf(page: Page) {
  const url = `data:image/png;base64,${(await page.screenshot()).toString("base64")}`;
  return page.evaluate(async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    const count = { red: 0, green: 0, blue: 0, bright: 0 };
    for (let at = 0; at < data.length; at += 4) {
      if (data[at]) count.red++;
      if ((data[at] ?? 0) > 128) count.bright++;
      if (data[at + 1]) count.green++;
      if (data[at + 2]) count.blue++;
    }
    return count;
  }, url);
}

/** Colours of text or shapes, and the backgrounds that they are seen on. */
const pairs: readonly (readonly [string, string, number])[] = [
  ...["text", "muted", "link", "bad", "now", "past"].flatMap((color) =>
    ["page", "panel"].map((ground) => [color, ground, 4.5] as const),
  ),
  ["panel", "link", 4.5],
  ["page", "bad", 4.5],
  ["page", "text", 4.5],
  ...["planned", "past", "now"].flatMap((color) => ["day", "panel"].map((ground) => [color, ground, 3] as const)),
];

describe.skipIf(!hasBrowser)("the themes in a browser", () => {
  let service: Service;
  let it: Visit;
  beforeAll(async () => {
    service = await startService();
    await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T14:00:00Z", reason: "Storm" });
    await service.add({
      start: "2026-11-22T10:00:00Z",
      end: "2026-11-24T14:00:00Z",
      instrument_type: "2M0-FLOYDS-SCICAM",
    });
    it = await visit(service, "/admin/sign-in?next=/admin/downtimes", { colorScheme: "light" });
    await it.page.fill("#name", "ada");
    await it.page.fill("#password", "ada-password");
    await it.page.press("#password", "Enter");
    await it.page.waitForURL("**/admin/downtimes");
    await it.page.locator("summary", { hasText: "Theme" }).click();
    await it.page.getByRole("button", { name: "Red" }).click();
    await it.page.locator("html[data-theme=red]").waitFor();
  });
  afterAll(async () => {
    await it.close();
    await service.stop();
  });

  const states: readonly (readonly [string, string, (page: Page) => Promise<unknown>])[] = [
    ["the timeline", "/?when=all&view=timeline", (page) => page.locator("a.bar").first().focus()],
    ["the board and a tile's actions", "/", (page) => page.click(".tile summary")],
    ["the board on a wall", "/?kiosk", (page) => page.locator(".tile").first().hover()],
    ["open filters and the menu of themes", "/", (page) => page.click("summary:has-text('Theme')")],
    ["a stale page", "/", (page) => page.evaluate(() => document.body.classList.add("stale"))],
    ["the dialog of shortcuts", "/", (page) => page.keyboard.press("?")],
    ["checked boxes", "/admin/downtimes", (page) => page.locator("[name=id]").first().check()],
    ["errors", "/admin/downtimes/new", (page) => page.click("button.primary")],
    ["an open list of options", "/admin/downtimes/new", (page) => page.click("#site")],
    ["selected text", "/downtimes/1", (page) => page.keyboard.press("Control+a")],
    ["radio buttons and days", "/admin/series/new", (page) => page.locator("[type=radio]").last().check()],
    ["a hovered row", "/admin/downtimes", (page) => page.hover("tbody tr")],
    ["reports", "/report?start=2026-11-22&end=2026-11-25", (page) => page.locator("h1").waitFor()],
    ["the API docs", "/docs/", (page) => page.click(".opblock-summary-control >> nth=1")],
    ["an error page", "/nope", (page) => page.locator("h1").waitFor()],
    ["signing out", "/admin/sign-out", (page) => page.hover("main .primary")],
  ];
  test.each(states)("red night mode is dark, without green and blue: %s", async (_, path, prepare) => {
    await it.page.goto(path);
    await prepare(it.page);
    const { red, green, blue, bright } = await pixelsOf(it.page);
    expect({ green, blue }).toEqual({ green: 0, blue: 0 });
    expect(red).toBeGreaterThan(10_000);
    expect(bright).toBeLessThan(100_000);
  });

  test("red night mode tints what the browser draws: scrollbars, and no calendar of its own", async () => {
    await it.page.goto("/admin/downtimes/new");
    await it.page.locator(".pick").first().waitFor({ state: "attached" });
    expect(await it.page.locator(".pick").first().isVisible()).toBe(false);
    const colors = await it.page.evaluate(() => getComputedStyle(document.documentElement).scrollbarColor);
    expect(colors).toMatch(/^rgb\(\d+, 0, 0\) rgb\(\d+, 0, 0\)$/);
  });

  test.each(["light", "dark", "red"])("text has a contrast of 4.5 and shapes have one of 3 in %s", async (theme) => {
    const found = await it.page.evaluate(
      ([theme, pairs]) => {
        document.documentElement.dataset.theme = theme;
        const probe = document.body.appendChild(document.createElement("i"));
        const luminance = (name: string) => {
          probe.style.color = `var(--${name})`;
          const channels = (getComputedStyle(probe).color.match(/\d+/g) ?? []).slice(0, 3).map((text) => {
            const value = Number(text) / 255;
            return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
          });
          return [0.2126, 0.7152, 0.0722].reduce((sum, weight, at) => sum + weight * (channels[at] ?? 0), 0.05);
        };
        const low = pairs.filter(([color, ground, least]) => {
          const [a, b] = [luminance(color), luminance(ground)];
          return Math.max(a, b) / Math.min(a, b) < least;
        });
        probe.remove();
        return low;
      },
      [theme, pairs] as const,
    );
    expect(found).toEqual([]);
  });

  test("a single instrument and a whole telescope differ in shape", async () => {
    await it.page.goto("/?when=all&view=timeline");
    const fillOf = (bar: string) =>
      it.page
        .locator(bar)
        .first()
        .evaluate((rect) => getComputedStyle(rect).fill);
    expect(await fillOf("#b1 rect")).not.toBe(await fillOf("#b2 rect"));
    expect(await fillOf("#b2 .hatched")).toContain("#hatch");
  });

  test("the actions for selected rows are shown only while a row is selected, and each row has one menu", async () => {
    await it.page.goto("/admin/downtimes");
    const remove = it.page.getByRole("button", { name: "Delete selected" });
    expect(await remove.isVisible()).toBe(false);
    await it.page.locator("[name=id]").first().check();
    expect(await remove.isVisible()).toBe(true);
    expect(
      await it.page
        .locator("tbody tr")
        .first()
        .evaluate((row) => row.getBoundingClientRect().height),
    ).toBeLessThan(42);
    await it.page.locator(".more summary").first().click();
    expect(await it.page.locator(".more a", { hasText: "Edit" }).first().isVisible()).toBe(true);
    expect(await it.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });

  test("local times of the site or of the visitor stand beside UTC in every list, and are kept in a cookie", async () => {
    const { page, complaints, close } = await visit(service, "/?when=all", { timezoneId: "Europe/Madrid" });
    const local = page.locator("#d1 .local").first();
    expect(await local.isVisible()).toBe(false);
    await page.click(".times >> text=Site");
    await page.locator("html[data-times=site]").waitFor();
    expect(await local.innerText()).toBe("01:00 local (UTC−10:00)");
    await page.click(".times >> text=Mine");
    await page.locator("html[data-times=mine]").waitFor();
    expect(await local.innerText()).toBe("12:00 local (UTC+01:00)");
    expect(await page.locator("#d1 time").first().innerText()).toBe("2026-11-22 11:00Z");
    await page.goto("/downtimes/1");
    expect(await page.locator("dd").nth(1).innerText()).toContain("12:00 local (UTC+01:00)");
    await page.click(".times >> text=UTC");
    await page.locator("html[data-times=utc]").waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  test("without JavaScript, the local times are those of the site or none", async () => {
    const { page, close } = await visit(service, "/?when=all", { javaScriptEnabled: false });
    expect(await page.locator(".times button:visible").allInnerTexts()).toEqual(["UTC", "Site"]);
    await page.click(".times >> text=Site");
    expect(await page.locator("#d1 .local").first().isVisible()).toBe(true);
    await close();
  });

  test("print shows the rows without buttons, on white", async () => {
    await it.page.emulateMedia({ media: "print" });
    await it.page.goto("/?when=all");
    expect(await it.page.locator("button:visible, .button:visible, nav:visible, footer:visible").count()).toBe(0);
    expect(await it.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe(
      "rgb(255, 255, 255)",
    );
    expect(await it.page.locator("tbody tr").count()).toBe(2);
    await it.page.emulateMedia({ media: "screen" });
  });

  test("error pages lead on: to the schedule, to sign in, and to another try", async () => {
    const { page, close } = await visit(service, "/nope?x=1");
    expect(await page.locator("main .actions a").allInnerTexts()).toEqual(["Go to schedule", "Sign in"]);
    await page.click("main >> text=Sign in");
    await page.fill("#name", "ada");
    await page.fill("#password", "ada-password");
    await page.press("#password", "Enter");
    await page.waitForURL("**/nope?x=1");
    await close();
  });

  test("a page has an icon, a description and a colour for the browser's bars", async () => {
    const { page, path, close } = await visit(service, "/");
    expect(await page.locator("meta[name=theme-color]").count()).toBe(2);
    expect(await page.locator("meta[name=description]").getAttribute("content")).not.toBe("");
    const touchIcon = path(await page.locator("[rel=apple-touch-icon]").getAttribute("href"));
    for (const icon of ["/favicon.ico", touchIcon])
      expect((await service.send(icon)).headers.get("content-type")).toStartWith("image/");
    await close();
  });

  test("a request that takes longer than 300 ms marks the page as busy", async () => {
    const { page, close } = await visit(service, "/");
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(/reason=/, async (route) => {
      await released;
      await route.continue();
    });
    await page.fill("#reason", "storm");
    await page.locator("main[aria-busy=true]").waitFor();
    release();
    await page.locator("main:not([aria-busy])").waitFor();
    await close();
  });

  test("on a phone the menu works without JavaScript, and its targets are 44 px high", async () => {
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, javaScriptEnabled: false };
    const { page, close } = await visit(service, "/", phone);
    const link = page.locator("nav[aria-label=Service] a", { hasText: "Reports" });
    expect(await link.isVisible()).toBe(false);
    const summary = page.locator(".menu > summary");
    expect((await summary.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await summary.click();
    expect((await link.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await link.click();
    await page.waitForURL("**/report");
    await page.locator(".menu > summary").click();
    expect(await page.locator("nav[aria-label=Service] [aria-current=page]").innerText()).toBe("Reports");
    await close();
  });
});
