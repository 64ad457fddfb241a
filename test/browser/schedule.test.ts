import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { toInstant } from "../../src/time/instant.ts";
import { type Service, startService } from "../harness.ts";
import { hasBrowser, testMillis, type Visit, visit } from "./browser.ts";

const dayMillis = 86_400_000;

setDefaultTimeout(testMillis);

describe.skipIf(!hasBrowser)("the schedule in a browser", () => {
  let service: Service;
  let it: Visit;
  beforeAll(async () => {
    service = await startService();
    const today = service.clock();
    for (let day = -5; day < 60; day++)
      await service.add({
        start: toInstant(today + day * dayMillis - 3_600_000),
        end: toInstant(today + day * dayMillis + 3_600_000),
        reason: `Wash ${day}`,
      });
    const coj = { site: "coj", start: "2026-11-24T08:00:00Z", end: "2026-11-24T09:00:00Z" };
    await service.add({ ...coj, reason: "Storm" });
    await service.add({ ...coj, enclosure: "doma", telescope: "1m0a", reason: "Alpha" });
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    it = await visit(service, "/");
  });
  afterEach(async () => {
    expect(it.complaints).toEqual([]);
    await it.close();
  });

  const count = () => it.page.locator("#count").textContent();
  const counts = (text: string) => it.page.locator("#count", { hasText: new RegExp(`^${text}$`) }).waitFor();
  const reasons = () => it.page.locator("tbody td.reason").allTextContents();
  const path = () => it.path();
  const pages = (asked: string[]) => asked.filter((one) => one === "/" || one.startsWith("/?"));

  test("shows active and upcoming downtimes, soonest first, fifty per page", async () => {
    expect(await count()).toBe("62 of 67 downtimes");
    expect((await reasons()).slice(0, 3)).toEqual(["Wash 0", "Wash 1", "Storm"]);
    expect(await it.page.locator("tbody tr").count()).toBe(50);
    expect(await it.page.locator("tbody tr").first().textContent()).toContain("ends in 1 h");
    expect(await it.page.locator(".summary").textContent()).toBe("1 telescope down now · 1 starts in the next 24 h");
  });

  test("filters while typing with one request, updates the address and keeps the focus", async () => {
    it.asked();
    await it.page.locator("#reason").pressSequentially("stor", { delay: 20 });
    await counts("1 of 67 downtimes");
    expect(pages(it.asked())).toHaveLength(1);
    expect(path()).toBe("/?when=open&reason=stor");
    expect(await it.page.evaluate(() => document.activeElement?.id)).toBe("reason");
    expect(await it.page.locator("#reason").inputValue()).toBe("stor");
    await it.page.keyboard.type("m");
    await it.page.waitForURL("**/?when=open&reason=storm");
    expect(await reasons()).toEqual(["Storm"]);
  });

  test("a selected code narrows the other filters, and several can be selected", async () => {
    await it.page.locator("#choice-site summary").click();
    await it.page.getByLabel("coj", { exact: true }).check();
    await counts("2 of 67 downtimes");
    const enclosures = () =>
      it.page
        .locator("#choice-enclosure input")
        .evaluateAll((boxes) => boxes.map((box) => (box as HTMLInputElement).value));
    expect(await enclosures()).toEqual(["clma", "doma"]);
    await it.page.locator("#choice-site").getByLabel("tst", { exact: true }).check();
    await it.page.waitForURL("**/?when=open&site=coj&site=tst");
    await it.page.locator("#choice-site").getByLabel("coj", { exact: true }).uncheck();
    await it.page.waitForURL("**/?when=open&site=tst");
    await counts("0 of 67 downtimes");
    expect(await enclosures()).toEqual(["doma"]);
    expect(await it.page.locator(".empty").textContent()).toStartWith("No downtimes match these filters.");
  });

  test("an invalid time is marked at its field, and the table stays", async () => {
    await it.page.click("#further summary");
    const field = it.page.locator("#starts_after");
    await field.fill("yesterday");
    await it.page.locator("#starts_after-error").waitFor();
    expect(await it.page.locator("#starts_after-error").textContent()).toBe("Enter a valid date/time.");
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await field.inputValue()).toBe("yesterday");
    expect(await count()).toBe("62 of 67 downtimes");
    await field.fill("2027-01-15");
    await counts("6 of 67 downtimes");
    expect(await it.page.locator("#starts_after-error").count()).toBe(0);
  });

  test("on a phone, filters with errors aren't collapsed", async () => {
    await it.page.setViewportSize({ width: 390, height: 844 });
    expect(await it.page.locator("#starts_after").isVisible()).toBe(false);
    await it.page.goto("/?starts_after=yesterday");
    expect(await it.page.locator("#starts_after-error").isVisible()).toBe(true);
  });

  test("sorting and paging work with Back and reload", async () => {
    await it.page.locator("#sort-reason").click();
    await it.page.waitForURL("**/?when=open&order=reason");
    expect((await reasons())[0]).toBe("Alpha");
    expect(await it.page.locator("th[aria-sort=ascending]").textContent()).toContain("Reason");
    await it.page.locator("#sort-reason").click();
    await it.page.waitForURL("**/?when=open&order=-reason");
    expect((await reasons())[0]).toBe("Wash 9");
    await it.page.locator("#page-next").click();
    await it.page.waitForURL("**/?when=open&order=-reason&offset=50");
    expect((await reasons()).at(-1)).toBe("Alpha");
    await it.page.reload();
    expect((await reasons()).at(-1)).toBe("Alpha");
    await it.page.goBack();
    await it.page.locator("#page-next").waitFor();
    expect((await reasons())[0]).toBe("Wash 9");
    await it.page.goBack();
    await it.page.locator("tbody td.reason", { hasText: "Alpha" }).waitFor();
    expect(path()).toBe("/?when=open&order=reason");
  });

  test("the address of a filtered page can be shared", async () => {
    await it.page.locator("#reason").fill("wash 1");
    await counts("11 of 67 downtimes");
    await it.page.locator("#when-7d").click();
    await counts("1 of 67 downtimes");
    const colleague = await visit(service, path());
    expect(await colleague.page.locator("#reason").inputValue()).toBe("wash 1");
    expect(await colleague.page.locator("#count").textContent()).toBe("1 of 67 downtimes");
    expect(await colleague.page.locator("#when-7d").getAttribute("aria-current")).toBe("true");
    await colleague.close();
  });

  test("works without JavaScript", async () => {
    const plain = await visit(service, "/", { javaScriptEnabled: false });
    await plain.page.locator("#reason").fill("storm");
    await plain.page.locator("#choice-site summary").click();
    await plain.page.getByLabel("coj", { exact: true }).check();
    await plain.page.locator("#choice-site summary").click();
    await plain.page.getByRole("button", { name: "Apply" }).click();
    await plain.page.waitForURL(/reason=storm/);
    expect(await plain.page.locator("#count").textContent()).toBe("1 of 67 downtimes");
    await plain.page.getByRole("link", { name: "Clear all filters" }).click();
    await plain.page.waitForURL((url) => url.search === "");
    await plain.page.locator("#page-next").click();
    await plain.page.waitForURL("**/?when=open&offset=50");
    expect(await plain.page.locator("tbody tr").count()).toBe(12);
    await plain.page.locator("summary", { hasText: "Theme" }).click();
    await plain.page.getByRole("button", { name: "Red" }).click();
    await plain.page.locator("html[data-theme=red]").waitFor();
    expect(new URL(plain.page.url()).search).toBe("?when=open&offset=50");
    await plain.close();
  });

  test("the JSON and CSV links keep the filters", async () => {
    await it.page.locator("#reason").fill("storm");
    await counts("1 of 67 downtimes");
    const json = await it.page.getByRole("link", { name: "JSON" }).getAttribute("href");
    const answer = await service.ask<{ count: number }>(it.path(json));
    expect(answer.body.count).toBe(1);
    const csv = await it.page.getByRole("link", { name: "Download CSV" }).getAttribute("href");
    const lines = (await (await service.send(it.path(csv))).text()).trim().split("\n");
    expect(lines[0]).toBe(
      "id,start,end,site,enclosure,telescope,instrument_type,reason,created,modified,series,category",
    );
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain("Storm");
  });

  test("a change appears in open windows, and focus and scroll position stay", async () => {
    await it.page.locator("#live", { hasText: "Live · updated 12:00Z" }).waitFor();
    const link = it.page.locator("tbody tr").nth(20).locator("a").first();
    await link.focus();
    const before = {
      top: (await link.boundingBox())?.y ?? 0,
      focus: await it.page.evaluate(() => document.activeElement?.textContent),
    };
    const added = await service.add({ start: "2026-11-22T12:30:00Z", end: "2026-11-22T12:45:00Z", reason: "Live" });
    await counts("63 of 68 downtimes");
    expect(await it.page.locator(`#d${added.id}`).textContent()).toContain("Live");
    expect(await it.page.evaluate(() => document.activeElement?.textContent)).toBe(before.focus);
    const top = (await it.page.locator("tbody a:focus").boundingBox())?.y ?? 0;
    expect(Math.abs(top - before.top)).toBeLessThan(3);
    await service.services.downtimes.remove(added.id, { by: "ada", at: service.clock() });
    await counts("62 of 67 downtimes");
  });

  test("everything can be reached with the keyboard", async () => {
    const { keyboard } = it.page;
    const focused = () => it.page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);
    await keyboard.press("Tab");
    expect(await focused()).toBe("Skip to content");
    await keyboard.press("/");
    expect(await focused()).toBe("reason");
    await keyboard.type("wash j/k?");
    expect(await it.page.locator("#reason").inputValue()).toBe("wash j/k?");
    await counts("0 of 67 downtimes");
    await it.page.locator("#reason").fill("");
    await counts("62 of 67 downtimes");
    await keyboard.press("Escape");
    await keyboard.press("?");
    expect(await it.page.locator("#keys").isVisible()).toBe(true);
    await keyboard.press("Escape");
    expect(await it.page.locator("#keys").isVisible()).toBe(false);
    await keyboard.press("j");
    await keyboard.press("j");
    await keyboard.press("k");
    await keyboard.press("j");
    expect(await it.page.locator("tbody tr:nth-child(2) .local").first().isVisible()).toBe(true);
    await keyboard.press("Enter");
    await it.page.waitForURL("**/downtimes/*");
    expect(await it.page.locator("h1").textContent()).toBe("ogg · clma · 2m0a, 2026-11-23 11:00Z");
  });

  test("a bar of the timeline is a link with a description", async () => {
    await it.page.click("#view-timeline");
    const bar = it.page.locator("a.bar").first();
    await bar.focus();
    expect(await it.page.locator("#bar-text").textContent()).toBe(
      "ogg · clma · 2m0a, active: Wash 0, 2026-11-22 11:00Z to 2026-11-22 13:00Z, 01:00 local (UTC−10:00), 2 h",
    );
    await it.page.keyboard.press("Enter");
    await it.page.waitForURL("**/downtimes/*");
    expect(await it.page.locator("h1").textContent()).toBe("ogg · clma · 2m0a, 2026-11-22 11:00Z");
  });

  test("a failed request leaves the table unchanged and shows an error", async () => {
    await it.page.route("**/?*reason=*", (route) => route.fulfill({ status: 503, body: "busy" }));
    await it.page.locator("#reason").fill("storm");
    await it.page.locator("#trouble", { hasText: "Something went wrong (error 503). Try again." }).waitFor();
    expect(await it.page.locator("tbody tr").count()).toBe(50);
    await it.page.unroute("**/?*reason=*");
    await it.page.locator("#reason").fill("stor");
    await counts("1 of 67 downtimes");
    expect(await it.page.locator("#trouble").isVisible()).toBe(false);
    it.complaints.length = 0;
  });
});
