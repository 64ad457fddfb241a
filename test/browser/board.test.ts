import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { demoDowntimes } from "../../src/downtime/demo-data.ts";
import { toInstant } from "../../src/time/instant.ts";
import { noon, type Service, startConfigdb, startService } from "../harness.ts";
import { observatory, placeOf } from "../observatory.ts";
import { hasBrowser, testMillis, violationsInAllThemes, visit } from "./browser.ts";
import { openGate } from "./gate.ts";

setDefaultTimeout(testMillis);

const hour = (hours: number) => toInstant(noon + hours * 3_600_000);
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const desktop = { viewport: { width: 1280, height: 800 } };
const hostile = `<img src=x onerror=alert(1)> "onmouseover="alert(1)" &lt;b&gt; ${"x".repeat(300)}`;

/** Telescope, reason, start and end in hours: eight are down at all six sites, and two partly down. */
const downs = [
  ["lsc doma 1m0a", "Storm", -1, 5],
  ["lsc domb 1m0a", "Mirror wash and realuminisation of the primary, then recollimation", -20, 49],
  ["lsc domc 1m0a", "Storm", -1, 5],
  ["coj clma 2m0a", "Dome drive maintenance", -2, 4],
  ["ogg clma 0m4b", "Autoguider replacement", -30, 22],
  ["cpt doma 1m0a", "Humidity", -0.5, 1.5],
  ["elp aqwa 0m4a", hostile, -3, 9],
  ["tfn domb 1m0a", "", -3, 0.4],
  ["ogg clma 2m0a", "Detector warm-up", -3, 7, "1M0-NRES"],
  ["tfn aqwa 0m4a", "Filter wheel repair", -3, 90, "1M0-NRES"],
  ["tfn doma 1m0a", "Later", 17.75, 18],
] as const;

async function signIn(service: Service, next: string, options: BrowserContextOptions = desktop) {
  const it = await visit(service, `/admin/sign-in?next=${encodeURIComponent(next)}`, options);
  await it.page.fill("#name", "ada");
  await it.page.fill("#password", "ada-password");
  await Promise.all([
    it.page.waitForURL((url) => /^\/(\?|$)/.test(it.path(url.href))),
    it.page.press("#password", "Enter"),
  ]);
  return it;
}

const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

describe.skipIf(!hasBrowser)("the board in a browser", () => {
  let service: Service;
  let demo: Service;
  let configdb: ReturnType<typeof startConfigdb>;
  beforeAll(async () => {
    configdb = startConfigdb(observatory);
    service = await startService({ settings: { CONFIGDB_URL: configdb.url } });
    for (const [name, reason, from, to, type] of downs)
      await service.add({ ...placeOf(name, type), reason, start: hour(from), end: hour(to) });
    demo = await startService({ settings: { CONFIGDB_URL: "" } });
    const drafts = demoDowntimes(demo.services.configdb.get(), noon);
    await demo.services.downtimes.addAll(drafts, { by: "demo", at: noon });
  });
  afterAll(async () => {
    await Promise.all([service.stop(), demo.stop()]);
    configdb.stop();
  });
  const tile = (page: Page, name: string) => page.locator(`.tile:has([id="tile-${name.replaceAll(" ", "-")}"])`);

  /** The reasons and ends of the telescopes that are down, and the lowest edge of any of these texts. */
  const shownDown = (page: Page) =>
    page.evaluate(() =>
      [...document.querySelectorAll(".tile.down")].map((tile) => {
        const parts = [".code", ".state", ".reason", ".end"].map((part) => tile.querySelector(part) as HTMLElement);
        const lowest = Math.max(...parts.map((part) => part.getBoundingClientRect().bottom));
        return { text: parts.map((part) => part.innerText.replaceAll("\n", " ").trim()), lowest };
      }),
    );

  for (const [screen, options, height] of [
    ["1280×800", desktop, 800],
    ["a phone of 390×844", phone, 844],
  ] as const)
    test(`on ${screen}, every telescope that is down is on the first screen with its reason and end`, async () => {
      for (const [where, count] of [
        [service, 8],
        [demo, 2],
      ] as const) {
        const { page, complaints, close } = await visit(where, "/", options);
        const found = await shownDown(page);
        expect(found.length).toBeGreaterThanOrEqual(count);
        for (const { text, lowest } of found) {
          expect(text[2]).not.toBe("");
          expect(text[3]).toMatch(/^until .*\d\d:\d\dZ/);
          expect(lowest).toBeLessThanOrEqual(height);
        }
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        expect(complaints).toEqual([]);
        await close();
      }
    });

  test("a tile shows the state, the reason, the end and how long until then; those that are down come first", async () => {
    const { page, close } = await visit(service, "/");
    const text = async (name: string) =>
      (await tile(page, name).locator("summary").innerText()).split(/\s*\n\s*| {2,}/);
    expect((await text("lsc doma 1m0a")).join(" ")).toBe("doma 1m0a Down Storm until 17:00Z in 5 h");
    expect((await text("ogg clma 2m0a")).join(" ")).toBe(
      "clma 2m0a Partly down 1M0-NRES: Detector warm-up until 19:00Z in 7 h",
    );
    expect((await text("tfn domb 1m0a")).join(" ")).toBe("domb 1m0a Down No reason until 12:24Z in 24 min");
    expect((await text("lsc domb 1m0a")).join(" ")).toContain("until 24 Nov 13:00Z in 2 d 1 h");
    expect((await text("coj domb 1m0a")).join(" ")).toBe("domb 1m0a Available");
    expect(await page.locator(".tile").count()).toBe(31);
    expect(await page.locator(".site").first().locator(".tile").first().getAttribute("class")).toBe("tile down");
    expect(await page.locator(".site header").nth(1).innerText()).toMatch(/coj\s+23:00 local\s+Night\s+Close now/);
    expect(await page.title()).toBe("(8) Schedule · Downtime");
    await close();
  });

  test("nothing on a tile is cut but a long reason, and one that is down takes two lines where there is room", async () => {
    const { page, close } = await visit(service, "/", desktop);
    for (const [path, width, height] of [
      ["/", 1280, 800],
      ["/", 390, 844],
      ["/?kiosk", 1920, 1080],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.goto(path);
      const { cut, wrapped } = await page.evaluate(() => ({
        cut: [...document.querySelectorAll(".tile summary")]
          .filter((summary) => {
            const edge = summary.getBoundingClientRect().right;
            const parts = [...summary.querySelectorAll("*:not(.reason, .local, .local *)")];
            return parts.some((part) => part.getBoundingClientRect().right > edge);
          })
          .map(({ textContent }) => textContent),
        wrapped: [...document.querySelectorAll(":is(.down, .partly_down) > .choice > summary")]
          .filter((summary) => {
            const [code, end] = [".code", ".end"].map((part) => summary.querySelector(part)?.getBoundingClientRect());
            const [cause, left] = [".cause", ".left"].map((part) =>
              summary.querySelector(part)?.getBoundingClientRect(),
            );
            return !code || !end || !cause || !left || end.top > code.bottom || left.top > cause.bottom;
          })
          .map(({ textContent }) => textContent),
      }));
      expect(cut).toEqual([]);
      if (width > 390) expect(wrapped).toEqual([]);
    }
    await close();
  });

  test("the actions of each tile are on the screen, also of the rightmost one", async () => {
    for (const width of [320, 390, 1280, 1920]) {
      const { page, close } = await visit(service, "/", { viewport: { width, height: 900 } });
      const outside = await page.evaluate(() => {
        const tiles = [...document.querySelectorAll<HTMLDetailsElement>(".tile > .choice")];
        for (const rest of document.querySelectorAll<HTMLDetailsElement>(".rest")) rest.open = true;
        return tiles.filter((tile) => {
          tile.open = true;
          const { left, right, top } = tile.querySelector(".options")?.getBoundingClientRect() ?? new DOMRect(-1);
          const isBelow = top >= (tile.querySelector("summary")?.getBoundingClientRect().bottom ?? Infinity) - 1;
          tile.open = false;
          return left < 0 || right > document.documentElement.clientWidth || !isBelow;
        }).length;
      });
      expect([width, outside]).toEqual([width, 0]);
      await close();
    }
  });

  test("on a wall, the type grows with the room that the telescopes leave", async () => {
    const { page, close } = await visit(service, "/?kiosk", { viewport: { width: 1920, height: 1080 } });
    const size = () => page.evaluate(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
    const all = await size();
    await page.goto("/?kiosk&site=tfn");
    const one = await size();
    expect(one).toBeGreaterThan(1.5 * all);
    expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 3840, height: 2160 });
    await page.waitForFunction(
      (before) => Number.parseFloat(document.documentElement.style.fontSize) > 1.9 * before,
      one,
    );
    await close();
  });

  test("hostile texts are shown unchanged on tiles, and break nothing", async () => {
    const { page, complaints, close } = await visit(service, "/");
    expect(await tile(page, "elp aqwa 0m4a").locator(".reason").textContent()).toBe(hostile);
    expect(await tile(page, "elp aqwa 0m4a").locator(".options a").first().textContent()).toBe(hostile);
    for (const width of [320, 640]) {
      await page.setViewportSize({ width, height: 700 });
      await tile(page, "elp aqwa 0m4a").locator("summary").click();
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await page.keyboard.press("Escape");
    }
    expect(complaints).toEqual([]);
    await close();
  });

  test("the timeline is the second view, kept in the address and by filters", async () => {
    const { page, close } = await visit(service, "/");
    await page.click("#view-timeline");
    await page.locator(".timeline").waitFor();
    expect(await page.locator(".board").count()).toBe(0);
    await page.fill("#reason", "storm");
    await page.waitForURL("**/?when=open&view=timeline&reason=storm");
    await page.reload();
    expect(await page.locator(".timeline").isVisible()).toBe(true);
    await page.click("#view-board");
    await page.locator(".board").waitFor();
    // The state of a telescope doesn't depend on the reasons that are searched for.
    expect(await page.locator(".tile.down").count()).toBe(8);
    await close();
  });

  test("a filter that is folded away is shown when it is set, without JavaScript too", async () => {
    const { page, close } = await visit(service, "/", { javaScriptEnabled: false });
    expect(await page.locator("#starts_after").isVisible()).toBe(false);
    await page.goto("/?starts_after=2026-11-22");
    expect(await page.locator("#starts_after").isVisible()).toBe(true);
    await page.goto("/?site=ogg");
    expect(await page.locator(".site h2").allInnerTexts()).toEqual(["ogg"]);
    expect(await page.locator("#starts_after").isVisible()).toBe(false);
    await close();
  });

  test("a closure is made, extended, ended and undone from the board, which stays the page", async () => {
    const { page, path, complaints, close } = await signIn(service, "/");
    const press = async (selector: string) => {
      const before = page.url();
      await page.click(selector);
      await page.waitForURL(
        (url) => url.href !== before && path(url.href).startsWith("/?") && url.searchParams.has("saved"),
      );
    };
    await page.locator(".site", { hasText: "cpt" }).locator(".close").click();
    // All six are ticked, and no other site is shown: with the click above, a site is closed with three.
    expect(await page.locator("[name=telescope]:checked").count()).toBe(6);
    expect(await page.locator("[name=telescope]").count()).toBe(6);
    await page.click("label:has([name=chip][value=Wind])");
    await press("form.now button[value='1h']");
    expect(await page.title()).toBe("(13) Schedule · Downtime");
    expect(await page.locator(".toast[aria-live] [role=status]").innerText()).toStartWith(
      "Closed 6 telescopes at cpt until 2026-11-22 13:00Z",
    );
    expect(await page.locator(".toast button").allInnerTexts()).toEqual([
      "Undo",
      "+1 h",
      "+2 h",
      "Until sunrise",
      "End",
    ]);
    await press(".toast button[value='2 h']");
    expect(await tile(page, "cpt domb 1m0a").innerText()).toContain("until 15:00Z");
    service.clock.forward(60_000);
    await press(".toast button[value=now]");
    expect(await page.locator(".toast").innerText()).toContain("cpt doma 1m0a is still down until 2026-11-22 13:30Z");
    await press(".toast form[action$='/undo'] button");
    expect(await tile(page, "cpt domb 1m0a").innerText()).toContain("until 15:00Z");
    expect(await violationsInAllThemes(page)).toEqual([]);
    // One tile: Enter opens it; its buttons act on its whole closure.
    await page.click(".toast .dismiss");
    await page.waitForURL((url) => !url.searchParams.has("saved"));
    await tile(page, "cpt domb 1m0a").locator("summary").focus();
    await page.keyboard.press("Enter");
    expect(await tile(page, "cpt domb 1m0a").locator(".options").innerText()).toContain("All 6 of this closure:");
    await Promise.all([
      page.waitForURL(/saved=/),
      tile(page, "cpt domb 1m0a").locator(".options button", { hasText: "End" }).click(),
    ]);
    expect(await tile(page, "cpt domb 1m0a").getAttribute("class")).toBe("tile available");
    expect(await tile(page, "cpt domc 1m0a").getAttribute("class")).toBe("tile available");
    // Close on a tile leads back to the view that it was opened on.
    await page.goto("/?site=cpt");
    await tile(page, "cpt domb 1m0a").locator("summary").click();
    await tile(page, "cpt domb 1m0a").locator("a", { hasText: "Close now" }).click();
    await page.click("form.now button[value='1h']");
    await page.waitForURL(/\/\?site=cpt&saved=\d+$/);
    expect(await page.locator(".toast button").allInnerTexts()).toContain("+2 h");
    expect(complaints).toEqual([]);
    await close();
  });

  test("without JavaScript, the message is a part of the page, and its buttons work", async () => {
    const signedIn = await signIn(service, "/");
    const storageState = await signedIn.page.context().storageState();
    await signedIn.close();
    const { page, close } = await visit(service, "/", { javaScriptEnabled: false, storageState });
    await tile(page, "lsc doma 1m0a").locator("summary").click();
    await tile(page, "lsc doma 1m0a").locator("button[value='1 h']").click();
    await page.waitForURL(/\/\?saved=/);
    expect(await page.locator(".toast").evaluate((toast) => getComputedStyle(toast).position)).toBe("static");
    await page.click(".toast form[action$='/undo'] button");
    expect(await page.locator(".toast").innerText()).toContain("Undone: Downtime reverted");
    await close();
  });

  test("a change renews tiles and title; an open tile stays open, and the focus stays on it", async () => {
    const { page, close } = await signIn(service, "/");
    await page.locator("#live-text", { hasText: "Live" }).waitFor();
    const down = Number(/\d+/.exec(await page.title())?.[0]);
    const summary = tile(page, "lsc aqwb 0m4a").locator("summary");
    await summary.click();
    const now = { start: toInstant(service.clock() - 60_000), end: hour(8) };
    const { id } = await service.add({ ...placeOf("lsc aqwb 0m4a"), ...now, reason: "Lightning" });
    await tile(page, "lsc aqwb 0m4a").locator(".reason", { hasText: "Lightning" }).waitFor();
    await page.waitForFunction((title) => document.title === title, `(${down + 1}) Schedule · Downtime`);
    expect(await tile(page, "lsc aqwb 0m4a").locator("details").getAttribute("open")).not.toBeNull();
    expect(await page.evaluate(() => document.activeElement?.closest("details")?.id)).toBe("tile-lsc-aqwb-0m4a");
    await service.services.downtimes.remove(id, { by: "ada", at: service.clock() });
    await page.waitForFunction((title) => document.title === title, `(${down}) Schedule · Downtime`);
    await close();
  });

  for (const [width, height] of [
    [1920, 1080],
    [3840, 2160],
  ] as const) {
    test(`on a wall of ${width}×${height} the timeline fills the screen`, async () => {
      const { page, close } = await visit(service, "/?kiosk&view=timeline", { viewport: { width, height } });
      await page.locator("#live-text", { hasText: "Live" }).waitFor();
      const [label, chart] = [page.locator(".labels text").last(), page.locator(".picture .scroll")];
      expect((await label.boundingBox())?.height).toBeGreaterThan(width / 130);
      expect((await page.locator(".picture").boundingBox())?.width).toBeGreaterThan(width * 0.95);
      expect(await chart.evaluate((box) => box.scrollWidth - box.clientWidth)).toBeLessThanOrEqual(0);
      expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBeLessThanOrEqual(0);
      await close();
    });

    test(`on a wall of ${width}×${height} the board fills the screen, and has no filters`, async () => {
      const { page, complaints, close } = await visit(service, "/?kiosk", { viewport: { width, height } });
      await page.locator("#live-text", { hasText: "Live" }).waitFor();
      const { size, box, overflowing } = await page.evaluate(() => ({
        size: Number.parseFloat(getComputedStyle(document.querySelector(".tile .code") as Element).fontSize),
        box: (document.querySelector(".board") as Element).getBoundingClientRect().toJSON(),
        overflowing: document.documentElement.scrollHeight - innerHeight,
      }));
      expect(size).toBeGreaterThan(width / 110);
      expect(box.width).toBeGreaterThan(width * 0.95);
      expect(box.bottom).toBeGreaterThan(height * 0.85);
      expect(overflowing).toBeLessThanOrEqual(0);
      expect(await page.locator("form:visible, table, .menu:visible, footer:visible, .close:visible").count()).toBe(0);
      expect(new URL(page.url()).search).toBe("?kiosk");
      expect(complaints).toEqual([]);
      await close();
    });
  }

  test("a wall whose server can't be reached says so over its full width, and nothing in the present tense", async () => {
    const gate = openGate(service.url);
    const it = await visit({ ...service, url: gate.plainUrl }, "about:blank", {
      viewport: { width: 1920, height: 1080 },
    });
    const { page } = it;
    // The worker that windows share doesn't know the page's clock.
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, "SharedWorker"));
    await page.clock.install({ time: Date.now() });
    await page.goto("/?kiosk");
    await page.locator("#live-text", { hasText: "Live" }).waitFor();
    // A host without TLS that isn't this machine: the browser has no wake lock, and needs none.
    expect(await page.evaluate(() => [isSecureContext, "wakeLock" in navigator])).toEqual([false, false]);
    gate.shut();
    await page.clock.fastForward(21_000);
    await page.locator(".summary", { hasText: "Last known at" }).waitFor();
    expect(await page.locator("#age").isVisible()).toBe(false);
    await page.clock.fastForward(61_000);
    await page.locator("#age", { hasText: "This page is 1 min old" }).waitFor();
    expect((await page.locator("#age").boundingBox())?.width).toBeGreaterThan(1900);
    expect(await page.locator(".board").evaluate((board) => getComputedStyle(board).filter)).toBe("grayscale(1)");
    const states = await page.locator(".tile .state").allTextContents();
    expect(states.filter((state) => !state.startsWith("Was "))).toEqual([]);
    expect(await page.title()).toBe("Not live · Schedule · Downtime");
    for (const changing of [".board small", ".board .clock"])
      expect(await page.locator(changing).first().isVisible()).toBe(false);
    gate.open();
    await page.clock.fastForward(31_000);
    await page.locator("#live-text", { hasText: "Live" }).waitFor();
    await page
      .locator(".tile .state", { hasText: /^Down$/ })
      .first()
      .waitFor();
    expect(await page.title()).toStartWith("(");
    it.complaints.length = 0;
    gate.stop();
    await it.close();
  });
});
