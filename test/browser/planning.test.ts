import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { categories, checkChange } from "../../src/downtime/downtime.ts";
import { planEdit } from "../../src/series/plan.ts";
import { toInstant } from "../../src/time/instant.ts";
import { type Service, startService } from "../harness.ts";
import { until } from "../receivers.ts";
import { hasBrowser, testMillis, type Visit, violationsInAllThemes, visit } from "./browser.ts";

setDefaultTimeout(testMillis);

describe.skipIf(!hasBrowser)("planning in a browser", () => {
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
  beforeEach(async () => {
    for (const { id } of await stored())
      await service.services.downtimes.remove(id, { by: "ada", at: service.clock() });
  });

  interface Shown {
    id: number;
    start: string;
    end: string;
    telescope: string;
    series?: number;
  }
  const stored = async () => (await service.ask<{ results: Shown[] }>("/api/?order=start&limit=1000")).body.results;
  const inWindow = async (path: string, work: (it: Visit) => Promise<void>, options?: BrowserContextOptions) => {
    const storageState = await signedIn.page.context().storageState();
    const it = await visit(service, path, { storageState, ...options });
    await work(it);
    expect(it.complaints.filter((complaint) => !/status of 4\d\d/.test(complaint))).toEqual([]);
    await it.close();
  };

  /** Acts on a page, and counts what that costs: fields filled in, and clicks. */
  const handOf = (page: Page) => {
    const counts = { fields: 0, clicks: 0 };
    return {
      counts,
      fill(field: string, text: string) {
        counts.fields++;
        return page.fill(field, text);
      },
      select(field: string, option: string | { label: string }) {
        counts.fields++;
        return page.selectOption(field, option);
      },
      click(target: string) {
        counts.clicks++;
        return page.click(target);
      },
    };
  };

  for (const javaScriptEnabled of [true, false])
    describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
      // The rows of engineers and coordinators in the table of what their work may cost.
      test("an engineer closes an enclosure on Tuesday from 09:00 to 15:00 local with one form", () =>
        inWindow(
          "/admin/downtimes/new",
          async ({ page }) => {
            const hand = handOf(page);
            await hand.select("#site", "ogg");
            await hand.select("#enclosure", "clma");
            await hand.select("#zone", "site");
            await hand.fill("#start", "Tue 09:00");
            await hand.fill("#end", "15:00");
            await hand.fill("#reason", "Crane");
            await hand.click("button.primary");
            await page.waitForURL("**/series/*");
            expect(hand.counts).toEqual({ fields: 6, clicks: 1 });
            const window = { start: "2026-11-24T19:00:00Z", end: "2026-11-25T01:00:00Z" };
            const rows = await stored();
            expect(rows).toEqual([expect.objectContaining(window), expect.objectContaining(window)]);
            expect(rows.map(({ telescope }) => telescope).sort()).toEqual(["0m4b", "2m0a"]);
            expect(await page.locator("h1").textContent()).toBe("Crane");
          },
          { javaScriptEnabled },
        ));

      test("an engineer selects the first Tuesday of each month at 09:00 local from a list", () =>
        inWindow(
          "/admin/downtimes/new?site=ogg&enclosure=clma&telescope=2m0a&start=2026-12-01+09:00+site&end=2+h",
          async ({ page }) => {
            const hand = handOf(page);
            await hand.select("#repeat", { label: "Monthly on the first Tuesday" });
            await hand.fill("#until", "2027-04-30");
            await hand.click("button.primary");
            await page.waitForURL("**/series/*");
            expect(hand.counts).toEqual({ fields: 2, clicks: 1 });
            expect((await stored()).map(({ start }) => start)).toEqual([
              "2026-12-01T19:00:00Z",
              "2027-01-05T19:00:00Z",
              "2027-02-02T19:00:00Z",
              "2027-03-02T19:00:00Z",
              "2027-04-06T19:00:00Z",
            ]);
          },
          { javaScriptEnabled },
        ));

      test("a coordinator ticks two weeks and skips them", async () => {
        await plan();
        const before = await stored();
        const id = before[0]?.series;
        await inWindow(
          `/series/${id}`,
          async ({ page }) => {
            const hand = handOf(page);
            await hand.click('[name="seen"] >> nth=1');
            await hand.click('[name="seen"] >> nth=3');
            await hand.click("text=Skip these");
            await page.waitForURL("**/series/*saved=*");
            expect(hand.counts).toEqual({ fields: 0, clicks: 3 });
            const kept = before.filter((_, index) => index !== 1 && index !== 3);
            expect((await stored()).map((one) => one.id)).toEqual(kept.map((one) => one.id));
            await page.locator(".toast button", { hasText: "Undo" }).click();
            await page.waitForURL((url) => !url.search.includes("saved=1&"));
            await page.locator(".toast", { hasText: "Undone" }).waitFor();
            expect((await stored()).map((one) => one.id)).toEqual(before.map((one) => one.id));
          },
          { javaScriptEnabled },
        );
      });

      test("a coordinator shares all of a series, in local times, with one link", async () => {
        await plan();
        const [{ series } = { series: 0 }] = await stored();
        await inWindow(
          `/series/${series}`,
          async ({ page }) => {
            const hand = handOf(page);
            await hand.click("text=Share or print");
            await page.waitForURL("**/series/*all=yes");
            expect(hand.counts).toEqual({ fields: 0, clicks: 1 });
            expect(await page.inputValue("#share-link")).toBe(page.url());
            expect(await page.locator("tbody tr").count()).toBe(6);
            expect(await page.locator("td", { hasText: "09:00–11:00 (UTC−10:00)" }).count()).toBe(6);
            expect(await page.locator("#print").isVisible()).toBe(javaScriptEnabled);
            expect(await page.locator("text=press Ctrl+P").isVisible()).toBe(true);
          },
          { javaScriptEnabled },
        );
      });

      test("a coordinator finds the calendar's address and every calendar app behind one button", async () => {
        await plan();
        const [{ series } = { series: 0 }] = await stored();
        await inWindow(
          `/series/${series}`,
          async ({ page }) => {
            const hand = handOf(page);
            await hand.click(".calendar-menu summary");
            expect(hand.counts).toEqual({ fields: 0, clicks: 1 });
            expect(await page.locator("#calendar-link").isVisible()).toBe(true);
            for (const app of ["Google Calendar", "Outlook", "Apple Calendar", "Download once"])
              expect([app, await page.locator(".calendar-menu a", { hasText: app }).isVisible()]).toEqual([app, true]);
          },
          { javaScriptEnabled },
        );
      });
    });

  /** Six weeks on the first telescope of ogg. */
  async function plan() {
    await inWindow(
      "/admin/downtimes/new?site=ogg&enclosure=clma&telescope=2m0a&start=2026-12-01+09:00+site&end=2+h&until=2027-01-05",
      async ({ page }) => {
        await page.selectOption("#repeat", "WEEKLY");
        await page.fill("#name", "Mirror washing");
        await page.click("button.primary");
        await page.waitForURL("**/series/*");
      },
    );
  }

  test("the words of the repetition follow the date while it is typed", () =>
    inWindow("/admin/downtimes/new", async ({ page }) => {
      const words = () => page.locator("#repeat option").allTextContents();
      expect(await words()).toEqual(expect.arrayContaining(["Does not repeat", "Weekly", "Monthly on this weekday"]));
      await page.selectOption("#site", "ogg");
      await page.fill("#start", "2026-12-29 09:00");
      await page.locator("#repeat option", { hasText: "Monthly on the last Tuesday" }).waitFor({ state: "attached" });
      await page.fill("#start", "2026-12-02 23:30");
      await page.locator("#repeat option", { hasText: "Weekly on Wednesday" }).waitFor({ state: "attached" });
      expect(await words()).toEqual(expect.arrayContaining(["Monthly on the first Wednesday", "Monthly on day 2"]));
    }));

  test("a draft is kept in the browser until it is saved, and can be discarded", () =>
    inWindow("/admin/downtimes/new", async ({ page }) => {
      page.on("dialog", (dialog) => void dialog.accept());
      const note = page.locator("#draft");
      await page.selectOption("#site", "ogg");
      await page.click("text=Add location");
      await page.selectOption('[id="scopes.1.site"]', "coj");
      await page.fill("#reason", "</textarea><script>alert(1)</script>\n & two");
      await note.waitFor();
      await page.goto("/admin/downtimes");
      await page.goto("/admin/downtimes/new");
      await page.locator("#draft", { hasText: "Your draft is restored" }).waitFor();
      expect(await page.inputValue("#reason")).toBe("</textarea><script>alert(1)</script>\n & two");
      expect(await page.inputValue('[id="scopes.1.site"]')).toBe("coj");
      await page.click("text=Discard draft");
      await page.locator("#form:not(:has([id='scopes.1.site']))").waitFor();
      expect(await page.inputValue("#reason")).toBe("");
      await page.selectOption("#site", "tst");
      await page.fill("#start", "2026-12-01 09:00");
      await page.fill("#end", "1 h");
      await note.waitFor();
      await page.click("button.primary");
      await page.waitForURL("**/series/*");
      await page.goto("/admin/downtimes/new");
      await page.locator("#preview").waitFor();
      expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("draft")))).toEqual([]);
      expect(await note.count()).toBe(0);
    }));

  test("a draft of an edit is kept until it is saved, and not offered for another version", async () => {
    await plan();
    const [{ id, series = 0 } = { id: 0 }] = await stored();
    const drafts = (page: Page) =>
      page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("draft")));
    const author = { by: "ben", at: service.clock() };
    const saveElsewhere = async () => {
      await service.services.downtimes.change(id, author, ({ downtime }) =>
        checkChange(downtime, { reason: "By ben" }, service.services.configdb.get),
      );
      await service.services.series.change(series, author, (plan) =>
        planEdit(plan, { reason: "By ben" }, {}, service.services.configdb.get(), toInstant(service.clock())),
      );
    };
    for (const [path, other] of [
      [`/admin/series/${series}/change`, `/admin/series/${series}/change?from=2026-12-15`],
      [`/admin/downtimes/${id}/change`, "/admin/downtimes/new"],
    ] as const)
      await inWindow(path, async ({ page }) => {
        page.on("dialog", (dialog) => void dialog.accept());
        const note = page.locator("#draft");
        await page.fill("#reason", "Half typed");
        await note.waitFor();
        await page.goto(other);
        await page.locator("#preview").waitFor();
        expect([path, await note.count()]).toEqual([path, 0]);
        await page.goto(`${path}?saved=0`);
        await page.locator("#draft", { hasText: "Your draft is restored" }).waitFor();
        expect(await page.inputValue("#reason")).toBe("Half typed");
        await page.click("button.primary");
        await page.waitForURL(/\/series\/\d+\?/);
        expect([path, await drafts(page)]).toEqual([path, []]);
        await page.goto(path);
        await page.fill("#reason", "Typed again");
        await note.waitFor();
        const [key = ""] = await drafts(page);
        await page.goto("/admin/downtimes");
        await saveElsewhere();
        await page.goto(path);
        await page.locator("#preview").waitFor();
        await page.waitForFunction((name) => localStorage.getItem(name) === null, key);
        expect(await page.inputValue("#reason")).not.toBe("Typed again");
        expect(await note.count()).toBe(0);
      });
  });

  test("a reason used last is filled in with one click, with and without JavaScript", async () => {
    const hostile = `<b>"Wash" & reason-`;
    await service.add({ reason: hostile });
    for (const javaScriptEnabled of [true, false])
      await inWindow(
        "/admin/downtimes/new",
        async ({ page }) => {
          await page.locator(".suggestions button").first().click();
          // Without JavaScript, the page is loaded again.
          await until(async () => (await page.inputValue("#reason")) === hostile);
        },
        { javaScriptEnabled },
      );
  });

  test("a calendar's address can be copied, and where the browser forbids that, it stands selected", async () => {
    await plan();
    const [{ series } = { series: 0 }] = await stored();
    await inWindow(`/series/${series}`, async ({ page }) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.click(".calendar-menu summary");
      await page.click("text=Copy link");
      await page.locator("#copy-link", { hasText: "Copied" }).waitFor();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      expect(new URL(copied).pathname + new URL(copied).search).toEndWith(`/calendar.ics?series=${series}`);
      expect(await (await fetch(copied, { tls: { rejectUnauthorized: false } })).text()).toContain(
        "X-WR-CALNAME:Mirror washing",
      );
    });
    const elsewhere = service.url.replace("127.0.0.1", "observatory.test");
    const it = await visit(service, `/series/${series}`, { baseURL: elsewhere });
    await it.page.click(".calendar-menu summary");
    expect(await it.page.locator("#copy-link").isVisible()).toBe(false);
    const selected = () => document.getSelection()?.toString();
    // A menu says that it opened in a later turn.
    await it.page.waitForFunction(selected);
    expect(await it.page.evaluate(selected)).toEndWith(`/calendar.ics?series=${series}`);
    await it.close();
  });

  test("the pages pass axe in all themes, and fit 320 pixels", async () => {
    await plan();
    const [{ series } = { series: 0 }] = await stored();
    await inWindow("/admin/downtimes/new?site=ogg&start=2026-12-01&end=2+h", async ({ page }) => {
      for (const repeat of ["none", "WEEKLY", "custom"]) {
        await page.selectOption("#repeat", repeat);
        expect({ repeat, found: await violationsInAllThemes(page) }).toEqual({ repeat, found: [] });
        await fits(page);
      }
    });
    await inWindow(`/series/${series}`, async ({ page }) => {
      for (const path of [`/series/${series}`, `/series/${series}?all=yes`]) {
        await page.goto(path);
        await page.click(".calendar-menu summary");
        expect({ path, found: await violationsInAllThemes(page) }).toEqual({ path, found: [] });
        await fits(page);
      }
    });
  });

  const fits = async (page: Page) => {
    const before = page.viewportSize();
    await page.setViewportSize({ width: 320, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    if (before) await page.setViewportSize(before);
  };

  test("each category has a mark of its own, with a contrast of 3:1 in every theme, and only red in the red one", async () => {
    for (const [hour, category] of categories.entries())
      await service.add({
        category,
        reason: category,
        start: `2026-11-22T0${hour}:00:00Z`,
        end: "2026-11-23T10:00:00Z",
      });
    await inWindow("/?view=timeline", async ({ page }) => {
      for (const theme of ["light", "dark", "red"]) {
        await page.context().addCookies([{ name: "theme", value: theme, url: page.url() }]);
        await page.reload();
        const marks = await page.locator("#table .category").evaluateAll((all) =>
          all.map((mark) => {
            const row = mark.closest("tr, td, #table, body") ?? mark;
            let behind: Element | null = row;
            const backgroundOf = (element: Element) => getComputedStyle(element).backgroundColor;
            while (behind && /rgba\(0, 0, 0, 0\)|transparent/.test(backgroundOf(behind))) behind = behind.parentElement;
            return [mark.textContent, getComputedStyle(mark).color, behind ? backgroundOf(behind) : "rgb(0, 0, 0)"];
          }),
        );
        expect(new Set(marks.map(([shape]) => shape)).size).toBe(categories.length);
        for (const [shape, color = "", behind = ""] of marks) {
          expect({ theme, shape, enough: contrast(color ?? "", behind ?? "") >= 3 }).toEqual({
            theme,
            shape,
            enough: true,
          });
          if (theme === "red") expect(color).toMatch(/^rgb\(\d+, 0, 0\)$/);
        }
        expect(await page.locator(".bar .category").count()).toBe(categories.length);
        expect(await page.locator(".categories .category").count()).toBe(categories.length);
      }
    });
  });

  /** The contrast of two colours (WCAG 2.2). */
  function contrast(one: string, other: string): number {
    const luminance = (color: string) => {
      const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((text) => {
        const part = Number(text) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }
});
