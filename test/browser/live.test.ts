import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import { type Service, startService } from "../harness.ts";
import { hasBrowser, testMillis, visit } from "./browser.ts";
import { openGate } from "./gate.ts";

setDefaultTimeout(testMillis);

describe.skipIf(!hasBrowser)("live updates in a browser", () => {
  let service: Service;
  let gate: ReturnType<typeof openGate>;
  beforeAll(async () => {
    service = await startService();
    await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T14:00:00Z", reason: "Storm" });
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    gate = openGate(service.url);
  });
  afterEach(() => gate.stop());

  const through = (url = gate.url) => ({ ...service, url });
  const isLive = (page: Page) => page.locator("#live-text", { hasText: "Live · updated 12:00Z" }).waitFor();
  const isStale = (page: Page) => page.locator(".summary", { hasText: /^Last known at 12:00Z$/ }).waitFor();
  const openPage = async (context: BrowserContext) => {
    const page = await context.newPage();
    await page.goto("/");
    return page;
  };

  test("seven windows on plain HTTP share one stream, all are updated, and links work", async () => {
    const { page, close } = await visit(through(gate.plainUrl), "/");
    const pages = [page];
    while (pages.length < 7) pages.push(await openPage(page.context()));
    for (const page of pages) await isLive(page);
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    expect(gate.streams()).toBe(1);
    const { id } = await service.add({ reason: "New" });
    for (const page of pages) await page.locator(`#d${id}`).waitFor();
    await pages.at(-1)?.click(`#d${id} a`);
    await pages.at(-1)?.waitForURL(`**/downtimes/${id}`);
    // The window that navigated away has left the stream; the others still have it.
    expect(gate.streams()).toBe(1);
    await close();
  });

  test("without SharedWorker, each visible window has a stream, and is live only while it has one", async () => {
    const { page, close } = await visit(through(), "about:blank");
    await page.addInitScript(() => {
      Reflect.deleteProperty(globalThis, "SharedWorker");
      Object.defineProperty(document, "hidden", { get: () => document.documentElement?.dataset.hidden === "yes" });
    });
    await page.goto("/");
    await isLive(page);
    expect(gate.streams()).toBe(1);
    const setHidden = (hidden: string) =>
      page.evaluate((hidden) => {
        document.documentElement.dataset.hidden = hidden;
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await setHidden("yes");
    while (gate.streams() > 0) await page.waitForTimeout(20);
    await setHidden("no");
    while (gate.streams() === 0) await page.waitForTimeout(20);
    await isLive(page);
    await close();
  });

  for (const kind of ["shared", "own"] as const)
    test(`states are shown in the past tense while the server can't be reached (${kind} stream)`, async () => {
      const { page, close } = await visit(through(), "about:blank");
      if (kind === "own") await page.addInitScript(() => Reflect.deleteProperty(globalThis, "SharedWorker"));
      await page.goto("/?view=timeline");
      await isLive(page);
      expect(await page.innerText(".summary")).toStartWith("1 telescope down now");
      gate.shut();
      await isStale(page);
      expect(await page.innerText("#live-text")).toBe("Connection lost. Showing data from 12:00Z. Reconnecting…");
      expect(await page.locator(".timeline").evaluate((picture) => getComputedStyle(picture).filter)).toBe(
        "grayscale(1)",
      );
      expect(await page.locator("td small").first().isVisible()).toBe(false);
      expect(await page.locator("#table .state").allInnerTexts()).toEqual(["Was active", "Was upcoming"]);
      expect(await page.locator(".bar title").first().textContent()).toContain(", was active: Storm");
      // A failed request doesn't change that.
      await page.fill("#reason", "sto");
      await page.locator("#trouble", { hasText: "error 503" }).waitFor();
      await isStale(page);
      gate.open();
      await page.locator(".summary", { hasText: "1 telescope down now" }).waitFor();
      await isLive(page);
      expect(await page.locator("body.stale").count()).toBe(0);
      expect(await page.locator("#table .state").allInnerTexts()).toEqual(["Active", "Upcoming"]);
      await close();
    });

  test("Close now says whether the server answers, and keeps what was entered", async () => {
    const { page, close } = await visit(through(gate.plainUrl), "/admin/sign-in?next=/admin/now");
    await page.fill("#name", "ada");
    await page.fill("#password", "ada-password");
    await page.press("#password", "Enter");
    await page.locator("#live-text", { hasText: "Connected" }).waitFor();
    await page.fill("#reason", "Hail");
    gate.shut();
    await page.locator("#live-text", { hasText: "Connection lost. Showing data from" }).waitFor();
    gate.open();
    await page.locator("#live-text", { hasText: "Connected" }).waitFor();
    expect(await page.inputValue("#reason")).toBe("Hail");
    await close();
  });

  test("a silent stream counts as lost after its heartbeat", async () => {
    const { page, close } = await visit(through(), "about:blank");
    await page.clock.install({ time: Date.now() });
    await page.goto("/");
    await isLive(page);
    await page.clock.fastForward(19_000);
    await isLive(page);
    await page.clock.fastForward(2000);
    await isStale(page);
    expect(await page.locator("#age").isVisible()).toBe(false);
    await page.clock.fastForward(60_000);
    await page.locator("#age", { hasText: "This page is 1 min old." }).waitFor();
    // The last valid time stays, with its date if it is from another day.
    await page.clock.fastForward(86_400_000);
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await page.locator(".summary", { hasText: /^Last known at 2026-11-22 12:00Z$/ }).waitFor();
    await close();
  });

  test("a page that can't be updated is stale even if the stream works", async () => {
    const { page, close } = await visit(through(), "/");
    await isLive(page);
    await page.route("**/", (route) => route.fulfill({ status: 503, body: "busy" }));
    const { id } = await service.add({ reason: "Not seen" });
    await isStale(page);
    await page.unroute("**/");
    await service.services.downtimes.remove(id, { by: "ada", at: service.clock() });
    await isLive(page);
    await close();
  });
});
